"""Where a song may be cut: its beats on a smoothed grid, grouped in bars, or a ruler without."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.songs import SongAnalysis

__all__ = ["CutGrid", "cut_grid", "ruler", "smoothed"]

# Below this no beat is felt (see SongAnalysis), and a joint on a guessed beat is a stumble.
_CLEAR_BEAT: Final = 0.2
_FEWEST_BEATS: Final = 12
_RULER_SECONDS: Final = 0.5
_MOST_MARKS: Final = 1200
_WINDOWS: Final = (16, 6, 2)
_WORSE: Final = 1.4
_WORSE_SECONDS: Final = 0.002

Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CutGrid:
    """Places where joints may be.

    Parameters
    ----------
    times : ndarray of float64, shape (n,)
        Seconds, ascending: the beats, or marks of a ruler.
    first : int
        Which of them begins the first bar.
    per_bar : int
        How many make a bar; joints lead to the same place in another bar.
    felt : bool
        Whether they are beats.
    error : float, default infinity
        Seconds a beat may be off; small where the tempo is steady, unknown where it lives.
    """

    times: Times
    first: int
    per_bar: int
    felt: bool
    error: float = math.inf

    @property
    def bars(self) -> int:
        """How many bars begin."""
        return max(0, -(-(len(self.times) - self.first) // self.per_bar))

    def bar_times(self) -> Times:
        """Where bars begin, in seconds."""
        return self.times[self.first :: self.per_bar]

    @property
    def bar_seconds(self) -> float:
        """Median length of a bar."""
        return float(np.median(np.diff(self.times)) * self.per_bar)


def cut_grid(analysis: SongAnalysis, duration: float) -> CutGrid:
    """Find where a song may be cut.

    Beats are used where they are felt; elsewhere (ambient, rubato, noise) a ruler with a mark each
    half second, or sixteen in a short sound, where any mark may lead to any other.

    Parameters
    ----------
    analysis : SongAnalysis
        What was heard in it.
    duration : float
        Its length in seconds.
    """
    beats = analysis.beats[(analysis.beats >= 0) & (analysis.beats < duration)]
    if analysis.beat_clarity < _CLEAR_BEAT or len(beats) < _FEWEST_BEATS:
        return ruler(duration)
    per_bar = analysis.beats_per_bar or 4
    first = 0
    if len(analysis.downbeats):
        # The place in the bar that most downbeats have: one slip must not turn all bars.
        nearest = np.abs(beats[:, None] - analysis.downbeats[None, :]).argmin(axis=0)
        first = int(np.bincount(nearest % per_bar, minlength=per_bar).argmax())
    times, error = smoothed(beats)
    return CutGrid(times, first, per_bar, felt=True, error=error)


def ruler(duration: float) -> CutGrid:
    """Lay marks at even distances, for sound without beats."""
    step = max(min(_RULER_SECONDS, duration / 16), duration / _MOST_MARKS)
    return CutGrid(np.arange(0, duration - step / 2, step), 0, 1, felt=False)


def smoothed(beats: Times) -> tuple[Times, float]:
    """Take the jitter of single onsets out of a grid of beats.

    Each beat moves onto a line through its neighbours on either side: sixteen where the tempo is
    steady, six, or two where it lives. The widest window is taken that leaves the beats hardly
    further off than the narrowest does.

    Parameters
    ----------
    beats : ndarray of float64, shape (n,)
        Seconds, ascending.

    Returns
    -------
    times : ndarray of float64, shape (n,)
        Ascending.
    error : float
        Standard error of a beat in seconds, where the tempo is steady; else infinity.
    """
    if len(beats) < 4:
        return beats, math.inf
    narrow = _on_lines(beats, _WINDOWS[-1])
    allowed = _WORSE * np.median(np.abs(narrow - beats)) + _WORSE_SECONDS
    for reach in _WINDOWS:
        wide = _on_lines(beats, reach)
        off = float(np.median(np.abs(wide - beats)))
        if off <= allowed and (np.diff(wide) > 0).all():
            steady = reach == _WINDOWS[0]
            return wide, 1.4826 * off / math.sqrt(2 * reach + 1) if steady else math.inf
    return beats, math.inf


def _on_lines(beats: Times, neighbours: int) -> Times:
    """Fit a line around each beat with Huber's weights: a beat found late does not pull it.

    Huber, "Robust Estimation of a Location Parameter", Ann. Math. Statist. 35(1), 1964; its 1.345
    keeps 95 % of the efficiency where nothing is off.
    """
    count = len(beats)
    reach = min(neighbours, (count - 1) // 2)
    # At the edges the window stays as wide and leans inwards.
    starts = np.clip(np.arange(count) - reach, 0, count - 2 * reach - 1)
    places = starts[:, None] + np.arange(2 * reach + 1)
    x = (places - np.arange(count)[:, None]).astype(np.float64)
    y = beats[places]
    weights = np.ones_like(x)
    at_zero = beats
    for _ in range(4):
        total = weights.sum(axis=1)
        mean_x = (weights * x).sum(axis=1) / total
        mean_y = (weights * y).sum(axis=1) / total
        away = x - mean_x[:, None]
        slope = (weights * away * (y - mean_y[:, None])).sum(axis=1)
        slope /= (weights * away * away).sum(axis=1)
        at_zero = mean_y - slope * mean_x
        error = np.abs(y - (at_zero[:, None] + slope[:, None] * x))
        scale = np.maximum(np.median(error, axis=1, keepdims=True) * 1.4826 * 1.345, 1e-4)
        weights = np.minimum(1.0, scale / np.maximum(error, 1e-12))
    return np.asarray(at_zero)
