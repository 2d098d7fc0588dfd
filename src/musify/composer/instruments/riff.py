"""Chunks of a RIFF file: what a SoundFont is made of."""

import mmap
import struct
from pathlib import Path

from musify.errors import AudioDecodeError

__all__ = ["Chunk", "open_bytes", "riff_chunks"]

Chunk = tuple[int, int]
"""First byte and number of bytes."""
_HEADER_BYTES = 8
_MOST_CHUNKS = 4096


def open_bytes(path: Path) -> mmap.mmap:
    """Map a file, read-only.

    Raises
    ------
    AudioDecodeError
        If it cannot be read, or is empty.
    """
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        reason = "it is empty" if isinstance(error, ValueError) else (error.strerror or error)
        raise AudioDecodeError(f"cannot read the SoundFont {str(path)!r}: {reason}") from error


def riff_chunks(data: mmap.mmap, path: Path, kind: bytes) -> dict[bytes, Chunk]:
    """List the chunks of a RIFF file, and those inside its lists.

    Parameters
    ----------
    data : mmap
        The whole file.
    path : Path
        What to call it in errors.
    kind : bytes
        The four letters of its form.

    Returns
    -------
    dict of bytes to tuple
        By their four letters; of chunks of one name the first.

    Raises
    ------
    AudioDecodeError
        If it is no RIFF file of that form, or cut off.
    """
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != kind:
        raise AudioDecodeError(
            f"{str(path)!r} is no SoundFont: it does not begin with RIFF and {kind.decode()}"
        )
    end = _HEADER_BYTES + struct.unpack("<I", data[4:8])[0]
    if end > len(data):
        raise AudioDecodeError(
            f"the SoundFont {str(path)!r} is cut off: {len(data)} bytes of {end} are there"
        )
    found: dict[bytes, Chunk] = {}
    for name, start, size in _listed(data, path, 12, end):
        if name == b"LIST" and size >= 4:
            for inner, begin, length in _listed(data, path, start + 4, start + size):
                found.setdefault(inner, (begin, length))
        else:
            found.setdefault(name, (start, size))
    return found


def _listed(data: mmap.mmap, path: Path, place: int, end: int) -> list[tuple[bytes, int, int]]:
    out = []
    while place + _HEADER_BYTES <= end:
        name, size = struct.unpack("<4sI", data[place : place + _HEADER_BYTES])
        place += _HEADER_BYTES
        if place + size > end:
            raise AudioDecodeError(
                f"the SoundFont {str(path)!r} is broken: its chunk "
                f"{name.decode('latin-1')!r} says {size} bytes, {end - place} are left"
            )
        out.append((name, place, size))
        if len(out) > _MOST_CHUNKS:
            raise AudioDecodeError(f"the SoundFont {str(path)!r} is broken: too many chunks")
        place += size
        # RIFF pads to even; MuseScore's .sf3 does not: whoever pads, pads with 0.
        if size % 2 and place < end and data[place] == 0:
            place += 1
    return out
