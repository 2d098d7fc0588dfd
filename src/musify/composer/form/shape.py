"""From what was asked for to the plan of a piece: tempo map, sections, keys."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify.composer.chance import Chance
from musify.composer.commission import Commission
from musify.composer.cue_table import cues_at
from musify.composer.form.hit_points import FRAME
from musify.composer.form.materials import Letters, keys_of
from musify.composer.form.section import Form, Section, SectionRole
from musify.composer.form.spans import Span, bars_of, pieces_of
from musify.composer.form.tempo_plan import TempoPlan, plan_tempo
from musify.composer.style.style import Style
from musify.composer.tempo import TempoMap
from musify.composer.theory.keys import Key
from musify.timeline import MoodSegment, MoodTimeline

__all__ = ["shape"]

Floats: TypeAlias = NDArray[np.float64]

_SHORTEST_MOOD: Final = 0.3  # seconds; a shorter mood is not heard as one
_WOBBLE: Final = 0.04  # so much faster or slower may a piece be than its mood asks
_SEEDS: Final = 2**31 - 1
_METRES: Final = (3.0, 1.0)  # how likely the usual metre of a style is, and any other
_SLOWEST_WALTZ: Final = 12.0  # seconds, below which a piece is in the style's usual metre


def shape(commission: Commission, style: Style) -> Form:
    """Plan a piece.

    All changes of mood fall on downbeats, and as many cuts on beats as tempi within 5.5 % of the
    base tempo let (see :func:`musify.composer.form.hit_points.walk`). A mood shorter than 0.3 s is
    part of the one before it.

    Parameters
    ----------
    commission : Commission
        What is asked for.
    style : Style
        Its tempi and metres.

    Returns
    -------
    Form
        Its final chord rings for 2.2 s to 5.5 s, of pieces below 10 s for about half of them; a
        last mood that is shorter is the final chord alone.
    """
    timeline = commission.timeline
    chance = Chance(commission.seed, "form")
    segments = _heard(timeline)
    metre = _metre(style, timeline.duration, chance.child("metre"))
    plan = _tempo(commission, style, segments, metre, chance.child("tempo"))
    hits, strengths = _hits(commission, plan.tempo, plan.downbeats[-1])
    sections = _sections(commission, segments, plan, metre, dict(zip(hits, strengths, strict=True)))
    return Form(timeline.duration, plan.tempo, sections, np.array(hits), np.array(strengths))


def _heard(timeline: MoodTimeline) -> list[MoodSegment]:
    """List the segments that are long enough to be heard, the first whatever its length."""
    kept: list[MoodSegment] = []
    for segment in timeline:
        enough = min(segment.duration, timeline.duration - segment.start) >= _SHORTEST_MOOD
        if not kept or enough:
            kept.append(segment)
    if len(kept) > 1 and kept[1].start < _SHORTEST_MOOD:
        del kept[0]
    return kept


def _metre(style: Style, duration: float, chance: Chance) -> int:
    if len(style.metres) == 1 or duration < _SLOWEST_WALTZ:
        return style.metres[0]
    usual, other = _METRES
    return chance.pick(style.metres, [usual, *[other] * (len(style.metres) - 1)])


def _tempo(
    commission: Commission,
    style: Style,
    segments: Sequence[MoodSegment],
    metre: int,
    chance: Chance,
) -> TempoPlan:
    timeline = commission.timeline
    if commission.bpm is None:
        # The mean of logarithms: of half and double the tempo it is the tempo itself.
        logs = sum(
            segment.duration * math.log(cues_at(*_mood(commission, segment)).bpm)
            for segment in segments
        )
        mean = math.exp(logs / sum(segment.duration for segment in segments))
        low, high = style.tempi
        wobbled = round(mean * chance.between(1 - _WOBBLE, 1 + _WOBBLE), 3)
        wanted = min(high, max(low, wobbled))
    else:
        wanted = commission.bpm
    order = np.argsort(timeline.cuts, kind="stable")
    return plan_tempo(
        timeline.duration,
        np.array([segment.start for segment in segments[1:]]),
        timeline.cuts[order],
        commission.strengths[order],
        wanted=wanted,
        tempi=style.tempi if commission.bpm is None else None,
        metre=metre,
    )


def _mood(commission: Commission, segment: MoodSegment) -> tuple[float, float]:
    return segment.valence, min(1.0, max(-1.0, segment.arousal + commission.energy))


def _hits(commission: Commission, tempo: TempoMap, final: int) -> tuple[list[float], list[float]]:
    """Find the beats, and half beats, that cuts fall on."""
    cuts = commission.timeline.cuts
    found: dict[float, float] = {}
    for share in (1.0, 2.0):
        beats = np.rint(tempo.beats_at(cuts) * share) / share
        met = (np.abs(tempo.seconds_at(beats) - cuts) <= FRAME) & (beats >= 0) & (beats <= final)
        for beat, strength in zip(beats[met], commission.strengths[met], strict=True):
            if share == 1 or beat % 1:
                found[float(beat)] = max(float(strength), found.get(float(beat), 0.0))
    hits = sorted(found)
    return hits, [found[hit] for hit in hits]


def _sections(
    commission: Commission,
    segments: Sequence[MoodSegment],
    plan: TempoPlan,
    metre: int,
    hits: dict[float, float],
) -> tuple[Section, ...]:
    spans = _spans(commission, segments, plan, metre)
    keys = _keys(commission, spans)
    seeds = dict(commission.section_seeds)
    letters = Letters()
    strengths = {int(beat): hits[beat] for beat in hits if beat % 1 == 0}
    sections: list[Section] = []
    at = 0
    for number, span in enumerate(spans):
        last = number == len(spans) - 1
        rise = None if last else spans[number + 1].arousal - span.arousal
        changed = number > 0 and span.mood != spans[number - 1].mood
        used, name = 0, ""
        for piece in pieces_of(span, rise, strengths, first=number == 0):
            bars = span.bars[used : used + piece.bars]
            used += piece.bars
            role = piece.role
            if role == "intro":
                name = letters.first(span.mood)
            elif not piece.goes_on:
                known = letters.known(span.mood)
                name, theme, fresh = letters.next(span.mood, again=changed)
                role = role or _role(theme, fresh=fresh, known=known, changed=changed)
                changed = False
            seed = seeds.get(len(sections))
            if seed is None:
                seed = Chance(commission.seed, "section", len(sections)).whole(0, _SEEDS)
            sections.append(
                Section(
                    name, role or "theme", at, bars, span.valence, span.arousal,
                    keys[span.mood], seed,
                )
            )  # fmt: skip
            at = sections[-1].end
    return tuple(sections)


def _role(theme: int, *, fresh: bool, known: bool, changed: bool) -> SectionRole:
    """Say what a section is for, from whether its theme and its mood were heard before."""
    if changed and known:
        return "return"
    if changed:
        return "contrast"
    if fresh:
        return "contrast" if theme else "theme"
    return "development"


def _spans(
    commission: Commission, segments: Sequence[MoodSegment], plan: TempoPlan, metre: int
) -> list[Span]:
    spans = []
    for segment, (start, end) in zip(segments, pairwise(plan.downbeats), strict=False):
        valence, arousal = _mood(commission, segment)
        mood = (segment.label, cues_at(valence, arousal).mode)
        spans.append(Span(mood, valence, arousal, start, bars_of(end - start, metre)))
    return spans


def _keys(commission: Commission, spans: Sequence[Span]) -> dict[object, Key]:
    beats: dict[object, int] = {}
    modes: list[str] = []
    for span in spans:
        if span.mood not in beats:
            modes.append(cues_at(span.valence, span.arousal).mode)
        beats[span.mood] = beats.get(span.mood, 0) + sum(span.bars)
    lengths = list(beats.values())
    main = lengths.index(max(lengths))
    keys = keys_of(modes, main, commission.key, Chance(commission.seed, "form", "key"))
    return dict(zip(beats, keys, strict=True))
