"""Dynamics: from what a pattern accents to how hard each note is struck."""

import math
from collections.abc import Iterable
from typing import Final

from musify.composer.parts.setting import PHRASE, Setting
from musify.composer.score import PartRole
from musify.composer.written import Written

__all__ = ["PLAIN", "shaded"]

PLAIN: Final = 80.0
"""Velocity patterns write for a note without accent; what differs from it is accent."""

_ARC: Final = 4.0
"""How much louder the middle of a phrase is (N. Todd, "The dynamics of dynamics: a model of musical
expression", J. Acoust. Soc. Am. 91(6), 1992)."""

_ACCENT: Final = 12.0
_SWELL: Final = 10.0
_KNEE: Final = 108.0
_HUMAN: Final[dict[PartRole, float]] = {"drums": 2.0, "bass": 1.5}


def shaded(notes: Iterable[Written], setting: Setting, role: PartRole) -> list[Written]:
    """Turn accents into velocities: the mood's loudness, arcs, crescendi and accents on the hits.

    Parameters
    ----------
    notes : iterable of Written
        What a pattern wrote, its velocities around :data:`PLAIN`.
    setting : Setting
        Of the part in its section.
    role : str
        Drums and basses are struck more evenly.
    """
    section = setting.section
    base = 127 * setting.cues.velocity
    strengths = dict(setting.hits)
    bars = setting.bars
    starts = [bar.start for bar in bars]
    chance = setting.chance.child("dynamics")
    deviation = _HUMAN.get(role, 3.0)
    out, place = [], 0
    for note in notes:
        while place + 1 < len(starts) and note.onset >= starts[place + 1]:
            place += 1
        along = (note.onset - section.start) / section.beats
        first = bars[place - place % PHRASE]
        last = bars[min(len(bars) - 1, place - place % PHRASE + PHRASE - 1)]
        phrase = (note.onset - first.start) / (last.end - first.start)
        loud = base + 0.9 * (note.velocity - PLAIN)
        loud += _ARC * math.sin(math.pi * min(1.0, max(0.0, phrase))) - _ARC / 2
        loud += _course(section.role, along)
        if bars[place].is_last and setting.into >= 0.6:
            loud += _SWELL * setting.into * (note.onset - starts[place]) / bars[place].beats
        loud += _ACCENT * strengths.get(note.onset, 0.0)
        loud += deviation * min(2.0, max(-2.0, chance.normal()))
        if loud > _KNEE:  # accents are still heard where everything is loud
            loud = _KNEE + 0.5 * (loud - _KNEE)
        out.append(note._replace(velocity=float(round(min(127.0, max(8.0, loud))))))
    return out


def _course(role: str, along: float) -> float:
    """How a section's loudness runs from its beginning (0) to its end (1)."""
    if role == "build":
        return -8.0 + 16.0 * along
    if role == "intro":
        return -6.0 + 6.0 * along
    if role == "ending":
        return -5.0 * along
    return -7.0 if role == "break" else 0.0
