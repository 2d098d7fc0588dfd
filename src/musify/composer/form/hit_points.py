"""Which cuts fall on which beats: dynamic programming over hit points.

Music between two hit points has one tempo, and a whole number of beats. Some hit points must be met
exactly, the changes of mood; cuts may be met, each a little early or late if that lets more of them
be met. A film composer looks for such a tempo by hand, with a click book [1]_.

References
----------
.. [1] F. Karlin and R. Wright, "On the Track: A Guide to Contemporary Film Scoring", 2nd edition,
   Routledge 2004, chapters on spotting, timings and click tracks.
.. [2] R. Bellman, "Dynamic Programming", Princeton University Press 1957.
"""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify.cancelling import checkpoint

__all__ = ["FRAME", "LIMIT", "HitPoints", "Walk", "walk"]

Floats: TypeAlias = NDArray[np.float64]

FRAME: Final = 1 / 30
"""A video frame in seconds: nearer than that a cut is on a beat."""

LIMIT: Final = 0.052
"""How far tempo may be from the base tempo, as a share of it, and change from piece to piece, so
that neither is above 5.5 % of whatever tempo it is compared with."""

_OFFSETS: Final = FRAME * np.array([0.0, -0.5, 0.5, -0.97, 0.97])
"""How early or late a beat may meet a cut, in seconds."""

_AWAY: Final = 0.05  # what a tempo at the limit costs, in cuts
_CHANGE: Final = 0.1  # what a change of tempo as large as the limit costs
_LEAP: Final = 3.0  # what a larger one costs, more than the cut that it would meet
_STRAINED: Final = 40.0  # what it costs, for each further limit, where a mood leaves no choice
_OFF_BAR: Final = 0.3  # what a bar longer or shorter than the others costs
_DOWNBEAT: Final = 0.15  # what a cut is worth more on a downbeat
_FAR: Final = 0.1  # what each second costs that the final chord is away from its best time
_INEXACT: Final = 0.05  # what a frame early or late costs, in hits
_WINDOW: Final = 12.0  # seconds within which the hit point before is looked for
_MOST: Final = 16  # of how many
_NEVER: Final = -1e18


@dataclass(frozen=True, slots=True)
class HitPoints:
    """Points in time that beats may meet.

    Parameters
    ----------
    times : ndarray of shape (n,)
        Seconds, ascending; the first is the beginning.
    musts : ndarray of shape (n,)
        Which must be met exactly, by a downbeat; the first among them.
    worth : ndarray of shape (n,)
        What meeting each is worth, in cuts.
    """

    times: Floats
    musts: NDArray[np.bool_]
    worth: Floats


class Walk(NamedTuple):
    """The way found through hit points, for one base tempo.

    Parameters
    ----------
    score : float
        What it is worth, in cuts.
    seconds : list of float
        When the hit points that are met fall.
    beats : list of int
        Beats from each to the next; one fewer.
    """

    score: float
    seconds: list[float]
    beats: list[int]


class _Ending(NamedTuple):
    """When the final chord may be struck: the earliest, best and latest time in seconds."""

    low: float
    best: float
    high: float


def walk(
    points: HitPoints, bpm: Floats, metre: int, ending: tuple[float, float, float], *, fine: bool
) -> list[Walk]:
    """Find the best way through the hit points, for each of several base tempi.

    Parameters
    ----------
    points : HitPoints
        What may be met.
    bpm : ndarray of shape (b,)
        Base tempi, in beats a minute.
    metre : int
        Beats in a bar.
    ending : tuple of float
        The earliest, best and latest second for the final chord. All three the same is a hit
        point's own time.
    fine : bool
        Whether bars count too, which takes longer.

    Returns
    -------
    list of Walk
        One for each tempo.
    """
    search = _Search(points, 60 / bpm, metre if fine else 1, _Ending(*ending))
    for place in range(1, len(points.times)):
        search.reach(place)
    return [search.end(index) for index in range(len(bpm))]


