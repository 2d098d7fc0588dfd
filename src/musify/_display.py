"""How results show themselves in a notebook: inline SVG and HTML, without any dependency.

All text from files is escaped. Text takes the colour of the page, so it is readable in dark mode.
"""

import base64
import colorsys
import logging
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, ParamSpec

from musify._markup import escape
from musify._preview import preview_mp3
from musify.audio.mix import mix
from musify.cues import CueSheet
from musify.errors import MusifyError
from musify.soundtrack import Soundtrack
from musify.timeline import MoodSegment, MoodTimeline

if TYPE_CHECKING:
    from musify.results import RunResult

__all__ = [
    "AROUSAL_COLOUR",
    "LEFT",
    "PLOT",
    "VALENCE_COLOUR",
    "clock",
    "cues_html",
    "fitting",
    "mood_colour",
    "player_html",
    "result_html",
    "short_html",
    "showable",
    "soundtrack_html",
    "svg_image",
    "svg_text",
    "time_axis",
    "timeline_html",
    "timeline_svg",
    "zero_line",
]

log = logging.getLogger(__name__)
P = ParamSpec("P")

_WIDTH: Final = 760
LEFT: Final = 64
PLOT: Final = _WIDTH - LEFT - 12
_FONT: Final = 'font-family="system-ui, sans-serif" font-size="12" fill="currentColor"'
# A page shall stay under 200 kB, and a browser draws no more than so many boxes to any use.
_MOST_ITEMS: Final = 60
_MOST_LETTERS: Final = 120
_CHARACTER: Final = 7.2
_SCALE: Final = 'text-anchor="end" opacity="0.7"'
VALENCE_COLOUR: Final = "#d97706"
AROUSAL_COLOUR: Final = "#0284c7"


def showable(show: Callable[P, str]) -> Callable[P, str]:
    """Give text that can be written into a page, whatever stands in the names of files."""

    def shown(*args: P.args, **kwargs: P.kwargs) -> str:
        return show(*args, **kwargs).encode("utf-8", "replace").decode("utf-8")

    shown.__doc__ = show.__doc__
    return shown


# Degrees around the plane, from valence towards arousal, and the hue there: the common pictures of
# moods, at the points of those moods. Hues run on, so that none is jumped over in between.
_ANGLES: Final = (-55.0, 28.0, 77.0, 135.0, 210.0, 305.0)
_HUES: Final = (165.0, 45.0, 18.0, 0.0, -140.0, -195.0)


def mood_colour(valence: float, arousal: float) -> str:
    """Colour of a point in the plane: the angle gives the hue, the distance the strength.

    Happy is a warm yellow, action orange, tense and angry red, sad blue and calm green-blue.

    Returns
    -------
    str
        As ``#rrggbb``, the one notation that every program understands.

    Examples
    --------
    >>> mood_colour(0.75, 0.4), mood_colour(0, 0)
    ('#dab958', '#9db280')
    """
    angle = (math.degrees(math.atan2(arousal, valence)) - _ANGLES[0]) % 360 + _ANGLES[0]
    place = min(bisect_right(_ANGLES, angle), len(_ANGLES) - 1)
    before, after = _ANGLES[place - 1], _ANGLES[place]
    share = (angle - before) / (after - before)
    hue = _HUES[place - 1] + share * (_HUES[place] - _HUES[place - 1])
    strength = min(1.0, math.hypot(valence, arousal))
    rgb = colorsys.hls_to_rgb(hue % 360 / 360, 0.6, 0.25 + 0.45 * strength)
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)


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


