"""K-weighting: how ITU-R BS.1770 lets a meter hear, at any sample rate.

Two second-order filters in a row: a shelf that lifts what the head lifts, and a high-pass. The
standard gives their coefficients for 48 kHz alone; these are the analogue filters behind them,
brought to other rates by the bilinear transform with its warping undone at the corner frequency.
"""

import functools
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["KWeighting", "k_weighting_coefficients"]

# The analogue prototypes that give the tables 1 and 2 of BS.1770-5 back at 48 kHz (to 1e-12):
# corner in hertz, quality, and for the shelf its gain in decibels and what share of it (as an
# exponent) the corner has. The same numbers as in libebur128 (De Man, "Evaluation of
# implementations of the EBU R128 loudness measurement", AES e-Brief 399, 2018, derives them).
_SHELF_HERTZ: Final = 1681.974450955533
_SHELF_QUALITY: Final = 0.7071752369554196
_SHELF_DB: Final = 3.999843853973347
_SHELF_CORNER: Final = 0.4996667741545416
_PASS_HERTZ: Final = 38.13547087602444
_PASS_QUALITY: Final = 0.5003270373238773
# Time constants of the high-pass after which its response is cut off, at 1e-8 of its largest
# value or less: below what float32 can tell.
_PASS_DECAYS: Final = 18.0
# Frames that are filtered at once, in impulse responses: more is less work, and more memory.
_TRANSFORM_RESPONSES: Final = 5

Biquad = tuple[NDArray[np.float64], NDArray[np.float64]]


def k_weighting_coefficients(sample_rate: int) -> tuple[Biquad, Biquad]:
    """Return both filters as transfer functions.

    Parameters
    ----------
    sample_rate : int
        PCM frames a second; above 3364, twice the corner of the shelf.

    Returns
    -------
    shelf, high_pass : tuple of (ndarray, ndarray)
        Three coefficients each of the numerator and of the denominator, whose first is 1, as in
        tables 1 and 2 of ITU-R BS.1770-5.

    Examples
    --------
    >>> (b, a), _ = k_weighting_coefficients(48_000)
    >>> b.round(8).tolist()
    [1.53512486, -2.69169619, 1.19839281]
    """
    k = math.tan(math.pi * _SHELF_HERTZ / sample_rate)
    high = 10 ** (_SHELF_DB / 20)
    corner = high**_SHELF_CORNER
    scale = 1 + k / _SHELF_QUALITY + k * k
    shelf = (
        np.array(
            [
                (high + corner * k / _SHELF_QUALITY + k * k) / scale,
                2 * (k * k - high) / scale,
                (high - corner * k / _SHELF_QUALITY + k * k) / scale,
            ]
        ),
        np.array([1.0, 2 * (k * k - 1) / scale, (1 - k / _SHELF_QUALITY + k * k) / scale]),
    )
    k = math.tan(math.pi * _PASS_HERTZ / sample_rate)
    scale = 1 + k / _PASS_QUALITY + k * k
    high_pass = (
        np.array([1.0, -2.0, 1.0]),
        np.array([1.0, 2 * (k * k - 1) / scale, (1 - k / _PASS_QUALITY + k * k) / scale]),
    )
    return shelf, high_pass


@functools.lru_cache(maxsize=16)
def _impulse_response(sample_rate: int) -> NDArray[np.float64]:
    """Run an impulse through both filters until it has died away."""
    # The high-pass rings longest; its double pole decays by e in 1 / (2 pi 38 Hz), 4.2 ms.
    length = math.ceil(_PASS_DECAYS / (2 * math.pi * _PASS_HERTZ) * sample_rate)
    out = [0.0] * length
    out[0] = 1.0
    for b, a in k_weighting_coefficients(sample_rate):
        (b0, b1, b2), (_, a1, a2) = b.tolist(), a.tolist()
        state1 = state2 = 0.0
        for place, value in enumerate(out):
            result = b0 * value + state1
            state1 = b1 * value - a1 * result + state2
            state2 = b2 * value - a2 * result
            out[place] = result
    response = np.array(out)
    response.setflags(write=False)
    return response


class KWeighting:
    """Filters blocks of one size, one after the other.

    The impulse response is shorter than a tenth of a second, so the filters are applied as one
    convolution by overlap-save: without a recursion numpy is a hundred times faster.

    Parameters
    ----------
    sample_rate : int
        PCM frames a second.
    """

    def __init__(self, sample_rate: int) -> None:
        response = _impulse_response(sample_rate)
        self._size = 1 << math.ceil(math.log2(_TRANSFORM_RESPONSES * len(response)))
        self.block = (self._size - len(response) + 1) // 32 * 32
        """Frames in a block; a multiple of 32."""
        self.history = self._size - self.block
        """Frames before a block that sound into it."""
        self._spectrum = np.fft.rfft(response, self._size).astype(np.complex64)

    def filter(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filter a block.

        Parameters
        ----------
        frames : ndarray of float32, shape (channels, history + block)
            The block, and what came before it.

        Returns
        -------
        ndarray of float32, shape (channels, block)
            The block as it is heard.
        """
        spectrum = np.fft.rfft(frames, axis=1)
        spectrum *= self._spectrum
        heard = np.fft.irfft(spectrum, self._size, axis=1)[:, self.history :]
        return heard.astype(np.float32, copy=False)  # numpy before 2 works in float64
