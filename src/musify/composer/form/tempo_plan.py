"""The base tempo, and the tempo map that meets changes of mood and cuts."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify.composer.form.hit_points import FRAME, LIMIT, HitPoints, walk
from musify.composer.form.smoothing import evened
from musify.composer.tempo import TempoMap

__all__ = ["TempoPlan", "ending_window", "plan_tempo"]

Floats: TypeAlias = NDArray[np.float64]

_APART: Final = 0.2  # seconds between cuts that can both be on beats
_NEAR: Final = 0.98 * FRAME
_REACH: Final = (0.88, 1.2)  # of the wanted tempo, in which the base tempo is looked for
_FAR_REACH: Final = (0.6, 1.9)  # where short moods leave no choice
_AWAY: Final = 0.12  # a tempo so much off, as a share, costs ...
_AWAY_COST: Final = 0.03  # ... so much of a cut for each cut
_RING: Final = (2.2, 3.0, 5.5)  # seconds that the final chord rings: at least, at best, at most
_RING_SHARE: Final = (0.4, 0.45, 0.6)  # of a piece so short that those would be too long


@dataclass(frozen=True, slots=True)
class TempoPlan:
    """Where beats fall.

    Parameters
    ----------
    tempo : TempoMap
        To the end of the piece.
    base : float
        The base tempo in beats a minute.
    downbeats : tuple of int
        Beats on which moods begin, from 0, and last that of the final chord.
    """

    tempo: TempoMap
    base: float
    downbeats: tuple[int, ...]


def ending_window(duration: float) -> tuple[float, float, float]:
    """Return the earliest, best and latest second for the final chord of a piece."""
    latest, best, earliest = (
        duration - min(ring, share * duration)
        for ring, share in zip(_RING, _RING_SHARE, strict=True)
    )
    return earliest, best, latest


def plan_tempo(
    duration: float,
    changes: Floats,
    cuts: Floats,
    strengths: Floats,
    *,
    wanted: float,
    tempi: tuple[float, float] | None,
    metre: int,
) -> TempoPlan:
    """Find the base tempo and the tempo map.

    Parameters
    ----------
    duration : float
        Seconds of the whole.
    changes : ndarray of shape (m,)
        Seconds at which the mood changes, ascending, above 0.
    cuts, strengths : ndarray of shape (c,)
        Seconds of the cuts, ascending, and how strong they are, in [0, 1].
    wanted : float
        The tempo that suits, in beats a minute.
    tempi : tuple of float or None
        From and to which base tempo may be chosen; None for the wanted one alone.
    metre : int
        Beats in a bar.
    """
    earliest, best, latest = ending_window(duration)
    if changes.size and changes[-1] > latest - 60 / wanted:  # the final chord is the last mood
        earliest = best = latest = float(changes[-1])
    points = _points(changes, cuts, strengths, latest)
    ending = (earliest, best, latest)
    bases = np.array([wanted]) if tempi is None else _bases(points, wanted, tempi)
    if len(bases) > 1:
        away = (np.log(bases / wanted) / _AWAY) ** 2 * _AWAY_COST * len(points.times)
        rough = walk(points, bases, metre, ending, fine=False)
        bases = bases[[int(np.argmax([found.score for found in rough] - away))]]
    found = walk(points, bases, metre, ending, fine=True)[0]
    base = float(bases[0])
    fixed = {0.0, *changes.tolist()}
    beats = [0, *np.cumsum(found.beats).tolist()]
    fixed.add(found.seconds[-1])
    bounds = [(time, time) if time in fixed else _bounds(time, cuts) for time in found.seconds]
    seconds = evened(found.seconds, beats, bounds)
    seconds, beats = _plainer(seconds, beats, fixed, cuts, 60 / base)
    places = np.searchsorted(seconds, [0.0, *changes, seconds[-1]])
    downbeats = tuple(dict.fromkeys(int(beats[place]) for place in places))
    left = (duration - seconds[-1]) * (beats[-1] - beats[-2]) / (seconds[-1] - seconds[-2])
    tempo = TempoMap([*beats, beats[-1] + left], [*seconds, duration])
    return TempoPlan(tempo, base, downbeats)


def _points(changes: Floats, cuts: Floats, strengths: Floats, latest: float) -> HitPoints:
    musts = np.concatenate([[0.0], changes])
    kept: list[int] = []
    taken = musts
    # The strongest first; of cuts that are close together only one can be met.
    for index in np.argsort(-strengths, kind="stable"):
        cut = cuts[index]
        place = int(np.searchsorted(taken, cut))
        near = taken[max(0, place - 1) : place + 1]
        if _NEAR < cut <= latest and not (np.abs(near - cut) < _APART).any():
            taken = np.insert(taken, place, cut)
            kept.append(int(index))
    is_must = np.isin(taken, musts)
    worth = np.zeros(len(taken))
    worth[~is_must] = 0.7 + 0.6 * strengths[sorted(kept, key=lambda index: cuts[index])]
    return HitPoints(taken, is_must, worth)


def _bases(points: HitPoints, wanted: float, tempi: tuple[float, float]) -> Floats:
    """List base tempi that short moods allow: near the wanted one, further away, or the best."""
    gaps = np.diff(points.times[points.musts])
    for (low, high), limits in ((_REACH, tempi), (_FAR_REACH, (30.0, 240.0))):
        bases = wanted * np.geomspace(low, high, 27 if limits is tempi else 120)
        # Rounded, so that the last digits of other machines change nothing.
        bases = np.unique([*np.round(bases, 3), wanted])
        bases = bases[(bases >= limits[0]) & (bases <= limits[1])]
        strain = _strain(gaps, bases)
        fits = bases[strain <= 0]
        if len(fits):
            if limits is tempi:
                return fits
            return fits[np.argsort(np.abs(np.log(fits / wanted)), kind="stable")[:12]]
    return bases[[int(np.argmin(strain + np.abs(np.log(bases / wanted))))]]


def _strain(gaps: Floats, bases: Floats) -> Floats:
    """How far beyond its limit the tempo must go, summed over the gaps, for each base tempo."""
    length = gaps[None] * bases[:, None] / 60
    beats = np.maximum(1, np.rint(length))
    strain: Floats = np.maximum(0, np.abs(beats / length - 1) / LIMIT - 1).sum(axis=1)
    return strain


def _plainer(
    seconds: Sequence[float],
    beats: Sequence[int],
    fixed: Set[float],
    cuts: Floats,
    period: float,
) -> tuple[list[float], list[int]]:
    """Drop hit points whose cuts are met without them: fewer changes of tempo."""
    kept = [0]
    for place in range(1, len(seconds) - 1):
        if seconds[place] in fixed or not _met_without(
            kept[-1], place + 1, seconds, beats, cuts, period
        ):
            kept.append(place)
    kept.append(len(seconds) - 1)
    return [seconds[place] for place in kept], [beats[place] for place in kept]


def _met_without(
    first: int,
    last: int,
    seconds: Sequence[float],
    beats: Sequence[int],
    cuts: Floats,
    period: float,
) -> bool:
    step = (seconds[last] - seconds[first]) / (beats[last] - beats[first])
    if abs(period / step - 1) > LIMIT:
        return False
    for place in range(first + 1, last):
        # The cut that was met there, from which it is less than a frame.
        nearest = cuts[np.argmin(np.abs(cuts - seconds[place]))]
        moved = seconds[first] + step * (beats[place] - beats[first])
        if abs(moved - nearest) > _NEAR:
            return False
    return True


def _bounds(time: float, cuts: Floats) -> tuple[float, float]:
    """Between which times a beat meets the cut that it was put on."""
    cut = float(cuts[np.argmin(np.abs(cuts - time))])
    return min(time, cut - _NEAR), max(time, cut + _NEAR)
