"""Free music from Openverse, without an account."""

from collections.abc import Iterator

from typing_extensions import override

from musify.errors import ParameterError
from musify.online.answers import AnswerCache
from musify.online.client import WebClient
from musify.online.found_songs import FoundSong, SongWish
from musify.online.openverse import SONG_DOMAINS, base_url, find_songs
from musify.online.song_library import OnlineLibrary

__all__ = ["OpenverseLibrary"]


class OpenverseLibrary(OnlineLibrary):
    """Songs of Jamendo and Wikimedia Commons, found through Openverse; no key is needed.

    Songs are searched for by mood, length and tempo, fetched once into a cache, and listened to
    like those of a folder. Only Creative Commons licences that allow music to be fitted to a film
    are taken; the credit that each asks for goes into plans and beside the output. Without an
    account Openverse takes 20 requests a minute and 200 a day; answers are kept for a day.

    Options are those of :class:`~musify.online.song_library.OnlineLibrary`.

    Raises
    ------
    MissingExtraError
        If httpx is not installed (the extra ``online``).
    ParameterError
        If an option cannot be used.

    Examples
    --------
    >>> OpenverseLibrary(moods=["calm"], songs=2)
    OpenverseLibrary(moods=['calm'], songs=2)
    """

    service = "openverse"

    @override
    def _find_key(self, given: str | None) -> str:
        if given is not None:
            raise ParameterError("Openverse needs no key; leave it out")
        return ""

    @override
    def _client(self, answers: AnswerCache) -> WebClient:
        return WebClient(
            "Openverse",
            self._base_url or base_url(),
            domains=SONG_DOMAINS,
            patience=self._patience,
            answers=answers,
        )

    @override
    def _find(self, client: WebClient, wish: SongWish) -> Iterator[FoundSong]:
        return find_songs(client, wish)
