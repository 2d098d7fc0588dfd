"""Parts played: notes become sound, block by block."""

import math
from collections import OrderedDict
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from musify.cancelling import checkpoint
from musify.composer.render.convolution import BLOCK
from musify.composer.score import Part
from musify.composer.tempo import TempoMap

__all__ = ["NoteCache", "Pack", "PartPlayer", "Playable", "played_notes"]

# Notes kept, because many are struck again and again: bytes, for all parts together.
_KEPT_BYTES: Final = 48 << 20
# Longer notes seldom return, and take much: seconds.
_LONGEST_KEPT: Final = 4.0
# Steps of velocity, and of the logarithm of the length, in which notes are told apart.
_VELOCITY_STEP: Final = 4.0
_LENGTH_STEP: Final = 0.03
# A drum takes as long as it takes; it is held so long.
_DRUM_HELD: Final = 0.25
_SHORTEST: Final = 0.02
# How long a note may ring under the pedal, in seconds: what is left by then is not missed.
_LONGEST_PEDAL: Final = 12.0
# How quickly a note ends that another one of its kind cuts off, in seconds.
_CHOKE: Final = 0.012

Sound = NDArray[np.float32]
Floats = NDArray[np.float64]


class Playable(Protocol):
    """What an instrument can do.

    One that is drums may say besides, with a method ``silenced_by(pitch)``, which pitches end the
    sound of another, as a closed hi-hat does with an open one.
    """

    @property
    def is_drums(self) -> bool:
        """Whether pitches are pieces of a kit."""
        ...

    def play(self, pitch: int, velocity: float, held: float, sample_rate: int) -> Sound:
        """Play one note, shape (n, 2)."""
        ...


class Pack(Protocol):
    """Where instruments come from."""

    def instrument(self, name: str) -> Playable:
        """Give an instrument."""
        ...


class NoteCache:
    """Notes that were played, as many as fit.

    Players are never quite as regular as a machine, and no two notes of a performance are alike to
    the last digit. Notes that differ by less than what is heard share their sound: lengths by a
    few hundredths, velocities by a few steps; how loud they are, which is the square of the
    velocity, stays exact.
    """

    def __init__(self) -> None:
        self._notes: OrderedDict[tuple[str, int, int, int], Sound] = OrderedDict()
        self._bytes = 0

    def play(
        self, name: str, instrument: Playable, note: tuple[int, float, float], sample_rate: int
    ) -> tuple[Sound, float]:
        """Play a note, or take it from what was played; return it with a gain."""
        pitch, velocity, held = note
        level = min(max(1, round(velocity / _VELOCITY_STEP)), int(127 / _VELOCITY_STEP))
        played = level * _VELOCITY_STEP
        steps = round(math.log(max(held, _SHORTEST) / _SHORTEST) / _LENGTH_STEP)
        key = name, pitch, level, steps
        gain = (velocity / played) ** 2
        if key in self._notes:
            self._notes.move_to_end(key)
            return self._notes[key], gain
        held = _SHORTEST * math.exp(steps * _LENGTH_STEP)
        sound = instrument.play(pitch, played, held, sample_rate)
        if len(sound) <= _LONGEST_KEPT * sample_rate:
            self._notes[key] = sound
            self._bytes += sound.nbytes
            while self._bytes > _KEPT_BYTES:
                self._bytes -= self._notes.popitem(last=False)[1].nbytes
        return sound, gain


def played_notes(part: Part, tempo: TempoMap, *, drums: bool, duration: float) -> Floats:
    """Say when and how the notes of a part are played.

    Returns
    -------
    ndarray of shape (n, 4)
        Seconds at which they begin, ascending, and for which they are held, pitch and velocity.
        What would begin after the end is left out.
    """
    notes = part.notes
    begins = np.maximum(tempo.seconds_at(notes.onset) + notes.shift, 0)
    ends = tempo.seconds_at(notes.onset + notes.duration) + notes.shift
    order = np.lexsort((notes.pitch, begins))
    begins, ends = begins[order], ends[order]
    pitch, velocity = notes.pitch[order], notes.velocity[order]
    if len(part.pedal) and len(begins):
        ends = _pedalled(begins, ends, pitch, tempo.seconds_at(part.pedal))
    held = np.maximum(np.minimum(ends, duration) - begins, _SHORTEST)
    if drums:
        held = np.full_like(held, _DRUM_HELD)
    inside = begins < duration
    return np.stack([begins, held, pitch, velocity], axis=1)[inside]


def _pedalled(begins: Floats, ends: Floats, pitch: Floats, pedal: Floats) -> Floats:
    """Let notes that end while the pedal is down ring until it goes up or they are struck anew."""
    out = ends.copy()
    place = np.searchsorted(pedal[:, 0], ends, side="right") - 1
    down = (place >= 0) & (ends < pedal[place, 1])
    out[down] = np.minimum(pedal[place, 1], begins + _LONGEST_PEDAL)[down]
    out = np.maximum(out, ends)
    for one in np.unique(pitch):
        which = np.flatnonzero(pitch == one)
        again = begins[which[1:]]
        which = which[:-1]
        out[which] = np.where(ends[which] <= again, np.minimum(out[which], again), out[which])
    return out


