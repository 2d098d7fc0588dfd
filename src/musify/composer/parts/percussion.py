"""Drums: grooves, fills, builds and breaks; timpani; accents on the hits."""

from collections.abc import Iterator, Sequence
from typing import Final

from musify.composer.parts.grooves import DRUMS, GROOVES
from musify.composer.parts.pitch import fifth_of, nearest, root_of
from musify.composer.parts.rhythm import even_steps, strokes
from musify.composer.parts.setting import Bar, Setting
from musify.composer.written import Written

__all__ = ["accents", "groove", "hits_of", "met", "timpani"]

STRONG: Final = 0.6
"""From this strength on a cut gets a crash and an accent."""

_LOUD: Final = {"X": 96.0, "x": 80.0, "o": 56.0}
_STROKE: Final = 0.25
_GRADES: Final = 5.2
"""The fullest groove is played from somewhat more than half of all percussion on."""

_FILLS: Final[dict[str, tuple[dict[str, str], ...]]] = {
    "kit": (
        {"snare": "..x.", "low": "...x"},
        {"snare": "x.xx", "floor": "...x"},
        {"snare": "x.x.....", "high": "....x...", "mid": ".....x..", "floor": "......xX"},
        {"snare": "xxxx....", "mid": "....xx..", "floor": "......XX", "kick": "x...x..."},
    ),
    "soft": (
        {"snare": "..oo"},
        {"rim": "..x.", "snare": "...o"},
        {"snare": "..o.o.xo", "low": "......x."},
        {"snare": "o.o.o.xx", "floor": "......xx"},
    ),
    "electronic": (
        {"clap": "..x."},
        {"snare": "x.xx"},
        {"snare": "x.x.xxxx", "clap": "....x.x."},
        {"snare": "xxxxxxxX", "low": "....x.x."},
    ),
    "orchestral": (
        {"floor": "..xx"},
        {"floor": "x.xx", "kick": "..x."},
        {"floor": "x.x.xxxx", "kick": "x...x.x."},
        {"low": "xx..xx..", "floor": "..xx..XX", "kick": "x...x.XX"},
    ),
}
"""Fills of one and of two beats, from sparse to full."""

_FILLS_OF: Final = {
    "lo-fi": "soft",
    "brushes": "soft",
    "folk": "soft",
    "house": "electronic",
    "breaks": "electronic",
    "taiko": "orchestral",
    "march": "orchestral",
}


def _hit(at: float, drum: str, loud: float, length: float = _STROKE) -> Written:
    return Written(at, length, DRUMS[drum], loud)


def groove(setting: Setting) -> Iterator[Written]:
    """Play the groove the style asks for, with fills before sections and crashes on strong cuts."""
    name = str(setting.option("groove", "pop"))
    role, amount = setting.section.role, setting.drums
    if amount <= 0:
        return
    level = min(3, int(_GRADES * amount))
    for bar in setting.bars:
        if role == "break":
            if bar.is_last and len(setting.bars) > 1:
                yield from _fill(setting, bar, name, level)
            continue
        if role == "build" and bar.number >= len(setting.bars) // 2:
            yield from _build(setting, bar, name)
            continue
        here = level
        if role == "intro" and bar.number < len(setting.bars) // 2:
            here = 0
        yield from _bar(setting, bar, name, here)
    yield from _crashes(setting, name, amount)


def _bar(setting: Setting, bar: Bar, name: str, level: int) -> Iterator[Written]:
    figures = GROOVES[name][level]
    ends = (bar.is_last and setting.before is not None) or bar.end in hits_of(setting)
    fill_from = bar.end - (2 if level >= 2 and bar.beats > 2 else 1) if ends else bar.end
    turn = setting.chance.child("turn", bar.number)
    phrase = setting.phrase_chance(bar)
    ghost = phrase.whole(1, 15)
    drums = sorted({drum for bars in figures.values() for drum in bars})
    for drum in drums:
        rows = {beats: row[drum] for beats, row in figures.items() if drum in row}
        rows.setdefault(4, "................")
        if bar.beats == 3 and 3 not in rows:
            continue
        for at, sign in strokes(bar, rows):
            if at < fill_from and not (bar.turns and at >= bar.end - 0.5 and drum == "kick"):
                yield _hit(at, drum, _LOUD[sign] + 2 * turn.normal())
    if ends:
        yield from _fill(setting, bar, name, level)
    elif bar.turns:
        yield from _small_turn(bar, name, level, turn.whole(0, 2))
    elif level >= 2 and bar.beats == 4 and bar.number % 2:
        yield _hit(bar.start + ghost / 4, "kick" if name != "brushes" else "rim", 58)


def _small_turn(bar: Bar, name: str, level: int, kind: int) -> Iterator[Written]:
    """Mark the end of a phrase inside a section."""
    if level == 0:
        drum = {"taiko": "floor", "march": "snare"}.get(name, "shaker")
        yield _hit(bar.end - 0.5 - 0.25 * kind, drum, 52)
        return
    if name in ("taiko", "march"):
        signs = ("floor", "low", "floor") if name == "taiko" else ("snare", "snare", "snare")
    elif name in ("lo-fi", "brushes", "folk"):
        signs = ("rim", "snare", "rim")
    else:
        signs = ("snare", "open", "snare")
    for step in range(kind + 1):
        yield _hit(bar.end - 0.25 * (step + 1), signs[step], 74 - 6 * step)


