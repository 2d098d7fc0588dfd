"""Where each role lies: from the register a mood asks for to the range of an instrument."""

from typing import Final

from musify.composer.instruments.catalogue import InstrumentEntry
from musify.composer.musical_cues import MusicalCues
from musify.composer.score import PartRole

__all__ = ["SEAM", "melody_range", "window"]

SEAM: Final = 71
"""Pitch near which melodies of sections meet."""

_PLACES: Final[dict[PartRole, tuple[float, int, int]]] = {
    "counter": (3.0, 10, 10),
    "harmony": (0.0, 10, 10),
    "pad": (0.0, 11, 12),
    "arpeggio": (8.0, 11, 14),
    "ostinato": (2.0, 10, 12),
    "effects": (4.0, 10, 12),
}
"""Semitones from the register of the accompaniment, and how far below and above it a role goes."""

_BASS: Final = 17
_NARROWEST: Final = 14


def window(
    role: PartRole, cues: MusicalCues, instrument: InstrumentEntry, octave: int = 0
) -> tuple[int, int]:
    """Find the pitches between which a part lies.

    Parameters
    ----------
    role : str
        What it does.
    cues : MusicalCues
        Where the accompaniment lies.
    instrument : InstrumentEntry
        Its range is kept.
    octave : int, default 0
        Octaves up or down from the usual place.

    Returns
    -------
    tuple of int
        Lowest and highest pitch, at least 14 semitones apart where the instrument has so many.
    """
    if instrument.family == "drums":
        return instrument.low, instrument.high
    if role == "bass":
        low = max(instrument.low, 28 + round((cues.register - 58) / 3))
        if low > instrument.low + 12 and low > 40:
            low = instrument.low
        return low, min(instrument.high, low + _BASS)
    offset, below, above = _PLACES.get(role, _PLACES["harmony"])
    center = round(cues.register + offset) + 12 * octave
    while center - below < instrument.low and center + 12 + above <= instrument.high + 6:
        center += 12
    while center + above > instrument.high and center - 12 - below >= instrument.low - 6:
        center -= 12
    low, high = max(instrument.low, center - below), min(instrument.high, center + above)
    if high - low < _NARROWEST:
        if low == instrument.low:
            high = min(instrument.high, low + _NARROWEST)
        else:
            low = max(instrument.low, high - _NARROWEST)
    return low, high


def melody_range(instrument: InstrumentEntry, octave: int = 0) -> tuple[int, int, int]:
    """Find the lowest and highest pitch of a melody, and where its sections meet.

    They do not depend on the mood: the same for all sections of a part.
    """
    seam = min(instrument.high - 8, max(instrument.low + 8, SEAM + 12 * octave))
    return max(instrument.low, seam - 15), min(instrument.high, seam + 16), seam
