"""Beats: found by dynamic programming, set to the onsets in the wave, put on a smooth grid."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.onsets import nearest_onsets
from musify.audio.spectrum import Floats
from musify.cancelling import checkpoint

__all__ = ["blurred", "levelled", "refined", "smooth_grid", "track_beats"]

# How strictly the tempo is kept: Ellis 2007 uses 100 for strengths of unit deviation.
_TIGHTNESS: Final = 600.0
_REACH: Final = 6
# Weights of onsets, of which a usual beat has 1.
_FAINT: Final = 0.02
_PLAIN: Final = 0.25


def levelled(raw: Floats, rate: float) -> Floats:
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
        Onset strength, of about unit deviation and blurred by a few hundredths of a second.
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
    shortest, longest = int(periods.min() * 0.6), int(periods.max() * 1.7) + 2
    score = np.concatenate([np.zeros(longest), onset])
    back = np.full(len(onset), -1)
    gaps = np.arange(longest, shortest - 1, -1)
    logs = np.log(gaps)
    costs: dict[int, Floats] = {}
    steps = np.round(np.log(periods) * 200).astype(int)
    for index, step in enumerate(steps.tolist()):
        if index % 1024 == 0:
            checkpoint()
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


def blurred(onset: Floats) -> Floats:
    """Blur frames by a Gaussian of 1.5 frames, so that what is nearly together adds up."""
    kernel = np.exp(-0.5 * (np.arange(-4, 5) / 1.5) ** 2)
    return np.convolve(onset, kernel, mode="same")


def refined(beats: Floats, mono: NDArray[np.float32], sample_rate: float) -> tuple[Floats, int]:
    """Set beats to what begins in the wave, and smooth them.

    Parameters
    ----------
    beats : ndarray, shape (b,)
        Seconds, to a frame.
    mono : ndarray of float32, shape (n,)
        Sound.
    sample_rate : float
        PCM frames a second.

    Returns
    -------
    grid : ndarray, shape (k,)
        Seconds; without beats before the first and after the last at which something begins.
    first : int
        Which of ``beats`` the grid begins with.
    """
    found, weights = nearest_onsets(mono, sample_rate, beats, width=0.045)
    grid = smooth_grid(found, weights)
    found, weights = nearest_onsets(mono, sample_rate, grid, width=0.02)
    grid = smooth_grid(found, weights)
    inside = np.flatnonzero((grid >= 0) & (grid < len(mono) / sample_rate))
    # An opening may be soft, and its beats count; after the last note there are none to count.
    heard = np.flatnonzero(weights[inside] > _FAINT)
    if not len(heard):
        return grid[:0], 0
    inside = inside[heard[0] :]
    plain = np.flatnonzero(weights[inside] > _PLAIN)
    if not len(plain):
        return grid[:0], 0
    inside = inside[: plain[-1] + 1]
    return grid[inside], int(inside[0])


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
    middle = times
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
        kept: Floats = np.maximum.accumulate(times) + np.arange(count) * 1e-6
        return kept
    grid: Floats = middle
    return grid
