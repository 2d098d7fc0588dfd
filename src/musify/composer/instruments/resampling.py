"""Playing a sample at another pitch: band-limited interpolation.

After J. O. Smith, "Digital Audio Resampling" (CCRMA, Stanford, 2002 to 2020): a windowed sinc,
stretched where the pitch goes up, so that what would lie above half the sample rate is filtered
out before it can fold back. The ratio of the rates is a fraction of small numbers: at most a tenth
of a cent is lost, and a few rows of weights serve the whole sound.

Only products and sums, tap after tap in one order: the same to the bit on every machine.
"""

import functools
import math
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["exact_step", "frames_needed", "resampled"]

# 24 taps and a Kaiser window of beta 7: beyond the transition everything is 70 dB down.
_HALF_TAPS: Final = 12
_BETA: Final = 7.0
_PASS: Final = 0.94
_FINE: Final = 256
_LARGEST: Final = 160
_LEAST_ROW: Final = 96
_MOST_STRETCH: Final = 24.0
# What a processor keeps near itself.
_BLOCK_FLOATS: Final = 1 << 17


@functools.cache
def _kernel() -> NDArray[np.float64]:
    """Sample the windowed sinc 256 times a tap, from its middle to beyond its end."""
    scale = _bessel(_BETA)
    values = []
    for index in range(_HALF_TAPS * _FINE + 1):
        place = index / _FINE
        angle = math.pi * _PASS * place
        sinc = math.sin(angle) / angle if index else 1.0
        share = place / _HALF_TAPS
        values.append(_PASS * sinc * _bessel(_BETA * math.sqrt(1 - share * share)) / scale)
    return np.array([*values, 0.0, 0.0])


def _bessel(x: float) -> float:
    """Return the modified Bessel function of the first kind, of order 0, by its series."""
    term = total = 1.0
    for index in range(1, 40):
        term *= (x / (2 * index)) ** 2
        total += term
    return total


@functools.lru_cache(maxsize=256)
def _weights(top: int, bottom: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return where each of ``bottom`` phases begins, and its weights, ``(bottom, taps)``."""
    stretch = max(1.0, top / bottom)
    half = math.ceil(_HALF_TAPS * stretch)
    phases = np.arange(bottom, dtype=np.int64) * top
    first = phases // bottom
    part = (phases % bottom) / bottom
    taps = np.arange(-half + 1, half + 1)
    place = np.minimum(np.abs(part[:, None] - taps) * (_FINE / stretch), _HALF_TAPS * _FINE + 0.5)
    index = place.astype(np.int64)
    table = _kernel()
    weights = table[index] + (place - index) * (table[index + 1] - table[index])
    total = np.zeros(bottom)
    for column in range(weights.shape[1]):
        total += weights[:, column]
    return first, (weights / total[:, None]).astype(np.float32)


def exact_step(step: float) -> Fraction:
    """Return the fraction that stands for a step: PCM frames of the source for one of the result.

    Parameters
    ----------
    step : float
        Held to 1/24 to 24.
    """
    return Fraction(min(max(step, 1 / _MOST_STRETCH), _MOST_STRETCH)).limit_denominator(_LARGEST)


def frames_needed(frames: int, step: float) -> int:
    """Return how many PCM frames of the source so many of the result are made of."""
    ratio = exact_step(step)
    return math.ceil(frames * ratio) + 1


def resampled(source: NDArray[np.float32], step: float, frames: int) -> NDArray[np.float32]:
    """Read a sound faster or slower.

    Parameters
    ----------
    source : ndarray of float32, shape (n,)
        Silence is before and after it.
    step : float
        PCM frames of the source for each of the result: above 1 the pitch goes up. Held to
        1/24 to 24.
    frames : int
        PCM frames wanted.

    Returns
    -------
    ndarray of float32, shape (frames,)
        The first is at the first of the source. What is wanted never depends on how much of it is
        wanted.
    """
    ratio = exact_step(step)
    top, bottom = ratio.numerator, ratio.denominator
    if top == bottom:
        out = np.zeros(frames, np.float32)
        out[: len(source)] = source[:frames]
        return out
    # Rows that are too short would be read many times over.
    times = -(-_LEAST_ROW // bottom)
    top, bottom = top * times, bottom * times
    first, weights = _weights(top, bottom)
    taps = weights.shape[1]
    columns = -(-frames // bottom)
    rows = int(first[-1]) + taps
    # Column c of the grid is what the outputs c * bottom, c * bottom + 1, ... are made of.
    padded = np.zeros((columns - 1) * top + rows, np.float32)
    before = taps // 2 - 1
    kept = source[: len(padded) - before]
    padded[before : before + len(kept)] = kept
    views = np.lib.stride_tricks.sliding_window_view(padded, rows)[::top]
    out = np.empty((columns, bottom), np.float32)
    wide = max(1, _BLOCK_FLOATS // max(rows, bottom))
    for start in range(0, columns, wide):
        grid = np.ascontiguousarray(views[start : start + wide].T)
        total = grid[first] * weights[:, :1]
        for tap in range(1, taps):
            total += grid[first + tap] * weights[:, tap : tap + 1]
        out[start : start + wide] = total.T
    return out.reshape(-1)[:frames]