def _fill(setting: Setting, bar: Bar, name: str, level: int) -> Iterator[Written]:
    fills = _FILLS[_FILLS_OF.get(name, "kit")]
    if level >= 2 and bar.beats > 2:
        fill = fills[setting.chance.child("fill", bar.number).whole(2, min(3, level))]
    else:
        fill = fills[setting.chance.child("fill", bar.number).whole(0, min(1, level))]
    steps = len(next(iter(fill.values())))
    for drum, row in sorted(fill.items()):
        for step, sign in enumerate(row):
            if sign != ".":
                swell = 8.0 * step / steps
                yield _hit(bar.end - (steps - step) / 4, drum, _LOUD[sign] - 6 + swell)


def _build(setting: Setting, bar: Bar, name: str) -> Iterator[Written]:
    """Roll on the snare, faster and louder, kick on the beat; stop half a beat before the hit."""
    half = len(setting.bars) // 2
    drum = {"taiko": "floor", "march": "snare", "brushes": "snare"}.get(name, "snare")
    step = 0.25 if bar.number >= (len(setting.bars) + half) // 2 else 0.5
    end = bar.end - (0.5 if bar.is_last and setting.before is not None else 0)
    span = max(1.0, setting.section.end - setting.bars[half].start)
    for number, at, _ in even_steps(bar.start, end, step):
        share = (at - setting.bars[half].start) / span
        yield _hit(at, drum, 52 + 40 * share + (6 if number % 2 == 0 else 0))
        if number % round(1 / step) == 0:
            yield _hit(at, "kick", 70 + 20 * share)
        if bar.is_last:
            yield _hit(at, "cymbal", 24 + 44 * (at - bar.start) / bar.beats)


def _crashes(setting: Setting, name: str, amount: float) -> Iterator[Written]:
    cymbal = "cymbal" if name in ("taiko", "march") else "crash"
    soft = name in ("lo-fi", "brushes", "folk")
    start = float(setting.section.start)
    marked = {at: strength for at, strength in setting.hits if strength >= STRONG}
    if setting.after in ("build", "break") or (setting.after is not None and amount > 0.6):
        marked[start] = max(marked.get(start, 0.0), 0.7)
    if setting.section.role in ("intro", "break"):
        marked.pop(start, None)
    for at, strength in sorted(marked.items()):
        yield _hit(at, "ride" if soft else cymbal, 60 + 40 * strength, 2.0)
        yield _hit(at, "kick", 72 + 30 * strength)


def timpani(setting: Setting) -> Iterator[Written]:
    """Strike root and fifth on strong beats, and roll into what follows."""
    level = min(3, int(_GRADES * setting.drums)) if setting.drums > 0 else -1
    rolls = setting.section.role == "build" or (setting.before is not None and setting.into > 0.5)
    for stretch in setting.stretches():
        bar = stretch.bar
        root = nearest(root_of(stretch.chord), 45, setting.low, setting.high)
        fifth = nearest(fifth_of(stretch.chord), 43, setting.low, setting.high)
        if bar.is_last and rolls and stretch.end == bar.end:
            start = max(stretch.start, bar.end - 2)
            for number, at, length in even_steps(start, bar.end, 0.25):
                yield Written(at, length, root, 52 + 4.5 * number)
            if stretch.start < start and level >= 0:
                yield Written(stretch.start, 1.0, root, 80)
            continue
        if level < 0 or (level == 0 and bar.number % 2):
            continue
        yield Written(stretch.start, 1.0, root, 86 if stretch.start == bar.start else 74)
        if level >= 2 and stretch.beats >= 3:
            yield Written(stretch.end - 1, 0.5, fifth, 74)
            if bar.turns or level == 3:
                yield Written(stretch.end - 0.5, 0.5, root, 78)


def hits_of(setting: Setting, least: float = STRONG) -> list[float]:
    """Tell the beats of the section that get an accent."""
    return [at for at, strength in setting.hits if strength >= least]


def met(setting: Setting, notes: Sequence[Written]) -> Iterator[Written]:
    """Strike the chord on strong cuts on which a player would strike nothing."""
    struck = {note.onset for note in notes}
    at = [beat for beat in hits_of(setting) if beat not in struck]
    rows = setting.voicings(3) if at else {}
    for beat in at:
        chord = next(chord for chord in setting.chords if chord.end > beat)
        for pitch in rows[chord.start]:
            yield Written(beat, min(0.5, chord.end - beat), pitch, 84)


def accents(setting: Setting) -> Iterator[Written]:
    """Strike a short chord on every strong cut, and on the downbeat after a build."""
    at = hits_of(setting, float(setting.option("least", STRONG)))
    start = float(setting.section.start)
    if setting.after in ("build", "break"):
        at.append(start)
    rows = setting.voicings(4)
    for beat in sorted(set(at)):
        chord = next(chord for chord in setting.chords if chord.end > beat)
        for order, pitch in enumerate(rows[chord.start]):
            yield Written(beat, min(1.0, chord.end - beat), pitch, 92 - 2 * order)
