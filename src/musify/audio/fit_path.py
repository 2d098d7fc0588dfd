"""The cheapest way through a song that takes a given number of bars.

Dynamic programming over (bar of the result, bar of the song), as in Rubin & Agrawala (UIST 2014):
the next bar of the result is the next of the song, or one a joint leads to.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.joints import Joints
from musify.cancelling import checkpoint

__all__ = ["BarPaths", "PathRules", "bar_paths"]

_NEVER: Final = np.float32(1e9)
# A joint needs this much of the song before the place it enters, for its crossfade.
_ROOM_SECONDS: Final = 1.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PathRules:
    """What a path must keep to.

    Parameters
    ----------
    count : int
        Most bars of the result.
    earliest, latest : float
        Seconds of the song: no joint leaves it before the one, or enters it after the other.
    joint_price : float
        Added to the cost of every joint.
    rest : int
        Bars that play between one joint and the next.
    to_end : bool
        Whether the path ends with the last bar of the song, or anywhere.
    node_costs : ndarray of float64, shape (count, bars) or None
        What it costs to play a bar of the song as a bar of the result.
    edge_costs : ndarray of float64, shape (e,) or None
        What joints cost beside what they sound like.
    """

    count: int
    earliest: float
    latest: float
    joint_price: float
    rest: int
    to_end: bool = True
    node_costs: Floats | None = None
    edge_costs: Floats | None = None


class BarPaths:
    """All cheapest paths of up to ``rules.count`` bars; see :func:`bar_paths`."""

    def __init__(self, joints: Joints, rules: PathRules) -> None:
        grid = joints.grid
        times = grid.times
        out_bar = (joints.out - grid.first) // grid.per_bar
        to_bar = (joints.into - grid.first) // grid.per_bar + 1
        usable = (
            (times[joints.out] >= rules.earliest)
            & (times[joints.into] <= rules.latest)
            & (times[joints.into] >= _ROOM_SECONDS)
            & (to_bar < grid.bars)
            & (out_bar >= 0)
        )
        cost = joints.cost + rules.joint_price
        if rules.edge_costs is not None:
            cost = cost + rules.edge_costs
        edges = np.flatnonzero(usable)
        self._edges = edges[np.argsort(to_bar[edges], kind="stable")]
        self._out, self._to = out_bar[self._edges], to_bar[self._edges]
        self._cost = cost[self._edges].astype(np.float32)
        self._rules, self._bars = rules, grid.bars
        self._run()

    def _run(self) -> None:
        rules, bars = self._rules, self._bars
        rest = max(1, rules.rest)
        total = np.full((rules.count, bars), _NEVER, np.float32)
        # Which edge led here, for the state just after a joint; and for the free state whether
        # it came from the last of the resting bars.
        self._came = np.full((rules.count, bars), -1, np.int32)
        self._rested = np.zeros((rules.count, bars), bool)
        free = np.full(bars, _NEVER, np.float32)
        free[0] = self._node(0)[0]
        layers = [np.full(bars, _NEVER, np.float32) for _ in range(rest)]
        total[0] = free
        starts = np.flatnonzero(np.r_[True, np.diff(self._to) > 0]) if len(self._to) else None
        for bar in range(1, rules.count):
            checkpoint()
            node = self._node(bar)
            moved = [_shifted(layer) for layer in layers]
            ahead = _shifted(free)
            joined = np.full(bars, _NEVER, np.float32)
            if starts is not None:
                offered = free[self._out] + self._cost
                best = np.minimum.reduceat(offered, starts)
                targets = self._to[starts]
                joined[targets] = best
                # The edge that offered it: the first that equals the minimum of its group.
                group = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(offered)]))
                hit = np.flatnonzero(offered <= best[group])
                self._came[bar, self._to[hit[::-1]]] = hit[::-1]
            self._rested[bar] = moved[-1] < ahead
            free = np.minimum(ahead, moved[-1]) + node
            layers = [joined + node, *(layer + node for layer in moved[:-1])]
            total[bar] = free
        self.total = total

    def _node(self, bar: int) -> NDArray[np.float32]:
        if self._rules.node_costs is None:
            return np.zeros(self._bars, np.float32)
        return np.asarray(self._rules.node_costs[bar], np.float32)

    def costs(self) -> Floats:
        """Cost of the cheapest path of each number of bars, from 1 on; 1e9 where there is none."""
        ends = self.total[:, -1] if self._rules.to_end else self.total.min(axis=1)
        return ends.astype(np.float64)

    def joints_of(self, count: int) -> list[int]:
        """Give the indices of the joints of the cheapest path of ``count`` bars, in order."""
        rest = max(1, self._rules.rest)
        bar = count - 1
        place = self._bars - 1 if self._rules.to_end else int(self.total[bar].argmin())
        found: list[int] = []
        while bar > 0:
            if self._rested[bar, place]:
                # One step from the last layer, and rest - 1 through the others.
                bar, place = bar - rest, place - rest
                edge = int(self._came[bar, place])
                found.append(int(self._edges[edge]))
                bar, place = bar - 1, int(self._out[edge])
            else:
                bar, place = bar - 1, place - 1
        return found[::-1]


def bar_paths(joints: Joints, rules: PathRules) -> BarPaths:
    """Find the cheapest paths of all numbers of bars at once.

    Parameters
    ----------
    joints : Joints
        Where the song may be joined.
    rules : PathRules
        What to keep to.
    """
    return BarPaths(joints, rules)


def _shifted(costs: NDArray[np.float32]) -> NDArray[np.float32]:
    moved = np.empty_like(costs)
    moved[0] = _NEVER
    moved[1:] = costs[:-1]
    return moved
