"""From a mood to musical cues: an additive table that anyone can read and change.

``data/cues.csv`` holds a row for each cue: its value at the middle of the plane, how much valence
and arousal add to it, its range, and where that was found. That sums suffice was measured: linear
cues explain 77 to 89 % of what listeners say, squares of them 0 to 8 % more, interactions nothing
[1]_. The numbers were set within those findings and then tuned on measured pieces.

References
----------
.. [1] T. Eerola, A. Friberg and R. Bresin, "Emotional expression in music: contribution, linearity,
   and additivity of primary musical cues", Frontiers in Psychology 4:487, 2013.
.. [2] K. Agres, A. Dash and P. Chua, "AffectMachine-Classical: a novel system for generating
   affective classical music", Frontiers in Psychology 14:1158172, 2023.
.. [3] S. Livingstone, R. Muhlberger, A. Brown and W. Thompson, "Changing musical emotion: a
   computational rule system for modifying score and performance", Computer Music Journal 34(1),
   2010: the rules of CMERS.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from musify._checks import number
from musify.composer.musical_cues import MusicalCues

__all__ = ["CueRow", "cue_rows", "cues_at"]

_MODES: Final = ((0.0, "major"), (-0.15, "dorian"), (-0.7, "minor"), (-1.0, "harmonic-minor"))
"""From which mode score on a mode is used, the brightest first."""


@dataclass(frozen=True, slots=True)
class CueRow:
    """A row of the table: ``clip(base + valence * v + arousal * a, low, high)``.

    Parameters
    ----------
    cue : str
        A field of :class:`~musify.composer.musical_cues.MusicalCues`; ``"mode"`` is a score from
        -1 (darkest) to 1 (brightest).
    base : float
        Its value at the middle of the plane.
    valence, arousal : float
        What each adds, going from 0 to 1.
    low, high : float
        Its range.
    source : str
        Where that was found.
    """

    cue: str
    base: float
    valence: float
    arousal: float
    low: float
    high: float
    source: str

    def at(self, valence: float, arousal: float) -> float:
        """Return the cue's value at a point of the plane."""
        value = self.base + self.valence * valence + self.arousal * arousal
        return min(self.high, max(self.low, value))


@cache
def cue_rows() -> tuple[CueRow, ...]:
    """Return the rows of the table, in the order of the file."""
    text = (files("musify.composer") / "data" / "cues.csv").read_text(encoding="utf-8")
    return tuple(
        CueRow(
            cue=row["cue"],
            base=float(row["base"]),
            valence=float(row["valence"]),
            arousal=float(row["arousal"]),
            low=float(row["low"]),
            high=float(row["high"]),
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def cues_at(valence: float, arousal: float) -> MusicalCues:
    """Return how music sounds that expresses a point of the valence-arousal plane.

    Parameters
    ----------
    valence, arousal : float
        In [-1, 1].

    Raises
    ------
    ParameterError
        If a number is outside the plane.

    Examples
    --------
    >>> happy, sad = cues_at(0.75, 0.4), cues_at(-0.7, -0.4)
    >>> happy.mode, sad.mode, happy.bpm > sad.bpm
    ('major', 'minor', True)
    """
    valence = number("valence", valence, low=-1, high=1)
    arousal = number("arousal", arousal, low=-1, high=1)
    values = {row.cue: row.at(valence, arousal) for row in cue_rows()}
    score = values.pop("mode")
    mode = next(name for least, name in _MODES if score >= least)
    return MusicalCues(mode=mode, **values)
