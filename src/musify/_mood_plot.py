"""Moods drawn by matplotlib: a timeline as boxes and curves, scores as a row for each mood."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from musify._axes import axes_or_new, put_time_below
from musify._display import AROUSAL_COLOUR, VALENCE_COLOUR, mood_colour
from musify._mood_grid import mood_grid

if TYPE_CHECKING:
    from musify.scores import MoodScores
    from musify.timeline import MoodSegment, MoodTimeline

__all__ = ["draw_curves", "draw_moods", "draw_scores", "draw_timeline"]

_DARK: Final = "#111111"
_GREY: Final = "#8a8a8a"
# Where boxes stand above curves that run from -1 to 1.
_STRIP: Final = 1.5
_STRIP_HIGH: Final = 0.5
# Narrower boxes have no room for words.
_LEAST_NAMED: Final = 0.055
_MOST_ROWS: Final = 24
_MOST_COLUMNS: Final = 1000


def draw_moods(ax: Any, timeline: "MoodTimeline", middle: float, high: float) -> None:
    """Draw segments as boxes, hatched where they are uncertain, around a height."""
    for segment in timeline:
        ax.barh(
            middle,
            segment.duration,
            left=segment.start,
            height=high,
            color=mood_colour(segment.valence, segment.arousal),
            edgecolor="white",
            hatch="///" if segment.uncertain else None,
        )
        if segment.duration > timeline.duration * _LEAST_NAMED:
            place = (segment.start + segment.end) / 2
            ax.text(
                place, middle, _caption(segment),
                ha="center", va="center", fontsize=8, color=_DARK, clip_on=True,
            )  # fmt: skip


def _caption(segment: "MoodSegment") -> str:
    sure = "unsure" if segment.uncertain else f"{segment.confidence:.0%}"
    # What begins with a dollar would be read as a formula.
    return f"{segment.label}\n{sure}".replace("$", r"\$")


def draw_curves(ax: Any, timeline: "MoodTimeline") -> None:
    """Draw valence and arousal as steps, and cuts as thin lines."""
    for axis, (name, colour) in enumerate(
        (("valence", VALENCE_COLOUR), ("arousal", AROUSAL_COLOUR))
    ):
        ax.stairs(
            timeline.plane[:, axis], timeline.edges, baseline=None, color=colour, lw=2, label=name
        )
    for cut in timeline.cuts:
        ax.axvline(cut, color=_GREY, lw=0.5, alpha=0.5, zorder=0)
    ax.axhline(0, color=_GREY, lw=0.6)
    ax.set_yticks([-1, 0, 1])


def draw_timeline(timeline: "MoodTimeline", ax: Any = None) -> Any:
    """Draw a timeline: moods above, valence and arousal below."""
    ax = axes_or_new(ax, (9.0, 3.0))
    draw_curves(ax, timeline)
    draw_moods(ax, timeline, _STRIP, _STRIP_HIGH)
    ax.set_ylim(-1.1, _STRIP + _STRIP_HIGH / 2 + 0.05)
    put_time_below(ax, timeline.duration)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 0.7), fontsize=8, frameon=False)
    return ax


def draw_scores(scores: "MoodScores", ax: Any = None) -> Any:
    """Draw scores: a row for each mood, of its own colour, the stronger the higher the score."""
    ax = axes_or_new(ax, (9.0, 1.2 + 0.28 * min(len(scores.labels), _MOST_ROWS)))
    grid = mood_grid(scores, _MOST_ROWS, _MOST_COLUMNS)
    rows = len(grid.labels)
    if len(scores):
        ax.pcolormesh(grid.edges, np.arange(rows + 1.0), _painted(grid.values, grid.colours))
        put_time_below(ax, float(grid.edges[-1]))
    else:
        ax.text(0.5, 0.5, "no frames", transform=ax.transAxes, ha="center", va="center")
    ax.set_ylim(rows, 0)
    ax.set_yticks(np.arange(rows) + 0.5, [label.replace("$", r"\$") for label in grid.labels])
    ax.tick_params(left=False)
    ax.spines[["top", "right", "left"]].set_visible(False)
    more = f"; the strongest {rows} of {len(scores.labels)}" if len(scores.labels) > rows else ""
    ax.set_title(f"score of each mood, full colour = 1{more}", loc="left", fontsize=9)
    return ax


def _painted(values: NDArray[np.float64], colours: tuple[str, ...]) -> NDArray[np.float64]:
    """Colours with the scores as their opacity, shape (rows, columns, 4)."""
    from matplotlib.colors import to_rgba  # noqa: PLC0415 - the extra "plot"

    painted = np.empty((*values.shape, 4))
    painted[...] = np.array([to_rgba(colour) for colour in colours])[:, None, :]
    painted[..., 3] = values
    return painted
