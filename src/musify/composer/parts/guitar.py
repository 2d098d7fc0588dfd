"""The guitar: chords as a left hand grips them, strummed or picked."""

from collections.abc import Iterator, Mapping
from typing import Final

from musify.composer.parts.pitch import fifth_of, root_of
from musify.composer.parts.rhythm import strokes
from musify.composer.parts.setting import Bar, Setting
from musify.composer.theory.chords import Chord
from musify.composer.written import Written

__all__ = ["gripped", "pick", "strum", "travis"]

_OPEN: Final = (40, 45, 50, 55, 59, 64)
"""The strings in standard tuning, E2 to E4."""

_SIXTEENTHS: Final = 0.44
"""Seconds a beat must last for sixteenths to be strummed."""

_REACH: Final = 4
"""Frets a hand spans above its position."""

_STRUMS: Final[tuple[tuple[dict[int, str], ...], ...]] = (
    ({4: "D.......", 3: "D....."}, {4: "D.....D.", 3: "D...D."}),
    ({4: "D...D...", 3: "D.D.D."}, {4: "D...D.D.", 3: "D.D.DU"}, {4: "D..DD...", 3: "D.DUD."}),
    ({4: "D.DU.UDU", 3: "D.DUDU"}, {4: "D.D.DUDU", 3: "D..UDU"}, {4: "D..U.UDU", 3: "D.DUD."}),
    ({4: "D.DUDUDU", 3: "DUDUDU"}, {4: "DUDU.UDU", 3: "D.DUDU"}, {4: "DUD.DUDU", 3: "DUD.DU"}),
    (
        {4: "D.D.DUDUD.D.DUDU", 3: "D.D.DUDUD.DU"},
        {4: "D.DUD.DUD.DUDUDU", 3: "D.DUD.DUD.DU"},
        {4: "D...DUDU..DUD.DU", 3: "D...DUDUD.DU"},
    ),
)
"""Strumming figures in eighths, then sixteenths, by busyness: strokes down and up, as in folk and
pop accompaniment."""

_PICKS: Final[tuple[tuple[dict[int, str], ...], ...]] = (
    ({4: "p.i.m.a.", 3: "p.i.m."}, {4: "p.i.a.m.", 3: "p.m.a."}),
    ({4: "pimapima", 3: "pimama"}, {4: "pimamima", 3: "pimami"}, {4: "paimpaim", 3: "paimam"}),
)
"""Right-hand fingers, thumb to ring, after M. Giuliani's 120 studies (opus 1)."""

_TRAVIS: Final[tuple[dict[int, str], ...]] = (
    {4: "P.b.q.b.", 3: "P.b.b."},
    {4: "P.bmq.bi", 3: "P.bmbi"},
    {4: "PabiqmbI".replace("I", "i"), 3: "Pabibm"},
)
"""Thumb on bass (P root, q fifth, b the string between), fingers between the thumb's strokes."""


def gripped(chord: Chord, position: int, low: int = 40, high: int = 83) -> tuple[int, ...]:
    """Grip a chord on the six strings.

    Parameters
    ----------
    chord : Chord
        The chord.
    position : int
        Lowest fret of the hand, from 0.
    low, high : int
        Range to keep.

    Returns
    -------
    tuple of int
        Pitches from the lowest string that sounds up; the bass tone below.

    Examples
    --------
    >>> gripped(Chord(0, 4, 0), 0)
    (48, 52, 55, 60, 64)
    """
    pitches: list[int] = []
    for string in _OPEN:
        frets = range(string + position, string + position + _REACH + 1)
        wanted = chord.tones if pitches else (root_of(chord),)
        found = [pitch for pitch in frets if pitch % 12 in wanted and low <= pitch <= high]
        found = [pitch for pitch in found if not pitches or pitch > pitches[-1]]
        if found:
            pitches.append(found[0])
    colour = chord.tones[1] if len(chord.tones) > 2 else None
    if colour is not None and pitches and all(pitch % 12 != colour for pitch in pitches):
        third = pitches[-1] + (colour - pitches[-1]) % 12
        pitches[-1] = third if third <= high else third - 12
    return tuple(sorted(set(pitches)))


