"""Whether bytes that were sent are a whole picture of a sensible size, and what it looks like."""

import io
import struct
import warnings
from dataclasses import dataclass
from typing import Final

import imagehash
from PIL import Image

from musify.errors import MediaError

__all__ = ["CheckedPicture", "check_picture", "is_alike"]

_ENDINGS: Final = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
_SHORTEST_SIDE: Final = 64
# What a phone takes; decoded, 150 MB. A few kilobytes can claim any size.
_MOST_PIXELS: Final = 50_000_000
# Of 64 in which two hashes differ. Unrelated pictures differ in about 32.
_FEW_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class CheckedPicture:
    """A whole picture: the ending of its file, and its perceptual hash of 64 bits."""

    ending: str
    hash: int


def check_picture(content: bytes) -> CheckedPicture:
    """Decode a picture wholly.

    The hash is that of the lowest frequencies of brightness ("pHash", by imagehash): copies that
    were scaled or encoded anew differ in few bits.

    Raises
    ------
    MediaError
        If it is none, is not whole, or is too small or too large.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; they are refused below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(_ENDINGS)) as picture:
                width, height = picture.size
                if min(width, height) < _SHORTEST_SIDE:
                    raise MediaError(f"it is only {width}x{height} pixels")
                if width * height > _MOST_PIXELS:
                    raise MediaError(f"it is {width}x{height} pixels, too large to decode")
                picture.load()
                ending = _ENDINGS[str(picture.format)]
                bits = imagehash.phash(picture.convert("RGB")).hash.reshape(-1)
    except Image.DecompressionBombError as error:
        raise MediaError("it claims to be too large to decode") from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error) as error:
        raise MediaError(f"it cannot be decoded: {str(error)[:100]}") from error
    code = 0
    for bit in bits:
        code = code << 1 | int(bit)
    return CheckedPicture(ending, code)


def is_alike(one: int, other: int) -> bool:
    """Tell whether two hashes are those of nearly the same picture."""
    return (one ^ other).bit_count() <= _FEW_BITS
