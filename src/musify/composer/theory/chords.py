"""Chords: which tones sound together, and for how long."""

from dataclasses import dataclass
from typing import Final

from musify.composer.theory.keys import NOTE_NAMES
from musify.errors import ParameterError

__all__ = ["QUALITIES", "Chord"]

QUALITIES: Final = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "5": (0, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "7sus4": (0, 5, 7, 10),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "9": (0, 4, 7, 10, 14),
}
"""Semitones above the root, by the usual lead-sheet suffix."""


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord that sounds for a while.

    Parameters
    ----------
    start, duration : float
        Beats from the beginning of the piece; the duration is above 0.
    root : int
        Pitch class, 0 to 11.
    quality : str
        A name of ``QUALITIES``.
    bass : int, optional
        Pitch class of the lowest tone; the root by default.
    numeral : str, default ""
        What it is in its key, such as ``"V7"`` or ``"ii6"``.
    cadence : bool, default False
        Whether it is the last chord of a cadence.

    Examples
    --------
    >>> Chord(0, 4, 9, "m7").tones, Chord(0, 4, 9, "m7", bass=4).name
    ((9, 0, 4, 7), 'Am7/E')
    """

    start: float
    duration: float
    root: int
    quality: str = ""
    bass: int | None = None
    numeral: str = ""
    cadence: bool = False

    def __post_init__(self) -> None:
        if not (self.start >= 0 and self.duration > 0):
            raise ParameterError(
                f"a chord needs start >= 0 and duration > 0, got {self.start}, {self.duration}"
            )
        if self.root not in range(12) or self.bass not in (None, *range(12)):
            raise ParameterError(f"root and bass must be from 0 to 11: {self.root}, {self.bass}")
        if self.quality not in QUALITIES:
            raise ParameterError(
                f"quality of a chord must be one of {', '.join(map(repr, QUALITIES))}, got "
                f"{self.quality!r}"
            )

    @property
    def end(self) -> float:
        """The beat at which it ends."""
        return self.start + self.duration

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes from the root up."""
        return tuple((self.root + step) % 12 for step in QUALITIES[self.quality])

    @property
    def name(self) -> str:
        """As on a lead sheet, such as ``"Am7/E"``."""
        under = "" if self.bass in (None, self.root) else f"/{NOTE_NAMES[self.bass or 0]}"
        return f"{NOTE_NAMES[self.root]}{self.quality}{under}"
