"""Bass lines: the root where the chord begins, and what lies between."""

from collections.abc import Iterator
from typing import Final

from musify.composer.parts.pitch import fifth_of, nearest, root_of
from musify.composer.parts.rhythm import even_steps, strokes
from musify.composer.parts.setting import Setting, Stretch
from musify.composer.written import Written

__all__ = [
    "eighths",
    "octaves",
    "pedal_point",
    "root_fifth",
    "roots",
    "sub",
    "syncopated",
    "walking",
]

_SYNCOPATED: Final[tuple[tuple[dict[int, str], ...], ...]] = (
    ({4: "1.......", 3: "1....."}, {4: "1......1", 3: "1....1"}),
    ({4: "1..1....", 3: "1..1.."}, {4: "1..1..5.", 3: "1..5.."}, {4: "1....1.5", 3: "1...5."}),
    ({4: "1..1.15.", 3: "1..1.5"}, {4: "1.11..85", 3: "1.1.85"}, {4: "1..8..51", 3: "1..8.5"}),
    ({4: "1.81.158", 3: "1.81.5"}, {4: "11.81.58", 3: "11.8.5"}),
)


def _root(setting: Setting, stretch: Stretch) -> int:
    center = setting.low + 0.45 * (setting.high - setting.low)
    return nearest(root_of(stretch.chord), center, setting.low, setting.high)


def _fifth(setting: Setting, stretch: Stretch, root: int) -> int:
    above = root + (fifth_of(stretch.chord) - root) % 12
    return above if above <= setting.high else max(setting.low, above - 12)


def roots(setting: Setting) -> Iterator[Written]:
    """Hold the root; where there is movement, strike it again on strong beats."""
    step = (8.0, 2.0, 1.0, 1.0)[setting.level(4)]
    for stretch in setting.stretches():
        root = _root(setting, stretch)
        for number, at, length in even_steps(stretch.start, stretch.end, step):
            last = number and at + length >= stretch.end - 1e-6 and stretch.bar.turns
            pitch = _fifth(setting, stretch, root) if last else root
            yield Written(at, length, pitch, 84 if number == 0 else 74)


def root_fifth(setting: Setting) -> Iterator[Written]:
    """Alternate root and fifth on strong beats: country, folk, marches and waltzes."""
    for stretch in setting.stretches():
        root = _root(setting, stretch)
        fifth = _fifth(setting, stretch, root)
        step = float(stretch.bar.beats) if stretch.bar.beats == 3 else 2.0
        for number, at, length in even_steps(stretch.start, stretch.end, step):
            odd = number % 2 == 1 or (
                step == 3 and stretch.bar.number % 2 == 1 and stretch.chord.start < stretch.start
            )
            yield Written(at, 0.9 * length, fifth if odd else root, 78 if odd else 86)
        if stretch.bar.turns and setting.level(4) > 1 and stretch.beats >= 2:
            yield Written(stretch.end - 1, 0.9, root if step == 3 else fifth, 74)


def octaves(setting: Setting) -> Iterator[Written]:
    """Leap between root and octave in eighths: disco, synth pop."""
    step = 0.5 if setting.level(4) > 1 else 1.0
    for stretch in setting.stretches():
        root = _root(setting, stretch)
        if root + 12 > setting.high:
            root = root - 12 if root - 12 >= setting.low else root
        upper = root + 12 if root + 12 <= setting.high else root
        for number, at, length in even_steps(stretch.start, stretch.end, step):
            up = number % 2 == 1
            if stretch.bar.turns and at >= stretch.bar.end - 1:
                up = not up and number > 0
            yield Written(at, 0.8 * length, upper if up else root, 76 if up else 84)


