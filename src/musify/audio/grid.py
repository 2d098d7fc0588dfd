"""Where a song may be cut: its beats on a smoothed grid, grouped in bars, or a ruler without."""

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
_NEIGHBOURS: Final = 6

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
    """

    times: Times
    first: int
    per_bar: int
    felt: bool

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
    return CutGrid(smoothed(beats), first, per_bar, felt=True)


def ruler(duration: float) -> CutGrid:
    """Lay marks at even distances, for sound without beats."""
    step = max(min(_RULER_SECONDS, duration / 16), duration / _MOST_MARKS)
    return CutGrid(np.arange(0, duration - step / 2, step), 0, 1, felt=False)


def smoothed(beats: Times) -> Times:
    """Take the jitter of single onsets out of a grid of beats.

    Each beat moves onto a line through its six neighbours on either side, fitted with Huber's
    weights (Huber, "Robust Estimation of a Location Parameter", 1964), so that a beat that was
    found late does not pull the others.

    Parameters
    ----------
    beats : ndarray of float64, shape (n,)
        Seconds, ascending.

    Returns
    -------
    ndarray of float64, shape (n,)
        Ascending.
    """
    count = len(beats)
    if count < 4:
        return beats
    reach = min(_NEIGHBOURS, (count - 1) // 2)
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
        slope = (weights * away * (y - mean_y[:, None])).sum(axis=1) / (weights * away * away).sum(
            axis=1
        )
        at_zero = mean_y - slope * mean_x
        error = np.abs(y - (at_zero[:, None] + slope[:, None] * x))
        scale = np.maximum(np.median(error, axis=1, keepdims=True) * 1.4826 * 1.345, 1e-4)
        weights = np.minimum(1.0, scale / np.maximum(error, 1e-12))
    smooth = np.asarray(at_zero)
    return smooth if (np.diff(smooth) > 0).all() else beats
