"""How results show themselves in a notebook: inline SVG and HTML, without any dependency.

All text from files is escaped. Text takes the colour of the page, so it is readable in dark mode.
"""

import base64
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ParamSpec

from musify._clock import clock
from musify._markup import escape
from musify._overview import COLUMNS
from musify._own_sound_words import fate_of_own_sound
from musify._preview import preview_mp3
from musify._svg import short_html
from musify._timeline_picture import MOST_ITEMS, cues_svg, legend, timeline_svg
from musify.audio.mix import mix
from musify.cues import CueSheet
from musify.errors import MusifyError
from musify.soundtrack import Soundtrack
from musify.timeline import MoodTimeline

if TYPE_CHECKING:
    from musify.results import Analysis, RunResult

__all__ = [
    "analysis_html",
    "cues_html",
    "player_html",
    "result_html",
    "showable",
    "soundtrack_html",
    "timeline_html",
]

log = logging.getLogger(__name__)
P = ParamSpec("P")


def showable(show: Callable[P, str]) -> Callable[P, str]:
    """Give text that can be written into a page, whatever stands in the names of files."""

    def shown(*args: P.args, **kwargs: P.kwargs) -> str:
        return show(*args, **kwargs).encode("utf-8", "replace").decode("utf-8")

    shown.__doc__ = show.__doc__
    return shown


@showable
def timeline_html(timeline: MoodTimeline) -> str:
    """Show a timeline."""
    return timeline_svg(timeline) + _below(timeline)


@showable
def cues_html(sheet: CueSheet) -> str:
    """Show a cue sheet, with a player for the beginning of its music."""
    reasons = "".join(f"<li>{short_html(words)}</li>" for words in sheet.decisions[:MOST_ITEMS])
    why = f"<details><summary>why</summary><ul>{reasons}</ul></details>" if reasons else ""
    return (
        cues_svg(sheet)
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
def analysis_html(analysis: "Analysis") -> str:
    """Show what was found, and what was noticed on the way."""
    return timeline_svg(analysis.timeline) + _below(analysis.timeline) + _noted(analysis.warnings)


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
    own = f"<p>own sound: {fate_of_own_sound(result.cues)}</p>" if result.video.has_audio else ""
    noted = _noted(result.warnings)
    return head + picture + player + own + noted + _credits(result.cues.credits())


def _noted(warnings: Sequence[str]) -> str:
    items = "".join(f"<li>⚠ {short_html(words)}</li>" for words in warnings[:MOST_ITEMS])
    return f"<ul>{items}</ul>" if items else ""


def _credits(words: str) -> str:
    lines = "<br>".join(map(short_html, words.splitlines()[:MOST_ITEMS]))
    return f"<div><small>{lines}</small></div>" if lines else ""


def _merged(count: int, duration: float, what: str) -> str:
    """Say that what was too much to be drawn one by one was put together."""
    if count <= MOST_ITEMS:
        return ""
    each = clock(duration / COLUMNS)
    return f"<p>{count} {what}; shown is what fills most of each {each}</p>"


def _below(timeline: MoodTimeline) -> str:
    return legend(timeline) + _merged(len(timeline), timeline.duration, "segments")


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