def eighths(setting: Setting) -> Iterator[Written]:
    """Drive on the root in even notes, turning to the fifth at the end of a phrase."""
    step = 0.5 if setting.level(4) > 1 else 1.0
    for stretch in setting.stretches():
        root = _root(setting, stretch)
        fifth = _fifth(setting, stretch, root)
        for number, at, length in even_steps(stretch.start, stretch.end, step):
            turn = stretch.bar.turns and at >= stretch.bar.end - 1 and number > 0
            loud = 86 if number % 2 == 0 else 76
            yield Written(at, 0.85 * length, fifth if turn else root, loud)


def walking(setting: Setting) -> Iterator[Written]:
    """Walk in quarters: root, chord tones, and a step that leads to the next root."""
    stretches = list(setting.stretches())
    for place, stretch in enumerate(stretches):
        root = _root(setting, stretch)
        target = _root(setting, stretches[place + 1]) if place + 1 < len(stretches) else root
        chance = setting.chance.child("walk", round(4 * stretch.start))
        tones = [root + (tone - root) % 12 for tone in stretch.chord.tones[1:3]]
        tones = [tone if tone <= setting.high else tone - 12 for tone in tones]
        tones = [tone for tone in tones if setting.low <= tone <= setting.high] or [root]
        count = max(1, round(stretch.beats))
        for number, at, length in even_steps(stretch.start, stretch.end, 1.0):
            if number == 0:
                pitch = root
            elif number == count - 1 and target != root:
                pitch = _leading(setting, target, chance.happens(0.5))
            else:
                pitch = chance.pick(tones)
            yield Written(at, 0.92 * length, pitch, 82 if number % 2 == 0 else 76)


def _leading(setting: Setting, target: int, above: bool) -> int:
    scale = setting.section.key.scale
    steps = (1, 2) if above else (-1, -2)
    for step in steps:
        if (target + step) % 12 in scale and setting.low <= target + step <= setting.high:
            return target + step
    return target


def pedal_point(setting: Setting) -> Iterator[Written]:
    """Stay on the tonic as long as the chord has it, else on the root."""
    tonic = setting.section.key.tonic
    step = (8.0, 4.0, 1.0, 0.5)[setting.level(4)]
    for stretch in setting.stretches():
        tone = tonic if tonic in stretch.chord.tones else root_of(stretch.chord)
        low = nearest(tone, setting.low + 5, setting.low, setting.high)
        for number, at, length in even_steps(stretch.start, stretch.end, step):
            lift = stretch.bar.turns and number > 0 and at >= stretch.bar.end - 1
            pitch = low + 12 if lift and low + 12 <= setting.high else low
            yield Written(at, length, pitch, 84 if number == 0 else 74)


def syncopated(setting: Setting) -> Iterator[Written]:
    """Anticipate and answer the beat: pop, soul, lo-fi."""
    level = setting.level(len(_SYNCOPATED))
    for stretch in setting.stretches():
        chance = setting.phrase_chance(stretch.bar)
        if stretch.bar.turns:
            chance = setting.chance.child("turn", stretch.bar.number)
        root = _root(setting, stretch)
        signs = dict(strokes(stretch.bar, chance.pick(_SYNCOPATED[level])))
        inside = {at: s for at, s in signs.items() if stretch.start <= at < stretch.end}
        inside[stretch.start] = "1"
        times = sorted(inside)
        for at, until in zip(times, [*times[1:], stretch.end], strict=True):
            fifth = _fifth(setting, stretch, root)
            pitch = {"1": root, "5": fifth, "8": root + 12}[inside[at]]
            yield Written(
                at,
                min(until - at, 1.5),
                pitch if pitch <= setting.high else root,
                86 if at == stretch.start else 76,
            )


def sub(setting: Setting) -> Iterator[Written]:
    """Hold the lowest root there is: felt more than heard."""
    for stretch in setting.stretches():
        root = nearest(root_of(stretch.chord), setting.low + 6, setting.low, setting.low + 12)
        half = stretch.bar.turns and setting.level(4) > 1 and stretch.beats >= 2
        cut = stretch.end - 1 if half else stretch.end
        yield Written(stretch.start, cut - stretch.start, root, 84)
        if half:
            yield Written(cut, 1.0, root, 72)
