"""Articulation: how long of its written length a note is held."""

from collections.abc import Iterable

from musify.composer.instruments.catalogue import InstrumentEntry
from musify.composer.score import PartRole
from musify.composer.written import Written

__all__ = ["articulated"]

_RINGS = ("plucked", "mallets")
_SHORTEST = 0.06


def articulated(
    notes: Iterable[Written], *, role: PartRole, instrument: InstrumentEntry, gate: float
) -> list[Written]:
    """Hold notes as long as the mood asks.

    Parameters
    ----------
    notes : iterable of Written
        With written lengths.
    role : str
        Pads are held in full, drums have no length.
    instrument : InstrumentEntry
        What is plucked or struck rings on.
    gate : float
        Share of its length that a note of melody is held, in (0, 1]; long notes, and
        accompaniment, are shortened by less.
    """
    if role in ("drums", "pad", "effects"):
        return list(notes)
    rings = instrument.family in _RINGS and role != "melody"
    out = []
    for note in notes:
        held = 1.0 if rings else gate
        if role in ("bass", "harmony", "arpeggio"):
            held = max(held, 0.5 * (1 + held))
        if note.duration > 1:
            held = 1 - (1 - held) / note.duration
        out.append(note._replace(duration=max(_SHORTEST, note.duration * held)))
    return out
