"""Figures that run: arpeggios, ostinati, pizzicato, pulses and bells."""

from collections.abc import Iterator, Sequence
from typing import Final

from musify.composer.chance import Chance
from musify.composer.parts.pitch import nearest, root_of, tones_between
from musify.composer.parts.rhythm import even_steps, strokes
from musify.composer.parts.setting import Setting
from musify.composer.written import Written

__all__ = ["arpeggio", "bells", "pizzicato", "pulse", "roll", "spiccato"]

_SPICCATO: Final[tuple[tuple[dict[int, str], ...], ...]] = (
    ({4: "1...5...", 3: "1...5."}, {4: "1...1.5.", 3: "1.5..."}),
    ({4: "1.1.1.5.", 3: "1.1.5."}, {4: "1.5.8.5.", 3: "1.5.8."}),
    ({4: "11811181", 3: "118118"}, {4: "11511151", 3: "115118"}, {4: "1.581.58", 3: "1.5815"}),
    (
        {4: "1.111.111.111.58", 3: "1.111.111.58"},
        {4: "1115111811151185", 3: "111511181158"},
        {4: "1.811.811.8118518"[:16], 3: "1.811.811858"},
    ),
)
"""Ostinati in eighths, then sixteenths: root, fifth or octave on each stroke."""

_PIZZICATO: Final[tuple[tuple[dict[int, str], ...], ...]] = (
    ({4: "0.1.2.1.", 3: "0.1.2."}, {4: "0.2.1.2.", 3: "0.2.1."}),
    ({4: "0.1.2.1.", 3: "0.1.2."}, {4: "0.1.2.12", 3: "0.2.11"}),
    ({4: "0.1.2.12", 3: "0.1.21"}, {4: "0.210.21", 3: "0.2.12"}),
    ({4: "01210121", 3: "012121"}, {4: "02120212", 3: "021212"}),
)
"""Plucked tones of a chord by number, in eighths."""


def _waves(row: Sequence[int], chance: Chance, direction: str) -> list[int]:
    up = list(row)
    waves = {
        "up": up,
        "down": up[::-1],
        "both": up + up[-2:0:-1],
        "leaps": [pitch for pair in zip(up, up[2:] + up[:2], strict=True) for pitch in pair],
    }
    if direction == "any":
        direction = chance.pick(("up", "both", "leaps", "down"), (3, 3, 2, 1))
    return waves[direction]


def arpeggio(setting: Setting) -> Iterator[Written]:
    """Run through the tones of each chord, over an octave or two."""
    octaves = float(setting.option("octaves", 1.5))
    direction = str(setting.option("direction", "any"))
    step = min(1.0, setting.step * float(setting.option("slower", 1)))
    around = (setting.low + setting.high) / 2
    for stretch in setting.stretches():
        chance = setting.phrase_chance(stretch.bar)
        if stretch.bar.turns:
            chance = setting.chance.child("turn", stretch.bar.number)
        first = nearest(root_of(stretch.chord), around - 6 * octaves, setting.low, setting.high)
        top = min(setting.high, first + round(12 * octaves))
        row = tones_between(stretch.chord.tones, first, top)
        if len(row) < 3:
            row = tones_between(stretch.chord.tones, setting.low, setting.high)
        wave = _waves(row, chance, direction)
        for number, at, length in even_steps(stretch.start, stretch.end, step):
            loud = 82 if number == 0 else 72 - 2 * (number % 2)
            yield Written(at, length, wave[number % len(wave)], loud)


def roll(setting: Setting) -> Iterator[Written]:
    """Roll a chord upwards where it begins, as harpists do, and let it ring."""
    for chord in setting.chords:
        row = tones_between(chord.tones, setting.low, setting.high)
        row = row[: 5 + setting.level(3)]
        spread = 0.035 + 0.02 * (1 - setting.cues.velocity)
        for order, pitch in enumerate(row):
            yield Written(chord.start, chord.duration, pitch, 78 - order, spread * order)
        if chord.duration >= 4 and setting.chance.child("echo", round(chord.start)).happens(0.5):
            half = chord.start + chord.duration / 2
            for order, pitch in enumerate(row[-3:]):
                yield Written(half + 0.5 * order, chord.end - half - 0.5 * order, pitch, 66)


