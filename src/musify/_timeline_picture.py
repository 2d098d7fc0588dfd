"""Moods over time and cues below them, as a picture."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from musify._clock import clock
from musify._mood_colour import AROUSAL_COLOUR, VALENCE_COLOUR, label_colour, mood_colour
from musify._overview import Stretch, overview, runs
from musify._score_sections import PlayedSection, sections_of
from musify._svg import (
    LEFT,
    PLOT,
    box,
    fitting,
    plane_scale,
    short_html,
    svg_image,
    svg_text,
    time_axis,
)
from musify.cues import CueSheet
from musify.timeline import MoodSegment, MoodTimeline

__all__ = ["MOST_ITEMS", "cues_svg", "legend", "timeline_svg"]

MOST_ITEMS: Final = 60
"""A page shall stay under 300 kB; what is more than so many is drawn as columns."""

_MOST_OF_A_LABEL: Final = 40
_MOST_IN_A_LEGEND: Final = 16
# What the shortest names need, in units of the picture.
_ROOM: Final = 37.0
_SECTION: Final = 18
_NO_MOOD: Final = "#bbb"


def _caption(segment: MoodSegment, width: float) -> str:
    """Name and confidence of a segment, or the name alone, as far as there is room."""
    label = segment.label
    sure = "unsure" if segment.uncertain else f"{segment.confidence:.0%}"
    whole = f"{label} {sure}"
    return whole if fitting(whole, width) == whole else fitting(label, width)


def _mood_boxes(segments: Sequence[MoodSegment], scale: float, top: float) -> list[str]:
    parts = []
    for segment in segments:
        tip = (
            f"{clock(segment.start)} to {clock(segment.end)}: {segment.label}, confidence "
            f"{segment.confidence:.0%}{' (unsure)' if segment.uncertain else ''}, valence "
            f"{segment.valence:+.2f}, arousal {segment.arousal:+.2f}"
        )
        width = segment.duration * scale - 1
        colour = label_colour(segment.label, segment.valence, segment.arousal)
        x = LEFT + segment.start * scale
        parts.append(box(x, top, width, 30, colour, _caption(segment, width), tip))
    return parts


def _column_boxes(
    columns: Sequence[Stretch],
    scale: float,
    top: float,
    high: float,
    colour: Callable[[str, float, float], str],
) -> list[str]:
    """Draw what was laid out in columns, in the colour of its label and point."""
    parts = []
    for start, end, label, point in runs(columns):
        short = label[:_MOST_OF_A_LABEL]
        width = (end - start) * scale
        tip = f"{clock(start)} to {clock(end)}: mostly {short}"
        words = fitting(short, width)
        parts.append(box(LEFT + start * scale, top, width, high, colour(label, *point), words, tip))
    return parts


def _mood_rows(timeline: MoodTimeline, top: float) -> tuple[list[str], float]:
    """Draw moods as boxes, and valence and arousal as steps below."""
    scale = PLOT / timeline.duration
    segments = tuple(timeline)
    stretches = [
        Stretch(one.start, one.end, one.label, (one.valence, one.arousal)) for one in segments
    ]
    parts = [svg_text(4, top + 19, "mood")]
    if len(segments) > MOST_ITEMS:
        stretches = overview(stretches, timeline.duration)
        parts += _column_boxes(stretches, scale, top, 30, label_colour)
    else:
        parts += _mood_boxes(segments, scale, top)
    middle, half = top + 66, 26
    parts += plane_scale(middle, half)
    for axis, (name, colour, place) in enumerate(
        (("valence", VALENCE_COLOUR, middle - 6), ("arousal", AROUSAL_COLOUR, middle + 12))
    ):
        parts.append(svg_text(4, place, name, f'style="fill:{colour}"'))
        points = " ".join(
            f"{LEFT + time * scale:.1f},{middle - half * one.point[axis]:.1f}"
            for one in stretches
            for time in (one.start, one.end)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
    return parts, middle + half


def _cue_rows(sheet: CueSheet, top: float) -> tuple[list[str], float]:
    """Draw cues as boxes in two rows in turn, so that crossfades show."""
    scale = PLOT / sheet.duration
    parts = [svg_text(4, top + 19, "music")]
    if len(sheet.cues) > MOST_ITEMS:
        stretches = [
            Stretch(cue.start, cue.end, cue.track.title, mood.point if mood else (0.0, 0.0))
            for cue in sheet.cues
            for mood in [cue.track.mood]
        ]
        columns = overview(stretches, sheet.duration)
        # A title that happens to be a mood's name says nothing of the mood.
        parts += _column_boxes(columns, scale, top, 26, lambda _, *point: mood_colour(*point))
        return parts, top + 28
    rows = 1
    composed = list(sections_of(sheet))
    if sum(len(sections) for _, sections in composed) > MOST_ITEMS:
        composed = []
    with_sections = {place for place, _ in composed}
    for place, cue in enumerate(sheet.cues):
        mood = cue.track.mood
        # What is composed as a whole has the mean of its sections' moods, which says little.
        is_one = place not in with_sections
        colour = mood_colour(*mood.point) if mood and is_one else _NO_MOOD
        tip = (
            f"{clock(cue.start)} to {clock(cue.end)}: {cue.track.credit}, {cue.gain_db:+.1f} dB, "
            f"fades {cue.fade_in:.1f} and {cue.fade_out:.1f} s, {len(cue.sources)} source range(s)"
        )
        row = place % 2
        rows = max(rows, row + 1)
        x, width = LEFT + cue.start * scale, cue.duration * scale
        words = f"♪ {cue.track.title}"
        parts.append(box(x, top + row * 28, width, 26, colour, words, tip))
    bottom = top + rows * 28
    for _, sections in composed:
        parts += _section_boxes(sections, scale, bottom)
    return parts, bottom + (_SECTION + 2 if composed else 0)


def _section_boxes(sections: Sequence[PlayedSection], scale: float, top: float) -> list[str]:
    """Draw the sections of a composed piece, each in the colour of its mood."""
    parts = []
    for one in sections:
        x, width = LEFT + one.start * scale, (one.end - one.start) * scale - 1
        tip = (
            f"{clock(one.start)} to {clock(one.end)}: {one.name}, {one.key}, "
            f"{one.bpm:.0f} beats a minute{f', {one.mood}' if one.mood else ''}"
        )
        # A label of one's own has its own colour, in the timeline too.
        colour = label_colour(one.mood, *one.point)
        parts.append(box(x, top, width, _SECTION, colour, one.name, tip))
    parts.append(svg_text(LEFT + sections[-1].end * scale + 4, top + 13, "…", 'opacity="0.7"'))
    return parts


def legend(timeline: MoodTimeline) -> str:
    """Say which colour is which mood, where some boxes are too narrow for their names."""
    narrow = np.diff(timeline.edges).min() * PLOT / timeline.duration < _ROOM
    if not narrow:
        return ""
    lasting: dict[str, list[float]] = {}
    for one in timeline:
        seen = lasting.setdefault(one.label, [0.0, one.valence, one.arousal])
        seen[0] += one.duration
    names = sorted(lasting, key=lambda label: -lasting[label][0])
    shown = "".join(
        '<span style="white-space:nowrap;margin-right:1em">'
        f'<span style="color:{label_colour(label, *lasting[label][1:])}">■</span> '
        f"<bdi>{short_html(label[:_MOST_OF_A_LABEL])}</bdi></span> "
        for label in names[:_MOST_IN_A_LEGEND]
    )
    more = len(names) - _MOST_IN_A_LEGEND
    return f'<div style="font-size:small">{shown}{f"… {more} more" if more > 0 else ""}</div>'


def timeline_svg(timeline: MoodTimeline, sheet: CueSheet | None = None) -> str:
    """Draw a timeline, and the cues below it, as SVG."""
    parts, bottom = _mood_rows(timeline, 6)
    if sheet is not None:
        cues, bottom = _cue_rows(sheet, bottom + 10)
        parts += cues
    parts += time_axis(timeline.duration, bottom + 8)
    return svg_image(bottom + 30, parts, "mood over time")


def cues_svg(sheet: CueSheet) -> str:
    """Draw cues, as SVG."""
    parts, bottom = _cue_rows(sheet, 6)
    parts += time_axis(sheet.duration, bottom + 8)
    return svg_image(bottom + 30, parts, "cues")
