"""Scores as MIDI files, in time with their sound to less than a millisecond."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from mido import Message, MetaMessage, MidiFile, MidiTrack
from numpy.typing import NDArray

from musify.cancelling import checkpoint
from musify.composer.instruments.catalogue import find_instrument
from musify.composer.score import Part, Score
from musify.composer.tempo import TempoMap
from musify.composer.theory.keys import MODES, Key
from musify.progress import ProgressCallback, tell

__all__ = ["midi_of"]

# A tick is 0.5 ms at the slowest tempo there is; programs for music know multiples of 480.
TICKS: Final = 3840
# Tempi are whole microseconds a beat: what they are off is made up for after so many beats.
_BEATS_BETWEEN: Final = 64
_SLOWEST: Final = 0xFFFFFF
_DRUMS: Final = 9
_MELODIC: Final = tuple(channel for channel in range(16) if channel != _DRUMS)
# General MIDI 1: levels are 40 log10(v / 127) dB, and 100 is what volume stands at.
_USUAL_VOLUME: Final = 100
_STEP_BEATS: Final = 0.125
_MAJOR: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR: Final = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")
# What comes first where several things happen at once: notes end before others begin.
_END, _SETTING, _BEGIN = range(3)

Event: TypeAlias = tuple[int, int, Message | MetaMessage]


def midi_of(score: Score, *, on_progress: ProgressCallback | None = None) -> MidiFile:
    """Write a score as MIDI.

    Parameters
    ----------
    score : Score
        The piece.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"save"``, in parts.

    Returns
    -------
    mido.MidiFile
        Type 1. Its first track holds tempi, metres, keys and a marker for each section; each part
        has a track with its name, General MIDI program, volume, pan, reverb, pedal and expression.
        Drum kits are on channel 10, other parts on channels of their own; what needs more of them
        is on a further port. Where the first beat is later than 0 s, beats before it fill the time.

    Raises
    ------
    ParameterError
        If a part names an instrument that the catalogue lacks.
    """
    clock = _Clock(score.tempo, score.duration)
    made = MidiFile(type=1, ticks_per_beat=TICKS, charset="utf-8")
    made.tracks.append(_track(score.title, _plan(score, clock), clock.end))
    kits = others = 0
    for done, part in enumerate(score.parts, 1):
        if find_instrument(part.instrument).is_kit:
            port, channel = kits, _DRUMS
            kits += 1
        else:
            port, place = divmod(others, len(_MELODIC))
            channel = _MELODIC[place]
            others += 1
        events = [*_settings(part, port, channel, clock), *_played(part, channel, clock)]
        made.tracks.append(_track(part.name, events, clock.end))
        tell(on_progress, "save", done, len(score.parts))
    return made


class _Clock:
    """From seconds of the rendered piece to ticks of the file, by the tempi that the file has."""

    def __init__(self, tempo: TempoMap, duration: float) -> None:
        begin = float(tempo.seconds[0])
        self.lead = max(1, round(begin * float(tempo.bpm[0]) / 60)) if begin > 0 else 0
        self._tempo = tempo
        changes = [-float(self.lead)] if self.lead else []
        changes += tempo.beats.tolist()
        last = float(tempo.beats_at(duration))
        changes += [last] if last > changes[-1] else []
        points = [
            start + step
            for start, stop in pairwise(changes)
            for step in np.arange(0, stop - start, _BEATS_BETWEEN).tolist()
        ] + changes[-1:]
        ticks = [self.beat(point) for point in points]
        self.tempi: list[tuple[int, int]] = []
        reached, times = 0.0, [0.0]
        for (tick, following), point in zip(pairwise(ticks), points[1:], strict=True):
            wanted = float(tempo.seconds_at(point))
            if point < 0:
                wanted = begin * (1 + point / self.lead)
            beats = max(1, following - tick) / TICKS
            micros = min(max(1, round((wanted - reached) * 1e6 / beats)), _SLOWEST)
            self.tempi.append((tick, micros))
            reached += micros * (following - tick) / TICKS / 1e6
            times.append(reached)
        self._ticks, self._times = np.array(ticks, np.float64), np.array(times)
        self.end = int(self.at(np.array([duration]))[0])

    def at(self, seconds: NDArray[np.float64]) -> NDArray[np.int64]:
        """Ticks of times."""
        inside = np.interp(np.maximum(seconds, 0.0), self._times, self._ticks)
        return np.round(inside).astype(np.int64)

    def played(self, beats: NDArray[np.float64], shift: NDArray[np.float64]) -> NDArray[np.int64]:
        """Ticks of beats that are played a little earlier or later."""
        return self.at(self._tempo.seconds_at(beats) + shift)

    def beat(self, beat: float) -> int:
        """Tick of a beat by notation."""
        return round((beat + self.lead) * TICKS)


def _track(name: str, events: list[Event], end: int) -> MidiTrack:
    track = MidiTrack([MetaMessage("track_name", name=name)])
    at = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        message.time = tick - at  # each stands in one track alone; a copy costs as much as all else
        track.append(message)
        at = tick
    track.append(MetaMessage("end_of_track", time=max(0, end - at)))
    return track


def _plan(score: Score, clock: _Clock) -> list[Event]:
    """Tempi, metres, keys and markers."""
    events: list[Event] = [(0, _SETTING, MetaMessage("copyright", text=score.credit))]
    events += [(at, _SETTING, MetaMessage("set_tempo", tempo=tempo)) for at, tempo in clock.tempi]
    metre, key = clock.lead, ""
    if clock.lead:
        events.append((0, _SETTING, _metre(clock.lead)))
    for section in score.sections:
        for downbeat, beats in zip(section.downbeats, section.bars, strict=True):
            if beats != metre:
                events.append((clock.beat(downbeat), _SETTING, _metre(beats)))
                metre = beats
        here, signature = clock.beat(section.start), _signature(section.key)
        if signature != key:
            events.append((here, _SETTING, MetaMessage("key_signature", key=signature)))
            key = signature
        marker = MetaMessage("marker", text=f"{section.name} {section.role}")
        events.append((here, _SETTING, marker))
    if score.sections:
        final = clock.beat(score.sections[-1].end)
        events.append((final, _SETTING, MetaMessage("marker", text="final chord")))
    return events


def _metre(beats: int) -> MetaMessage:
    return MetaMessage("time_signature", numerator=beats, denominator=4)


def _signature(key: Key) -> str:
    """Name the signature of a key: a church mode has that of the major key with its tones."""
    if key.mode in ("minor", "harmonic-minor"):
        return _MINOR[key.tonic]
    tones = set(key.scale)
    return next(
        name
        for tonic, name in enumerate(_MAJOR)
        if {(tonic + step) % 12 for step in MODES["major"]} == tones
    )


def _settings(part: Part, port: int, channel: int, clock: _Clock) -> Iterator[Event]:
    """Give what stands before the first note, and pedal and swells."""
    volume = round(_USUAL_VOLUME * 10 ** (part.gain_db / 40))
    yield 0, _SETTING, MetaMessage("midi_port", port=port)
    program = find_instrument(part.instrument).program
    yield 0, _SETTING, Message("program_change", channel=channel, program=program)
    for number, value in (
        (7, min(127, volume)),
        (10, round(64 + 63 * part.pan)),
        (91, round(127 * part.reverb)),
    ):
        yield 0, _SETTING, _control(channel, number, value)
    for down, up in part.pedal:
        yield clock.beat(down), _SETTING, _control(channel, 64, 127)
        yield clock.beat(up), _END, _control(channel, 64, 0)
    if len(part.expression):
        beats, gains = part.expression.T
        steps = np.union1d(beats, np.arange(beats[0], beats[-1], _STEP_BEATS))
        before = -1
        for beat, gain in zip(steps.tolist(), np.interp(steps, beats, gains), strict=True):
            value = round(127 * min(max(float(gain), 0.0), 1.0) ** 0.5)
            if value != before:
                yield clock.beat(beat), _SETTING, _control(channel, 11, value)
                before = value


def _control(channel: int, number: int, value: int) -> Message:
    return Message("control_change", channel=channel, control=number, value=value)


def _played(part: Part, channel: int, clock: _Clock) -> Iterator[Event]:
    notes = part.notes
    starts = clock.played(notes.onset, notes.shift)
    ends = clock.played(notes.onset + notes.duration, notes.shift)
    # A channel knows one note of a pitch at a time: what is struck again ends before.
    sounding: dict[int, int] = {}
    for place in np.argsort(starts, kind="stable")[::-1].tolist():
        checkpoint()
        pitch, start = int(notes.pitch[place]), int(starts[place])
        end = min(max(int(ends[place]), start + 1), sounding.get(pitch, int(ends[place]) + 1))
        if end <= start:  # struck twice at once
            continue
        sounding[pitch] = start
        velocity = min(127, max(1, round(float(notes.velocity[place]))))
        yield start, _BEGIN, Message("note_on", channel=channel, note=pitch, velocity=velocity)
        yield end, _END, Message("note_off", channel=channel, note=pitch, velocity=64)
