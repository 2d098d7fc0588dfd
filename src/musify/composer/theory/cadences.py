"""Cadences: how phrases end, mode by mode."""

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["CADENCES", "Cadence", "CadenceKind"]

CadenceKind = Literal["authentic", "plagal", "half"]


@dataclass(frozen=True, slots=True)
class Cadence:
    """A way to end.

    Parameters
    ----------
    kind : str
        ``"authentic"``, ``"plagal"`` or ``"half"``.
    chords : tuple of str
        Roman numerals, the last of them the goal.
    weight : float
        How likely it is.
    """

    kind: CadenceKind
    chords: tuple[str, ...]
    weight: float = 1.0


_MAJOR: Final = (
    Cadence("authentic", ("IV", "V7", "I"), 3),
    Cadence("authentic", ("ii6", "V7", "I"), 3),
    Cadence("authentic", ("ii", "V", "I"), 2),
    Cadence("plagal", ("I6", "IV", "I"), 1),
    Cadence("half", ("IV", "V"), 2),
    Cadence("half", ("ii6", "V"), 2),
    Cadence("half", ("vi", "V"), 1),
)
_MINOR: Final = (
    Cadence("authentic", ("iv", "V7", "i"), 3),
    Cadence("authentic", ("iio6", "V7", "i"), 2),
    Cadence("authentic", ("bVI", "V7", "i"), 2),
    Cadence("plagal", ("bVI", "iv", "i"), 1),
    Cadence("half", ("iv6", "V"), 2),
    Cadence("half", ("iv", "V"), 2),
    Cadence("half", ("bVI", "V"), 1),
)
CADENCES: Final = {
    "major": _MAJOR,
    "lydian": (
        Cadence("authentic", ("II", "V", "I"), 3),
        Cadence("authentic", ("vi", "V", "I"), 1),
        Cadence("plagal", ("vi", "II", "I"), 1),
        Cadence("half", ("II", "V"), 2),
        Cadence("half", ("vi", "V"), 1),
    ),
    "mixolydian": (
        Cadence("authentic", ("IV", "bVII", "I"), 2),
        Cadence("plagal", ("bVII", "IV", "I"), 3),
        Cadence("half", ("IV", "bVII"), 1),
    ),
    "dorian": (
        Cadence("authentic", ("IV", "V7", "i"), 2),
        Cadence("plagal", ("bVII", "IV", "i"), 2),
        Cadence("plagal", ("bIII", "IV", "i"), 1),
        Cadence("half", ("IV", "V"), 2),
        Cadence("half", ("bIII", "V"), 1),
    ),
    "minor": _MINOR,
    "harmonic-minor": _MINOR,
    "phrygian": (
        Cadence("authentic", ("bII", "V7", "i"), 3),
        Cadence("authentic", ("bII6", "V7", "i"), 2),
        Cadence("plagal", ("bII", "iv", "i"), 1),
        Cadence("half", ("bII", "V"), 2),
        Cadence("half", ("iv6", "V"), 1),
    ),
}
"""Ways to end in each mode: common practice (W. E. Caplin, "The Classical Cadence", JAMS 57(1)
2004), and of the church modes the chord with the tone that tells the mode before the dominant: the
major II of lydian, the major IV of dorian, the Neapolitan of phrygian."""
