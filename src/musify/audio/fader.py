"""How a fader is moved from one held level to the next: points of a gain curve."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from musify.gain_curve import GainCurve

__all__ = ["Held", "moved"]

# A rise of less than this between two held levels is not worth the movement.
_LEAST_RISE_DB: Final = 1.0
# Points nearer than this are one.
_NEAR: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Held:
    """A level that is held.

    Parameters
    ----------
    start, end : float
        Seconds; the fader has arrived by ``start`` and does not leave before ``end``.
    gain_db : float
        The level, at most 0.
    attack, release : float
        Seconds that the way from 0 dB takes, and the way back.
    """

    start: float
    end: float
    gain_db: float
    attack: float
    release: float


def moved(levels: Iterable[Held], duration: float) -> GainCurve:
    """Move a fader so that each level is held when it has to be.

    Where two levels overlap, the lower one counts. The fader returns to 0 dB between them where
    there is time; where there is little, it rises as far as it can; and it may always be lower than
    a level asks for, never higher.

    Parameters
    ----------
    levels : iterable of Held
        In any order.
    duration : float
        Seconds. A level too near to the beginning or the end to get there from 0 dB is held from
        the beginning, or to the end.
    """
    held = _apart(levels)
    points: list[tuple[float, float]] = []
    if held:
        first, last = held[0], held[-1]
        if first.start - first.attack > 0:
            points = [(first.start - first.attack, 0.0), (first.start, first.gain_db)]
        else:
            points = [(0.0, first.gain_db)]
        for before, after in pairwise(held):
            points += _between(before, after)
        points.append((last.end, last.gain_db))
        if last.end + last.release <= duration:
            points.append((last.end + last.release, 0.0))
    return _curve(points)


def _apart(levels: Iterable[Held]) -> list[Held]:
    """Cut levels so that none overlap: the lower one stays."""
    apart: list[Held] = []
    for low in sorted(levels, key=lambda level: (level.gain_db, level.start)):
        free = [low]
        for taken in apart:
            free = [part for one in free for part in _without(one, taken)]
        apart += free
    return sorted(apart, key=lambda level: level.start)


def _without(level: Held, taken: Held) -> list[Held]:
    if taken.start >= level.end or taken.end <= level.start:
        return [level]
    parts = []
    if level.start < taken.start - _NEAR:
        parts.append(replace(level, end=taken.start))
    if level.end > taken.end + _NEAR:
        parts.append(replace(level, start=taken.end))
    return parts


def _between(before: Held, after: Held) -> list[tuple[float, float]]:
    """Points of the way from one level to the next, the ends included."""
    leave, arrive = (before.end, before.gain_db), (after.start, after.gain_db)
    top, fall = before.end + before.release, after.start - after.attack
    if top <= fall:
        return [leave, (top, 0.0), (fall, 0.0), arrive]
    meet, height = _meeting(before, after)
    if height > max(before.gain_db, after.gain_db) + _LEAST_RISE_DB:
        return [leave, (meet, height), arrive]
    if after.gain_db > before.gain_db:
        return [leave, (min(before.end + before.release, after.end), after.gain_db)]
    # Down, or level: the fader leaves as late as it can and still be there in time.
    return [(max(before.start, fall), before.gain_db), arrive]


def _meeting(before: Held, after: Held) -> tuple[float, float]:
    """Where the way up from one level meets the way down to the next."""
    early, late = before.end, max(before.end, after.start)
    for _ in range(40):
        middle = (early + late) / 2
        up = before.gain_db * (1 - _wave((middle - before.end) / before.release))
        down = after.gain_db * _wave((middle - after.start + after.attack) / after.attack)
        if up < down:
            early = middle
        else:
            late = middle
    return middle, float(min(up, down))


def _wave(part: float) -> float:
    return float(1 - np.cos(np.pi * min(max(part, 0.0), 1.0))) / 2


def _curve(points: list[tuple[float, float]]) -> GainCurve:
    """Make a curve of points, without those that do nothing."""
    kept: list[tuple[float, float]] = []
    for time, gain in points:
        # Also where a short level leaves no time for the way up: never higher than asked for.
        if kept and time - kept[-1][0] < _NEAR:
            kept[-1] = (kept[-1][0], min(gain, kept[-1][1]))
        else:
            kept.append((time, gain))
    flat = [
        0 < place < len(kept) - 1 and kept[place - 1][1] == gain == kept[place + 1][1]
        for place, (_, gain) in enumerate(kept)
    ]
    kept = [point for point, drop in zip(kept, flat, strict=True) if not drop]
    return GainCurve([time for time, _ in kept], [gain for _, gain in kept])
