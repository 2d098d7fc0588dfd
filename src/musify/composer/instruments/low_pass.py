"""A low-pass filter of two poles, in a few passes over a whole sound.

The recursion y[n] = x[n] - a y[n-1] - b y[n-2] cannot be vectorised as it stands, but scattered
look-ahead can (K. K. Parhi and D. G. Messerschmitt, "Pipeline Interleaving and Parallelism in
Recursive Digital Filters", IEEE Trans. ASSP 37(7), 1989): with D(z) = 1 + a z + b z^2,
1 / D(z) = D(-z) / (D(z) D(-z)), and the denominator is again such a polynomial, in z^2, whose poles
are squared. After some doublings nothing of them is left.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["low_pass"]

_GONE: Final = 1e-6
# Small enough to stay in the processor's cache from stage to stage.
_BLOCK_FRAMES: Final = 8192
_HIGHEST: Final = 0.45
_LOWEST_HZ: Final = 20.0


def low_pass(
    sound: NDArray[np.float32], hertz: float, sample_rate: int, resonance_db: float = 0.0
) -> NDArray[np.float32]:
    """Filter a sound.

    The filter of R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients".

    Parameters
    ----------
    sound : ndarray of float32, shape (n,)
        Silence is before it.
    hertz : float
        The cutoff; held to 20 Hz and 0.45 of the rate.
    sample_rate : int
        PCM frames a second.
    resonance_db : float
        How high the peak at the cutoff is; 0 is a filter without one, 3 dB down there.

    Returns
    -------
    ndarray of float32, shape (n,)
    """
    hertz = min(max(hertz, _LOWEST_HZ), _HIGHEST * sample_rate)
    angle = 2 * math.pi * hertz / sample_rate
    quality = math.sqrt(0.5) * 10 ** (resonance_db / 20)
    alpha = math.sin(angle) / (2 * quality)
    scale = 1 / (1 + alpha)
    gain = (1 - math.cos(angle)) / 2 * scale
    first, second = -2 * math.cos(angle) * scale, (1 - alpha) * scale
    stages = []
    delay = 1
    while max(abs(first), abs(second)) > _GONE and delay < len(sound):
        stages.append(_Stage(delay, -first, second))
        first, second = 2 * second - first * first, second * second
        delay *= 2
    out = np.empty_like(sound)
    gained = np.zeros(_BLOCK_FRAMES + 2, np.float32)
    for start in range(0, len(sound), _BLOCK_FRAMES):
        block = sound[start : start + _BLOCK_FRAMES]
        count = len(block)
        gained[:2] = gained[_BLOCK_FRAMES:]
        np.multiply(block, np.float32(gain), out=gained[2 : count + 2])
        passed = gained[:count] + gained[2 : count + 2]
        passed += gained[1 : count + 1]
        passed += gained[1 : count + 1]
        for stage in stages:
            passed = stage.step(passed)
        out[start : start + count] = passed
    return out


class _Stage:
    """One doubling: y[n] = x[n] + near x[n - delay] + far x[n - 2 delay], block by block."""

    def __init__(self, delay: int, near: float, far: float) -> None:
        self._delay = delay
        self._near = np.float32(near)
        self._far = np.float32(far)
        # What went in: that of the block after what is remembered of those before.
        self._past = np.zeros(2 * delay + _BLOCK_FRAMES, np.float32)
        self._part = np.empty(_BLOCK_FRAMES, np.float32)

    def step(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take the next block; only the last may be shorter."""
        past, delay, count = self._past, self._delay, len(block)
        past[: 2 * delay] = past[_BLOCK_FRAMES:].copy()
        past[2 * delay : 2 * delay + count] = block
        part = self._part[:count]
        block += np.multiply(past[delay : delay + count], self._near, out=part)
        block += np.multiply(past[:count], self._far, out=part)
        return block
