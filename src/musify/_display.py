"""How results show themselves in a notebook: inline SVG and HTML, without any dependency.

All text from files is escaped. Text takes the colour of the page, so it is readable in dark mode.
"""

import base64
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, ParamSpec

import numpy as np

from musify._markup import escape
from musify._mood_colour import AROUSAL_COLOUR, VALENCE_COLOUR, label_colour, mood_colour
from musify._overview import COLUMNS, Stretch, overview, runs
from musify._preview import preview_mp3
from musify.audio.mix import mix
from musify.cues import CueSheet
from musify.errors import MusifyError
from musify.soundtrack import Soundtrack
from musify.timeline import MoodSegment, MoodTimeline

if TYPE_CHECKING:
    from musify.results import RunResult

__all__ = [
    "LEFT",
    "PLOT",
    "clock",
    "cues_html",
    "fitting",
    "plane_scale",
    "player_html",
    "result_html",
    "short_html",
    "showable",
    "soundtrack_html",
    "svg_image",
    "svg_text",
    "time_axis",
    "time_step",
    "timeline_html",
    "timeline_svg",
]

log = logging.getLogger(__name__)
P = ParamSpec("P")

_WIDTH: Final = 760
LEFT: Final = 88
PLOT: Final = _WIDTH - LEFT - 12
_FONT: Final = 'font-family="system-ui, sans-serif" font-size="12" fill="currentColor"'
# A page shall stay under 300 kB; what is more than so many is drawn as columns.
_MOST_ITEMS: Final = 60
_MOST_LETTERS: Final = 120
_MOST_OF_A_LABEL: Final = 40
_MOST_IN_A_LEGEND: Final = 16
_CHARACTER: Final = 7.2
_SCALE: Final = 'text-anchor="end" opacity="0.7"'


def showable(show: Callable[P, str]) -> Callable[P, str]:
    """Give text that can be written into a page, whatever stands in the names of files."""

    def shown(*args: P.args, **kwargs: P.kwargs) -> str:
        return show(*args, **kwargs).encode("utf-8", "replace").decode("utf-8")

    shown.__doc__ = show.__doc__
    return shown


def clock(seconds: float) -> str:
    """Write a time as people do.

    Examples
    --------
    >>> clock(75.28), clock(29.999), clock(3723)
    ('1:15.3', '0:30.0', '1:02:03.0')
    """
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def svg_text(x: float, y: float, words: str, extra: str = "") -> str:
    """Write words into a picture, escaped, in the colour of the page."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {_FONT} {extra}>{escape(words)}</text>'


def short_html(words: str) -> str:
    """Escape words, of long ones the beginning."""
    return escape(words if len(words) <= _MOST_LETTERS else words[: _MOST_LETTERS - 1] + "…")


def fitting(words: str, width: float) -> str:
    """Shorten words to what has room, or leave them out."""
    most = int((width - 8) / _CHARACTER)
    if len(words) <= most:
        return words
    return words[: most - 1] + "…" if most >= 4 else ""


def _box(x: float, y: float, width: float, height: float, colour: str, words: str, tip: str) -> str:
    return (
        f'<g><title>{short_html(tip)}</title><rect x="{x:.1f}" y="{y}" '
        f'width="{max(width, 0.5):.1f}" height="{height}" rx="3" fill="{colour}" stroke="#000" '
        'stroke-opacity="0.2"/>'
        + svg_text(x + 4, y + height / 2 + 4, fitting(words, width), 'style="fill:#111"')
        + "</g>"
    )


def svg_image(height: float, parts: Sequence[str], label: str) -> str:
    """Put a picture together that is as wide as the page, and 760 units across."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" '
        f'style="width:100%;max-width:{_WIDTH}px" role="img" aria-label="{escape(label)}">'
        + "".join(parts)
        + "</svg>"
    )


def time_step(duration: float) -> float:
    """Seconds from one mark to the next on an axis of times: at most nine fit in.

    Examples
    --------
    >>> time_step(32), time_step(5400)
    (5.0, 600.0)
    """
    steps = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0]
    steps += [60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0]
    step = next((step for step in steps if duration / step <= 9), steps[-1])
    while duration / step > 9:
        step *= 2
    return step


def time_axis(duration: float, y: float) -> list[str]:
    """Draw an axis of times at a height."""
    step = time_step(duration)
    line = f'<line x1="{LEFT}" x2="{LEFT + PLOT}" y1="{y}" y2="{y}" stroke="#888"'
    parts = [f'{line} stroke-opacity="0.5"/>']
    for count in range(int(duration / step + 1e-9) + 1):
        x = LEFT + PLOT * count * step / duration
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + 4}" stroke="#888"/>')
        label = clock(count * step).removesuffix(".0")
        anchor = "end" if x > LEFT + PLOT - 20 else "middle"
        parts.append(svg_text(x, y + 16, label, f'text-anchor="{anchor}" opacity="0.7"'))
    return parts


def plane_scale(middle: float, half: float) -> list[str]:
    """Draw what values of valence and arousal are read from: +1, 0 and -1, and a line at 0."""
    marks = [
        svg_text(LEFT - 5, middle - half * value + 4, f"{value:+d}" if value else "0", _SCALE)
        for value in (1, 0, -1)
    ]
    line = f'<line x1="{LEFT}" x2="{LEFT + PLOT}" y1="{middle}" y2="{middle}" stroke="#888"'
    return [f'{line} stroke-opacity="0.4" stroke-dasharray="3 3"/>', *marks]


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
        parts.append(_box(x, top, width, 30, colour, _caption(segment, width), tip))
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
        parts.append(
            _box(LEFT + start * scale, top, width, high, colour(label, *point), words, tip)
        )
    return parts


