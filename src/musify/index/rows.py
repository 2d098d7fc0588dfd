"""What stands in an index, row by row."""

import json
import os
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from musify.index.song_files import FACTS_VERSION
from musify.songs import ANALYSIS_VERSION

__all__ = [
    "FILES_QUERY",
    "SONGS_QUERY",
    "STATES_QUERY",
    "Content",
    "FileRow",
    "SongRow",
    "SongState",
    "file_row",
    "path_blob",
    "plain_number",
    "song_row",
    "song_state",
]


class FileRow(NamedTuple):
    """A file as it was when it was last looked at."""

    id: int
    path: str
    size: int
    mtime_ns: int
    seen_ns: int
    hash: bytes | None
    fault: str | None
    missing: bool
    left_out: bool


class Content(NamedTuple):
    """How much is known of what is in a file; versions are None where it was not tried."""

    facts_version: int | None
    heard_version: int | None
    fault: str | None
    duration: float | None

    def is_complete(self, *, listen: bool) -> bool:
        """Tell whether there is nothing left to find out."""
        if self.facts_version != FACTS_VERSION:
            return False
        return not listen or self.fault is not None or self.heard_version == ANALYSIS_VERSION


class SongState(NamedTuple):
    """Whether a song can be used, and was listened to."""

    path: str
    fault: str | None
    missing: bool
    left_out: bool
    note: str | None
    was_read: bool
    heard_version: int | None

    @property
    def is_usable(self) -> bool:
        """Whether it can be used."""
        return self.was_read and self.fault is None

    @property
    def is_unheard(self) -> bool:
        """Whether it can be used, but this version of musify never listened to it."""
        return self.is_usable and self.heard_version != ANALYSIS_VERSION


class SongRow(NamedTuple):
    """All that choosing needs of a song, without what was heard over time."""

    path: str
    hash: bytes | None
    fault: str | None
    missing: bool
    left_out: bool
    size: int
    note: str | None
    duration: float | None
    tags: Mapping[str, Any]
    words: Mapping[str, Any]
    heard_version: int | None
    heard_duration: float | None
    valence: float | None
    arousal: float | None
    loudness_lufs: float | None
    bpm: float | None
    key: str | None
    instrumental: float | None


SONGS_QUERY: Final = """
    SELECT f.path, f.hash, coalesce(f.fault, c.fault), f.missing, f.left_out, f.size, c.note,
        c.duration, c.tags, w.words, c.heard_version, c.heard_duration, c.valence, c.arousal,
        c.loudness_lufs, c.bpm, c.song_key, c.instrumental
    FROM files f LEFT JOIN contents c ON c.hash = f.hash LEFT JOIN words w ON w.file_id = f.id
"""
STATES_QUERY: Final = """
    SELECT f.path, coalesce(f.fault, c.fault), f.missing, f.left_out, c.note,
        c.duration IS NOT NULL, c.heard_version
    FROM files f LEFT JOIN contents c ON c.hash = f.hash
"""
FILES_QUERY: Final = (
    "SELECT id, path, size, mtime_ns, seen_ns, hash, fault, missing, left_out FROM files"
)


def path_blob(path: str) -> bytes:
    """Turn a path into the bytes of the file system, since a name need not be text."""
    return os.fsencode(path)


def plain_number(value: Any) -> Any:
    """Turn numbers of numpy into those that SQLite knows."""
    return value.item() if hasattr(value, "item") else value


def file_row(row: tuple[Any, ...]) -> FileRow:
    """Read a row of :data:`FILES_QUERY`."""
    number, path, size, mtime_ns, seen_ns, digest, fault, missing, left_out = row
    name = os.fsdecode(path)
    return FileRow(
        number, name, size, mtime_ns, seen_ns, digest, fault, bool(missing), bool(left_out)
    )


def song_row(row: tuple[Any, ...]) -> SongRow:
    """Read a row of :data:`SONGS_QUERY`."""
    path, digest, fault, missing, left_out, size, note, duration, tags, words, *heard = row
    return SongRow(
        *(os.fsdecode(path), digest, fault, bool(missing), bool(left_out), size, note, duration),
        json.loads(tags) if tags else {},
        json.loads(words) if words else {},
        *heard,
    )


def song_state(row: tuple[Any, ...]) -> SongState:
    """Read a row of :data:`STATES_QUERY`."""
    path, fault, missing, left_out, note, was_read, version = row
    name = os.fsdecode(path)
    return SongState(name, fault, bool(missing), bool(left_out), note, bool(was_read), version)
