"""The sampler: an instrument made of recorded notes."""

import math
import sys
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.catalogue import InstrumentEntry
from musify.composer.instruments.envelope import Envelope
from musify.composer.instruments.instrument import Instrument, Pcm
from musify.composer.instruments.slow_waves import tremolo, with_vibrato
from musify.composer.instruments.velocity import velocity_gain
from musify.composer.instruments.waves import Waves
from musify.composer.instruments.zones import NO_FILTER_CENTS, Zone

__all__ = ["Sampler"]

_CENTS: Final = 1200
# Above this nobody hears that a filter is there.
_OPEN_CENTS: Final = NO_FILTER_CENTS - 350
# A bell tree of 45 s is cheaper, and music goes on.
_LONGEST_DRUM_SECONDS: Final = 9.0
_LEAST_VIBRATO_CENTS: Final = 3.0
_LEAST_TREMOLO_DB: Final = 0.3
_SWEEP_STEP_CENTS: Final = 1500.0
_UNHEARD_SWEEP: Final = 0.2


class Sampler(Instrument):
    """An instrument made of recorded notes.

    Parameters
    ----------
    entry : InstrumentEntry
        Its name and what it can play.
    zones : sequence of Zone
        What sounds for which keys and velocities; at least one.
    waves : Waves
        Where their sound comes from.
    gain_db : float
        What makes it as loud as the others.
    """

    def __init__(
        self, entry: InstrumentEntry, zones: Sequence[Zone], waves: Waves, gain_db: float = 0.0
    ) -> None:
        super().__init__(entry)
        self._waves = waves
        self._gain = 10 ** (gain_db / 20)
        self._by_key = _by_key(zones, is_kit=entry.is_kit)

    def _play(self, pitch: int, velocity: float, held: float, sample_rate: int) -> Pcm:
        sounds = [
            self._zone_sound(zone, pitch, velocity, held, sample_rate)
            for zone in _for_velocity(self._by_key[pitch], velocity)
        ]
        sounds.sort(key=lambda sound: -len(sound[0]))
        out = np.empty((len(sounds[0][0]) if sounds else 0, 2), np.float32)
        for number, (mono, *sides) in enumerate(sounds):
            for side, gain in enumerate(sides):
                if number == 0:
                    np.multiply(mono, np.float32(gain), out=out[:, side])
                elif gain:
                    out[: len(mono), side] += mono * np.float32(gain)
        return out

    def _zone_sound(
        self, zone: Zone, pitch: int, velocity: float, held: float, sample_rate: int
    ) -> tuple[NDArray[np.float32], float, float]:
        """Return the sound of one zone, mono, and its gains on both sides."""
        key = pitch if zone.fixed_key < 0 else zone.fixed_key
        speed = velocity if zone.fixed_velocity < 0 else zone.fixed_velocity
        longest = self._waves.frames(zone, key, sample_rate)
        if self.is_drums:
            if longest is not None:
                held = max(held, longest / sample_rate)
            longest = min(longest or sys.maxsize, round(_LONGEST_DRUM_SECONDS * sample_rate))
        begins = self._waves.begins_in_silence(zone)
        gains = _for_key(zone, key).gains(held, sample_rate, longest, begins_in_silence=begins)
        sound = self._filtered(zone, key, speed, held, len(gains), sample_rate)
        seconds = len(gains) / sample_rate
        if abs(zone.vibrato_cents) >= _LEAST_VIBRATO_CENTS and zone.vibrato_delay < seconds:
            swing = zone.vibrato_cents, zone.vibrato_hz, zone.vibrato_delay
            sound = with_vibrato(sound, *swing, sample_rate)
        if abs(zone.tremolo_db) >= _LEAST_TREMOLO_DB and zone.tremolo_delay < seconds:
            swing = zone.tremolo_db, zone.tremolo_hz, zone.tremolo_delay
            gains *= tremolo(*swing, len(gains), sample_rate)
        gains *= sound
        gain = self._gain * velocity_gain(speed) * 10 ** (-zone.attenuation_db / 20)
        angle = (min(1.0, max(-1.0, zone.pan)) + 1) * math.pi / 4
        # The cosine of a right angle is not quite 0.
        left, right = (0.0 if abs(side) < 1e-9 else side for side in _sides(angle))
        return gains, gain * left, gain * right

    def _filtered(
        self, zone: Zone, key: int, velocity: float, held: float, frames: int, sample_rate: int
    ) -> NDArray[np.float32]:
        """Return what passes the filter of a zone; not to be changed."""
        cutoff = zone.cutoff_cents - zone.velocity_cents * (1 - velocity / 127)

        def at(cents: float) -> NDArray[np.float32]:
            is_open = cents >= _OPEN_CENTS and zone.resonance_db < 1
            return self._waves.wave(zone, key, frames, sample_rate, None if is_open else cents)

        if not zone.sweep_cents or min(cutoff, cutoff + zone.sweep_cents) >= _OPEN_CENTS:
            return at(cutoff)
        place = zone.sweep.shares(held, frames, sample_rate)
        place *= np.float32(zone.sweep_cents / _SWEEP_STEP_CENTS)
        place += np.float32(cutoff / _SWEEP_STEP_CENTS)
        np.minimum(place, np.float32(_OPEN_CENTS / _SWEEP_STEP_CENTS), out=place)
        low, high = float(place.min()), float(place.max())
        if high - low < _UNHEARD_SWEEP:
            return at((low + high) / 2 * _SWEEP_STEP_CENTS)
        # Between neighbouring positions of the filter their sounds are mixed. The positions are the
        # same for all notes, so that what was filtered for one serves the next.
        out = np.zeros(frames, np.float32)
        for step in range(int(low), math.ceil(high) + 1):
            weight = np.maximum(np.float32(1) - np.abs(place - np.float32(step)), np.float32(0))
            heard = np.flatnonzero(weight)
            if len(heard):
                part = slice(int(heard[0]), int(heard[-1]) + 1)
                out[part] += at(step * _SWEEP_STEP_CENTS)[part] * weight[part]
        return out

    def silenced_by(self, pitch: int) -> frozenset[int]:
        """Return which drums end the sound of a drum, such as a closed hi-hat an open one."""
        classes = {zone.exclusive for zone in self._by_key[pitch]} - {0}
        return frozenset(
            key
            for key, zones in enumerate(self._by_key)
            if any(zone.exclusive in classes for zone in zones)
        )