class _Search:
    """Scores of states: a hit point, how early or late it is met, and where in the bar."""

    def __init__(self, points: HitPoints, period: Floats, metre: int, ending: _Ending) -> None:
        self.points, self.period, self.metre, self.ending = points, period, metre, ending
        count = len(points.times)
        self.when = points.times[:, None] + np.where(points.musts[:, None], 0.0, _OFFSETS)
        shape = (len(period), count, len(_OFFSETS), metre)
        self.score = np.full(shape, _NEVER)
        self.score[:, 0, 0, 0] = 0.0
        self.pace = np.zeros(shape)
        self.back = np.zeros((*shape, 4), np.int32)  # hit point, offset, phase, beats
        self.steps = np.arange(-2, 3) if metre > 1 else np.zeros(1, np.int64)
        self.bar_from = 0
        self.phases = np.arange(metre)

    def before(self, place: int) -> NDArray[np.int64]:
        """Which hit points may come just before: near ones, never beyond one that must be met.

        One further away than the window is always among them: of so many beats some number fits,
        so that cuts that cannot follow each other do not part what came before from what comes.
        """
        window = int(np.searchsorted(self.points.times, self.points.times[place] - _WINDOW))
        first = max(min(window - 2, place - 4), self.bar_from)
        far = range(first, min(first + 2, place))
        near = range(max(first, place - _MOST), place)
        return np.array(sorted({self.bar_from, *far, *near}), np.int64)

    def reach(self, place: int) -> None:
        """Score the states of a hit point from those of the hit points before it."""
        checkpoint()
        before, must = self.before(place), bool(self.points.musts[place])
        offsets = 1 if must else len(_OFFSETS)
        gap = self.when[place, None, None, :offsets] - self.when[before][:, :, None]
        beats, off, cost = self._pieces(gap)
        if must:
            self._force(gap, beats, off, cost)
        # Axes: tempo, hit point before, offset there, offset here, choice of beats, phase here.
        phase = (self.phases - beats[..., None]) % self.metre
        at = (
            np.arange(len(self.period))[:, None, None, None, None, None],
            before[:, None, None, None, None],
            np.arange(len(_OFFSETS))[:, None, None, None],
            phase,
        )
        change = off[..., None] - self.pace[at]
        total = self.score[at] - cost[..., None] - _CHANGE * change**2
        total -= np.where(np.abs(change) > 1 + 1e-9, _LEAP, 0.0)
        flat = np.moveaxis(total, (3, 5), (1, 2)).reshape(len(self.period), offsets, self.metre, -1)
        best = flat.argmax(axis=3)
        score = np.take_along_axis(flat, best[..., None], axis=3)[..., 0]
        k, o, n = np.unravel_index(best, (len(before), len(_OFFSETS), len(self.steps)))
        rows = np.arange(len(self.period))[:, None, None]
        here = np.arange(offsets)[None, :, None]
        took = beats[rows, k, o, here, n]
        came = np.stack([before[k], o, (self.phases - took) % self.metre, took], axis=-1)
        self._settle(place, score, off[rows, k, o, here, n], came)

    def _pieces(self, gap: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Beats that a gap may hold, how far off their tempo is, in limits, and what it costs."""
        length = gap[None] / self.period[:, None, None, None]
        beats = np.rint(length).astype(np.int64)[..., None] + self.steps
        length = np.maximum(length, 1e-9)[..., None]
        off = (beats / length - 1) / LIMIT
        fits = (beats >= 1) & (np.abs(off) <= 1)
        return beats, np.where(fits, off, 0.0), np.where(fits, _AWAY * off**2, -2 * _NEVER)

    def _force(self, gap: Floats, beats: NDArray[np.int64], off: Floats, cost: Floats) -> None:
        """Let the tempo leave its limit from one change of mood to the next, at a price."""
        length = np.maximum(gap[0, 0, :1] / self.period[:, None], 1e-9)
        here = (slice(None), 0, 0, slice(None), len(self.steps) // 2)
        beats[here] = np.maximum(beats[here], 1)
        off[here] = (beats[here] / length - 1) / LIMIT
        cost[here] = _AWAY * off[here] ** 2 + _STRAINED * np.maximum(np.abs(off[here]) - 1, 0)

    def _settle(self, place: int, score: Floats, pace: Floats, came: NDArray[np.int64]) -> None:
        worth, offsets = self.points.worth[place], score.shape[1]
        if not self.points.musts[place]:
            score = score + worth * np.where(self.phases == 0, 1 + _DOWNBEAT, 1.0)
            score -= worth * _INEXACT * (np.abs(_OFFSETS) / FRAME)[None, :, None]
            self.score[:, place, :offsets] = score
            self.pace[:, place, :offsets] = pace
            self.back[:, place, :offsets] = came
            return
        score = score + worth - self._off_bar()
        best = score[:, 0].argmax(axis=1)
        rows = np.arange(len(self.period))
        self.score[:, place, 0, 0] = score[rows, 0, best]
        self.pace[:, place, 0, 0] = pace[rows, 0, best]
        self.back[:, place, 0, 0] = came[rows, 0, best]
        self.bar_from = place

    def _off_bar(self) -> Floats:
        return np.where(self.phases == 0, 0.0, _OFF_BAR)

    def end(self, index: int) -> Walk:
        """Strike the final chord, and trace the way back."""
        period, low, best, high = float(self.period[index]), *self.ending
        last = len(self.points.times) - 1
        choices: list[tuple[float, float, int, tuple[int, int, int]]] = []
        recent = int(np.searchsorted(self.points.times, self.points.times[last] - 2 * _WINDOW))
        for place in sorted({self.bar_from, *range(max(self.bar_from, recent), last + 1)}):
            # A mood that lasts on needs a beat before the final chord.
            least = int(place == self.bar_from and low < high)
            for offset, phase in np.argwhere(self.score[index, place] > _NEVER / 2).tolist():
                time = float(self.when[place, offset])
                score = float(self.score[index, place, offset, phase])
                first = max(least, math.ceil((low - time) / period - 1e-9))
                for beats in range(first, math.floor((high - time) / period + 1e-9) + 1):
                    at = time + beats * period
                    bar = _OFF_BAR if (phase + beats) % self.metre else 0.0
                    worth = score - bar - _FAR * abs(at - best)
                    choices.append((worth, at, beats, (place, offset, phase)))
        if not choices:  # no beat of the base tempo falls there: the tempo gives way
            time = float(self.when[self.bar_from, 0])
            beats = max(1, round((best - time) / period))
            strain = abs(beats * period / (best - time) - 1) / LIMIT
            worth = float(self.score[index, self.bar_from, 0, 0]) - _STRAINED * strain
            choices.append((worth, best, beats, (self.bar_from, 0, 0)))
        worth, at, beats, state = max(choices)
        seconds, took = ([at], [beats]) if beats else ([], [])
        while state[0] > 0:
            seconds.append(float(self.when[state[:2]]))
            came = self.back[index][state].tolist()
            took.append(came[3])
            state = (came[0], came[1], came[2])
        return Walk(worth, [0.0, *seconds[::-1]], took[::-1])
