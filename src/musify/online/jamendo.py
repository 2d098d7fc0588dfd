"""Jamendo's way of being asked for songs (API v3.0)."""

from collections.abc import Iterator
from typing import Any, Final

from musify.errors import AuthenticationError, ServiceError
from musify.online.addresses import without_parameters
from musify.online.client import WebClient
from musify.online.fields import identifier, number, records, text, texts
from musify.online.found_songs import FoundSong, SongWish, credited
from musify.online.keys import service_address

__all__ = ["DOMAINS", "base_url", "check_answer", "find_songs"]

_BASE_URL: Final = "https://api.jamendo.com/v3.0"
DOMAINS: Final = ("jamendo.com",)
_A_PAGE: Final = 50
_MOST_PAGES: Final = 4
# Their "code" of headers: what can be done about it.
_KEY_CODES: Final = frozenset({5, 11, 12, 13})
_LIMIT_CODE: Final = 6
_OWN_FAULT: Final = 1  # an exception at the service


def base_url() -> str:
    """Return where Jamendo is asked; ``MUSIFY_JAMENDO_URL`` names another place."""
    return service_address("MUSIFY_JAMENDO_URL", _BASE_URL)


def check_answer(document: Any) -> None:
    """Find out whether an answer is an error: they come with HTTP status 200.

    Raises
    ------
    AuthenticationError
        If the client id is refused.
    ServiceError
        If something else went wrong; retryable if it is a limit of requests.
    """
    headers = document.get("headers") if isinstance(document, dict) else None
    if not isinstance(headers, dict):
        raise ServiceError("Jamendo answered with JSON that is not its own")
    # The documentation writes "succeed", the service "success".
    if text(headers, "status") in ("success", "succeed"):
        return
    code, words = number(headers, "code"), text(headers, "error_message")[:200]
    message = f"Jamendo refuses with code {'unknown' if code is None else int(code)}: {words}"
    if code in _KEY_CODES:
        raise AuthenticationError(
            f"{message}; give the client id (8 hexadecimal digits) of your app from "
            "https://devportal.jamendo.com as key or in JAMENDO_CLIENT_ID"
        )
    if code == _LIMIT_CODE:
        raise ServiceError(
            f"{message}; a client id has 35,000 requests a month: wait, or ask for less",
            retryable=True,
        )
    raise ServiceError(message, retryable=code == _OWN_FAULT)


def find_songs(client: WebClient, wish: SongWish) -> Iterator[FoundSong]:
    """Give songs that suit, the most relevant first, page after page while they are taken.

    Raises
    ------
    ServiceError
        If Jamendo gives no usable answer.
    """
    asked: dict[str, str | int] = {
        "format": "json",
        "limit": _A_PAGE,
        "fuzzytags": " ".join(wish.words),  # any of them
        "type": "albumtrack single",
        "durationbetween": f"{int(wish.shortest)}_{int(wish.longest)}",
        "audioformat": "mp32",
        "audiodlformat": "mp32",
        "include": "musicinfo licenses",
        "boost": "popularity_total",  # of equally relevant ones
        "ccnd": "false",
    }
    if wish.instrumental:
        asked["vocalinstrumental"] = "instrumental"
    if wish.tempo:
        asked["speed"] = " ".join(wish.tempo)
    if not wish.non_commercial:
        asked["ccnc"] = "false"
    for page in range(_MOST_PAGES):
        document = client.json("/tracks/", asked | {"offset": page * _A_PAGE}, check=check_answer)
        found = list(records(document, "results"))
        for record in found:
            song = _song(record)
            if song is not None and wish.suits(song):
                yield song
        if len(found) < _A_PAGE:
            return


def _song(record: dict[str, Any]) -> FoundSong | None:
    """Read a track; None where it cannot be used, such as one that may not be downloaded."""
    name, url = identifier(record, "id"), text(record, "audiodownload")
    duration = number(record, "duration")
    title, artist = text(record, "name"), text(record, "artist_name")
    page = text(record, "shareurl")
    licence = credited(text(record, "license_ccurl"), title=title, artist=artist, page=page)
    if not (name and url and duration and title and licence):
        return None
    if record.get("audiodownload_allowed") is False:
        return None
    info = record.get("musicinfo")
    info = info if isinstance(info, dict) else {}
    voice = text(info, "vocalinstrumental")
    tags = info.get("tags")
    genres = texts(tags, "genres") if isinstance(tags, dict) else ()
    speed = text(info, "speed")
    return FoundSong(
        "jamendo",
        name,
        title,
        artist,
        duration,
        # It names the app that asked.
        without_parameters(url, ("from", "client_id")),
        page,
        licence,
        genre=genres[0] if genres else "",
        instrumental={"instrumental": True, "vocal": False}.get(voice),
        tempo=(speed,) if speed else (),
    )
