"""The audio files below a folder: finding them, telling them apart, reading their heads."""

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from musify._packets import read_packets
from musify.errors import AudioDecodeError
from musify.index.file_tags import read_tags
from musify.index.raw_tags import raw_tags
from musify.video import read_media

__all__ = [
    "ENDINGS",
    "FACTS_VERSION",
    "FoundFile",
    "FoundFiles",
    "SongFacts",
    "content_hash",
    "find_songs",
    "is_song_name",
    "read_facts",
]

ENDINGS: Final = (
    ".aac",
    ".aif",
    ".aifc",
    ".aiff",
    ".flac",
    ".m4a",
    ".mp3",
    ".oga",
    ".ogg",
    ".opus",
    ".wav",
    ".wma",
)
FACTS_VERSION: Final = 1
"""Raised whenever the head of the same file would be read differently."""
_HASH_BYTES: Final = 16
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """An audio file: its path relative to the folder, with slashes; bytes; time of last change.

    ``seen_ns`` tells when that was seen, before the file was read.
    """

    path: str
    size: int
    mtime_ns: int
    seen_ns: int = 0


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """Audio files in the order of their paths, and the folders that could not be looked into."""

    files: tuple[FoundFile, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SongFacts:
    """What the head of a file says: seconds, and tags as :func:`read_tags` gives them."""

    duration: float
    tags: dict[str, Any]


def is_song_name(name: str) -> bool:
    """Tell by its name whether a file may be a song; hidden ones are not."""
    return name.lower().endswith(ENDINGS) and not name.startswith(".")


def find_songs(folder: Path) -> FoundFiles:
    """Find the audio files below a folder.

    Links to folders are followed, each folder once, so that links in a circle come to an end; a
    folder is known by its own place rather than by a link to it. Hidden files and folders are left
    out.
    """
    found: list[tuple[tuple[str, ...], FoundFile]] = []
    unread: list[str] = []
    seen: set[tuple[int, int]] = set()
    todo: list[tuple[Path, tuple[str, ...]]] = [(folder, ())]
    links: list[tuple[Path, tuple[str, ...]]] = []
    while todo or links:
        place, parts = todo.pop() if todo else links.pop()
        try:
            status = place.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(place), key=lambda entry: entry.name, reverse=True)
        except OSError:
            unread.append("/".join(parts))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_dir():
                    later = links if entry.is_symlink() else todo
                    later.append((Path(entry.path), (*parts, entry.name)))
                elif is_song_name(entry.name):
                    # Not the entry's own: on Windows that is of the link, and may be late.
                    status = os.stat(entry.path)  # noqa: PTH116 - for thousands of files
                    if stat.S_ISREG(status.st_mode):
                        path = (*parts, entry.name)
                        file = FoundFile("/".join(path), status.st_size, status.st_mtime_ns)
                        found.append((path, file))
            except OSError:
                continue  # a link that leads nowhere, or a file that has just gone
    found.sort(key=lambda pair: pair[0])
    return FoundFiles(tuple(file for _, file in found), tuple(sorted(unread)))


def content_hash(path: Path, stopped: Callable[[], bool] = lambda: False) -> bytes:
    """Hash all bytes of a file: BLAKE2b (RFC 7693) of 16 bytes.

    Raises
    ------
    OSError
        If it cannot be read.
    InterruptedError
        If ``stopped`` says so.
    """
    digest = hashlib.blake2b(digest_size=_HASH_BYTES)
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            if stopped():
                raise InterruptedError
            digest.update(chunk)
    return digest.digest()


def read_facts(path: Path) -> SongFacts:
    """Read length and tags of a file, without decoding it.

    Raises
    ------
    AudioDecodeError
        If it is no audio, or holds no sound.
    """
    info = read_media(path, AudioDecodeError, "audio")
    audio = [stream for stream in info.streams if stream.kind == "audio"]
    duration = info.duration if audio else None
    if audio and (info.is_estimate or not duration):
        packets = read_packets(path, audio[0].index)
        duration = float((packets.starts + packets.lengths).max(initial=0.0))
    if not duration:
        raise AudioDecodeError(f"{str(path)!r} has no sound")
    return SongFacts(duration, read_tags(raw_tags(path) | info.merged_tags(audio[0].index)))
