"""Single cycles of band-limited waves: sums of as many harmonics as fit below half the rate.

After J. A. Moorer, "The Synthesis of Complex Audio Spectra by Means of Discrete Summation
Formulas", JAES 24(9), 1976: what is made of harmonics alone has no aliases. The low-pass filter is
in the amplitudes of the harmonics: four poles, Butterworth.
"""

import functools
import math
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["TABLE_SIZE", "WaveKind", "oscillator", "wavetable"]

WaveKind = Literal["saw", "square", "triangle", "sine", "hollow"]

TABLE_SIZE: Final = 8192
_MOST_HARMONICS: Final = 400
# -90 dB: what the filter leaves below it is left out.
_UNHEARD: Final = 3e-5


@functools.cache
def _sine() -> NDArray[np.float64]:
    return np.array([math.sin(2 * math.pi * index / TABLE_SIZE) for index in range(TABLE_SIZE)])


def _amplitude(kind: WaveKind, harmonic: int) -> float:
    odd = harmonic % 2
    if kind == "saw":
        return 1 / harmonic
    if kind == "square":
        return odd / harmonic
    if kind == "triangle":
        return odd * (1.0 - harmonic // 2 % 2 * 2) / harmonic**2
    if kind == "hollow":
        return (1.0 if odd else 0.25) / harmonic
    return float(harmonic == 1)


@functools.lru_cache(maxsize=512)
def wavetable(kind: WaveKind, harmonics: int, cutoff: float) -> NDArray[np.float32]:
    """Return one cycle.

    Parameters
    ----------
    kind : str
        ``"saw"``, ``"square"``, ``"triangle"``, ``"sine"`` or ``"hollow"``.
    harmonics : int
        How many there may be; at least 1.
    cutoff : float
        Where the low-pass filter is 3 dB down, as a multiple of the fundamental.

    Returns
    -------
    ndarray of float32, shape (TABLE_SIZE + 1,)
        The last value is the first again.
    """
    cycle = np.zeros(TABLE_SIZE)
    places = np.arange(TABLE_SIZE)
    for harmonic in range(1, min(harmonics, _MOST_HARMONICS) + 1):
        ratio = (harmonic / cutoff) ** 2
        response = 1 / math.sqrt(1 + ratio * ratio * ratio * ratio)
        if response < _UNHEARD:
            break
        amplitude = _amplitude(kind, harmonic) * response
        if amplitude:
            cycle += amplitude * _sine()[places * harmonic % TABLE_SIZE]
    table = np.append(cycle, cycle[0]).astype(np.float32)
    table.setflags(write=False)
    return table


def oscillator(
    table: NDArray[np.float32], cycles: int, frames: int, start: float
) -> NDArray[np.float32]:
    """Play a whole number of cycles: what ends where it began, and can be repeated.

    Parameters
    ----------
    table : ndarray of shape (TABLE_SIZE + 1,)
        One cycle.
    cycles : int
        How many.
    frames : int
        PCM frames in which they pass.
    start : float
        Where in the cycle it begins, in [0, 1).

    Returns
    -------
    ndarray of float32, shape (frames,)
    """
    place = np.arange(frames) * (cycles / frames) + start
    place -= np.floor(place)
    place *= TABLE_SIZE
    index = place.astype(np.intp)
    # A place just below 1 may have been rounded up to it.
    np.minimum(index, TABLE_SIZE - 1, out=index)
    part = (place - index).astype(np.float32)
    below = table[index]
    return below + part * (table[index + 1] - below)