def spiccato(setting: Setting) -> Iterator[Written]:
    """Drive with short bows on root, fifth and octave: the ostinato of film scores."""
    level = setting.level(len(_SPICCATO))
    if 0.25 * setting.seconds_a_beat < 0.1:
        level = min(level, 2)
    center = (setting.low + setting.high) / 2 - 4
    for bar in setting.bars:
        figures = setting.phrase_chance(bar).pick(_SPICCATO[level])
        if bar.turns:
            figures = setting.chance.child("turn", bar.number).pick(_SPICCATO[level])
        signs = list(strokes(bar, figures))
        step = 0.25 if len(figures[4]) == 16 else 0.5
        for chord in setting.chords:
            root = nearest(root_of(chord), center, setting.low, setting.high)
            for at, sign in signs:
                if not chord.start <= at < chord.end:
                    continue
                tones = {"1": root, "5": _above(chord.tones, root, 2), "8": root + 12}
                pitch = tones[sign] if tones[sign] <= setting.high else root
                yield Written(at, 0.6 * step, pitch, 84 if (at - bar.start) % 1 == 0 else 72)


def _above(tones: Sequence[int], root: int, number: int) -> int:
    tone = tones[min(number, len(tones) - 1)]
    return root + (tone - root) % 12


def pizzicato(setting: Setting) -> Iterator[Written]:
    """Pluck the tones of chords, lightly."""
    rows = setting.voicings(3)
    level = setting.level(len(_PIZZICATO))
    for stretch in setting.stretches():
        chance = setting.phrase_chance(stretch.bar)
        if stretch.bar.turns:
            chance = setting.chance.child("turn", stretch.bar.number)
        signs = dict(strokes(stretch.bar, chance.pick(_PIZZICATO[level])))
        inside = {at: sign for at, sign in signs.items() if stretch.start <= at < stretch.end}
        for at, sign in sorted(({stretch.start: "0"} | inside).items()):
            yield Written(at, 0.3, rows[stretch.chord.start][int(sign)], 84 - 4 * int(sign))


def pulse(setting: Setting) -> Iterator[Written]:
    """Repeat a tone or two of the chord evenly, with moving accents, as sequencers do."""
    rows = setting.voicings(3)
    step = min(1.0, setting.step)
    for stretch in setting.stretches():
        chance = setting.phrase_chance(stretch.bar)
        lead = chance.whole(0, 2)
        skip = setting.chance.child("skip", stretch.bar.number).whole(3, 7)
        row = rows[stretch.chord.start]
        for number, at, length in even_steps(stretch.start, stretch.end, step):
            accent = number % 4 == 3 if stretch.bar.phrase % 2 else number % 3 == 0
            if stretch.bar.turns and number % 8 == skip:
                continue
            pitch = row[(lead + 1) % 3] if accent else row[lead]
            yield Written(at, 0.7 * length, pitch, 84 if accent else 70)


def bells(setting: Setting) -> Iterator[Written]:
    """Let single high tones of the chord ring, here and there."""
    for stretch in setting.stretches():
        row = tones_between(stretch.chord.tones, setting.low, setting.high)
        chance = setting.chance.child("bell", stretch.bar.number, round(4 * stretch.start))
        spacing = max(0.5, 1.0 / max(0.5, setting.cues.density))
        for number, at, length in even_steps(stretch.start, stretch.end, spacing):
            if number == 0 or chance.happens(0.35):
                yield Written(at, 2 * length, chance.pick(row), 78 if number == 0 else 66)