def _mood_rows(timeline: MoodTimeline, top: float) -> tuple[list[str], float]:
    """Draw moods as boxes, and valence and arousal as steps below."""
    scale = PLOT / timeline.duration
    segments = tuple(timeline)
    stretches = [
        Stretch(one.start, one.end, one.label, (one.valence, one.arousal)) for one in segments
    ]
    parts = [svg_text(4, top + 19, "mood")]
    if len(segments) > _MOST_ITEMS:
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
    if len(sheet.cues) > _MOST_ITEMS:
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
    for place, cue in enumerate(sheet.cues):
        mood = cue.track.mood
        colour = mood_colour(*mood.point) if mood else "#bbb"
        tip = (
            f"{clock(cue.start)} to {clock(cue.end)}: {cue.track.credit}, {cue.gain_db:+.1f} dB, "
            f"fades {cue.fade_in:.1f} and {cue.fade_out:.1f} s, {len(cue.sources)} source range(s)"
        )
        row = place % 2
        rows = max(rows, row + 1)
        x, width = LEFT + cue.start * scale, cue.duration * scale
        words = f"♪ {cue.track.title}"
        parts.append(_box(x, top + row * 28, width, 26, colour, words, tip))
    return parts, top + rows * 28


def _legend(timeline: MoodTimeline) -> str:
    """Say which colour is which mood, where some boxes are too narrow for their names."""
    room = 4 * _CHARACTER + 8
    narrow = np.diff(timeline.edges).min() * PLOT / timeline.duration < room
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


@showable
def timeline_html(timeline: MoodTimeline) -> str:
    """Show a timeline."""
    return timeline_svg(timeline) + _below(timeline)


@showable
def cues_html(sheet: CueSheet) -> str:
    """Show a cue sheet, with a player for the beginning of its music."""
    parts, bottom = _cue_rows(sheet, 6)
    parts += time_axis(sheet.duration, bottom + 8)
    reasons = "".join(f"<li>{short_html(words)}</li>" for words in sheet.decisions[:_MOST_ITEMS])
    why = f"<details><summary>why</summary><ul>{reasons}</ul></details>" if reasons else ""
    return (
        svg_image(bottom + 30, parts, "cues")
        + _merged(len(sheet.cues), sheet.duration, "cues")
        + _player(mix(sheet))
        + why
    )


@showable
def soundtrack_html(soundtrack: Soundtrack) -> str:
    """Show the beginning of a soundtrack as a player, and what it is."""
    kind = {1: "mono", 2: "stereo"}.get(soundtrack.channels, f"{soundtrack.channels} channels")
    facts = f"{clock(soundtrack.duration)}, {kind}, {soundtrack.sample_rate / 1000:g} kHz"
    return f"<div>{facts}</div>{_player(soundtrack)}{_credits(soundtrack.credits)}"


@showable
def result_html(result: "RunResult") -> str:
    """Show what a run found, decided and wrote."""
    name = escape(str(result.output))
    head = (
        f'<p style="overflow-wrap:anywhere"><b><bdi dir="ltr">{name}</bdi></b> '
        f"({clock(result.video.duration)}, "
        f"{sum(result.seconds.values()):.1f} s to make)</p>"
    )
    if result.timeline is None:
        picture = cues_html(result.cues)
        player = ""
    else:
        picture = timeline_svg(result.timeline, result.cues)
        picture += _below(result.timeline)
        player = _player(result.soundtrack)
    warnings = "".join(f"<li>⚠ {short_html(words)}</li>" for words in result.warnings[:_MOST_ITEMS])
    noted = f"<ul>{warnings}</ul>" if warnings else ""
    return head + picture + player + noted + _credits(result.cues.credits())


def _credits(words: str) -> str:
    lines = "<br>".join(map(short_html, words.splitlines()[:_MOST_ITEMS]))
    return f"<div><small>{lines}</small></div>" if lines else ""


def _merged(count: int, duration: float, what: str) -> str:
    """Say that what was too much to be drawn one by one was put together."""
    if count <= _MOST_ITEMS:
        return ""
    each = clock(duration / COLUMNS)
    return f"<p>{count} {what}; shown is what fills most of each {each}</p>"


def _below(timeline: MoodTimeline) -> str:
    return _legend(timeline) + _merged(len(timeline), timeline.duration, "segments")


def _player(soundtrack: Soundtrack) -> str:
    return player_html(lambda: soundtrack)


def player_html(make: Callable[[], Soundtrack]) -> str:
    """Show the beginning of a sound that is made now; what goes wrong stands in its place."""
    try:
        sound = base64.b64encode(preview_mp3(make())).decode("ascii")
    except (MusifyError, OSError) as error:
        # A display must never fail; what is wrong stands in the page and in the log.
        log.warning("no preview: %s", error)
        return f"<p>no preview: {escape(str(error))}</p>"
    source = f"data:audio/mpeg;base64,{sound}"
    return f'<div>beginning:</div><audio controls preload="metadata" src="{source}"></audio>'
