"""How loud instruments are, so that all can be made equally loud."""

from typing import Final

import numpy as np

from musify.audio.gating import loudness_of
from musify.audio.power import measure_power
from musify.composer.instruments.instrument import REFERENCE_LUFS, Instrument

__all__ = ["gain_to_reference", "note_loudness", "reference_loudness"]

_VELOCITY: Final = 80.0
_HELD: Final = 1.0
_RATE: Final = 48_000
# Bass drum and snare carry a kit.
_DRUMS: Final = (36, 38)
_STEPS: Final = 20
_MOST_DB: Final = 36.0


def reference_loudness(instrument: Instrument) -> float | None:
    """Measure how loud the reference notes of an instrument are.

    Three notes, at a quarter, a half and three quarters of its range; of a kit the bass drum and
    the snare. Each is mezzoforte (velocity 80) and held for a second. Of each counts the loudest
    momentary loudness (400 ms, ITU-R BS.1770-5), and of those the mean power.

    Parameters
    ----------
    instrument : Instrument
        What to measure.

    Returns
    -------
    float or None
        In LUFS; None if it gives no sound.
    """
    width = instrument.high - instrument.low
    notes = [instrument.low + round(width * share) for share in (0.25, 0.5, 0.75)]
    if instrument.is_drums:
        notes = list(_DRUMS)
    mean = float(np.mean([_note_power(instrument, pitch) for pitch in notes]))
    return float(loudness_of(mean)) if mean > 0 else None


def note_loudness(instrument: Instrument, pitch: int) -> float:
    """Measure how loud one note is, as :func:`reference_loudness` does; ``-inf`` for silence."""
    return float(loudness_of(_note_power(instrument, pitch)))


def _note_power(instrument: Instrument, pitch: int) -> float:
    sound = instrument.play(pitch, _VELOCITY, _HELD, _RATE)
    padded = np.concatenate([sound, np.zeros((_RATE // 2, 2), np.float32)])
    steps = measure_power(iter([padded]), _RATE, 2).power
    sums = np.concatenate([[0.0], np.cumsum(steps)])
    return float((sums[_STEPS:] - sums[:-_STEPS]).max()) / _STEPS


def gain_to_reference(instrument: Instrument) -> float:
    """Return the gain that brings an instrument to ``REFERENCE_LUFS``.

    Returns
    -------
    float
        In decibels, to a tenth, within plus and minus 36; 0 for an instrument without a sound.
    """
    loudness = reference_loudness(instrument)
    if loudness is None:
        return 0.0
    return round(min(_MOST_DB, max(-_MOST_DB, REFERENCE_LUFS - loudness)), 1)
