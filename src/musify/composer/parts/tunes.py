"""Those who play along with the melody: doubling, and lines of their own beside it."""

from collections.abc import Iterator
from dataclasses import replace

from musify.composer.motifs.counter import counter_line
from musify.composer.parts.pitch import into_range, tones_between
from musify.composer.parts.setting import Setting
from musify.composer.written import Written

__all__ = ["answer", "counter", "double"]


def counter(setting: Setting) -> Iterator[Written]:
    """Sing a second line below the melody; see :func:`musify.composer.motifs.counter`."""
    octave = round(setting.option("octave", 0))
    line = counter_line(
        setting.section,
        setting.chords,
        setting.tune,
        low=setting.low,
        high=setting.high,
        cues=replace(setting.cues, register=setting.cues.register + 12 * octave),
        chance=setting.chance,
    )
    for note in line:
        yield note._replace(velocity=74 + 2 * (note.onset % 1 == 0))


def double(setting: Setting) -> Iterator[Written]:
    """Play the melody along, in unison, an octave away or a chord tone below."""
    how = str(setting.option("interval", "octave-below"))
    for note in setting.tune:
        if how == "below":
            chord = next((c for c in setting.chords if c.end > note.onset), setting.chords[-1])
            under = [
                pitch
                for pitch in tones_between(chord.tones, note.pitch - 9, note.pitch - 3)
                if setting.instrument.low <= pitch <= setting.instrument.high
            ]
            if under:
                yield note._replace(pitch=under[-1], velocity=note.velocity - 8)
            continue
        shift = {"octave-below": -12, "octave-above": 12, "unison": 0}[how]
        pitch = into_range(note.pitch + shift, setting.instrument.low, setting.instrument.high)
        yield note._replace(pitch=pitch, velocity=note.velocity - 6)


def answer(setting: Setting) -> Iterator[Written]:
    """Fill the melody's rests and long notes with a few tones of the chord."""
    ends = [*(note.onset for note in setting.tune), float(setting.section.end)][1:]
    for note, until in zip(setting.tune, ends, strict=True):
        free = until - (note.onset + min(note.duration, 1.0))
        if free < 1:
            continue
        start = note.onset + min(note.duration, 1.0)
        start = -(-start * 2 // 1) / 2  # on the next eighth
        chord = next((c for c in setting.chords if c.end > start), setting.chords[-1])
        row = tones_between(chord.tones, setting.low, setting.high)
        if len(row) < 3:
            continue
        chance = setting.chance.child("answer", round(4 * start))
        first = chance.whole(0, len(row) - 3)
        rising = chance.happens(0.5)
        tones = row[first : first + 3] if rising else row[first : first + 3][::-1]
        stop = min(until, chord.end)
        for order, pitch in enumerate(tones):
            at = start + 0.5 * order
            if at < stop - 1e-6:
                yield Written(at, min(0.5 if order < 2 else 1.5, stop - at), pitch, 70)
