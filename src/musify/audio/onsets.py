"""Where exactly notes begin, near given times."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.spectrum import Floats
from musify.cancelling import checkpoint

__all__ = ["nearest_onsets"]

_WINDOW_SECONDS: Final = 0.0116
_HOP_SECONDS: Final = 0.0015
# The rise is steepest, in decibels, when a note enters the window, not when it fills it.
_LATE_SECONDS: Final = 0.002
_MARGIN: Final = 0.03


def nearest_onsets(
    mono: NDArray[np.float32], sample_rate: float, times: Floats, width: float
) -> tuple[Floats, Floats]:
    """Find the onset nearest to each time, in the wave.

    Parameters
    ----------
    mono : ndarray of float32, shape (n,)
        Sound.
    sample_rate : float
        PCM frames a second.
    times : ndarray, shape (b,)
        Seconds.
    width : float
        Standard deviation of how far onsets are looked for, in seconds.

    Returns
    -------
    found : ndarray, shape (b,)
        Seconds; where nothing begins, the time itself.
    weights : ndarray, shape (b,)
        How plainly something begins there, at least 0; about 1 for a typical beat.
    """
    size = 1 << round(np.log2(_WINDOW_SECONDS * sample_rate))
    hop = max(1, round(_HOP_SECONDS * sample_rate))
    side = round((2 * width + _MARGIN) * sample_rate / hop)
    lag = max(1, round(0.006 * sample_rate / hop))
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    pad = (side + lag + 2) * hop + size
    padded = np.pad(mono, pad)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)
    centres = np.round(times * sample_rate).astype(int) + pad - size // 2
    offsets = np.arange(-side - lag, side + 1) * hop
    floor = 1e-3 * float(np.sqrt((mono.astype(np.float64) ** 2).mean()) + 1e-9) * size / 8
    found = times.copy()
    weights = np.zeros(len(times))
    seconds = (np.arange(-side, side + 1) - lag / 2) * hop / sample_rate
    prior = np.exp(-0.5 * (seconds / width) ** 2)
    for index, centre in enumerate(centres.tolist()):
        checkpoint()
        at = np.clip(centre + offsets, 0, len(frames) - 1)
        spectrum = np.abs(np.fft.rfft(frames[at] * window, axis=1))
        level = np.log(spectrum + floor)
        rise = np.maximum(level[lag:] - level[:-lag], 0).mean(axis=1)
        score = rise * prior
        best = int(score.argmax())
        if 0 < best < len(score) - 1 and score[best] > 0:
            before, peak, after = score[best - 1 : best + 2]
            bend = before - 2 * peak + after
            shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
            found[index] = times[index] + seconds[best] + shift * hop / sample_rate + _LATE_SECONDS
            weights[index] = max(0.0, peak - float(np.median(rise)))
    typical = float(np.median(weights)) if len(weights) else 0.0
    return found, np.minimum(weights / max(typical, 1e-9), 2.0)
