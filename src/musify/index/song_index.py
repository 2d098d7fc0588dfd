"""The index: what is known of each song, read and written in small steps."""

import json
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from musify.errors import ParameterError
from musify.index.analysis_blob import pack_analysis, unpack_analysis
from musify.index.rows import (
    FILES_QUERY,
    SONGS_QUERY,
    STATES_QUERY,
    Content,
    FileRow,
    SongRow,
    SongState,
    file_row,
    path_blob,
    plain_number,
    song_row,
    song_state,
)
from musify.index.schema import connect, failures_told, transaction
from musify.index.song_files import FACTS_VERSION, FoundFile
from musify.songs import ANALYSIS_VERSION, SongAnalysis

__all__ = ["SongIndex"]

# A process that listens says so every second; one that has not for so long has died.
_DEAD_SECONDS: Final = 5.0


class SongIndex:
    """An open index; use it in a ``with`` block. Its methods may be called from any thread.

    Parameters
    ----------
    file : Path or None
        Where it lies; None keeps it in memory, until it is closed or dropped.
    create : bool, default True
        Whether it may be made, or made anew out of a damaged one. Else it must exist.
    thorough : bool, default False
        Whether to look through all of it for damage first.

    Raises
    ------
    ParameterError
        If a newer musify made it; it is not touched.
    OutputError
        If it cannot be opened.
    """

    def __init__(self, file: Path | None, *, create: bool = True, thorough: bool = False) -> None:
        self.file = file
        self._connection = connect(file, create=create, thorough=thorough)
        if file is None:  # it lives as long as whoever holds it, and no block ends it
            weakref.finalize(self, self._connection.close)
        self._turn = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._turn, failures_told(self.file):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._turn, failures_told(self.file), transaction(self._connection):
            yield self._connection

    def files(self) -> dict[str, FileRow]:
        """Return every file that was ever seen, by its path."""
        with self._reading() as connection:
            rows = [file_row(row) for row in connection.execute(FILES_QUERY)]
        return {row.path: row for row in rows}

    def songs(self) -> list[SongRow]:
        """Return what is known of every file, in the order of their paths."""
        with self._reading() as connection:
            rows = connection.execute(SONGS_QUERY).fetchall()
        songs = [song_row(row) for row in rows]
        return sorted(songs, key=lambda song: song.path.split("/"))

    def states(self) -> list[SongState]:
        """Return how it stands with every file, in the order of their paths."""
        with self._reading() as connection:
            rows = connection.execute(STATES_QUERY).fetchall()
        return sorted(map(song_state, rows), key=lambda song: song.path.split("/"))

    def known_file(self, path: str) -> FileRow | None:
        """Return how a file looked when it was last looked at."""
        with self._reading() as connection:
            query = f"{FILES_QUERY} WHERE path = ?"
            row = connection.execute(query, (path_blob(path),)).fetchone()
        return None if row is None else file_row(row)

    def content(self, digest: bytes) -> Content:
        """Return how much is known of a content."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT facts_version, heard_version, fault, duration FROM contents WHERE hash = ?",
                (digest,),
            ).fetchone()
        return Content(*(row or (None, None, None, None)))

    def contents(self) -> dict[bytes, Content]:
        """Return how much is known of every content."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT hash, facts_version, heard_version, fault, duration FROM contents"
            ).fetchall()
        return {row[0]: Content(*row[1:]) for row in rows}

    def analysis(self, digest: bytes) -> SongAnalysis | None:
        """Return what was heard in a content, if this version of musify listened to it."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT blob FROM analyses WHERE hash = ? AND version = ?",
                (digest, ANALYSIS_VERSION),
            ).fetchone()
        return None if row is None else unpack_analysis(row[0])

    def put_file(
        self, found: FoundFile, digest: bytes | None, fault: str | None = None
    ) -> FileRow | None:
        """Keep how a file looks now.

        Returns
        -------
        FileRow or None
            The file that has moved here, if its content was known under a name that is missing;
            the user's words on it came along.
        """
        with self._writing() as connection:
            return self._put_file(connection, found, digest, fault)

    def _put_file(
        self,
        connection: sqlite3.Connection,
        found: FoundFile,
        digest: bytes | None,
        fault: str | None,
    ) -> FileRow | None:
        path, moved = path_blob(found.path), None
        known = connection.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
        if known is None and digest is not None:
            row = connection.execute(
                f"{FILES_QUERY} WHERE hash = ? AND missing ORDER BY id LIMIT 1", (digest,)
            ).fetchone()
            if row is not None:
                moved = file_row(row)
                connection.execute("UPDATE files SET path = ? WHERE id = ?", (path, moved.id))
                connection.execute("UPDATE words SET path = ? WHERE file_id = ?", (path, moved.id))
        connection.execute(
            "INSERT INTO files (path, size, mtime_ns, seen_ns, hash, fault) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET size = excluded.size, "
            "mtime_ns = excluded.mtime_ns, seen_ns = excluded.seen_ns, hash = excluded.hash, "
            "fault = excluded.fault, missing = 0",
            (path, found.size, found.mtime_ns, found.seen_ns, digest, fault),
        )
        return moved

    def put_song(
        self,
        digest: bytes,
        *,
        duration: float | None,
        tags: Mapping[str, Any],
        fault: str | None = None,
        note: str | None = None,
        heard: bool = False,
        analysis: SongAnalysis | None = None,
        found: FoundFile | None = None,
    ) -> None:
        """Keep what was found out about a content, at once and for good.

        Parameters
        ----------
        digest : bytes
            Its hash.
        duration : float or None
            Seconds, as its head says.
        tags : mapping
            As :func:`~musify.index.file_tags.read_tags` gives them.
        fault : str, optional
            Why it cannot be used.
        note : str, optional
            What else is to be known of it.
        heard : bool, default False
            Whether it was tried to listen to it; once more would change nothing.
        analysis : SongAnalysis, optional
            What was heard.
        found : FoundFile, optional
            The file it is in, as by :meth:`put_file`.
        """
        a = analysis
        told: tuple[Any, ...] = (None,) * 7
        if a is not None:
            told = (
                *(a.duration, a.valence, a.arousal, a.loudness_lufs, a.bpm, a.key),
                a.instrumental,
            )
        version = ANALYSIS_VERSION if heard else None
        text = json.dumps(dict(tags))
        row = (digest, FACTS_VERSION, duration, text, fault, note, version, *told)
        with self._writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [plain_number(value) for value in row],
            )
            if a is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO analyses VALUES (?, ?, ?)",
                    (digest, ANALYSIS_VERSION, pack_analysis(a)),
                )
            connection.execute("DELETE FROM claims WHERE hash = ?", (digest,))
            if found is not None:
                self._put_file(connection, found, digest, None)

    def set_missing(self, missing: Mapping[int, bool]) -> None:
        """Keep which files, by their numbers, are gone and which are there again."""
        if missing:
            with self._writing() as connection:
                connection.executemany(
                    "UPDATE files SET missing = ? WHERE id = ?",
                    [(int(gone), number) for number, gone in missing.items()],
                )

    def set_left_out(self, path: str, *, left_out: bool) -> None:
        """Keep whether the user wants a song out of the library."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE files SET left_out = ? WHERE path = ?", (int(left_out), path_blob(path))
            )

    def drop_file(self, path: str) -> None:
        """Forget a file, and what nothing else needs."""
        with self._writing() as connection:
            row = connection.execute("SELECT id FROM files WHERE path = ?", (path_blob(path),))
            for (number,) in row.fetchall():
                connection.execute("DELETE FROM words WHERE file_id = ?", (number,))
                connection.execute("DELETE FROM files WHERE id = ?", (number,))
            for table in ("contents", "analyses", "cache"):
                connection.execute(
                    f"DELETE FROM {table} WHERE hash NOT IN "  # noqa: S608 - names from above
                    "(SELECT hash FROM files WHERE hash IS NOT NULL)"
                )

    def words(self, path: str) -> dict[str, Any]:
        """Return what the user said of a song."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT w.words FROM words w JOIN files f ON f.id = w.file_id WHERE f.path = ?",
                (path_blob(path),),
            ).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def say(self, path: str, words: Mapping[str, Any], *, clear: bool = False) -> dict[str, Any]:
        """Add to what the user said of a song, or replace it; None takes a word back.

        Returns
        -------
        dict
            All that is said of it now.

        Raises
        ------
        ParameterError
            If there is no such song.
        """
        with self._writing() as connection:
            row = connection.execute(
                "SELECT f.id, f.hash, w.words FROM files f LEFT JOIN words w ON w.file_id = f.id "
                "WHERE f.path = ?",
                (path_blob(path),),
            ).fetchone()
            if row is None:
                raise ParameterError(f"the index knows no song {path!r}")
            number, digest, text = row
            said = (json.loads(text) if text and not clear else {}) | dict(words)
            said = {name: value for name, value in said.items() if value is not None}
            if said:
                connection.execute(
                    "INSERT OR REPLACE INTO words VALUES (?, ?, ?, ?)",
                    (number, path_blob(path), digest, json.dumps(said)),
                )
            else:
                connection.execute("DELETE FROM words WHERE file_id = ?", (number,))
        return said

    def words_follow(self, changed: Iterable[str]) -> None:
        """Let the user's words follow what they were said of.

        Parameters
        ----------
        changed : iterable of str
            Files that hold something else than before. Words on a file whose content is now found
            in one of them go there; else they stay, as on a file that was given other tags.
        """
        news = {path_blob(path) for path in changed}
        with self._writing() as connection:
            astray = connection.execute(
                "SELECT w.file_id, w.hash, w.words, f.path, f.hash FROM words w "
                "JOIN files f ON f.id = w.file_id WHERE w.hash IS NOT f.hash"
            ).fetchall()
            for number, *_ in astray:
                connection.execute("DELETE FROM words WHERE file_id = ?", (number,))
            for number, digest, text, path, own in astray:
                rows = connection.execute(
                    "SELECT id, path, hash FROM files WHERE hash = ? AND NOT missing AND id NOT IN "
                    "(SELECT file_id FROM words)",
                    (digest,),
                ).fetchall()
                row = next((row for row in rows if row[1] in news), (number, path, own))
                connection.execute("INSERT OR REPLACE INTO words VALUES (?, ?, ?, ?)", (*row, text))

    def count_words(self) -> int:
        """Return on how many songs the user said anything."""
        with self._reading() as connection:
            (count,) = connection.execute("SELECT count(*) FROM words").fetchone()
        return int(count)

    def cached(self, digest: bytes, kind: str, version: int) -> bytes | None:
        """Return what was computed from a content before, by the same version of the computing."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT blob FROM cache WHERE hash = ? AND kind = ? AND version = ?",
                (digest, kind, version),
            ).fetchone()
        return None if row is None else bytes(row[0])

    def put_cached(self, digest: bytes, kind: str, version: int, blob: bytes) -> None:
        """Keep what was computed from a content, in place of an older one of this kind."""
        with self._writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO cache VALUES (?, ?, ?, ?)", (digest, kind, version, blob)
            )

    def claim(self, digest: bytes, owner: str) -> bool:
        """Take on a content, unless somebody else lives who has.

        Returns
        -------
        bool
            Whether the owner may begin.
        """
        now = time.time()
        with self._writing() as connection:
            row = connection.execute(
                "SELECT owner, beat FROM claims WHERE hash = ?", (digest,)
            ).fetchone()
            # A clock that was set back must not keep a dead claim alive.
            if row is not None and abs(now - row[1]) < _DEAD_SECONDS:
                return False
            connection.execute(
                "INSERT OR REPLACE INTO claims VALUES (?, ?, ?)", (digest, owner, now)
            )
        return True

    def beat(self, owner: str) -> None:
        """Say that an owner of claims lives."""
        with self._writing() as connection:
            connection.execute("UPDATE claims SET beat = ? WHERE owner = ?", (time.time(), owner))

    def give_up_claims(self, owner: str, digest: bytes | None = None) -> None:
        """Let others do what an owner has not finished: one content, or all of them."""
        with self._writing() as connection:
            connection.execute(
                "DELETE FROM claims WHERE owner = ? AND hash = coalesce(?, hash)", (owner, digest)
            )
