"""Resizing small pictures, the same way on every machine.

A side that shrinks is averaged by area: each new pixel is the mean of the old ones it covers, parts
of pixels counted by their part, so that nothing is skipped. A side that grows is interpolated
linearly between pixel centres. Both are a few weighted old pixels per new one, summed one after the
other in single precision; no library that may sum in another order elsewhere is asked.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from musify.errors import ParameterError

__all__ = ["require_image", "resize", "taps"]


def require_image(image: NDArray[np.uint8]) -> None:
    """Check that an array is a colour picture.

    Raises
    ------
    ParameterError
        When it is not uint8 of shape (height, width, 3), or has no pixel.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ParameterError(
            f"an image must be uint8 of shape (height, width, 3) with at least one pixel, got "
            f"{image.dtype} of shape {image.shape}"
        )


@lru_cache(maxsize=64)  # frames of a video have one size, faces come in many
def taps(old: int, new: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return which of `old` pixels make each of `new` ones, and how much each counts.

    Returns
    -------
    places : ndarray of int, shape (k, new)
        Each in [0, old). Read-only.
    weights : ndarray of float32, shape (k, new)
        Each at least 0; each column sums to 1. Read-only.
    """
    if new < old:
        # Old pixel i covers [i, i + 1); new pixel j covers [j, j + 1) times old / new.
        edges = np.arange(new + 1) * (old / new)
        low, high = edges[:-1], edges[1:]
        first = np.floor(low).astype(np.intp)
        count = int((np.ceil(high).astype(np.intp) - first).max())
        places = first + np.arange(count)[:, None]
        weights = np.maximum(np.minimum(high, places + 1) - np.maximum(low, places), 0)
    else:
        # The centre of new pixel j in old pixels; beyond the outer centres the edge is repeated.
        centres = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0, old - 1)
        first = np.floor(centres).astype(np.intp)
        places = np.stack([first, first + 1])
        weights = np.stack([1 - (centres - first), centres - first])
    # A place beyond the last pixel has the weight 0 (or what rounding left of it).
    places = np.minimum(places, old - 1)
    weights = (weights / weights.sum(axis=0)).astype(np.float32)
    places.flags.writeable = weights.flags.writeable = False
    return places, weights


def _along_first(values: NDArray[np.uint8 | np.float32], new: int) -> NDArray[np.float32]:
    """Resize the first axis, (old, n) to (new, n)."""
    if len(values) == new:
        return values.astype(np.float32)
    places, weights = taps(len(values), new)
    result = np.zeros((new, values.shape[1]), dtype=np.float32)
    for place, weight in zip(places, weights, strict=True):
        result += values[place] * weight[:, None]
    return result


def resize(image: NDArray[np.uint8 | np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Return a picture squashed or stretched to a size.

    Parameters
    ----------
    image : ndarray of uint8 or float32, shape (old_height, old_width, channels)
        At least one pixel.
    height, width : int
        The new size in pixels, each at least 1.

    Returns
    -------
    ndarray of float32, shape (height, width, channels)
        In the unit of the old numbers, not rounded.

    Raises
    ------
    ParameterError
        When the image has another number of axes or no pixel, or the size is below 1.
    """
    if image.ndim != 3 or not image.size:
        raise ParameterError(
            f"an image must be (height, width, channels) with at least one pixel, got shape "
            f"{image.shape}"
        )
    if height < 1 or width < 1:
        raise ParameterError(f"a size must be at least 1 x 1, got {height} x {width}")
    rows, columns, channels = image.shape
    # Rows of whole pictures are added, which is quick; so columns are made rows in between.
    standing = image.transpose(1, 0, 2).reshape(columns, rows * channels)
    narrow = _along_first(standing, width).reshape(width, rows, channels)
    lying = narrow.transpose(1, 0, 2).reshape(rows, width * channels)
    return _along_first(lying, height).reshape(height, width, channels)