def time_axis(duration: float, y: float) -> list[str]:
    """Draw an axis of times at a height."""
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
    step = next((step for step in steps if duration / step <= 9), steps[-1])
    while duration / step > 9:
        step *= 2
    line = f'<line x1="{LEFT}" x2="{LEFT + PLOT}" y1="{y}" y2="{y}" stroke="#888"'
    parts = [f'{line} stroke-opacity="0.5"/>']
    for count in range(int(duration // step) + 1):
        x = LEFT + PLOT * count * step / duration
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + 4}" stroke="#888"/>')
        label = clock(count * step).removesuffix(".0")
        anchor = "end" if x > LEFT + PLOT - 20 else "middle"
        parts.append(svg_text(x, y + 16, label, f'text-anchor="{anchor}" opacity="0.7"'))
    return parts


def zero_line(y: float) -> str:
    """Draw a dashed line right across, at a height."""
    return (
        f'<line x1="{LEFT}" x2="{LEFT + PLOT}" y1="{y}" y2="{y}" stroke="#888" '
        'stroke-opacity="0.4" stroke-dasharray="3 3"/>'
    )


def _mood_rows(timeline: MoodTimeline, top: float) -> tuple[list[str], float]:
    """Draw moods as boxes, and valence and arousal as steps below."""
    scale = PLOT / timeline.duration
    parts = [svg_text(4, top + 19, "mood")]
    segments = tuple(timeline)
    for segment in segments[:_MOST_ITEMS]:
        tip = (
            f"{clock(segment.start)} to {clock(segment.end)}: {segment.label}, confidence "
            f"{segment.confidence:.0%}, valence {segment.valence:+.2f}, arousal "
            f"{segment.arousal:+.2f}"
        )
        width = segment.duration * scale - 1
        colour = mood_colour(segment.valence, segment.arousal)
        words = f"{segment.label} {segment.confidence:.0%}"
        x = LEFT + segment.start * scale
        parts.append(_box(x, top, width, 30, colour, words, tip))
    middle, half = top + 66, 26
    parts.append(zero_line(middle))
    for value in (1, 0, -1):
        y = middle - half * value + 4
        parts.append(svg_text(LEFT - 5, y, f"{value:+d}" if value else "0", _SCALE))
    for name, colour, place in (
        ("valence", VALENCE_COLOUR, middle - 6),
        ("arousal", AROUSAL_COLOUR, middle + 12),
    ):
        parts.append(svg_text(4, place, name, f'style="fill:{colour}"'))
        parts.append(_steps(segments[:_MOST_ITEMS], name, colour, middle, half, scale))
    return parts, middle + half


def _steps(
    segments: Sequence[MoodSegment],
    axis: str,
    colour: str,
    middle: float,
    half: float,
    scale: float,
) -> str:
    points = []
    for segment in segments:
        y = middle - half * float(getattr(segment, axis))
        points += [f"{LEFT + time * scale:.1f},{y:.1f}" for time in (segment.start, segment.end)]
    return f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _cue_rows(sheet: CueSheet, top: float) -> tuple[list[str], float]:
    """Draw cues as boxes in two rows in turn, so that crossfades show."""
    scale = PLOT / sheet.duration
    parts = [svg_text(4, top + 19, "music")]
    rows = 1
    for place, cue in enumerate(sheet.cues[:_MOST_ITEMS]):
        mood = cue.track.mood
        colour = mood_colour(*mood.point) if mood else "#bbb"
        tip = (
            f"{clock(cue.start)} to {clock(cue.end)}: {cue.track.credit}, {cue.gain_db:+.1f} dB, "
            f"fades {cue.fade_in:.1f} and {cue.fade_out:.1f} s, {len(cue.sources)} source range(s)"
        )
        row = place % 2
        rows = max(rows, row + 1)
        x, width = LEFT + cue.start * scale, cue.duration * scale
        parts.append(_box(x, top + row * 28, width, 26, colour, f"♪ {cue.track.title}", tip))
    return parts, top + rows * 28


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
    return timeline_svg(timeline) + _omitted(len(timeline), "segments")


@showable
def cues_html(sheet: CueSheet) -> str:
    """Show a cue sheet, with a player for the beginning of its music."""
    parts, bottom = _cue_rows(sheet, 6)
    parts += time_axis(sheet.duration, bottom + 8)
    reasons = "".join(f"<li>{short_html(words)}</li>" for words in sheet.decisions[:_MOST_ITEMS])
    why = f"<details><summary>why</summary><ul>{reasons}</ul></details>" if reasons else ""
    return (
        svg_image(bottom + 30, parts, "cues")
        + _omitted(len(sheet.cues), "cues")
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
    head = (
        f"<p><b>{escape(str(result.output))}</b> ({clock(result.video.duration)}, "
        f"{sum(result.seconds.values()):.1f} s to make)</p>"
    )
    if result.timeline is None:
        picture = cues_html(result.cues)
        player = ""
    else:
        picture = timeline_svg(result.timeline, result.cues)
        picture += _omitted(len(result.timeline), "segments")
        player = _player(result.soundtrack)
    warnings = "".join(f"<li>⚠ {short_html(words)}</li>" for words in result.warnings[:_MOST_ITEMS])
    noted = f"<ul>{warnings}</ul>" if warnings else ""
    return head + picture + player + noted + _credits(result.cues.credits())


def _credits(words: str) -> str:
    lines = "<br>".join(map(short_html, words.splitlines()[:_MOST_ITEMS]))
    return f"<small>{lines}</small>" if lines else ""


def _omitted(count: int, what: str) -> str:
    return f"<p>… {count - _MOST_ITEMS} more {what}</p>" if count > _MOST_ITEMS else ""


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
