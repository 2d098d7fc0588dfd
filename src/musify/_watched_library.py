"""A song library on its way to the selector: each track is looked at as it comes out."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from typing_extensions import override

from musify._run import Run, brief
from musify.errors import BackendError
from musify.interfaces import SongLibrary
from musify.plugins import provider_of
from musify.timeline import MoodTimeline
from musify.tracks import Track

__all__ = ["watched_library"]

# What Python looks up on the class: a library may have more than its interface asks for.
_MORE: Final = ("__contains__", "__getitem__", "__len__")


class _WatchedLibrary(SongLibrary):
    """Stands for a library: what goes wrong in it, or comes out of it, is its own fault."""

    def __init__(self, library: SongLibrary, run: Run) -> None:
        self._library = library
        self._run = run

    @override
    def __iter__(self) -> Iterator[Track]:
        library = self._library
        who = f"the song_library {provider_of(library)}"
        with self._run.blamed("song_library", library):
            for track in library:
                if not isinstance(track, Track):
                    raise BackendError(f"{who} gave {brief(track)} instead of a Track: {track!r}")
                yield track

    @override
    def suited_to(self, timeline: MoodTimeline) -> SongLibrary:
        with self._run.blamed("song_library", self._library):
            suited = self._library.suited_to(timeline)
        if not isinstance(suited, SongLibrary):
            raise BackendError(
                f"the song_library {provider_of(self._library)} returned {brief(suited)} from "
                "suited_to instead of a SongLibrary"
            )
        return self if suited is self._library else watched_library(suited, self._run)

    @override
    def __repr__(self) -> str:
        return repr(self._library)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    @property
    def __class__(self) -> type:
        """What it stands for, so that a selector knows its own kind of library."""
        return type(self._library)

    @__class__.setter
    def __class__(self, other: type) -> None:
        raise TypeError(f"a library stays what it is, and becomes no {other.__name__}")


def watched_library(library: SongLibrary, run: Run) -> SongLibrary:
    """Put a library between a selector and the one it is given.

    Raises
    ------
    BackendError
        When it is read: if it fails, or gives something else than a :class:`Track`.
    """
    more = {name: _asking(name) for name in _MORE if hasattr(type(library), name)}
    kind: type[_WatchedLibrary] = type("WatchedLibrary", (_WatchedLibrary,), more)
    return kind(library, run)


def _asking(name: str) -> Callable[..., Any]:
    def ask(self: _WatchedLibrary, *args: Any) -> Any:
        with self._run.blamed("song_library", self._library):
            return getattr(self._library, name)(*args)

    return ask
