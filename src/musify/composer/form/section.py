"""Sections and hit points: the plan of a piece before a note of it is written."""

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify.composer.tempo import TempoMap
from musify.composer.theory.keys import Key
from musify.errors import ParameterError

__all__ = ["ROLES", "Form", "Section", "SectionRole"]

SectionRole = Literal[
    "intro", "theme", "development", "contrast", "build", "break", "return", "ending"
]
ROLES: Final[tuple[SectionRole, ...]] = get_args(SectionRole)


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of music with one mood.

    Parameters
    ----------
    name : str
        Letter as in an analysis of form, such as ``"A"`` or ``"A'"``; sections whose letter is the
        same share their themes.
    role : str
        What it is for: one of ``ROLES``.
    start : int
        Its first beat, a downbeat, counted from the beginning of the piece.
    bars : tuple of int
        Beats in each of its bars. A bar shorter or longer than the others is how a hit point falls
        on a downbeat.
    valence, arousal : float
        The mood, in [-1, 1].
    key : Key
        Its key.
    seed : int
        What is drawn for it alone.
    """

    name: str
    role: SectionRole
    start: int
    bars: tuple[int, ...]
    valence: float
    arousal: float
    key: Key
    seed: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "bars", tuple(self.bars))
        if self.role not in ROLES:
            raise ParameterError(
                f"role of a section must be one of {', '.join(ROLES)}, got {self.role!r}"
            )
        if self.start < 0 or not self.bars or min(self.bars) < 1:
            raise ParameterError(
                "a section needs start >= 0 and bars of at least a beat, got "
                f"{self.start} and {self.bars}"
            )
        for name in ("valence", "arousal"):
            if not -1 <= getattr(self, name) <= 1:
                raise ParameterError(f"{name} must be in [-1, 1], got {getattr(self, name)}")

    @property
    def beats(self) -> int:
        """How many beats it lasts."""
        return sum(self.bars)

    @property
    def end(self) -> int:
        """The beat after its last."""
        return self.start + self.beats

    @property
    def downbeats(self) -> tuple[int, ...]:
        """Where its bars begin, in beats of the piece."""
        starts, at = [], self.start
        for length in self.bars:
            starts.append(at)
            at += length
        return tuple(starts)

    @property
    def letter(self) -> str:
        """Its name without primes: which themes it uses."""
        return self.name.rstrip("'")


@dataclass(frozen=True, slots=True, eq=False)
class Form(FrozenArrays):
    """The plan of a piece.

    Parameters
    ----------
    duration : float
        Seconds of the whole, the last chord's ringing included.
    tempo : TempoMap
        When beats fall.
    sections : tuple of Section
        They touch, from beat 0 to the beat of the final chord (``final``), which sounds after them.
    hits : array_like of shape (n,)
        Beats (whole or half) of the piece that a cut of the video falls on, ascending.
    strengths : array_like of shape (n,)
        How strong those cuts are, in [0, 1]: strong ones get an accent.

    Notes
    -----
    The final chord, the tonic, is struck on beat ``final`` and rings until ``duration``.
    """

    duration: float
    tempo: TempoMap
    sections: tuple[Section, ...]
    hits: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    strengths: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        object.__setattr__(self, "sections", tuple(self.sections))
        at = 0
        for section in self.sections:
            if section.start != at:
                raise ParameterError(
                    f"sections must touch: one begins at beat {section.start} instead of {at}"
                )
            at = section.end
        if not self.sections:
            raise ParameterError("a form needs at least one section")
        hits = frozen_floats("hits", self.hits, (None,))
        object.__setattr__(self, "hits", hits)
        strengths = frozen_floats("strengths", self.strengths, (len(hits),))
        object.__setattr__(self, "strengths", strengths)

    @property
    def final(self) -> int:
        """The beat on which the final chord is struck."""
        return self.sections[-1].end