def _grips(setting: Setting) -> Mapping[float, tuple[int, ...]]:
    position = min(7, max(0, round((setting.cues.register - 56) / 2)))
    grips = {}
    for chord in setting.chords:
        grip = gripped(chord, position, setting.instrument.low, setting.instrument.high)
        if len(grip) < 3:
            grip = gripped(chord, 0, setting.instrument.low, setting.instrument.high)
        grips[chord.start] = grip
    return grips


def _chord_at(setting: Setting, beat: float) -> Chord:
    return next(
        (chord for chord in reversed(setting.chords) if chord.start <= beat + 1e-6),
        setting.chords[0],
    )


def strum(setting: Setting) -> Iterator[Written]:
    """Strum chords: down strokes from the lowest string, up strokes from the highest, lighter."""
    grips, most = _grips(setting), len(_STRUMS) - 1
    if setting.seconds_a_beat < _SIXTEENTHS:
        most -= 1
    level = min(most, setting.level(len(_STRUMS)))
    spread = 0.011 + 0.02 * (1 - setting.cues.velocity)
    for bar in setting.bars:
        chance = setting.phrase_chance(bar)
        figures = chance.pick(_STRUMS[level])
        if bar.turns and not bar.is_last:
            figures = setting.chance.child("turn", bar.number).pick(_STRUMS[min(most, level + 1)])
        if bar.is_last and level:
            figures = _STRUMS[1][0]
        yield from _strummed(setting, bar, figures, grips, spread)


def _strummed(
    setting: Setting,
    bar: Bar,
    figures: dict[int, str],
    grips: Mapping[float, tuple[int, ...]],
    spread: float,
) -> Iterator[Written]:
    changes = {chord.start for chord in setting.chords if bar.start <= chord.start < bar.end}
    signs = dict(strokes(bar, figures))
    signs |= dict.fromkeys(changes, "D")
    times = sorted(signs)
    for place, at in enumerate(times):
        chord = _chord_at(setting, at)
        until = min(chord.end, times[place + 1] if place + 1 < len(times) else bar.end)
        grip = grips[chord.start]
        down = signs[at] == "D"
        strings = grip if down else grip[::-1][:4]
        for order, pitch in enumerate(strings):
            loud = (86 if at == bar.start else 80) if down else 66
            yield Written(at, until - at, pitch, loud - 2.0 * order, order * spread)


def pick(setting: Setting) -> Iterator[Written]:
    """Pick chords with thumb and three fingers, each note ringing under the next."""
    grips, level = _grips(setting), setting.level(4)
    for bar in setting.bars:
        figures = setting.phrase_chance(bar).pick(_PICKS[min(1, level)])
        if bar.turns:
            figures = setting.chance.child("turn", bar.number).pick(_PICKS[min(1, level)])
        yield from _picked(setting, bar, figures, grips)


def travis(setting: Setting) -> Iterator[Written]:
    """Play an alternating bass with the thumb and syncopated tones with the fingers.

    Named after Merle Travis, who made it known.
    """
    grips, level = _grips(setting), setting.level(3)
    for bar in setting.bars:
        figures = _TRAVIS[level]
        if bar.turns:
            figures = _TRAVIS[max(0, level - 1) if level else 1]
        yield from _picked(setting, bar, figures, grips)


def _picked(
    setting: Setting, bar: Bar, figures: dict[int, str], grips: Mapping[float, tuple[int, ...]]
) -> Iterator[Written]:
    signs = dict(strokes(bar, figures))
    for chord in setting.chords:
        if bar.start <= chord.start < bar.end:
            signs[chord.start] = "P"
    for at, sign in sorted(signs.items()):
        chord = _chord_at(setting, at)
        grip = grips[chord.start]
        until = min(chord.end, bar.end)
        thumb = sign in "pPqb"
        yield Written(
            at, max(0.25, min(until - at, 2.0)), _string_of(sign, grip, chord), 84 if thumb else 74
        )


def _string_of(sign: str, grip: tuple[int, ...], chord: Chord) -> int:
    if sign in "pP":
        return grip[0]
    if sign == "q":
        fifth = fifth_of(chord)
        return next((pitch for pitch in grip[:3] if pitch % 12 == fifth), grip[0])
    if sign == "b":
        return grip[min(len(grip) - 1, max(1, len(grip) - 4))]
    return grip[max(0, len(grip) - 1 - "ami".index(sign))]
