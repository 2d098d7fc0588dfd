"""Keys: a tonic and a mode."""

from dataclasses import dataclass
from typing import Final

from musify.errors import ParameterError

__all__ = ["MODES", "NOTE_NAMES", "Key"]

NOTE_NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""A name for each pitch class."""

MODES: Final = {
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic-minor": (0, 2, 3, 5, 7, 8, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
"""Semitones of the seven degrees above the tonic, the brightest mode first."""

_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS: Final = {"": 0, "#": 1, "b": -1, "♯": 1, "♭": -1}


@dataclass(frozen=True, slots=True)
class Key:
    """A key.

    Parameters
    ----------
    tonic : int
        Pitch class, 0 (C) to 11 (B).
    mode : str
        A name of ``MODES``.

    Raises
    ------
    ParameterError
        If either is none.

    Examples
    --------
    >>> Key.named("Eb minor"), Key(9, "minor").scale
    (Key(tonic=3, mode='minor'), (9, 11, 0, 2, 4, 5, 7))
    """

    tonic: int
    mode: str = "major"

    def __post_init__(self) -> None:
        if self.tonic not in range(12):
            raise ParameterError(f"tonic of a key must be from 0 (C) to 11 (B), got {self.tonic}")
        if self.mode not in MODES:
            raise ParameterError(
                f"mode of a key must be one of {', '.join(MODES)}, got {self.mode!r}"
            )

    @classmethod
    def named(cls, name: str) -> "Key":
        """Read a key from words such as ``"D minor"`` or ``"F# dorian"``; alone it is major.

        Raises
        ------
        ParameterError
            If it names no key.
        """
        note, _, mode = name.strip().partition(" ")
        letter, sign = note[:1].upper(), note[1:]
        if letter not in _LETTERS or sign not in _SIGNS:
            raise ParameterError(
                f"key must be a note and a mode, such as 'D minor' or 'F# dorian', got {name!r}"
            )
        return cls((_LETTERS[letter] + _SIGNS[sign]) % 12, mode.strip().lower() or "major")

    @property
    def name(self) -> str:
        """Such as ``"D minor"``."""
        return f"{NOTE_NAMES[self.tonic]} {self.mode}"

    @property
    def scale(self) -> tuple[int, ...]:
        """Pitch classes of the seven degrees, from the tonic up."""
        return tuple((self.tonic + step) % 12 for step in MODES[self.mode])

    @property
    def is_minor(self) -> bool:
        """Whether the third above the tonic is minor."""
        return 3 in MODES[self.mode]
