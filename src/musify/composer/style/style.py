"""A style: ensembles, templates and habits, read from a data file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from musify.composer.score import PartRole

__all__ = ["QUADRANTS", "Chair", "Quadrant", "Style", "Template", "quadrant_of"]

Quadrant = Literal["happy", "tense", "sad", "calm"]
QUADRANTS: Final[tuple[Quadrant, ...]] = ("happy", "tense", "sad", "calm")
"""Of the plane: positive and high, negative and high, negative and low, positive and low."""


def quadrant_of(valence: float, arousal: float) -> Quadrant:
    """Name the quadrant of a point of the plane."""
    if arousal >= 0:
        return "happy" if valence >= 0 else "tense"
    return "calm" if valence >= 0 else "sad"


@dataclass(frozen=True, slots=True)
class Chair:
    """An instrument's place in an arrangement.

    Parameters
    ----------
    part : str
        Name of the part, unlike the others of its template.
    role : str
        One of :data:`musify.composer.score.PART_ROLES`.
    instrument : str
        Name in the instrument pack.
    pattern : str
        Name of the pattern it plays, of those that suit its role.
    enters : float
        From which ``MusicalCues.layers`` on it plays, in [0, 1]; 0 is always.
    gain_db, pan, reverb : float
        As of :class:`musify.composer.score.Part`.
    options : mapping
        What the pattern may be told.
    """

    part: str
    role: PartRole
    instrument: str
    pattern: str
    enters: float = 0.0
    gain_db: float = 0.0
    pan: float = 0.0
    reverb: float = 0.2
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Template:
    """One way to arrange a section of a quadrant.

    Parameters
    ----------
    name : str
        Unlike the others of its style.
    chairs : tuple of Chair
        Who plays what.
    """

    name: str
    chairs: tuple[Chair, ...]


@dataclass(frozen=True, slots=True)
class Style:
    """A style of music.

    Parameters
    ----------
    name : str
        What the user types, such as ``"lo-fi"``.
    title, summary : str
        For people.
    tempi : tuple of float
        Lowest and highest base tempo, in beats a minute.
    metres : tuple of int
        Beats in a bar it likes, the usual one first.
    swing : float
        How late the second of two eighths comes, in [0, 1]: 0 is straight, 1 a triplet's.
    colour : str
        Its chords: ``"triads"``, ``"sevenths"``, ``"extended"``, ``"open"`` (suspended, fifths).
    harmonic_rhythm : float
        Bars to a chord, such as 0.5, 1 or 2.
    progressions : mapping
        For each quadrant, sequences of roman numerals it likes, each with its weight.
    centre : tuple of float
        Valence and arousal it suits best; styles are chosen by distance from it.
    reach : tuple of float
        How far it goes in each direction.
    templates : mapping
        For each quadrant two to four templates.
    space : str
        Reverb: ``"room"``, ``"chamber"``, ``"hall"`` or ``"plate"``.
    """

    name: str
    title: str
    summary: str
    tempi: tuple[float, float]
    metres: tuple[int, ...]
    swing: float
    colour: str
    harmonic_rhythm: float
    progressions: Mapping[Quadrant, tuple[tuple[tuple[str, ...], float], ...]]
    centre: tuple[float, float]
    reach: tuple[float, float]
    templates: Mapping[Quadrant, tuple[Template, ...]]
    space: str = "room"
