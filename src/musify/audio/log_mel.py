"""The spectrogram that the networks which tag songs read.

As musicnn 0.1.0 makes it with librosa: 16 kHz, Hann windows of 512 PCM frames, one each 256, with
silence beyond the ends; power; 96 bands on Slaney's mel scale (linear below 1 kHz, logarithmic
above; Auditory Toolbox, Interval Technical Report 1998-010) up to 8 kHz, each of area 1; then
log10(10000 x + 1). Only the rounding to 16 bits in between is left out.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify.cancelling import checkpoint
from musify.errors import ParameterError

__all__ = ["BANDS", "HOP", "SAMPLE_RATE", "log_mel", "require_mono"]

SAMPLE_RATE: Final = 16000
"""PCM frames a second."""

HOP: Final = 256
"""PCM frames from one frame of the spectrogram to the next: 16 ms."""

BANDS: Final = 96
"""Mel bands."""

_SIZE: Final = 512
_AT_ONCE: Final = 4096  # frames of the spectrogram: some 30 MB
_KNEE_HZ: Final = 1000.0
_HZ_PER_MEL: Final = 200 / 3
_LOG_STEP: Final = np.log(6.4) / 27


def require_mono(mono: ArrayLike) -> NDArray[np.float32]:
    """Return a sound in single precision.

    Raises
    ------
    ParameterError
        When there is none, or it has another shape than (n,) or values that are not finite.
    """
    sound = np.asarray(mono, dtype=np.float32)
    if sound.ndim != 1 or not len(sound):
        raise ParameterError(f"the sound of a song must have shape (n,), n > 0, got {sound.shape}")
    if not np.isfinite(sound).all():
        raise ParameterError("the sound of a song must be finite numbers")
    return sound


def log_mel(mono: ArrayLike) -> NDArray[np.float32]:
    """Return the spectrogram of a sound.

    Parameters
    ----------
    mono : array_like, shape (n,)
        At 16 kHz, full scale [-1, 1].

    Returns
    -------
    ndarray of float32, shape (1 + n // 256, 96)
        At least 0.

    Raises
    ------
    ParameterError
        When there is no sound, or it has another shape or values that are not finite.
    """
    sound = require_mono(mono)
    padded = np.pad(sound, _SIZE // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::HOP]
    window = np.hanning(_SIZE + 1)[:-1].astype(np.float32)
    filters = _filters()
    made = np.empty((len(frames), BANDS), dtype=np.float32)
    for start in range(0, len(frames), _AT_ONCE):
        checkpoint()
        part = slice(start, start + _AT_ONCE)
        spectrum = np.fft.rfft(frames[part] * window)
        power = spectrum.real**2 + spectrum.imag**2
        made[part] = np.log10(1e4 * (power.astype(np.float32) @ filters) + 1)
    return made


@cache
def _filters() -> NDArray[np.float32]:
    """Return triangles on the mel scale, shape (257, 96), each of area 1 Hz."""
    hz = np.linspace(0, SAMPLE_RATE / 2, _SIZE // 2 + 1)
    top = _KNEE_HZ / _HZ_PER_MEL + np.log(SAMPLE_RATE / 2 / _KNEE_HZ) / _LOG_STEP
    mels = np.linspace(0, top, BANDS + 2)
    knee = _KNEE_HZ / _HZ_PER_MEL
    edges = np.where(mels < knee, mels * _HZ_PER_MEL, _KNEE_HZ * np.exp(_LOG_STEP * (mels - knee)))
    rise = (hz[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    fall = (edges[2:] - hz[:, None]) / np.diff(edges)[1:]
    triangles = np.maximum(0, np.minimum(rise, fall))
    return np.asarray(triangles * (2 / (edges[2:] - edges[:-2])), dtype=np.float32)
