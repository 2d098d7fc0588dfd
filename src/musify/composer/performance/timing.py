"""Timing: swing, and the small unevenness of hands."""

from collections.abc import Iterable
from typing import Final

from musify.composer.chance import Chance
from musify.composer.score import PartRole
from musify.composer.written import Written

__all__ = ["timed"]

_DEVIATION: Final[dict[PartRole, float]] = {
    "drums": 0.0025,
    "bass": 0.003,
    "ostinato": 0.004,
    "harmony": 0.005,
    "arpeggio": 0.005,
    "effects": 0.002,
    "melody": 0.007,
    "counter": 0.007,
    "pad": 0.008,
}
"""Standard deviation in seconds. Skilled players deviate by 10 to 20 ms, ensembles' rhythm sections
by less (R. Rasch, "Synchronization in performed ensemble music", Acustica 43, 1979)."""

_MOST: Final = 2.5
_TRIPLET: Final = 1 / 6
"""From half a beat to two thirds: where the second of two eighths falls in full swing."""


def timed(
    notes: Iterable[Written],
    *,
    role: PartRole,
    swing: float,
    seconds_a_beat: float,
    exact: frozenset[float],
    chance: Chance,
) -> list[Written]:
    """Shift notes in time as players do.

    Parameters
    ----------
    notes : iterable of Written
        Of one part; shifts they have, as of a strum, stay.
    role : str
        Bass and drums are tight.
    swing : float
        In [0, 1]; 1 is a triplet's.
    seconds_a_beat : float
        Length of a beat.
    exact : frozenset of float
        Beats on which hits fall: there nobody is late.
    chance : Chance
        Of the section and part. Notes of one beat move together.
    """
    deviation = _DEVIATION[role]
    out = []
    at, moved = -1.0, 0.0
    for note in notes:
        if note.onset != at:
            at = note.onset
            drawn = deviation * min(_MOST, max(-_MOST, chance.normal()))
            moved = 0.0 if at in exact else drawn + swung(at, swing) * seconds_a_beat
        out.append(note._replace(shift=round(note.shift + moved, 5)))
    return out


def swung(beat: float, swing: float) -> float:
    """Tell how many beats later a beat falls when it swings.

    Examples
    --------
    >>> round(swung(3.5, 1.0), 3), swung(3.0, 1.0)
    (0.167, 0.0)
    """
    place = beat % 1
    nearness = place / 0.5 if place <= 0.5 else (1 - place) / 0.5
    return swing * _TRIPLET * nearness
