"""Songs that were fetched, kept on disk within a limit of size, each with where it came from."""

import contextlib
import json
import os
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from musify._json import parse
from musify._output import finished_file
from musify.errors import MusifyError, OutputError, ParameterError, ServiceError
from musify.online.alone import alone
from musify.online.client import WebClient
from musify.online.downloads import Saved, hash_of, save_file
from musify.online.found_songs import FoundSong

__all__ = ["SongStore"]

_KINDS: Final = ("audio/", "application/ogg", "application/octet-stream", "binary/octet-stream")
_LARGEST: Final = 80_000_000
_LONGEST_WAIT: Final = 300.0
# What a file begins with tells what it is; names and media types lie.
_BEGINNINGS: Final = (
    (b"ID3", ".mp3"),
    (b"OggS", ".ogg"),
    (b"fLaC", ".flac"),
    (b"RIFF", ".wav"),
)


@dataclass(frozen=True, slots=True)
class _Kept:
    name: str
    size: int
    sha256: str


class SongStore:
    """A folder of fetched songs; beside each lies a JSON file that says whose it is.

    Parameters
    ----------
    folder : Path
        Made when the first song is put there.
    most_bytes : int
        Of all songs together. Those that were not used for longest go first.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self._most_bytes = most_bytes

    def get(self, song: FoundSong) -> Path | None:
        """Return the file of a song that was fetched before and is as it was, or None."""
        kept = self._read(song)
        if kept is None:
            return None
        path = self.folder / kept.name
        with contextlib.suppress(OSError):
            if hash_of(path) == Saved(kept.size, kept.sha256):
                os.utime(self._notes(song))  # used now
                return path
        return None

    def fetch(self, client: WebClient, song: FoundSong, keep: Collection[Path]) -> Path:
        """Return the file of a song, fetched if it must be.

        Parameters
        ----------
        client : WebClient
            Whom to ask.
        song : FoundSong
            The song.
        keep : collection of Path
            Files that may not be removed to make room.

        Raises
        ------
        ServiceError
            If it cannot be had, or is no sound.
        ParameterError
            If there is no room for it.
        OutputError
            If the folder cannot be written.
        """
        if (path := self.get(song)) is not None:
            return path
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with alone(self.folder, wait=_LONGEST_WAIT):
                # Who waited may find it there now.
                return self.get(song) or self._fetched(client, song, keep)
        except OSError as error:
            if isinstance(error, MusifyError):
                raise
            raise OutputError(
                f"cannot write into {str(self.folder)!r}: {error.strerror or error}"
            ) from error

    def _fetched(self, client: WebClient, song: FoundSong, keep: Collection[Path]) -> Path:
        arriving = self.folder / f"{song.stem}.arriving"
        try:
            most = min(_LARGEST, self._most_bytes)
            saved = save_file(client, song.url, arriving, kinds=_KINDS, most_bytes=most)
            with arriving.open("rb") as file:
                ending = _ending(file.read(16))
            if ending is None:
                raise ServiceError(f"{client.service} sent something that is no sound")
            path = self.folder / f"{song.stem}{ending}"
            self._make_room(saved.size, {*keep, path})
            self._write_notes(song, _Kept(path.name, saved.size, saved.sha256))
            arriving.replace(path)
        finally:
            with contextlib.suppress(OSError):
                arriving.unlink(missing_ok=True)
        return path

    def _make_room(self, size: int, keep: Collection[Path]) -> None:
        """Remove the songs that were used least recently, as far as must be."""
        found = []
        for notes in self.folder.glob("*.json"):
            if not notes.name.startswith("."):
                with contextlib.suppress(OSError, MusifyError):
                    kept = _read_notes(notes)
                    path = self.folder / kept.name
                    found.append((notes.stat().st_mtime, path.stat().st_size, path, notes))
        total = size + sum(each for _, each, _, _ in found)
        for _, each, path, notes in sorted(found):
            if total <= self._most_bytes:
                return
            if path not in keep:
                path.unlink(missing_ok=True)
                notes.unlink(missing_ok=True)
                total -= each
        if total > self._most_bytes:
            raise ParameterError(
                f"the songs for one film take more than the {self._most_bytes / 1e6:g} MB that "
                f"{str(self.folder)!r} may hold; raise most_megabytes, or ask for fewer songs"
            )

    def _notes(self, song: FoundSong) -> Path:
        return self.folder / f"{song.stem}.json"

    def _read(self, song: FoundSong) -> _Kept | None:
        with contextlib.suppress(OSError, MusifyError):
            return _read_notes(self._notes(song))
        return None

    def _write_notes(self, song: FoundSong, kept: _Kept) -> None:
        facts: dict[str, Any] = {
            "file": asdict(kept),
            "title": song.title,
            "artist": song.artist,
            "page": song.page,
            "licence": asdict(song.licence),
            "fetched_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        with finished_file(self._notes(song), overwrite=True) as partial:
            partial.write_text(json.dumps(facts, indent=1, ensure_ascii=False), encoding="utf-8")


def _read_notes(notes: Path) -> _Kept:
    try:
        text = notes.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ParameterError(f"{str(notes)!r} is no text") from error
    keys = parse(text, str(notes)).keys(
        ("file",), ("title", "artist", "page", "licence", "fetched_at")
    )
    file = keys["file"].keys(("name", "size", "sha256"))
    name = file["name"].file_name()
    if name != Path(name).name or name.startswith("."):
        raise file["name"].refuse("the name of a file beside it")
    return _Kept(name, file["size"].integer(0, _LARGEST), file["sha256"].text())


def _ending(head: bytes) -> str | None:
    for beginning, ending in _BEGINNINGS:
        if head.startswith(beginning):
            return ending
    if head[4:8] == b"ftyp":
        return ".m4a"
    # A frame of MPEG audio without tags before it: eleven bits of ones, and a layer.
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
        return ".mp3"
    return None
