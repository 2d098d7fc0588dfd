"""What a fit should meet beside the length: moods, changes of section, hit points."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.fit_edit import MOST_SPEED_CHANGE, Stretch
from musify.audio.grid import CutGrid
from musify.audio.joints import Joints
from musify.songs import SongAnalysis

__all__ = ["Wishes", "edge_costs", "node_costs", "speed_points"]

# What a whole result in the wrong mood (a distance of 1 all the time) costs, in joints.
_MOOD_PRICE: Final = 3.0
_CHANGE_REWARD: Final = 0.5
# Leaving the intro before it is over, entering the ending in its middle, going back from it.
_TORN_INTRO: Final = 0.3
_TORN_ENDING: Final = 0.5
_LEFT_ENDING: Final = 0.8
# A hit that is met this exactly counts as met: half a frame of film.
_NEAR_SECONDS: Final = 0.02

Floats = NDArray[np.float64]


def _no_times() -> Floats:
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class Wishes:
    """As the parameters of :func:`musify.audio.fit.fit_song`."""

    changes: tuple[float, ...] = ()
    hits: tuple[float, ...] = ()
    plane_times: Floats = field(default_factory=_no_times)
    plane: Floats | None = None
    ending: bool = True


def node_costs(
    grid: CutGrid, analysis: SongAnalysis, wishes: Wishes, count: int, length: float
) -> Floats | None:
    """Cost of playing each bar of the song as each bar of the result, shape ``(count, bars)``."""
    starts = grid.bar_times()
    bars = len(starts)
    lead = starts[0]
    times = lead + np.arange(count) * grid.bar_seconds
    costs = np.zeros((count, bars))
    wished = False
    if wishes.plane is not None and len(wishes.plane) and len(analysis.curve_times):
        middles = starts + grid.bar_seconds / 2
        own = _at(middles, analysis.curve_times, analysis.plane)
        wanted = _at(times + grid.bar_seconds / 2, wishes.plane_times, wishes.plane)
        away = np.linalg.norm(own[None, :, :] - wanted[:, None, :], axis=2)
        costs += _MOOD_PRICE / max(1.0, length / grid.bar_seconds) * away
        wished = True
    edges = analysis.section_edges[1:-1]
    if wishes.changes and len(edges):
        first = np.zeros(bars, bool)
        nearest = np.abs(starts[None, :] - edges[:, None])
        close = nearest.min(axis=1) < grid.bar_seconds
        first[nearest.argmin(axis=1)[close]] = True
        for change in wishes.changes:
            near = np.clip(1.5 - np.abs(times - change) / grid.bar_seconds, 0, 1)
            costs -= _CHANGE_REWARD * near[:, None] * first[None, :]
        wished = True
    return costs if wished else None


def _at(times: Floats, known: Floats, values: Floats) -> Floats:
    return np.column_stack([np.interp(times, known, values[:, axis]) for axis in (0, 1)])


def edge_costs(joints: Joints, analysis: SongAnalysis, length: float) -> Floats:
    """Cost of tearing the intro or the ending, where the result is long enough for both."""
    leave, enter = joints.grid.times[joints.out], joints.grid.times[joints.into]
    intro, ending = analysis.intro_end, analysis.ending_start
    assert ending is not None
    room = length - intro - (analysis.duration - ending)
    share = float(np.clip(room / 8, 0, 1))
    cost = np.where(leave < intro - 0.1, _TORN_INTRO, 0.0)
    cost += np.where(enter < intro - 0.1, _TORN_INTRO, 0.0)
    cost += np.where(enter > ending + 0.1, _TORN_ENDING, 0.0)
    cost += np.where(leave > ending + 0.1, _LEFT_ENDING, 0.0)
    return np.asarray(share * cost)


def speed_points(
    first: int,
    last: int,
    residue: int,
    hits: Sequence[int],
    places: Sequence[Floats],
) -> list[Stretch]:
    """Lay out where the result is played faster or slower.

    Parameters
    ----------
    first, last : int
        PCM frames between which the speed may change.
    residue : int
        Frames to be gained there in all.
    hits : sequence of int
        Frames of the result at which something happens, ascending.
    places : sequence of ndarray
        Frames of downbeats, then of all beats, at their own speed; earlier ones are preferred.

    Returns
    -------
    list of Stretch
        At least two points; every slope between them within 0.8 % of 1, unless the residue is more.
    """
    points = [Stretch(first, first)]
    final = Stretch(last, last + residue)
    for hit in hits:
        for known in places:
            inside = known[(known > points[-1].before) & (known < last)]
            found = [
                Stretch(round(place), hit)
                for place in inside[np.argsort(np.abs(inside - hit))][:2].tolist()
            ]
            fitting = [
                point
                for point in found
                if _slope_fits(points[-1], point) and _slope_fits(point, final)
            ]
            if fitting:
                points.append(fitting[0])
                break
    return [*points, final]


def _slope_fits(early: Stretch, late: Stretch) -> bool:
    before, after = late.before - early.before, late.after - early.after
    if before <= 0 or after <= 0:
        return False
    return abs(before / after - 1) <= MOST_SPEED_CHANGE
