"""How fast a song goes: candidates of the whole song, and the tempo from moment to moment."""

from typing import Final

import numpy as np

from musify.audio.spectrum import Floats

__all__ = ["LIKELY_BPM", "Tempogram", "local_periods", "tempo_candidates", "tempo_prior"]

SLOWEST_BPM: Final = 36.0
FASTEST_BPM: Final = 260.0
LIKELY_BPM: Final = 112.0
_OCTAVES: Final = 0.75
_WINDOW_SECONDS: Final = 10.0
_HOP_SECONDS: Final = 1.0
_STEPS_AN_OCTAVE: Final = 48
_MULTIPLES: Final = 4
_RATIOS: Final = (2.0, 0.5, 1.5, 2 / 3, 3.0, 1 / 3)


class Tempogram:
    """How well each tempo fits, second by second.

    Parameters
    ----------
    onset : ndarray, shape (n,)
        Onset strength.
    rate : float
        Its frames a second.

    Notes
    -----
    The autocorrelation of windows of 10 s, unbiased, averaged over one to four beats (so that a
    tempo must also explain its bars), on a logarithmic scale of tempi. After P. Grosche,
    M. Müller, F. Kurth, "Cyclic tempogram", ICASSP 2010.
    """

    def __init__(self, onset: Floats, rate: float) -> None:
        octaves = np.log2(FASTEST_BPM / SLOWEST_BPM)
        count = int(octaves * _STEPS_AN_OCTAVE) + 1
        self.bpm: Floats = SLOWEST_BPM * 2 ** (np.arange(count) / _STEPS_AN_OCTAVE)
        size = round(_WINDOW_SECONDS * rate)
        hop = round(_HOP_SECONDS * rate)
        padded = np.pad(onset, (size // 2, size // 2 + hop))
        starts = np.arange(0, max(1, len(onset)), hop)
        frames = np.stack([padded[start : start + size] for start in starts])
        frames = (frames - frames.mean(axis=1, keepdims=True)) * np.hanning(size)
        spectrum = np.fft.rfft(frames, 2 * size, axis=1)
        lags = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, axis=1)[:, :size]
        weight = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size), 2 * size)) ** 2)[:size]
        lags /= np.maximum(lags[:, :1], 1e-12) * np.maximum(weight / weight[0], 0.05)
        self.rate = 1 / _HOP_SECONDS
        self.values = np.zeros((len(starts), count))
        total = np.zeros(count)
        for multiple in range(1, _MULTIPLES + 1):
            at = multiple * 60 / self.bpm * rate
            inside = at < 0.7 * size
            whole = np.minimum(at.astype(int), size - 2)
            part = np.minimum(at - whole, 1)
            read = lags[:, whole] * (1 - part) + lags[:, whole + 1] * part
            self.values += np.where(inside, read, 0) / multiple
            total = total + inside / multiple
        self.values /= total

    def mean(self) -> Floats:
        """Average over the song."""
        average: Floats = self.values.mean(axis=0)
        return average


def tempo_prior(bpm: Floats | float) -> Floats:
    """How likely a tempo is before anything is heard.

    Parameters
    ----------
    bpm : float or ndarray
        Beats a minute.

    Returns
    -------
    ndarray
        In (0, 1]: log-normal around 112 beats a minute, three quarters of an octave wide.
        Listeners prefer about 120 (L. van Noorden, D. Moelants, "Resonance in the perception of
        musical pulse", J. New Music Research 28, 1999); D. Ellis 2007 uses the same shape.
    """
    return np.asarray(np.exp(-0.5 * (np.log2(np.asarray(bpm) / LIKELY_BPM) / _OCTAVES) ** 2))


def tempo_candidates(tempogram: Tempogram, most: int = 8) -> list[float]:
    """Tempi that may be felt, the likeliest first.

    Parameters
    ----------
    tempogram : Tempogram
        The song.
    most : int, default 8
        How many at most.

    Returns
    -------
    list of float
        Beats a minute: peaks of the tempogram, and what is in a simple ratio to the best of them.
    """
    mean = np.maximum(tempogram.mean(), 0)
    score = mean * tempo_prior(tempogram.bpm)
    inner = np.flatnonzero((mean[1:-1] >= mean[:-2]) & (mean[1:-1] > mean[2:])) + 1
    order = sorted(inner, key=lambda index: -score[index])
    peaks = [_between(tempogram.bpm, mean, int(index)) for index in order[:5]]
    found: list[float] = []
    related = [peak * ratio for ratio in _RATIOS for peak in peaks[:2]]
    for bpm in [*peaks, *related]:
        inside = SLOWEST_BPM * 1.1 < bpm < FASTEST_BPM * 0.9
        if inside and all(abs(np.log2(bpm / other)) > 0.05 for other in found):
            found.append(bpm)
    found.sort(key=lambda bpm: -float(np.interp(bpm, tempogram.bpm, score)))
    return found[:most]


def _between(bpm: Floats, score: Floats, index: int) -> float:
    before, peak, after = score[index - 1 : index + 2]
    bend = before - 2 * peak + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(bpm[index] * 2 ** (shift / _STEPS_AN_OCTAVE))


def local_periods(tempogram: Tempogram, bpm: float, times: Floats) -> Floats:
    """Follow the tempo through the song.

    Parameters
    ----------
    tempogram : Tempogram
        The song.
    bpm : float
        Where to look: within a quarter of an octave, up and down.
    times : ndarray
        Seconds.

    Returns
    -------
    ndarray
        Seconds a beat at each of the times: the smoothest well-fitting path (Viterbi).
    """
    near = np.flatnonzero(np.abs(np.log2(tempogram.bpm / bpm)) <= 0.25)
    values = tempogram.values[:, near]
    steps = np.abs(near[:, None] - near[None, :]).astype(float)
    cost = 0.03 * np.minimum(steps, 8) ** 1.5
    home = 0.15 * (np.log2(tempogram.bpm[near] / bpm) / 0.25) ** 2
    best = values[0] - home
    back = np.zeros(values.shape, int)
    for index in range(1, len(values)):
        moves = best[None, :] - cost
        back[index] = moves.argmax(axis=1)
        best = moves.max(axis=1) + values[index] - home
    path = np.empty(len(values), int)
    path[-1] = best.argmax()
    for index in range(len(values) - 1, 0, -1):
        path[index - 1] = back[index, path[index]]
    periods = 60 / tempogram.bpm[near][path]
    smooth = np.convolve(np.pad(periods, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return np.interp(times, np.arange(len(values)) / tempogram.rate, smooth)
