"""Free music from Jamendo."""

from collections.abc import Iterator

from typing_extensions import override

from musify.online.answers import AnswerCache
from musify.online.client import WebClient
from musify.online.found_songs import FoundSong, SongWish
from musify.online.jamendo import DOMAINS, base_url, find_songs
from musify.online.keys import find_key
from musify.online.song_library import OnlineLibrary

__all__ = ["JamendoLibrary"]


class JamendoLibrary(OnlineLibrary):
    """Songs of Jamendo, searched for by mood, tempo, length and voice.

    It needs the client id of an app, which https://devportal.jamendo.com gives for nothing, for
    non-commercial programs and 35,000 requests a month. Songs are fetched once into a cache, and
    listened to like those of a folder. Only Creative Commons licences that allow music to be fitted
    to a film are taken; the credit that each asks for goes into plans and beside the output.

    Options are those of :class:`~musify.online.song_library.OnlineLibrary`; ``key`` is the client
    id, by default that of the environment variable ``JAMENDO_CLIENT_ID``.

    Raises
    ------
    AuthenticationError
        If there is no client id.
    MissingExtraError
        If httpx is not installed (the extra ``online``).
    ParameterError
        If an option cannot be used.
    """

    service = "jamendo"

    @override
    def _find_key(self, given: str | None) -> str:
        return find_key(
            given,
            name="key",
            variable="JAMENDO_CLIENT_ID",
            hint="it is the client id of an app of yours at https://devportal.jamendo.com",
        )

    @override
    def _client(self, answers: AnswerCache) -> WebClient:
        return WebClient(
            "Jamendo",
            self._base_url or base_url(),
            domains=DOMAINS,
            secrets={"client_id": self._key},
            patience=self._patience,
            answers=answers,
        )

    @override
    def _find(self, client: WebClient, wish: SongWish) -> Iterator[FoundSong]:
        return find_songs(client, wish)
