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

__all__ = ["TABLE_BITS", "WaveKind", "oscillator", "wavetable"]

WaveKind = Literal["saw", "square", "triangle", "sine", "hollow"]

_SUMMED_SIZE: Final = 8192
TABLE_BITS: Final = 16
"""Places of a table, as a power of two: so many that the nearest will do, 86 dB above its error."""
_MOST_HARMONICS: Final = 400
# -75 dB: what the filter leaves below it is left out.
_UNHEARD: Final = 1.8e-4


@functools.cache
def _sine() -> NDArray[np.float64]:
    angle = 2 * math.pi / _SUMMED_SIZE
    return np.array([math.sin(angle * index) for index in range(_SUMMED_SIZE)])


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
    ndarray of float32, shape (1 << TABLE_BITS,)
    """
    cycle = _cycle(kind, harmonics, cutoff)
    times = (1 << TABLE_BITS) // _SUMMED_SIZE
    shares = (np.arange(times) / times).astype(np.float32)
    rises = np.append(cycle[1:], cycle[0]) - cycle
    table: NDArray[np.float32] = (cycle[:, None] + rises[:, None] * shares).reshape(-1)
    return table


@functools.lru_cache(maxsize=512)
def _cycle(kind: WaveKind, harmonics: int, cutoff: float) -> NDArray[np.float32]:
    cycle = np.zeros(_SUMMED_SIZE)
    places = np.arange(_SUMMED_SIZE)
    sine = _sine()
    for harmonic in range(1, min(harmonics, _MOST_HARMONICS) + 1):
        ratio = (harmonic / cutoff) ** 2
        response = 1 / math.sqrt(1 + ratio * ratio * ratio * ratio)
        if response < _UNHEARD:
            break
        amplitude = _amplitude(kind, harmonic) * response
        if amplitude:
            cycle += amplitude * sine[places * harmonic & (_SUMMED_SIZE - 1)]
    return cycle.astype(np.float32)


def oscillator(
    table: NDArray[np.float32], cycles: int, frames: int, start: float
) -> NDArray[np.float32]:
    """Play a whole number of cycles: what ends where it began, and can be repeated.

    Parameters
    ----------
    table : ndarray of shape (1 << TABLE_BITS,)
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
    # The phase is a whole number of 32 bits that wraps around by itself.
    step = round(cycles / frames * 2**32)
    phase = np.arange(frames, dtype=np.uint32)
    phase *= np.uint32(step)
    phase += np.uint32(round(start * 2**32) & 0xFFFFFFFF)
    phase >>= np.uint32(32 - TABLE_BITS)
    return table[phase]
