"""Where a song can go on from another place of it without being noticed.

Done once for a song, whatever lengths it is fitted to afterwards. The idea follows Wenner et al.,
"Scalable Music: Automatic Music Retargeting and Synthesis" (Eurographics 2013) and Rubin &
Agrawala, "Generating Emotionally Relevant Musical Scores for Audio Stories" (UIST 2014): compare
every place with every other, and keep what is alike before and after.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.fit_features import HOP_SECONDS, SongSound
from musify.audio.grid import CutGrid
from musify.audio.joint_lags import align
from musify.audio.seams import judge_seams
from musify.cancelling import checkpoint

__all__ = ["Joints", "find_joints"]

# Beats after the joint count as well as those before; the nearest most (a binomial window).
_CONTEXT: Final = np.array([1, 3, 6, 9, 12, 12, 9, 6, 3, 1], np.float64)
_KEPT_PER_DISTANCE: Final = 8
_MOST_CANDIDATES: Final = 2400
# More cut places than this are compared at every second, fourth ... one.
_MOST_PLACES: Final = 2500
_SEED: Final = 0

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Joints:
    """Joints a song offers.

    Parameters
    ----------
    grid : CutGrid
        The places.
    out, into : ndarray of int, shape (e,)
        Places the song is left at, and gone on from; whole bars apart.
    cost : ndarray of float64, shape (e,)
        0 for a joint that sounds like the song's own going on; about 1 for a pair of places picked
        at random.
    lag : ndarray of float64, shape (e,)
        Seconds by which the incoming side starts later than its place on the grid.
    """

    grid: CutGrid
    out: Whole
    into: Whole
    cost: Floats
    lag: Floats

    def __len__(self) -> int:
        return len(self.out)


def find_joints(sound: SongSound, grid: CutGrid) -> Joints:
    """Find the joints of a song.

    Parameters
    ----------
    sound : SongSound
        How it sounds.
    grid : CutGrid
        Where it may be cut.

    Returns
    -------
    Joints
        For every distance in bars the best few places, compared closely and aligned to a fraction
        of a millisecond; empty for a song with less than three bars.
    """
    if grid.bars < 3 or len(grid.times) < 4:
        none = np.zeros(0, np.int64)
        return Joints(grid, none, none, np.zeros(0), np.zeros(0))
    costs = _place_costs(place_features(sound, grid.times))
    out, into = _candidates(costs, grid)
    rough = costs[out, into]
    lag, likeness = align(sound, grid, out, into)
    seam = judge_seams(sound, grid.times, out, into, lag)
    cost = 0.5 * rough + seam + 0.25 * (1 - np.clip(likeness, 0, 1))
    return Joints(grid, out, into, cost, lag)


def place_features(sound: SongSound, times: Floats) -> list[Floats]:
    """Describe what sounds from each place to the next: timbre, harmony, loudness, rhythm."""
    ends = np.append(times[1:], min(sound.duration, 2 * times[-1] - times[-2]))
    slots = np.linspace(times, ends, 5).T  # quarters
    edges = np.round(slots / HOP_SECONDS).astype(int)
    mel = _means(sound.mel, edges[:, :-1], edges[:, 1:])
    loud = _means(sound.loudness[:, None], edges[:, :-1], edges[:, 1:])[..., 0]
    halves = np.round(slots[:, ::2] * 20).astype(int)
    chroma = _means(sound.chroma, halves[:, :-1], halves[:, 1:])
    count = len(times)
    loud = np.maximum(loud, loud.max() - 60)
    mel = np.maximum(mel, mel.max() - 14)
    return [
        mel.reshape(count, -1),
        chroma.reshape(count, -1),
        loud.mean(axis=1, keepdims=True),
        loud - loud.mean(axis=1, keepdims=True),
    ]


def _means(rows: NDArray[np.float32], starts: Whole, ends: Whole) -> Floats:
    """Means of rows from each start to each end, at least one row."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=float)])
    low = np.clip(starts, 0, len(rows) - 1)
    high = np.clip(np.maximum(ends, low + 1), 1, len(rows))
    return np.asarray((total[high] - total[low]) / (high - low)[..., None])


_SHARES: Final = (0.4, 0.3, 0.15, 0.15)


def _place_costs(features: list[Floats]) -> Floats:
    """Compare what stands around every pair of places; a random pair costs about 1."""
    count = len(features[0])
    rng = np.random.default_rng(_SEED)
    pairs = rng.integers(0, count, (2, 4000))
    pairs = pairs[:, pairs[0] != pairs[1]]
    total = np.zeros((count, count), np.float32)
    for share, rows in zip(_SHARES, features, strict=True):
        checkpoint()
        flat = rows.astype(np.float32)
        norms = np.square(flat).sum(axis=1)
        squared = norms[:, None] + norms[None, :] - 2 * (flat @ flat.T)
        away = np.sqrt(np.maximum(squared, 0))
        total += np.float32(share) * away / max(float(np.median(away[pairs[0], pairs[1]])), 1e-6)
    # Sum along diagonals: beat k before the one place against beat k before the other.
    half = len(_CONTEXT) // 2
    padded = np.pad(total, half, mode="edge")
    weights = (_CONTEXT / _CONTEXT.sum()).astype(np.float32)
    around = np.zeros_like(total)
    for step, weight in enumerate(weights):
        checkpoint()
        around += weight * padded[step : step + count, step : step + count]
    return around.astype(np.float64)


def _candidates(costs: Floats, grid: CutGrid) -> tuple[Whole, Whole]:
    """Keep the best places for every distance in bars."""
    count = len(costs)
    last_place = grid.first + (grid.bars - 1) * grid.per_bar  # the last bar is never left early
    bars = grid.bars
    keep = max(2, min(_KEPT_PER_DISTANCE, _MOST_CANDIDATES // (2 * bars)))
    outs, intos = [], []
    for distance in range(1, bars):
        checkpoint()
        step = distance * grid.per_bar
        low = np.arange(grid.first, min(count - step, last_place - step))
        if not len(low):
            break
        best = np.argsort(costs[low, low + step], kind="stable")[: 4 * keep]
        chosen = _spread(low[best], keep, grid.per_bar)
        outs += [chosen, chosen + step]
        intos += [chosen + step, chosen]
    if not outs:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate(outs), np.concatenate(intos)


def _spread(ranked: Whole, keep: int, apart: int) -> Whole:
    """Take the best, but no two within one bar as long as there are others."""
    chosen: list[int] = []
    for place in ranked.tolist():
        if all(abs(place - other) >= apart for other in chosen):
            chosen.append(place)
        if len(chosen) == keep:
            break
    return np.array(chosen, np.int64)
