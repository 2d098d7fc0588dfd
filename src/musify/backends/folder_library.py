"""Your own songs in a folder."""

import functools
import logging
from collections.abc import Iterator
from typing import Final

from typing_extensions import override

from musify._ffmpeg import StrPath
from musify.index.own_notes import read_notes
from musify.index.song_folder import SongFolder
from musify.interfaces import SongLibrary
from musify.notices import notify
from musify.progress import ProgressCallback, listener
from musify.tracks import Track

__all__ = ["FolderLibrary"]

log = logging.getLogger(__name__)

FEW_SONGS: Final = 40
"""So many new songs are listened to without being asked; it takes a minute or two."""
_TOLD: Final = 10


class FolderLibrary(SongLibrary):
    """The audio files below a folder, in the order of their names.

    What is known of them is kept in an index (``musify library add`` makes one beside the songs;
    else it lies in the user's data folder), so that only new and changed files are opened. The mood
    of a song is what ``musify library tag`` or ``musify.toml`` says, else what the file's own tags
    say (``MOOD`` or ``TMOO``), else the name of the nearest folder that is a mood, else what is
    heard in it. A ``musify.toml`` in the folder names own moods and says more about songs::

        [moods]
        spooky = [-0.4, 0.5]            # valence, arousal

        [songs."night/walk.mp3"]
        mood = "spooky"
        title = "Night Walk"
        artist = "Somebody"
        bpm = 92
        licence = "CC-BY-4.0"
        attribution = "Night Walk by Somebody, CC BY 4.0"

    Parameters
    ----------
    path : path-like
        The folder.
    analyze : bool, optional
        Whether to listen to songs that were not listened to before: True to all, False to none. By
        default to all where that is no more than 40; with more, none is listened to, a notice says
        how to do it ahead, and tags and names of folders must do.
    on_progress : callable, optional
        Told how many of the new songs are done, as stage ``"index"``.

    Raises
    ------
    ParameterError
        If it is no folder, its ``musify.toml`` is wrong (the message names the key), or its index
        was made by a newer musify.
    """

    def __init__(
        self,
        path: StrPath,
        *,
        analyze: bool | None = None,
        on_progress: ProgressCallback | None = None,
    ) -> None:
        self._folder = SongFolder(path)
        self.path = self._folder.path
        read_notes(self.path)  # what is wrong in them is told early
        self._analyze = analyze
        self._on_progress = on_progress

    def __repr__(self) -> str:
        return f"FolderLibrary({str(self.path)!r})"

    @override
    def __iter__(self) -> Iterator[Track]:
        done = self._folder.update(
            listening=self._analyze is not False,
            at_most=FEW_SONGS if self._analyze is None else None,
            on_start=self._announce,
            on_progress=self._on_progress or listener(),
        )
        if len(done.unheard) > FEW_SONGS and self._analyze is None:
            notify(
                f"{len(done.unheard)} of {done.songs} songs in {str(self.path)!r} were not "
                f"listened to, since more than {FEW_SONGS} are new: tags and names of folders must "
                f"do; listen to them once with: musify library add {str(self.path)!r}"
            )
        for entry in self._folder.entries():
            if entry.missing or entry.left_out:
                continue
            if entry.track is None:
                notify(f"left out a song: {str(entry.path)!r} cannot be used: {entry.fault}")
            else:
                yield entry.track

    def _announce(self, count: int) -> None:
        tell = notify if count > _TOLD and self._analyze is None else functools.partial(log.info)
        tell(
            f"looking at {count} new songs in {str(self.path)!r}; it is done once, and can be done "
            f"ahead with: musify library add {str(self.path)!r}"
        )