def _sides(angle: float) -> tuple[float, float]:
    return math.cos(angle), math.sin(angle)


def _by_key(zones: Sequence[Zone], *, is_kit: bool) -> list[list[Zone]]:
    """List the zones of each key; one without any has those of its nearest neighbour."""
    own = [[zone for zone in zones if zone.key_low <= key <= zone.key_high] for key in range(128)]
    filled = [key for key in range(128) if own[key]]
    if is_kit or not filled:
        return own
    return [own[min(filled, key=lambda other: abs(other - key))] for key in range(128)]


def _for_velocity(zones: Sequence[Zone], velocity: float) -> list[Zone]:
    """Return the zones that sound for a velocity, or else those of the nearest velocity."""
    whole = int(velocity)

    def off(zone: Zone) -> int:
        return max(zone.velocity_low - whole, whole - zone.velocity_high, 0)

    nearest = min(map(off, zones), default=0)
    return [zone for zone in zones if off(zone) == nearest]


def _for_key(zone: Zone, key: int) -> Envelope:
    """Return the envelope of the gain: higher keys hold and decay for less long."""
    volume = zone.volume
    if not zone.hold_by_key and not zone.decay_by_key:
        return volume
    return Envelope(
        volume.delay,
        volume.attack,
        volume.hold * 2 ** (zone.hold_by_key * (60 - key) / _CENTS),
        volume.decay * 2 ** (zone.decay_by_key * (60 - key) / _CENTS),
        volume.sustain_db,
        volume.release,
    )
