"""Mono sound at another rate, for networks that know only one."""

from functools import cache
from math import gcd
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._checks import whole_number

__all__ = ["resampled"]

# Zero crossings of the windowed sinc on each side, and its edge as a part of the lower Nyquist
# frequency: flat to 85 % of it, 60 dB down from its mirror on. Tagging reads bands, not waveforms.
_CROSSINGS: Final = 16
_EDGE: Final = 0.94
_BLOCKS: Final = 512


def resampled(mono: NDArray[np.float32], rate: int, to: int) -> NDArray[np.float32]:
    """Return mono sound at another rate.

    Parameters
    ----------
    mono : ndarray of float32, shape (n,)
        Sound at `rate`.
    rate, to : int
        PCM frames a second, at least 1.

    Returns
    -------
    ndarray of float32, shape (ceil(n * to / rate),)
        In time with the sound that was given: the filter has no delay.

    Raises
    ------
    ParameterError
        When a rate is no whole number of at least 1.
    """
    rate, to = whole_number("rate", rate, low=1), whole_number("to", to, low=1)
    sound = np.asarray(mono, dtype=np.float32)
    if rate == to or not len(sound):
        return sound
    common = gcd(rate, to)
    taken, given = rate // common, to // common
    kernel, margin = _kernel(taken, given)
    wanted = -(-len(sound) * to // rate)
    count = -(-wanted // given)
    padded = np.pad(sound, (margin, max(0, count * taken - len(sound)) + margin))
    blocks = np.lib.stride_tricks.sliding_window_view(padded, len(kernel))[::taken]
    made = np.empty((count, given), dtype=np.float32)
    for start in range(0, count, _BLOCKS):
        part = slice(start, min(start + _BLOCKS, count))
        made[part] = blocks[part] @ kernel
    return made.ravel()[:wanted]


@cache
def _kernel(taken: int, given: int) -> tuple[NDArray[np.float32], int]:
    """Return what each PCM frame of a block adds to each of the block made of it, and the margin.

    A sinc in a Kaiser window (beta 6: 60 dB), as in Smith, Digital Audio Resampling, 2002.
    """
    scale = min(1.0, given / taken)  # of the band that both rates hold
    margin = int(np.ceil(_CROSSINGS / scale))
    at = np.arange(given) * taken / given
    distance = np.arange(-margin, taken + margin)[:, None] - at
    window = np.i0(6 * np.sqrt(np.maximum(0, 1 - (distance / margin) ** 2))) / np.i0(6.0)
    window[np.abs(distance) > margin] = 0
    band = scale * _EDGE
    return (band * np.sinc(band * distance) * window).astype(np.float32), margin
