"""Keyboards: left hands, broken chords, block chords and comping."""

from collections.abc import Iterator
from typing import Final

from musify.composer.parts.pitch import fifth_of, nearest, root_of, tones_between
from musify.composer.parts.rhythm import even_steps, strokes
from musify.composer.parts.setting import Setting, Stretch
from musify.composer.written import Written

__all__ = ["alberti", "block", "broken", "comp", "nocturne", "offbeats", "stride"]

_BLOCKS: Final[tuple[dict[int, str], ...]] = (
    {4: "x.x.x.x.", 3: "x.x.x."},
    {4: "x.x.x.x.", 3: "x.x.x."},
    {4: "x.x.xxx.", 3: "x.x.xx"},
    {4: "xxxxxxxx", 3: "xxxxxx"},
)
_COMPS: Final[tuple[tuple[dict[int, str], ...], ...]] = (
    ({4: "x.......", 3: "x....."}, {4: "x......x", 3: "x..x.."}),
    ({4: "x..x....", 3: "x..x.."}, {4: "..x..x..", 3: "..x..x"}, {4: "x....x..", 3: "x...x."}),
    ({4: "x..x..x.", 3: "x..x.x"}, {4: "x..x.x..", 3: "x.x..x"}, {4: ".x.x..x.", 3: ".x.x.x"}),
    ({4: "x..x.xx.", 3: "x.xx.x"}, {4: "xx.x.x.x", 3: "x.xx.x"}),
)
"""Comping figures in eighths by busyness; the second of the second row is a late Charleston."""


def block(setting: Setting) -> Iterator[Written]:
    """Strike whole chords, evenly: the chords of hymns, ballads and anthems."""
    voicings = setting.voicings(4)
    figures = _BLOCKS[setting.level(len(_BLOCKS))]
    for stretch in setting.stretches():
        inside = dict(strokes(stretch.bar, figures))
        times = sorted({stretch.start, *inside})
        yield from _struck(stretch, times, voicings[stretch.chord.start])


def comp(setting: Setting) -> Iterator[Written]:
    """Strike chords off the beat as a rhythm section's pianist does."""
    voicings = setting.voicings(4)
    level = setting.level(len(_COMPS))
    for stretch in setting.stretches():
        chance = setting.phrase_chance(stretch.bar)
        if stretch.bar.turns:
            chance = setting.chance.child("turn", stretch.bar.number)
        times = [at for at, _ in strokes(stretch.bar, chance.pick(_COMPS[level]))]
        if not any(stretch.start <= at < stretch.end for at in times):
            times = [stretch.start]
        yield from _struck(stretch, times, voicings[stretch.chord.start])


def _struck(stretch: Stretch, times: list[float], pitches: tuple[int, ...]) -> Iterator[Written]:
    inside = [at for at in times if stretch.start <= at < stretch.end]
    for at, until in zip(inside, [*inside[1:], stretch.end], strict=True):
        loud = 84 if at == stretch.bar.start else 76
        for order, pitch in enumerate(pitches):
            yield Written(at, until - at, pitch, loud - 2 * (order % 2), 0.003 * order)


def offbeats(setting: Setting) -> Iterator[Written]:
    """Strike short chords between the beats, or after the first beat of a waltz."""
    voicings = setting.voicings(3)
    for stretch in setting.stretches():
        waltz = stretch.bar.beats == 3
        first = stretch.bar.start + (1 if waltz else 0.5)
        for number, at, _ in even_steps(first, stretch.bar.end, 1.0):
            if not stretch.start <= at < stretch.end:
                continue
            if stretch.bar.turns and number == stretch.bar.beats - 1 > 0:
                continue
            for pitch in voicings[stretch.chord.start]:
                yield Written(at, 0.4, pitch, 72 + 4 * (number % 2))


def alberti(setting: Setting) -> Iterator[Written]:
    """Break chords low, high, middle, high: named after Domenico Alberti."""
    voicings = setting.voicings(3)
    for stretch in setting.stretches():
        low, middle, high = voicings[stretch.chord.start][:3]
        order = (low, high, middle, high)
        if stretch.bar.turns and setting.chance.child("turn", stretch.bar.number).happens(0.6):
            order = (low, middle, high, middle)
        for number, at, length in even_steps(stretch.start, stretch.end, min(1.0, setting.step)):
            yield Written(at, length, order[number % 4], 80 if number % 4 == 0 else 70)


def broken(setting: Setting) -> Iterator[Written]:
    """Break chords upwards and back over four voices."""
    voicings = setting.voicings(4)
    for stretch in setting.stretches():
        row = voicings[stretch.chord.start]
        wave = (*row, *row[-2:0:-1])
        if stretch.bar.turns:
            wave = (row[0], *row[:0:-1])
        for number, at, length in even_steps(stretch.start, stretch.end, min(1.0, setting.step)):
            yield Written(at, length, wave[number % len(wave)], 82 if number == 0 else 70)


def nocturne(setting: Setting) -> Iterator[Written]:
    """Spread chords wide with the left hand: root, fifth, tenth and back, under the pedal."""
    step = min(1.0, max(0.5, setting.step))
    low = max(setting.instrument.low, min(setting.low, 41))
    for stretch in setting.stretches():
        root = nearest(root_of(stretch.chord), low + 6, low, low + 13)
        fifth = nearest(fifth_of(stretch.chord), root + 7, root + 1, root + 12)
        above = list(tones_between(stretch.chord.tones, fifth + 1, root + 19))
        wave = [root, fifth, *above[:3]]
        wave += wave[-2:1:-1]
        if stretch.bar.turns:
            wave = [root, *above[:2], fifth, *above[1:3]]
        for number, at, length in even_steps(stretch.start, stretch.end, step):
            pitch = min(wave[number % len(wave)], setting.instrument.high)
            yield Written(at, length, pitch, 82 if number == 0 else 68)


def stride(setting: Setting) -> Iterator[Written]:
    """Play a bass tone on strong beats and a chord on weak ones, as stride pianists do."""
    voicings = setting.voicings(3)
    low = max(setting.instrument.low, min(setting.low, 38))
    for stretch in setting.stretches():
        chord = stretch.chord
        for number, at, length in even_steps(stretch.start, stretch.end, 1.0):
            beat = round(at - stretch.bar.start)
            strong = beat == 0 if stretch.bar.beats == 3 else beat % 2 == 0
            if number == 0 or strong:
                tone = root_of(chord) if number == 0 else fifth_of(chord)
                yield Written(at, length, nearest(tone, low + 6, low, low + 13), 82)
            else:
                for pitch in voicings[chord.start]:
                    yield Written(at, 0.5 * length, pitch, 70)
        if stretch.bar.turns and stretch.end == stretch.bar.end and stretch.beats >= 2:
            walk = nearest(fifth_of(chord), low + 6, low, low + 13)
            yield Written(stretch.end - 0.5, 0.5, walk, 74)
