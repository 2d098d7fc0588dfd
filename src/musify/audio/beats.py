"""Beats: found by dynamic programming, set to the onsets in the wave, put on a smooth grid."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.onsets import nearest_onsets
from musify.audio.spectrum import Floats, LogMel, onset_strength
from musify.audio.tempo import Tempogram, local_periods, tempo_candidates, tempo_prior

__all__ = ["Beats", "find_beats", "smooth_grid", "track_beats"]

# How strictly the tempo is kept: Ellis 2007 uses 100 for strengths of unit deviation.
_TIGHTNESS: Final = 600.0
_REACH: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """The pulse of a song.

    Parameters
    ----------
    times : ndarray, shape (b,)
        Seconds; empty where no beat is felt.
    bpm : float or None
        Median over the song.
    clarity : float
        How plainly it is felt, in [0, 1].
    """

    times: Floats
    bpm: float | None
    clarity: float


def find_beats(mel: LogMel, mono: NDArray[np.float32], sample_rate: float) -> Beats:
    """Find the beats of a song.

    Parameters
    ----------
    mel : LogMel
        The song.
    mono : ndarray of float32, shape (n,)
        The same sound.
    sample_rate : float
        Its PCM frames a second.

    Returns
    -------
    Beats
        On a smooth grid, from the first to the last moment with sound.
    """
    none = Beats(np.empty(0), None, 0.0)
    raw = onset_strength(mel)
    if len(raw) < 2 * mel.rate or raw.max() <= 0:
        return none
    onset = _levelled(raw, mel.rate)
    tempogram = Tempogram(onset, mel.rate)
    best: tuple[float, Floats, float] | None = None
    low = _levelled(onset_strength(mel, 0, 180), mel.rate)
    mean = tempogram.mean()
    for bpm in tempo_candidates(tempogram):
        periods = local_periods(tempogram, bpm, np.arange(len(onset)) / mel.rate)
        beats = track_beats(onset + 0.3 * low, periods * mel.rate)
        fit = float(np.interp(bpm, tempogram.bpm, mean))
        score = (
            level_score(onset, low, beats)
            + 0.8 * float(np.log(tempo_prior(bpm)))
            + 2.0 * float(np.log(max(fit, 1e-3)))
        )
        if best is None or score > best[0]:
            best = score, beats / mel.rate, bpm
    if best is None or len(best[1]) < 4:
        return none
    clarity = _clarity(onset, best[1] * mel.rate, tempogram, best[2])
    found, weights = nearest_onsets(mono, sample_rate, best[1], width=0.045)
    grid = smooth_grid(found, weights)
    found, weights = nearest_onsets(mono, sample_rate, grid, width=0.02)
    grid = smooth_grid(found, weights)
    grid = _within_sound(grid, mel)
    if len(grid) < 4:
        return none
    return Beats(grid, float(60 / np.median(np.diff(grid))), clarity)


def _levelled(raw: Floats, rate: float) -> Floats:
    """Subtract the local mean and divide by the local level, so that quiet parts count."""
    width = max(3, round(4 * rate))
    short = max(3, round(0.2 * rate))
    mean = _running_mean(raw, short)
    left = np.maximum(raw - mean, 0)
    level = np.sqrt(_running_mean(left**2, width))
    whole = float(np.sqrt((left**2).mean()))
    levelled: Floats = left / (np.maximum(level, 0.25 * whole) + 1e-9)
    return np.minimum(levelled, 8.0)


def _running_mean(values: Floats, width: int) -> Floats:
    width = min(width, len(values))
    sums = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.clip(np.arange(len(values)) + width - width // 2, 0, len(values))
    starts = np.clip(np.arange(len(values)) - width // 2, 0, len(values))
    mean: Floats = (sums[ends] - sums[starts]) / (ends - starts)
    return mean


def track_beats(onset: Floats, periods: Floats) -> NDArray[np.intp]:
    """Choose beats that fall on onsets and keep the tempo.

    Parameters
    ----------
    onset : ndarray, shape (n,)
        Onset strength, of about unit deviation.
    periods : ndarray, shape (n,)
        Frames a beat, at each frame.

    Returns
    -------
    ndarray of int
        Frames of the beats.

    References
    ----------
    D. Ellis, "Beat tracking by dynamic programming", J. New Music Research 36(1), 2007; here the
    tempo may differ from frame to frame.
    """
    smooth = _blurred(onset)
    shortest, longest = int(periods.min() * 0.6), int(periods.max() * 1.7) + 2
    score = np.concatenate([np.zeros(longest), smooth])
    back = np.full(len(onset), -1)
    gaps = np.arange(longest, shortest - 1, -1)
    logs = np.log(gaps)
    costs: dict[int, Floats] = {}
    steps = np.round(np.log(periods) * 200).astype(int)
    for index, step in enumerate(steps.tolist()):
        cost = costs.get(step)
        if cost is None:
            cost = costs[step] = _TIGHTNESS * (logs - step / 200) ** 2
        past = score[index : index + longest - shortest + 1] - cost
        choice = int(past.argmax())
        if past[choice] > 0 and index - gaps[choice] >= 0:
            score[index + longest] += past[choice]
            back[index] = index - gaps[choice]
    total = score[longest:]
    tail = max(1, int(periods[-1]))
    last = len(total) - tail + int(total[-tail:].argmax())
    beats = []
    while last >= 0:
        beats.append(last)
        last = int(back[last])
    return np.array(beats[::-1], np.intp)


def _blurred(onset: Floats) -> Floats:
    kernel = np.exp(-0.5 * (np.arange(-4, 5) / 1.5) ** 2)
    return np.convolve(onset, kernel, mode="same")


def level_score(onset: Floats, low: Floats, beats: NDArray[np.intp]) -> float:
    """How well beats stand at the level of the pulse that is felt.

    More begins on them than half-way between them, and every other one is not much weaker.
    """
    if len(beats) < 8:
        return -np.inf
    smooth = _blurred(onset)
    halves = (beats[:-1] + beats[1:]) // 2
    on, off = smooth[beats[:-1]], smooth[halves]
    even, odd = on[::2].mean(), on[1::2].mean()
    contrast = np.log((on.mean() + 0.1) / (off.mean() + 0.1))
    uneven = abs(np.log((even + 0.1) / (odd + 0.1)))
    return float(contrast - 1.0 * uneven)


def _clarity(onset: Floats, beats: Floats, tempogram: Tempogram, bpm: float) -> float:
    near = np.abs(np.log2(tempogram.bpm / bpm)) <= 0.1
    periodic = float(np.median(tempogram.values[:, near].max(axis=1)))
    return float(np.clip((periodic - 0.05) / 0.35, 0, 1))


def smooth_grid(times: Floats, weights: Floats) -> Floats:
    """Put beats on a line that bends slowly.

    Parameters
    ----------
    times : ndarray, shape (b,)
        Seconds, beat after beat.
    weights : ndarray, shape (b,)
        How far to trust each, at least 0.

    Returns
    -------
    ndarray, shape (b,)
        Of each beat, the value of a robust line through it and six beats on both sides: single
        onsets before or after the beat do not move it, a tempo that changes does. (Iteratively
        reweighted least squares with the weights of P. Huber, Ann. Math. Statist. 35, 1964.)
    """
    count = len(times)
    if count < 4:
        return times
    padded = np.pad(times, _REACH)
    trust = np.pad(np.maximum(weights, 1e-3), _REACH)
    trust[:_REACH] = trust[-_REACH:] = 0
    width = 2 * _REACH + 1
    near = np.lib.stride_tricks.sliding_window_view(padded, width)
    base = np.lib.stride_tricks.sliding_window_view(trust, width)
    place = np.arange(-_REACH, _REACH + 1.0)
    base = base * np.exp(-0.5 * (place / 4) ** 2)
    huber = np.ones(near.shape)
    middle, slope = times, np.zeros(count)
    for _ in range(12):
        weight = base * huber
        total = weight.sum(axis=1)
        first = weight @ place / total
        second = weight @ place**2 / total
        mean = (weight * near).sum(axis=1) / total
        cross = (weight * near * place).sum(axis=1) / total
        slope = (cross - first * mean) / np.maximum(second - first**2, 1e-9)
        middle = mean - slope * first
        off = np.abs(near - middle[:, None] - slope[:, None] * place)
        huber = np.minimum(1, 0.003 / np.maximum(off, 1e-6))
    # Lines of neighbours may cross where the weights are odd; beats never do.
    if (np.diff(middle) <= 0).any():
        return np.maximum.accumulate(times) + np.arange(count) * 1e-6
    return middle


def _within_sound(grid: Floats, mel: LogMel) -> Floats:
    loud = np.flatnonzero(mel.power > 1e-5 * max(float(mel.power.max()), 1e-12))
    if not len(loud):
        return grid[:0]
    first, last = loud[0] / mel.rate - 0.05, loud[-1] / mel.rate
    return grid[(grid >= max(first, 0)) & (grid <= last)]
