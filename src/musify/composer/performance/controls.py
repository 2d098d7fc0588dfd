"""Pedal and swell: what is not in the notes."""

from collections.abc import Sequence
from typing import Final

from musify.composer.form.section import Section
from musify.composer.instruments.catalogue import InstrumentEntry
from musify.composer.musical_cues import MusicalCues
from musify.composer.parts.setting import PHRASE
from musify.composer.score import PartRole
from musify.composer.theory.chords import Chord

__all__ = ["pedalled", "swelled"]

_PEDALLED: Final = ("piano", "electric-piano", "vibraphone", "celesta")
_ACCOMPANIMENT: Final = ("harmony", "arpeggio", "pad")
_SWELLING: Final = ("bowed", "voices", "winds", "brass", "pad")
_LIFT: Final = 0.06
"""Beats before a chord changes at which the pedal is lifted."""
_DRY: Final = 0.72
"""Below this gate a mood is too detached for the pedal."""


def pedalled(
    role: PartRole, instrument: InstrumentEntry, chords: Sequence[Chord], cues: MusicalCues
) -> list[tuple[float, float]]:
    """Hold the sustain pedal under each chord, where the instrument has one and the mood suits.

    Returns
    -------
    list of tuple of float
        From which to which beat.
    """
    if instrument.name not in _PEDALLED or role not in _ACCOMPANIMENT or cues.gate < _DRY:
        return []
    return [(chord.start, max(chord.start + _LIFT, chord.end - _LIFT)) for chord in chords]


def swelled(
    role: PartRole, instrument: InstrumentEntry, section: Section
) -> list[tuple[float, float]]:
    """Let sustained sounds grow and fall with the phrases; through a build they only grow.

    Returns
    -------
    list of tuple of float
        Beats and gains in [0, 1].
    """
    if instrument.family not in _SWELLING or role in ("bass", "drums", "ostinato", "effects"):
        return []
    depth = 0.3 if role == "pad" else 0.15
    if section.role == "build":
        return [(float(section.start), 1 - 1.5 * depth), (section.end - 0.01, 1.0)]
    points = []
    downbeats = section.downbeats
    for place in range(0, len(downbeats), PHRASE):
        start = downbeats[place]
        after = place + PHRASE
        end = downbeats[after] if after < len(downbeats) else section.end
        low = 1 - depth if place or section.role != "intro" else 1 - 2 * depth
        points += [
            (float(start), low),
            (start + 0.6 * (end - start), 1.0),
            (end - 0.01, 1 - depth),
        ]
    return points
