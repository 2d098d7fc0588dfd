"""Finding pictures that show nearly the same: re-encoded, resized, a moment later.

Two such pictures on either side of a cross-validation would let a classifier pass by remembering.
"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify.cancelling import checkpoint

__all__ = ["near_duplicate_groups", "picture_hash"]

_Integers: TypeAlias = NDArray[np.int64]

_HASH_ROWS: Final = 8
_HASH_COLUMNS: Final = 8
_BITS: Final = _HASH_ROWS * _HASH_COLUMNS
# Of the 120 pictures of tools/ratings_of_package_pictures.csv no two come nearer than a cosine of
# 0.67 and 10 bits; of their copies, 100 % are found at half the size, 100 % at JPEG quality 50 and
# 93 % at 20, 99 % with a border of 5 % cut off, 98 % brightened by a fifth, 100 % mirrored.
_NEARLY_ALIKE: Final = 0.85  # cosine of standardised features; unrelated pictures lie about 0
_ALIKE_ENOUGH: Final = 0.60
_FEW_BITS: Final = 6  # of 64 in which two hashes differ; those of unrelated pictures in about 32
# Cosine of the features as they are: it still tells where all pictures are alike, and the mean is
# one of them.
_SAME: Final = 0.99
_ROWS_AT_ONCE: Final = 512
_LUMA: Final = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def picture_hash(image: NDArray[np.uint8]) -> int:
    """Hash how brightness changes from left to right: the "difference hash" of 64 bits.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
        RGB, of any size.

    Returns
    -------
    int
        Below 2 ** 64. Pictures that look alike differ in few bits.
    """
    grey = image @ _LUMA
    small = _means(_means(grey, _HASH_ROWS).T, _HASH_COLUMNS + 1).T
    bits = (small[:, 1:] > small[:, :-1]).reshape(-1)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def _means(rows: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Average rows into so many bands of equal height; shape ``(count, ...)``."""
    if len(rows) < count:
        rows = np.repeat(rows, -(-count // len(rows)), axis=0)
    edges = np.linspace(0, len(rows), count + 1).astype(int)
    sums = np.add.reduceat(rows, edges[:-1], axis=0)
    means: NDArray[np.float64] = sums / np.diff(edges)[:, None]
    return means


def near_duplicate_groups(features: NDArray[np.floating], hashes: list[int]) -> _Integers:
    """Put pictures that show nearly the same into groups.

    Two pictures are near duplicates if the cosine of their standardised features is at least 0.85,
    or at least 0.60 and their hashes differ in at most 6 of 64 bits, or that of their features as
    they are is at least 0.99. What is nearly the same as
    something in a group belongs to the group.

    Parameters
    ----------
    features : ndarray of shape (n, d)
        Of each picture.
    hashes : list of int
        What :func:`picture_hash` gave for each.

    Returns
    -------
    ndarray of int, shape (n,)
        The group of each picture: the place of the first picture in it.
    """
    count = len(features)
    parents = list(range(count))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    directions, raw = _directions(features, centred=True), _directions(features, centred=False)
    signs = _signs(hashes)
    for start in range(0, count, _ROWS_AT_ONCE):
        checkpoint()
        block = slice(start, start + _ROWS_AT_ONCE)
        cosines = directions[block] @ directions[start:].T
        different = (_BITS - signs[block] @ signs[start:].T) / 2
        is_alike = (cosines >= _NEARLY_ALIKE) | (raw[block] @ raw[start:].T >= _SAME)
        is_alike |= (cosines >= _ALIKE_ENOUGH) & (different <= _FEW_BITS)
        for row, column in zip(*np.nonzero(np.triu(is_alike, 1)), strict=True):
            low, high = sorted((root(start + int(row)), root(start + int(column))))
            parents[high] = low
    return np.array([root(place) for place in range(count)], np.int64)


def _signs(hashes: list[int]) -> NDArray[np.float32]:
    """Spread the bits of hashes out as -1 and 1, so that a product counts those that agree."""
    octets = np.array([list(code.to_bytes(_BITS // 8, "big")) for code in hashes], np.uint8)
    bits = np.unpackbits(octets.reshape(-1, _BITS // 8), axis=1)
    signs: NDArray[np.float32] = bits.astype(np.float32) * 2 - 1
    return signs


def _directions(features: NDArray[np.floating], *, centred: bool) -> NDArray[np.float32]:
    """Bring each row to length 1, standardised before if ``centred``."""
    rows: NDArray[np.float32] = np.asarray(features, np.float32)
    if centred:
        spread = rows.std(axis=0)
        standard = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1)
        rows = np.asarray(standard, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)
