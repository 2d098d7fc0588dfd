"""Even tempi: beats that meet cuts move by less than a frame, so that the tempo changes less."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

__all__ = ["evened"]

_SWEEPS: Final = 12


def evened(
    seconds: Sequence[float], beats: Sequence[int], bounds: Sequence[tuple[float, float]]
) -> list[float]:
    """Move hit points within their bounds so that the changes of the beat's length are least.

    The sum of the squares of the changes is a convex function of the times; going through them one
    by one, each put at its best place within its bounds, comes to its least value [1]_.

    Parameters
    ----------
    seconds : sequence of float
        When the hit points fall, ascending.
    beats : sequence of int
        Beats from the beginning to each, ascending.
    bounds : sequence of (float, float)
        Earliest and latest second of each; of the first and the last they are the same.

    References
    ----------
    .. [1] P. Tseng, "Convergence of a block coordinate descent method for nondifferentiable
       minimization", Journal of Optimization Theory and Applications 109(3), 2001.

    Examples
    --------
    >>> evened([0, 4.1, 8], [0, 8, 16], [(0, 0), (3.9, 4.2), (8, 8)])
    [0, 4.0, 8]
    """
    times = list(seconds)
    count = [after - before for before, after in pairwise(beats)]
    free = [place for place, (low, high) in enumerate(bounds) if high > low]
    for _ in range(_SWEEPS):
        for place in free:
            low, high = bounds[place]
            times[place] = min(high, max(low, _best(times, count, place)))
    return times


def _best(times: Sequence[float], count: Sequence[int], place: int) -> float:
    """Return the time of one hit point for which the changes near it are least.

    Each change is ``a * t + b`` in its time ``t``; the sum of squares is least at
    ``-sum(a b) / sum(a²)``.
    """
    up, down = 1 / count[place - 1], 1 / count[place]
    before, after = times[place - 1], times[place + 1]
    # The beat's length before is up * (t - before), after it down * (after - t).
    changes = [(-down - up, down * after + up * before)]
    if place >= 2:
        earlier = (before - times[place - 2]) / count[place - 2]
        changes.append((up, -up * before - earlier))
    if place + 2 < len(times):
        later = (times[place + 2] - after) / count[place + 1]
        changes.append((down, later - down * after))
    return -sum(a * b for a, b in changes) / sum(a * a for a, _ in changes)
