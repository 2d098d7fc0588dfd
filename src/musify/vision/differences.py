"""How much two very small pictures differ: numpy alone."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SMALL",
    "Bytes",
    "Floats",
    "PictureArea",
    "contrast",
    "luma",
    "moved_difference",
    "shrink",
]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]

SMALL: Final = (32, 18)
"""Width and height that frames are compared at, whatever the shape of the film."""

_BLOCK_ROWS: Final = 3
_BLOCK_COLUMNS: Final = 4
# Black of a codec, with room for what coding does to it.
_BAR_LUMA: Final = 28
# Less than this share of rows or columns is taken for a dark picture, not for one between bars.
_LEAST_SHARE: Final = 0.3


def luma(images: Bytes) -> Bytes:
    """Brightness of RGB pictures (weights of ITU-R BT.601); the last axis goes."""
    red, green, blue = (images[..., plane].astype(np.uint16) for plane in range(3))
    return ((77 * red + 150 * green + 29 * blue) >> 8).astype(np.uint8)


def shrink(image: Bytes) -> Bytes:
    """Scale one RGB picture to the size of ``SMALL``, each pixel a mean of those it covers."""
    for axis, size in ((0, SMALL[1]), (1, SMALL[0])):
        have = image.shape[axis]
        begins = np.arange(size) * have // size
        # At least a row each: a smaller picture repeats its own.
        ends = np.maximum(begins + 1, (np.arange(size) + 1) * have // size)
        sums = np.cumsum(image, axis=axis, dtype=np.int64)
        sums = np.insert(sums, 0, 0, axis=axis)
        shape = tuple(-1 if place == axis else 1 for place in range(3))
        total = np.take(sums, ends, axis=axis) - np.take(sums, begins, axis=axis)
        image = (total // (ends - begins).reshape(shape)).astype(np.uint8)
    return image


def moved_difference(earlier: Bytes, later: Bytes, reach: int = 2) -> Floats:
    """Measure what motion does not explain between two pictures.

    Each block of 4 by 3 pixels may have moved by up to ``reach`` pixels either way; what is left
    over at the best place counts.

    Parameters
    ----------
    earlier, later : ndarray of uint8, shape (n, 18, 32)
        Brightness of pairs of pictures.
    reach : int, default 2
        Pixels; two of 32 between frames of a film are a picture's width in half a second.

    Returns
    -------
    ndarray of shape (n,)
        Mean absolute difference, in steps of brightness of which white has 255.
    """
    rows, columns = earlier.shape[1:]
    # Pictures last: each step then works on long rows of memory, which is seven times as fast.
    after = np.ascontiguousarray(later.transpose(1, 2, 0))
    padded = np.pad(earlier, ((0, 0), (reach, reach), (reach, reach)), mode="edge")
    before = np.ascontiguousarray(padded.transpose(1, 2, 0))
    shape = (rows // _BLOCK_ROWS, _BLOCK_ROWS, columns // _BLOCK_COLUMNS, _BLOCK_COLUMNS, -1)
    least = np.full((shape[0], shape[2], len(earlier)), np.iinfo(np.uint16).max, np.uint16)
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            shifted = before[down : down + rows, right : right + columns]
            difference = np.maximum(after, shifted) - np.minimum(after, shifted)
            sums = np.add.reduce(difference.reshape(shape), axis=(1, 3), dtype=np.uint16)
            np.minimum(least, sums, out=least)
    total: Floats = least.sum(axis=(0, 1), dtype=np.float64) / (rows * columns)
    return total


class PictureArea:
    """Which part of the frame has ever held a picture: what is left are black bars.

    Bars hold nothing that could differ, so a mean over the whole frame is too low by the share
    of the picture in it.
    """

    def __init__(self) -> None:
        self._brightest = np.zeros(SMALL[::-1], np.uint8)

    def see(self, lumas: Bytes) -> None:
        """Take more pictures into account, shape ``(n, 18, 32)``."""
        np.maximum(self._brightest, lumas.max(axis=0), out=self._brightest)

    @property
    def bounds(self) -> tuple[slice, slice]:
        """Rows and columns of the picture; all of them where nothing can be told."""
        return (_lit(self._brightest.max(axis=1)), _lit(self._brightest.max(axis=0)))

    @property
    def share(self) -> float:
        """How much of the frame the picture is, in (0, 1]."""
        rows, columns = self.bounds
        height, width = rows.stop - rows.start, columns.stop - columns.start
        return float(height * width / (SMALL[0] * SMALL[1]))


def _lit(brightest: Bytes) -> slice:
    places = np.flatnonzero(brightest > _BAR_LUMA)
    if not places.size or places[-1] + 1 - places[0] < _LEAST_SHARE * len(brightest):
        return slice(0, len(brightest))
    return slice(int(places[0]), int(places[-1]) + 1)


def contrast(images: Bytes) -> Floats:
    """How far from plain RGB pictures are: spread of their pixels about the mean colour.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, rows, columns, 3)

    Returns
    -------
    ndarray of shape (n,)
        Standard deviation in steps of brightness, the mean of the three colours; 0 if plain.
    """
    # Every other pixel either way tells as much.
    flat = images[:, ::2, ::2].reshape(len(images), -1, 3).astype(np.float32)
    spread: Floats = flat.std(axis=1).mean(axis=1).astype(np.float64)
    return spread
