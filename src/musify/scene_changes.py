"""Where in a video the song should change: only where the mood really does."""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["stretches_of_one_song"]

Floats = NDArray[np.float64]

# Distance in the plane times seconds that a change of song must save: a mood that is 0.5 away must
# last 9 s to be worth one, and a whim of two seconds is not.
_CHANGE: Final = 4.5
# Songs looked at when cues are counted; the best for each scene are among them.
_SHORTLIST: Final = 64


def stretches_of_one_song(
    distances: Floats, weight: Floats, max_cues: int | None = None
) -> list[tuple[int, int]] | None:
    """Part the segments of a video into stretches that one song can serve.

    The sum of ``weight * distance`` over all segments, and 4.5 for each change of song, is the
    least possible (Viterbi). A song with quiet and loud sections is near quiet and loud scenes
    alike, so that it is rather kept than changed.

    Parameters
    ----------
    distances : ndarray of shape (m, n)
        How far each of ``n`` songs is from each of ``m`` segments; infinite where it must not
        play.
    weight : ndarray of shape (m,)
        Seconds that each segment counts for.
    max_cues : int, optional
        The most stretches.

    Returns
    -------
    list of (int, int) or None
        First segment of each stretch and the one after its last; None where no song may play in
        some segment, or not that few songs can.
    """
    cost = distances * weight[:, None]
    if not np.isfinite(cost.min(axis=1)).all():
        return None
    free = _cheapest(cost, len(cost))
    if max_cues is None or (free is not None and len(free) <= max_cues):
        return free
    keep = _shortlist(cost)
    return _at_most(cost[:, keep], min(max_cues, len(cost)))


def _cheapest(cost: Floats, count: int) -> list[tuple[int, int]] | None:
    songs = cost.shape[1]
    best = cost[0].copy()
    changed = np.zeros((count, songs), np.bool_)
    came_from = np.zeros(count, np.intp)
    for row in range(1, count):
        came_from[row] = best.argmin()
        anew = best[came_from[row]] + _CHANGE
        changed[row] = anew < best
        best = np.minimum(best, anew) + cost[row]
    song = int(best.argmin())
    edges = [count]
    for row in range(count - 1, 0, -1):
        if changed[row, song]:
            song = int(came_from[row])
            edges.append(row)
    edges.append(0)
    return list(pairwise(reversed(edges)))


def _shortlist(cost: Floats) -> NDArray[np.intp]:
    """Return the songs that are best on the whole, and best for each segment in turn."""
    songs = cost.shape[1]
    if songs <= _SHORTLIST:
        return np.arange(songs)
    # Whatever may play everywhere comes first: with few cues it must be among those kept.
    barred = np.isinf(cost).sum(axis=0)
    reach = np.where(np.isinf(cost), 0.0, cost).sum(axis=0)
    whole = np.lexsort((reach, barred))[: _SHORTLIST // 2]
    each = cost.argmin(axis=1)
    return np.unique(np.concatenate([whole, each]))


def _at_most(cost: Floats, cues: int) -> list[tuple[int, int]] | None:
    rows, songs = cost.shape
    best = np.full((cues, songs), np.inf)
    best[0] = cost[0]
    changed = np.zeros((rows, cues, songs), np.bool_)
    came_from = np.zeros((rows, cues), np.intp)
    for row in range(1, rows):
        came_from[row, 1:] = best[:-1].argmin(axis=1)
        anew = np.full(cues, np.inf)
        anew[1:] = best[:-1].min(axis=1) + _CHANGE
        changed[row] = anew[:, None] < best
        best = np.minimum(best, anew[:, None]) + cost[row]
    if not np.isfinite(best.min()):
        return None
    layer, song = (int(place) for place in np.unravel_index(best.argmin(), best.shape))
    edges = [rows]
    for row in range(rows - 1, 0, -1):
        if changed[row, layer, song]:
            song = int(came_from[row, layer])
            layer -= 1
            edges.append(row)
    edges.append(0)
    return list(pairwise(reversed(edges)))
