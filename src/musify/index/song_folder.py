"""A folder of songs and what is known of them."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from musify._ffmpeg import StrPath
from musify.errors import OutputError, ParameterError
from musify.index.entries import EntryMaker, SongEntry, track_facts
from musify.index.folder_reports import FolderCheck, FolderUpdate, compare
from musify.index.listening import Analyze, Outcome, Worker, work_through
from musify.index.own_notes import read_notes
from musify.index.places import (
    DATA_VARIABLE,
    beside,
    can_write,
    forget_folder,
    in_data_folder,
    real,
    remember_folder,
)
from musify.index.rows import Content, FileRow
from musify.index.schema import copy_index
from musify.index.song_files import FoundFile, find_songs
from musify.index.song_index import SongIndex
from musify.index.survey import Survey, survey
from musify.moods import Mood
from musify.notices import notify
from musify.progress import ProgressCallback
from musify.songs import SongAnalysis
from musify.tracks import Track

__all__ = ["SongFolder", "listen"]


def listen(path: Path) -> SongAnalysis:
    """Analyse a song; what that needs is loaded at the first one."""
    from musify.audio.analyze_song import analyze_song  # noqa: PLC0415 - to check needs none of it

    return analyze_song(path)


class SongFolder:
    """A folder of songs, with an index beside them or in the user's data folder.

    The index lies beside the songs where it was put there and can be changed; else in the data
    folder. The songs themselves are only read.

    Parameters
    ----------
    path : path-like
        The folder.
    analyze : callable, optional
        Listens to a file; by default :func:`musify.audio.analyze_song.analyze_song`.

    Raises
    ------
    ParameterError
        If it is no folder.
    """

    def __init__(self, path: StrPath, *, analyze: Analyze | None = None) -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            raise ParameterError(f"there is no folder of songs at {str(self.path)!r}")
        self._analyze = analyze or listen
        self._memory: SongIndex | None = None

    def __repr__(self) -> str:
        return f"SongFolder({str(self.path)!r})"

    @property
    def index_file(self) -> Path | None:
        """Where the index lies; None while there is none."""
        near, far = beside(self.path), in_data_folder(self.path)
        if near.exists() and (can_write(near) or not far.exists()):
            return near
        return far if far.exists() else None

    @contextmanager
    def opened(self, *, thorough: bool = False) -> Iterator[SongIndex]:
        """Open the index to be changed, or made where there is none.

        Parameters
        ----------
        thorough : bool, default False
            Whether to look through all of it for damage first.

        Yields
        ------
        SongIndex
            In memory, and with a notice, where it cannot be written anywhere.
        """
        file = self.index_file
        if file is None or not can_write(file):
            file = self._writable_place(file)
        if file is None:
            self._memory = self._memory or SongIndex(None)
            yield self._memory
        else:
            with SongIndex(file, thorough=thorough) as index:
                yield index

    def _writable_place(self, old: Path | None) -> Path | None:
        """Find a place in the data folder, and copy an index there that cannot be changed."""
        file = in_data_folder(self.path)
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
        if not can_write(file):
            notify(
                f"what is found out about the songs in {str(self.path)!r} is forgotten at the end: "
                f"neither the folder nor {str(file.parent)!r} can be written; set {DATA_VARIABLE} "
                "to a folder of yours"
            )
            return None
        if old is not None:
            notify(f"the index {str(old)!r} cannot be changed; it goes on in {str(file)!r}")
            copy_index(old, file)
        return file

    def settle(self) -> Path | None:
        """Give the index its place: beside the songs, or in the data folder where that cannot be.

        Returns
        -------
        Path or None
            Where it lies; None if it cannot be written anywhere.
        """
        near, far = beside(self.path), in_data_folder(self.path)
        if self.index_file != near and can_write(near):
            if far.exists():
                copy_index(far, near)
                far.unlink(missing_ok=True)
            else:
                SongIndex(near).close()
        elif self.index_file is None:
            notify(
                f"the folder {str(self.path)!r} cannot be written; the index of its songs lies in "
                f"{str(far.parent)!r}"
            )
        try:
            remember_folder(self.path)
        except OutputError as error:
            notify(f"the folder is not remembered, so name it in each command: {error}")
        with self.opened() as index:
            return index.file

    def update(
        self,
        *,
        listening: bool = True,
        at_most: int | None = None,
        again: bool = False,
        thorough: bool = False,
        workers: int | None = None,
        on_start: Callable[[int], None] | None = None,
        on_progress: ProgressCallback | None = None,
    ) -> FolderUpdate:
        """Bring the index up to date with the folder.

        Only files whose size or time of change differs are opened. Each song is kept as soon as it
        is done, so that work that was ended goes on where it was.

        Parameters
        ----------
        listening : bool, default True
            Whether to listen to songs that were not listened to; else only their heads are read.
        at_most : int, optional
            With more songs than that to listen to, none is.
        again : bool, default False
            Whether to try once more what could not be used before.
        thorough : bool, default False
            Whether to look through the index for damage first.
        workers : int, optional
            How many songs at a time; by default as many as there are cores.
        on_start : callable, optional
            Told before the work how many files will be opened.
        on_progress : callable, optional
            Told the number of songs that are done, as stage ``"index"``.

        Raises
        ------
        OutputError
            If the index cannot be written.
        ParameterError
            If a newer musify made it.
        FFmpegError
            If ffmpeg is missing.
        """
        found = find_songs(self.path)
        with self.opened(thorough=thorough) as index:
            rows = index.files()
            seen = survey(found, rows)
            gone = {row.id: True for row in seen.missing if not row.missing}
            index.set_missing(gone | {row.id: False for row in seen.returned})
            contents = index.contents()
            todo = _incomplete(seen, rows, contents, listening=listening, again=again)
            if listening and at_most is not None and len(todo) > at_most:
                listening = False
                todo = _incomplete(seen, rows, contents, listening=False, again=again)
            if todo and on_start is not None:
                on_start(len(todo))
            worker = Worker(self.path, index, self._analyze if listening else None, again=again)
            became = work_through(worker, todo, workers=workers, on_progress=on_progress)
            index.words_follow(became)
            songs = index.states()

        def those(*outcomes: Outcome) -> tuple[str, ...]:
            return tuple(file.path for file in todo if became[file.path] in outcomes)

        here = [song for song in songs if not song.missing and not song.left_out]
        return FolderUpdate(
            songs=sum(song.is_usable for song in here),
            heard=those(Outcome.HEARD),
            read=those(Outcome.DONE),
            moved=those(Outcome.MOVED),
            missing=tuple(song.path for song in songs if song.missing),
            broken={song.path: song.fault for song in here if song.fault is not None},
            changing=those(Outcome.CHANGING),
            unheard=tuple(song.path for song in here if song.is_unheard),
        )

    def check(self) -> FolderCheck:
        """Compare the index with the folder, and change nothing."""
        found = find_songs(self.path)
        file = self.index_file
        if file is None and self._memory is None:
            names = tuple(song.path for song in found.files)
            return FolderCheck(songs=0, new=names, unread=found.unread)
        with self._memory_or(file) as index:
            return compare(self.path, found, index.files(), index.states())

    @contextmanager
    def _memory_or(self, file: Path | None) -> Iterator[SongIndex]:
        if file is None:
            assert self._memory is not None
            yield self._memory
        else:
            with SongIndex(file, create=False) as index:
                yield index

    def entries(self) -> list[SongEntry]:
        """Return what the index holds of every song, in the order of their paths."""
        file = self.index_file
        if file is None and self._memory is None:
            return []
        notes = read_notes(self.path)
        with self._memory_or(file) as index:
            songs = index.songs()

        def load(digest: bytes) -> SongAnalysis | None:
            with self._memory_or(file) as again:
                return again.analysis(digest)

        return list(map(EntryMaker(self.path, notes, load), songs))

    def entry(self, song: StrPath) -> SongEntry:
        """Return what the index holds of one song.

        Raises
        ------
        ParameterError
            If it knows none by this path.
        """
        path = self.relative(song)
        for entry in self.entries():
            if entry.path == self.path / path:
                return entry
        raise ParameterError(
            f"{str(song)!r} is not in the index of {str(self.path)!r}; add it with: "
            f"musify library add {str(self.path)!r}"
        )

    def relative(self, song: StrPath) -> str:
        """Return the path of a song below the folder, with slashes.

        Raises
        ------
        ParameterError
            If it is not below the folder.
        """
        path = Path(song)
        for folder in (self.path, self.path.absolute(), real(self.path)):
            # Not resolved: a song that is a link is known by its own name.
            for name in (path, path.absolute(), path.parent.resolve() / path.name):
                if name.is_relative_to(folder):
                    return name.relative_to(folder).as_posix()
        raise ParameterError(f"{str(song)!r} is not in the folder {str(self.path)!r}")

    def tag(self, song: StrPath, words: Mapping[str, Any], *, clear: bool = False) -> SongEntry:
        """Keep the user's word on a song, which counts more than anything else.

        Parameters
        ----------
        song : path-like
            A file in the folder.
        words : mapping
            Any of ``mood`` (a :class:`~musify.Mood`), ``title``, ``artist``, ``bpm``, ``key``,
            ``genre``, ``instrumental``, ``licence``, ``licence_url`` and ``attribution``; None
            takes a word back.
        clear : bool, default False
            Whether to take back first all that was said before.

        Returns
        -------
        SongEntry
            What is known of the song now.

        Raises
        ------
        ParameterError
            If the index knows no such song, or a value cannot be used.
        """
        given = dict(words)
        self.entry(song)
        # Made once to see that it can be, before it is kept.
        Track(path=song, duration=1.0, **track_facts(given))
        if isinstance(given.get("mood"), Mood):
            mood = given["mood"]
            given["mood"] = [mood.name, mood.valence, mood.arousal]
        with self.opened() as index:
            index.say(self.relative(song), given, clear=clear)
        return self.entry(song)

    def leave_out(self, song: StrPath, *, left_out: bool = True) -> SongEntry | None:
        """Take a song out of the library, or back in; its file stays where it is.

        Returns
        -------
        SongEntry or None
            What is known of it; None if its file was missing, and it was forgotten.

        Raises
        ------
        ParameterError
            If the index knows no such song.
        """
        entry, path = self.entry(song), self.relative(song)
        with self.opened() as index:
            if left_out and not os.path.lexists(entry.path):
                index.drop_file(path)
                return None
            index.set_left_out(path, left_out=left_out)
        return self.entry(song)

    def forget(self) -> list[Path]:
        """Remove the index, with the user's words in it; the songs stay.

        Returns
        -------
        list of Path
            What was removed.

        Raises
        ------
        OutputError
            If it cannot be removed.
        """
        removed = []
        for file in (beside(self.path), in_data_folder(self.path)):
            try:
                if file.exists():
                    file.unlink()
                    removed.append(file)
                file.with_name(f"{file.name}-journal").unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(
                    f"cannot remove {str(file)!r}: {error.strerror or error}"
                ) from error
        self._memory = None
        forget_folder(self.path)
        return removed


def _incomplete(
    seen: Survey,
    rows: Mapping[str, FileRow],
    contents: Mapping[bytes, Content],
    *,
    listening: bool,
    again: bool,
) -> list[FoundFile]:
    """List the files of which something is left to find out."""

    def is_complete(file: FoundFile) -> bool:
        row = rows[file.path]
        known = contents.get(row.hash) if row.hash is not None else None
        if known is None or (again and (row.fault or known.fault)):
            return row.left_out
        return row.left_out or known.is_complete(listen=listening)

    todo = [*seen.new, *seen.other, *(file for file in seen.same if not is_complete(file))]
    return sorted(todo, key=lambda file: file.path.split("/"))