class PartPlayer:
    """Plays a part, block after block.

    Parameters
    ----------
    part : Part
        What is played.
    instrument : Playable
        On what.
    tempo : TempoMap
        When beats fall.
    duration : float
        Seconds of the piece.
    sample_rate : int
        PCM frames a second.
    cache : NoteCache
        Shared by all parts.
    """

    def __init__(
        self,
        part: Part,
        instrument: Playable,
        tempo: TempoMap,
        *,
        duration: float,
        sample_rate: int,
        cache: NoteCache,
    ) -> None:
        self.part = part
        self._instrument = instrument
        self._rate = sample_rate
        self._cache = cache
        self._notes = played_notes(part, tempo, drums=instrument.is_drums, duration=duration)
        self._begins = np.rint(self._notes[:, 0] * sample_rate).astype(np.int64)
        self._next = 0
        self._start = 0  # first frame of the next block
        self._ring = np.zeros((2 * BLOCK, 2), np.float32)  # what will sound, round and round
        self._busy = 0  # frames from the next block on in which something sounds
        self._swell = _swell(part, tempo)
        self._sides = _sides(part)
        tell = getattr(instrument, "silenced_by", None)
        self._silencing: dict[int, frozenset[int]] = {}
        if instrument.is_drums and callable(tell):
            self._silencing = {pitch: tell(pitch) for pitch in map(int, set(self._notes[:, 2]))}

    def block(self) -> Sound | None:
        """Play the next block, shape (2, BLOCK); None where the part is silent."""
        end = self._start + BLOCK
        while self._next < len(self._begins) and self._begins[self._next] < end:
            self._strike(self._next)
            self._next += 1
        start, self._start = self._start, end
        if self._busy <= 0:
            return None
        self._busy -= BLOCK
        place = start % len(self._ring)
        heard = self._ring[place : place + BLOCK]
        out = heard.T * self._sides[:, None]
        heard[:] = 0
        if self._swell is not None:
            times = np.arange(start, end) / self._rate
            out *= np.interp(times, *self._swell).astype(np.float32)
        return out

    def _strike(self, number: int) -> None:
        checkpoint()
        _, held, pitch, velocity = self._notes[number].tolist()
        note = int(pitch), velocity, held
        name = self.part.instrument
        sound, gain = self._cache.play(name, self._instrument, note, self._rate)
        if not len(sound):
            return
        sound = self._cut_off(number, int(pitch), sound)
        begin = int(self._begins[number])
        needed = begin - self._start + len(sound)
        if needed > len(self._ring):
            self._widen(needed)
        self._busy = max(self._busy, needed)
        size = len(self._ring)
        place = begin % size
        first = min(len(sound), size - place)
        self._ring[place : place + first] += sound[:first] * np.float32(gain)
        if first < len(sound):
            self._ring[: len(sound) - first] += sound[first:] * np.float32(gain)

    def _cut_off(self, number: int, pitch: int, sound: Sound) -> Sound:
        """End a note where another one begins that silences it."""
        silencing = self._silencing.get(pitch)
        if not silencing:
            return sound
        begin, length = self._begins[number], len(sound)
        for later in range(number + 1, len(self._begins)):
            gap = int(self._begins[later] - begin)
            if gap >= length:
                return sound
            if gap > 0 and int(self._notes[later, 2]) in silencing:
                falling = np.linspace(0, math.pi / 2, round(_CHOKE * self._rate))
                fade = (np.cos(falling) ** 2).astype(np.float32)
                sound = sound[: gap + len(fade)].copy()
                sound[gap:] *= fade[: len(sound) - gap, None]
                return sound
        return sound

    def _widen(self, needed: int) -> None:
        size = -(-needed // BLOCK) * BLOCK
        wide = np.zeros((size, 2), np.float32)
        old = len(self._ring)
        for start in range(self._start, self._start + old, BLOCK):
            wide[start % size : start % size + BLOCK] = self._ring[
                start % old : start % old + BLOCK
            ]
        self._ring = wide


def _swell(part: Part, tempo: TempoMap) -> tuple[Floats, Floats] | None:
    if not len(part.expression):
        return None
    return tempo.seconds_at(part.expression[:, 0]), part.expression[:, 1]


def _sides(part: Part) -> NDArray[np.float32]:
    """Gain of either side: equal power, and the level itself in the middle."""
    angle = (part.pan + 1) * np.pi / 4
    gain = np.sqrt(2) * 10 ** (part.gain_db / 20)
    return np.array([np.cos(angle) * gain, np.sin(angle) * gain], np.float32)
