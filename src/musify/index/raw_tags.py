"""Tags that ffmpeg does not read: the licence of ID3 (``WCOP``) and the tempo of MP4 (``tmpo``).

Formats: ID3v2.2 to 2.4 (id3.org), where a tag at the head of a file is a list of frames; and ISO
14496-12 with Apple's item list, where ``moov/udta/meta/ilst/tmpo/data`` holds whole beats a minute.
Whatever does not look as it should ends the reading: a broken tag is no tag.
"""

import contextlib
import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

__all__ = ["raw_tags"]

# Covers make tags of megabytes; what is larger is no tag.
_LARGEST_ID3: Final = 64 << 20
_ID3_HEAD: Final = 10
_ATOM_HEAD: Final = 8
_UNSYNCHRONISED, _EXTENDED = 0x80, 0x40
_FULL_ATOM: Final = 4
_DATA_HEAD: Final = 8


def raw_tags(path: Path) -> dict[str, str]:
    """Read ``wcop`` and ``tmpo`` from a file, where it has them.

    Returns
    -------
    dict of str to str
        Keys in lower case.
    """
    found: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError, struct.error), path.open("rb") as file:
        head = file.read(_ID3_HEAD)
        if head[:3] == b"ID3":
            if url := _licence_of_id3(file, head):
                found["wcop"] = url
        elif head[4:8] == b"ftyp" and (tempo := _tempo_of_mp4(file)):
            found["tmpo"] = str(tempo)
    return found


def _syncsafe(data: bytes) -> int:
    """Read a number of seven bits a byte."""
    number = 0
    for byte in data:
        if byte > 0x7F:
            raise ValueError("not a syncsafe number")
        number = number << 7 | byte
    return number


def _licence_of_id3(file: IO[bytes], head: bytes) -> str | None:
    version, flags, size = head[3], head[5], _syncsafe(head[6:10])
    if version not in (2, 3, 4) or size > _LARGEST_ID3:
        return None
    data = file.read(size)
    if flags & _UNSYNCHRONISED and version < 4:
        data = data.replace(b"\xff\x00", b"\xff")
    at = 0
    if flags & _EXTENDED and version > 2:
        # Version 2.4 counts the four bytes of the size itself, 2.3 does not.
        at = _syncsafe(data[:4]) if version == 4 else 4 + int.from_bytes(data[:4], "big")
    name_size, number_size, head_size = (3, 3, 6) if version == 2 else (4, 4, 10)
    while at + head_size <= len(data) and data[at]:
        name = data[at : at + name_size]
        number = data[at + name_size : at + name_size + number_size]
        length = _syncsafe(number) if version == 4 else int.from_bytes(number, "big")
        begin = at + head_size
        if begin + length > len(data):
            return None
        if name in (b"WCOP", b"WCP"):
            url = data[begin : begin + length].split(b"\0")[0].decode("latin-1").strip()
            return url or None
        at = begin + length
    return None


def _atoms(file: IO[bytes], begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """List the atoms between two places: name, where the content begins, where it ends."""
    while begin + _ATOM_HEAD <= end:
        file.seek(begin)
        size, name = struct.unpack(">I4s", file.read(_ATOM_HEAD))
        content = begin + _ATOM_HEAD
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            content += 8
        elif size == 0:
            size = end - begin
        if size < content - begin or begin + size > end:
            return
        yield name, content, begin + size
        begin += size


def _tempo_of_mp4(file: IO[bytes]) -> int | None:
    begin, end = 0, file.seek(0, io.SEEK_END)
    for wanted in (b"moov", b"udta", b"meta", b"ilst", b"tmpo", b"data"):
        for name, content, stop in _atoms(file, begin, end):
            if name == wanted:
                begin, end = content, stop
                break
        else:
            return None
        if wanted == b"meta":
            begin += _FULL_ATOM
    begin += _DATA_HEAD  # the kind of value, and its language
    file.seek(begin)
    return int.from_bytes(file.read(min(max(end - begin, 0), 4)), "big") or None
