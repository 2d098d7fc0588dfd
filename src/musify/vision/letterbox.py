"""Finding the black bars around a picture."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["without_bars"]

# Black of video is 16 of 255; coding and scaling add a little.
_BLACK: Final = 26
# A picture fades into its bar over a line or two of the small frame.
_BLUR_LINES: Final = 2
# Bars are the same on both sides, to a line or two or a fiftieth of the side.
_UNEVEN: Final = 0.02
# The widest bars in use: a phone's upright picture in a wide film leaves 32 % of its width.
_LEAST_LEFT: Final = 0.25


def without_bars(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut off black bars above and below, or left and right, or both.

    Only what lies alike on two opposite sides is taken for bars, and only where a picture
    with light in it is left: a night sky stays.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
        RGB.

    Returns
    -------
    ndarray of uint8, shape (h, w, 3)
        A view of the picture without its bars; all of it where there are none.
    """
    brightest = image.max(axis=2)
    top, bottom = _span(brightest.max(axis=1))
    left, right = _span(brightest[top:bottom].max(axis=0))
    return image[top:bottom, left:right]


def _span(lines: NDArray[np.uint8]) -> tuple[int, int]:
    """First line of the picture and the line after its last, of the brightest pixel of each."""
    count = len(lines)
    lit = np.flatnonzero(lines > _BLACK)
    if not lit.size:
        return 0, count
    before, after = int(lit[0]), count - 1 - int(lit[-1])
    if not before or not after or abs(before - after) > max(2, _UNEVEN * count):
        return 0, count
    # Where the picture itself begins dark, its first line is hardly brighter than the bar.
    start, end = before + _BLUR_LINES, count - after - _BLUR_LINES
    if end - start < max(1, _LEAST_LEFT * count):
        return 0, count
    return start, end
