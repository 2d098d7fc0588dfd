"""Progressions: laid out over phrases, and changed a little each time they come round."""

from collections.abc import Sequence
from typing import Final

from musify.composer.chance import Chance
from musify.composer.theory.numerals import Numeral, read_numeral

__all__ = ["laid_out", "varied"]

_MAJOR: Final = {
    1: ("I6", "vi", "iii"),
    2: ("ii6", "IV"),
    3: ("I6", "iii"),
    4: ("ii", "IV6", "ii6"),
    5: ("V6", "V", "iii"),
    6: ("IV", "vi", "I6"),
}
_MINOR: Final = {
    1: ("i6", "bVI", "bIII"),
    3: ("bIII", "i6"),
    4: ("iv6", "bVI", "iv"),
    5: ("V6", "V", "bVII"),
    6: ("iv", "bVI", "i6"),
    7: ("bVII", "V6"),
}
_TENSE: Final = {2: ("bII6", "iiø65"), 4: ("iiø65", "bII6"), 5: ("viio7", "V6"), 7: ("viio7",)}
"""Chords of the same function (H. Riemann, "Harmony Simplified", 1893): tonic, subdominant or
dominant; inversions let the bass move by step. Tense ones have tones that pull."""
_OFTEN: Final = 0.35
_TENSION: Final = 0.5


def laid_out(
    progression: Sequence[Numeral],
    count: int,
    *,
    again: bool,
    is_minor: bool,
    tension: float,
    chance: Chance,
) -> list[Numeral]:
    """Fill slots with a progression, round and round.

    Parameters
    ----------
    progression : sequence of Numeral
        At least one.
    count : int
        How many chords there is room for.
    again : bool
        Whether it was heard before, so that it may be changed from its first chord but one on.
    is_minor : bool
        Whether it is in a key with a minor third.
    tension : float
        In [0, 1].
    chance : Chance
        What decides.
    """
    out = []
    for place in range(count):
        numeral = progression[place % len(progression)]
        heard = place >= len(progression) or (again and place > 0)
        if heard and chance.happens(_OFTEN):
            numeral = varied(numeral, is_minor=is_minor, tension=tension, chance=chance)
        out.append(numeral)
    return out


def varied(numeral: Numeral, *, is_minor: bool, tension: float, chance: Chance) -> Numeral:
    """Put another chord of the same function in place of one, or turn it upside down.

    Parameters
    ----------
    numeral : Numeral
        What to vary; what is chromatic stays.
    is_minor, tension, chance
        As of :func:`laid_out`.
    """
    if numeral.accidental or numeral.target:
        return numeral
    if is_minor and tension > _TENSION and numeral.degree in _TENSE and chance.happens(tension):
        return read_numeral(chance.pick(_TENSE[numeral.degree]))
    others = (_MINOR if is_minor else _MAJOR).get(numeral.degree)
    return read_numeral(chance.pick(others)) if others else numeral
