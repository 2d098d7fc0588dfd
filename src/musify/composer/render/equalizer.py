"""Equalizers: gentle curves, as filters without recursion.

The curves are R. Bristow-Johnson's "Cookbook formulae for audio EQ biquad filter coefficients"
(W3C Working Group Note, 2021), worked out on a grid of frequencies.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Band", "curve_of", "impulse_of"]

# Frames of an impulse response: 0.17 s at 48 kHz, until a high-pass at 25 Hz has died away.
_LENGTH: Final = 1 << 13
# Its end is faded over this share, so that it is not cut off.
_FADED: Final = 0.25

Spectrum = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Band:
    """One knob of an equalizer.

    Parameters
    ----------
    kind : str
        ``"high-pass"`` (12 dB an octave), ``"low-pass"``, ``"low-shelf"``, ``"high-shelf"`` or
        ``"peak"``.
    hertz : float
        Corner or centre.
    gain_db : float
        Of shelves and peaks.
    quality : float
        How steep or narrow.
    """

    kind: Literal["high-pass", "low-pass", "low-shelf", "high-shelf", "peak"]
    hertz: float
    gain_db: float = 0.0
    quality: float = math.sqrt(0.5)


def curve_of(bands: tuple[Band, ...], sample_rate: int) -> Spectrum:
    """Work out what an equalizer does.

    Parameters
    ----------
    bands : tuple of Band
        One behind the other. Those at or above half the sample rate are left out.
    sample_rate : int
        PCM frames a second.

    Returns
    -------
    ndarray of complex128, shape (n,)
        Response at equally spaced frequencies from 0 to half the sample rate; see
        :func:`impulse_of`.
    """
    z = np.exp(-1j * np.pi * np.arange(_LENGTH + 1) / _LENGTH)
    curve = np.ones(_LENGTH + 1, np.complex128)
    for band in bands:
        if band.hertz < 0.49 * sample_rate:
            b, a = _biquad(band, 2 * math.pi * band.hertz / sample_rate)
            curve *= (b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)
    return curve


def impulse_of(curve: Spectrum) -> NDArray[np.float64]:
    """Turn a response of :func:`curve_of` into an impulse response, shape (8192,)."""
    impulse = np.fft.irfft(curve)[:_LENGTH]
    faded = round(_FADED * _LENGTH)
    impulse[-faded:] *= np.cos(np.linspace(0, np.pi / 2, faded)) ** 2
    return impulse


def _biquad(band: Band, w: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    cos, alpha = math.cos(w), math.sin(w) / (2 * band.quality)
    a = 10 ** (band.gain_db / 40)
    if band.kind == "high-pass":
        return ((1 + cos) / 2, -1 - cos, (1 + cos) / 2), (1 + alpha, -2 * cos, 1 - alpha)
    if band.kind == "low-pass":
        return ((1 - cos) / 2, 1 - cos, (1 - cos) / 2), (1 + alpha, -2 * cos, 1 - alpha)
    if band.kind == "peak":
        return (
            (1 + alpha * a, -2 * cos, 1 - alpha * a),
            (1 + alpha / a, -2 * cos, 1 - alpha / a),
        )
    # A high shelf is a low shelf with the sign of the cosine turned.
    side = cos if band.kind == "low-shelf" else -cos
    sign = 1 if band.kind == "low-shelf" else -1
    root = 2 * math.sqrt(a) * alpha
    return (
        (
            a * (a + 1 - (a - 1) * side + root),
            sign * 2 * a * (a - 1 - (a + 1) * side),
            a * (a + 1 - (a - 1) * side - root),
        ),
        (
            a + 1 + (a - 1) * side + root,
            sign * -2 * (a - 1 + (a + 1) * side),
            a + 1 + (a - 1) * side - root,
        ),
    )
