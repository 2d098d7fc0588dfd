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
_MOST_DOUBLINGS: Final = 20
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
    # Sums of many like numbers: at low cutoffs 24 bits are too few.
    wide = sound.astype(np.float64) * gain
    out = wide.copy()
    out[1:] += 2 * wide[:-1]
    out[2:] += wide[:-2]
    delay = 1
    for _ in range(_MOST_DOUBLINGS):
        if delay >= len(out) or (abs(first) < _GONE and abs(second) < _GONE):
            break
        step = out.copy()
        step[delay:] -= first * out[:-delay]
        if 2 * delay < len(out):
            step[2 * delay :] += second * out[: -2 * delay]
        out = step
        first, second = 2 * second - first * first, second * second
        delay *= 2
    return out.astype(np.float32)
