"""Openverse's way of being asked for songs and pictures; it needs no key."""

from collections.abc import Iterator
from typing import Any, Final

from musify.online.client import WebClient
from musify.online.fields import identifier, number, records, text, texts
from musify.online.found_pictures import FoundPicture
from musify.online.found_songs import FoundSong, SongWish, credited
from musify.online.keys import service_address
from musify.online.mood_words import TEMPOS

__all__ = ["SONG_DOMAINS", "base_url", "find_pictures", "find_songs"]

_BASE_URL: Final = "https://api.openverse.org/v1"
# Where the files of its sources lie. Pictures come through Openverse's own thumbnails.
SONG_DOMAINS: Final = ("jamendo.com", "upload.wikimedia.org")
# Those of Freesound are loops and noises; the other sources hold music.
_SONG_SOURCES: Final = "jamendo,wikimedia_audio"
# Without an account no more come in a page, and no more than 240 in all.
_A_PAGE: Final = 20
_MOST_PAGES: Final = 12
_SONG_PAGES: Final = 3
_FREE: Final = ("cc0", "pdm", "by", "by-sa")
_NON_COMMERCIAL: Final = ("by-nc", "by-nc-sa")
# Seconds of each of its words for length.
_LENGTHS: Final = (
    ("shortest", 0.0, 30.0),
    ("short", 30.0, 120.0),
    ("medium", 120.0, 600.0),
    ("long", 600.0, float("inf")),
)


def base_url() -> str:
    """Return where Openverse is asked; ``MUSIFY_OPENVERSE_URL`` names another place."""
    return service_address("MUSIFY_OPENVERSE_URL", _BASE_URL)


def licences(*, non_commercial: bool) -> str:
    """Return the licences that are asked for: "commercial" would let ND through."""
    return ",".join((*_FREE, *(_NON_COMMERCIAL if non_commercial else ())))


def find_songs(client: WebClient, wish: SongWish) -> Iterator[FoundSong]:
    """Give songs that suit, by one word after the other, page after page while they are taken.

    Raises
    ------
    ServiceError
        If Openverse gives no usable answer.
    """
    asked: dict[str, str | int] = {
        "category": "music",
        "source": _SONG_SOURCES,
        "license": licences(non_commercial=wish.non_commercial),
        "length": ",".join(
            word for word, low, high in _LENGTHS if low <= wish.longest and wish.shortest <= high
        ),
        "page_size": _A_PAGE,
    }
    told: set[str] = set()
    # All words of a search must be there: with "instrumental" first, and if too few are, without.
    for more in (" instrumental", "") if wish.instrumental else ("",):
        for word in wish.words:
            for record in _pages(client, "/audio/", asked | {"q": f"{word}{more}"}, _SONG_PAGES):
                song = _song(record)
                if song is not None and song.id not in told and wish.suits(song):
                    told.add(song.id)
                    yield song


def find_pictures(client: WebClient, query: str, *, non_commercial: bool) -> Iterator[FoundPicture]:
    """Give pictures for a search, page after page while they are taken.

    Raises
    ------
    ServiceError
        If Openverse gives no usable answer.
    """
    asked: dict[str, str | int] = {
        "q": query[:200],
        "license": licences(non_commercial=non_commercial),
        "page_size": _A_PAGE,
    }
    for record in _pages(client, "/images/", asked, _MOST_PAGES):
        name, page = identifier(record, "id"), text(record, "foreign_landing_url")
        title, artist = text(record, "title"), text(record, "creator")
        licence = credited(_licence_address(record), title=title, artist=artist, page=page)
        if not (name and licence) or record.get("mature") is True:
            continue
        yield FoundPicture(
            "openverse",
            name,
            # 600 pixels wide, from Openverse itself instead of any host that it knows of.
            f"{client.base_url}/images/{name}/thumb/",
            page,
            artist,
            licence,
            title,
        )


def _pages(
    client: WebClient, path: str, asked: dict[str, str | int], most: int
) -> Iterator[dict[str, Any]]:
    for page in range(1, most + 1):
        document = client.json(path, asked | {"page": page})
        yield from records(document, "results")
        count = number(document, "page_count") if isinstance(document, dict) else None
        if count is None or page >= count:
            return


def _song(record: dict[str, Any]) -> FoundSong | None:
    name, url = identifier(record, "id"), text(record, "url")
    milliseconds = number(record, "duration")
    title, artist = text(record, "title"), text(record, "creator")
    page = text(record, "foreign_landing_url")
    licence = credited(_licence_address(record), title=title, artist=artist, page=page)
    if not (name and url and milliseconds and title and licence):
        return None
    tags, genres = texts(record, "tags"), texts(record, "genres")
    voice = None
    if "instrumental" in tags:
        voice = True
    elif "vocal" in tags:
        voice = False
    return FoundSong(
        "openverse",
        name,
        title,
        artist,
        milliseconds / 1000,
        url.replace("http://", "https://", 1) if ".jamendo.com" in url else url,
        page,
        licence,
        genre=genres[0] if genres else "",
        instrumental=voice,
        tempo=tuple(word for word in TEMPOS if f"speed_{word}" in tags),
    )


def _licence_address(record: dict[str, Any]) -> str:
    """Return where the licence stands; put together where only its code is given."""
    if address := text(record, "license_url"):
        return address
    code, version = text(record, "license"), text(record, "license_version")
    public = {"cc0": "zero", "pdm": "mark"}.get(code)
    if public:
        return f"https://creativecommons.org/publicdomain/{public}/1.0/"
    return f"https://creativecommons.org/licenses/{code}/{version}/"
