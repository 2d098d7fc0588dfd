"""Sustained sound: pads, drones, swells and tremolo, led voice by voice."""

from collections.abc import Iterator

from musify.composer.parts.pitch import fifth_of, nearest
from musify.composer.parts.rhythm import even_steps
from musify.composer.parts.setting import Setting
from musify.composer.written import Written

__all__ = ["drone", "pad", "swells", "tremolo"]


def pad(setting: Setting) -> Iterator[Written]:
    """Hold chords; a voice whose tone stays is held over, the others move by the nearest way."""
    voices = 4 if setting.cues.layers > 0.35 else 3
    rows = setting.voicings(voices)
    held: dict[int, tuple[float, float]] = {}  # pitch: from, to
    for chord in setting.chords:
        row = set(rows[chord.start])
        for pitch in sorted(set(held) - row):
            start, end = held.pop(pitch)
            yield Written(start, end - start, pitch, 76)
        for pitch in sorted(row):
            start, end = held.get(pitch, (chord.start, chord.end))
            long = chord.end - start > 4 * setting.section.bars[0]
            if long and pitch in held:  # bows change, breath is taken
                yield Written(start, end - start, pitch, 76)
                start = chord.start
            held[pitch] = (start, chord.end)
    for pitch, (start, end) in sorted(held.items()):
        yield Written(start, end - start, pitch, 76)


def swells(setting: Setting) -> Iterator[Written]:
    """Hold each chord anew, three voices entering one after the other."""
    rows = setting.voicings(4)
    for chord in setting.chords:
        lag = min(1.0, 0.125 * chord.duration)
        for order, pitch in enumerate(rows[chord.start]):
            start = chord.start + lag * (order % 3)
            yield Written(start, chord.end - start, pitch, 78 - 3 * order)


def drone(setting: Setting) -> Iterator[Written]:
    """Hold the tonic, and its fifth where the chord has it; renewed every other bar."""
    key = setting.section.key
    root = nearest(key.tonic, setting.low + 5, setting.low, setting.low + 12)
    fifth = root + 7
    for bar in setting.bars[::2]:
        following = [other.end for other in setting.bars if other.number == bar.number + 1]
        end = following[0] if following else bar.end
        yield Written(bar.start, end - bar.start, root, 78)
        inside = [chord for chord in setting.chords if chord.start < end and chord.end > bar.start]
        fits = all((root + 7) % 12 in chord.tones for chord in inside)
        if fits and fifth <= setting.high:
            yield Written(bar.start, end - bar.start, fifth, 72)
        elif inside and fifth_of(inside[0]) != fifth % 12 and root + 12 <= setting.high:
            yield Written(bar.start, end - bar.start, root + 12, 66)


def tremolo(setting: Setting) -> Iterator[Written]:
    """Hold chords that tremble; the last bar of a phrase is struck anew on every beat."""
    rows = setting.voicings(3)
    for stretch in setting.stretches():
        step = 1.0 if stretch.bar.turns else stretch.beats
        for number, at, length in even_steps(stretch.start, stretch.end, step):
            for pitch in rows[stretch.chord.start]:
                yield Written(at, length, pitch, 76 + 2 * number)
