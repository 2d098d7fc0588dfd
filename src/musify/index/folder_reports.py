"""What was done in a folder of songs, and in what its index differs from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from musify.index.rows import FileRow, SongState
from musify.index.song_files import FoundFile, FoundFiles, content_hash
from musify.index.survey import survey

__all__ = ["FolderCheck", "FolderUpdate", "compare"]


@dataclass(frozen=True, slots=True)
class FolderUpdate:
    """What became of the songs of a folder when its index was brought up to date.

    Paths are relative to the folder, with slashes, in order.
    """

    songs: int
    heard: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    broken: dict[str, str] = field(default_factory=dict)
    changing: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderCheck:
    """In what an index and its folder differ; paths as in :class:`FolderUpdate`.

    ``moved`` maps a path of before to the one of now.
    """

    songs: int
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    broken: dict[str, str] = field(default_factory=dict)
    unheard: tuple[str, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    @property
    def is_outdated(self) -> bool:
        """Whether the folder is not as the index says, or songs were not listened to."""
        return bool(self.new or self.changed or self.moved or self.missing or self.unheard)

    @property
    def is_clean(self) -> bool:
        """Whether everything is as the index says, and every song can be used."""
        return not (self.is_outdated or self.broken or self.unread)


def compare(
    folder: Path, found: FoundFiles, files: Mapping[str, FileRow], songs: Sequence[SongState]
) -> FolderCheck:
    """Compare a folder with what its index holds; only files that seem changed are opened."""
    seen = survey(found, files)
    lost = {row.hash: row.path for row in seen.missing if row.hash is not None}
    sizes = {row.size for row in seen.missing}
    moved: dict[str, str] = {}
    for new in seen.new:
        digest = _hash(folder, new) if new.size in sizes else None
        if digest is not None and digest in lost:
            moved[lost.pop(digest)] = new.path
    changed = [one.path for one in seen.other if _hash(folder, one) != files[one.path].hash]
    gone = {row.path for row in seen.missing}
    here = [song for song in songs if song.path not in gone and not song.left_out]
    return FolderCheck(
        songs=sum(song.is_usable for song in here),
        new=tuple(one.path for one in seen.new if one.path not in moved.values()),
        changed=tuple(changed),
        moved=moved,
        missing=tuple(row.path for row in seen.missing if row.path not in moved),
        broken={song.path: song.fault for song in here if song.fault is not None},
        unheard=tuple(song.path for song in here if song.is_unheard),
        notes={song.path: song.note for song in here if song.note and not song.fault},
        unread=found.unread,
    )


def _hash(folder: Path, file: FoundFile) -> bytes | None:
    try:
        return content_hash(folder / file.path)
    except OSError:
        return None
