"""Zones: which part of which sample sounds for a key and a velocity, and how."""

from dataclasses import dataclass
from typing import Final

from musify.composer.instruments.envelope import Envelope, Sweep

__all__ = ["NO_FILTER_CENTS", "SampleInfo", "Zone"]

NO_FILTER_CENTS = 13500.0
"""Where the filter is open: 19,912 Hz, in cents above 8.176 Hz."""

_PLAIN_ENVELOPE: Final = Envelope()
_PLAIN_SWEEP: Final = Sweep()


@dataclass(frozen=True, slots=True)
class SampleInfo:
    """A recorded sound.

    Parameters
    ----------
    name : str
        What its maker calls it.
    place : int
        Where it begins, in what its reader counts: PCM frames, bytes or rows.
    size : int
        How long it is, in the same.
    sample_rate : int
        PCM frames a second.
    """

    name: str
    place: int
    size: int
    sample_rate: int


@dataclass(frozen=True, slots=True)
class Zone:
    """How a sample sounds for a range of keys and velocities.

    Parameters
    ----------
    sample : int
        Which.
    key_low, key_high, velocity_low, velocity_high : int
        Where it sounds, both ends included.
    root : int
        Key at which the sample sounds as it was recorded, were it not for the tuning.
    tuning : float
        Semitones.
    scale : float
        Cents for each key; 100, but 0 of a drum that is no pitch.
    start, end : int
        PCM frames of the sample that sound; an ``end`` of 0 or below counts from its end.
    loop_start, loop_end : int
        What is repeated until the note has ended, in PCM frames of the sample; twice the same
        for nothing.
    attenuation_db : float
        Below 0 it is made louder.
    pan : float
        From -1 (left) to 1 (right).
    volume : Envelope
        Of the gain.
    hold_by_key, decay_by_key : float
        Cents of time by which ``hold`` and ``decay`` shrink for each key above 60.
    cutoff_cents : float
        Of the low-pass filter, in cents above 8.176 Hz.
    resonance_db : float
        At the cutoff, above the level of low frequencies.
    velocity_cents : float
        By how much the softest velocity closes the filter.
    sweep : Sweep
        Of the filter.
    sweep_cents : float
        By how much that moves the filter.
    tremolo_hz, tremolo_db, tremolo_delay : float
        A slow triangle on the gain.
    vibrato_hz, vibrato_cents, vibrato_delay : float
        A slow triangle on the pitch.
    fixed_key, fixed_velocity : int
        What is played whatever the key and the velocity; -1 for nothing of the kind.
    exclusive : int
        Class of which one note silences the others, such as a hi-hat's; 0 for none.
    """

    sample: int
    key_low: int = 0
    key_high: int = 127
    velocity_low: int = 0
    velocity_high: int = 127
    root: int = 60
    tuning: float = 0.0
    scale: float = 100.0
    start: int = 0
    end: int = 0
    loop_start: int = 0
    loop_end: int = 0
    attenuation_db: float = 0.0
    pan: float = 0.0
    volume: Envelope = _PLAIN_ENVELOPE
    hold_by_key: float = 0.0
    decay_by_key: float = 0.0
    cutoff_cents: float = NO_FILTER_CENTS
    resonance_db: float = 0.0
    velocity_cents: float = 2400.0
    sweep: Sweep = _PLAIN_SWEEP
    sweep_cents: float = 0.0
    tremolo_hz: float = 8.176
    tremolo_db: float = 0.0
    tremolo_delay: float = 0.0
    vibrato_hz: float = 8.176
    vibrato_cents: float = 0.0
    vibrato_delay: float = 0.0
    fixed_key: int = -1
    fixed_velocity: int = -1
    exclusive: int = 0

    def sounds_for(self, key: int, velocity: float) -> bool:
        """Tell whether the zone sounds; velocities between two whole ones go with the lower."""
        return (
            self.key_low <= key <= self.key_high
            and self.velocity_low <= int(velocity) <= self.velocity_high
        )
