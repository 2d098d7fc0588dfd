"""What kind of picture a file holds, and which way up, from its own bytes.

A file is told by its first bytes and never by its ending alone: ffmpeg would take a ``.jpg`` that
holds a playlist for one, and open what it names. The orientation is read here because builds of
ffmpeg differ in whether they apply it to pictures.

References
----------
.. [1] CIPA DC-008, "Exchangeable image file format for digital still cameras: Exif", 2.3: tag 274.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["ENDINGS", "PictureKind", "look_at_file", "turned"]

ENDINGS: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
)
"""Endings, in lower case, of files that are looked into."""

_ORIENTATION_TAG: Final = 274
_SHORT: Final = 3
_MOST_SEGMENTS: Final = 1000
_MOST_TAGS: Final = 1000
# Orientations that also change rows into columns stand from 5 on.
_TURNED: Final = 5


@dataclass(frozen=True, slots=True)
class PictureKind:
    """How a file is to be read.

    Parameters
    ----------
    demuxer : str
        ffmpeg's name for the format.
    orientation : int, default 1
        Of Exif, 1 (upright) to 8.
    """

    demuxer: str
    orientation: int = 1


def look_at_file(path: Path) -> PictureKind | None:
    """Tell what a file holds from its first bytes; None for anything but a known picture.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(32)
        if head.startswith(b"\xff\xd8\xff"):
            return PictureKind("jpeg_pipe", _orientation(file, _jpeg_exif(file)))
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return PictureKind("png_pipe", _orientation(file, _png_exif(file)))
        if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
            is_moving = head[12:16] == b"VP8X" and bool(head[20] & 0x02)
            kind = "webp_anim" if is_moving else "webp_pipe"
            return PictureKind(kind, _orientation(file, _webp_exif(file)))
        if head.startswith((b"GIF87a", b"GIF89a")):
            return PictureKind("gif")
        if head.startswith(b"BM"):
            return PictureKind("bmp_pipe")
        if head.startswith((b"II*\0", b"MM\0*")):
            return PictureKind("tiff_pipe", _orientation(file, iter((0,))))
    return None


def turned(image: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Bring a picture upright, as Exif says it is to be shown; shape ``(H, W, ...)``."""
    if orientation in (3, 4):  # upside down
        image = image[::-1]
    if orientation in (2, 3):  # mirrored
        image = image[:, ::-1]
    if orientation >= _TURNED:
        image = image.swapaxes(0, 1)
        if orientation in (7, 8):
            image = image[::-1]
        if orientation in (6, 7):
            image = image[:, ::-1]
    return image


def _orientation(file: BinaryIO, places: Iterator[int]) -> int:
    """Read the orientation from the first place of a TIFF header; 1 where there is none."""
    try:
        for place in places:
            return _tiff_orientation(file, place)
    except (struct.error, OSError, OverflowError, ValueError):
        pass  # damaged metadata is no reason not to look at the picture
    return 1


def _tiff_orientation(file: BinaryIO, start: int) -> int:
    file.seek(start)
    order = {b"II": "<", b"MM": ">"}.get(file.read(2))
    if order is None:
        return 1
    _, place = struct.unpack(f"{order}HI", file.read(6))
    file.seek(start + place)
    (count,) = struct.unpack(f"{order}H", file.read(2))
    for _ in range(min(count, _MOST_TAGS)):
        tag, kind, _, value = struct.unpack(f"{order}HHIH2x", file.read(12))
        if tag == _ORIENTATION_TAG:
            return value if kind == _SHORT and 1 <= value <= 8 else 1
    return 1


def _jpeg_exif(file: BinaryIO) -> Iterator[int]:
    """Find the TIFF header of an Exif segment before the picture itself."""
    place = 2
    for _ in range(_MOST_SEGMENTS):
        file.seek(place)
        marker, length = struct.unpack(">HH", file.read(4))
        if not 0xFFC0 <= marker < 0xFFFF or marker == 0xFFDA:  # the picture begins
            return
        if marker == 0xFFE1 and file.read(6) == b"Exif\0\0":
            yield place + 10
        place += 2 + length


def _png_exif(file: BinaryIO) -> Iterator[int]:
    place = 8
    for _ in range(_MOST_SEGMENTS):
        file.seek(place)
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"eXIf":
            yield place + 8
        place += 12 + length


def _webp_exif(file: BinaryIO) -> Iterator[int]:
    place = 12
    for _ in range(_MOST_SEGMENTS):
        file.seek(place)
        kind, length = struct.unpack("<4sI", file.read(8))
        if kind == b"EXIF":
            # Some writers keep the prefix that only JPEG asks for.
            yield place + 8 + (6 if file.read(6) == b"Exif\0\0" else 0)
        place += 8 + length + length % 2
