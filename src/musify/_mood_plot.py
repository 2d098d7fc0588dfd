"""Moods drawn by matplotlib: a timeline as boxes and curves, scores as a row for each mood."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from musify._axes import axes_or_new, literal, put_time_below
from musify._mood_colour import AROUSAL_COLOUR, VALENCE_COLOUR, label_colour
from musify._mood_grid import mood_grid
from musify._overview import Stretch, overview

if TYPE_CHECKING:
    from musify.scores import MoodScores
    from musify.timeline import MoodSegment, MoodTimeline

__all__ = ["draw_curves", "draw_moods", "draw_scores", "draw_timeline"]

_DARK: Final = "#111111"
_GREY: Final = "#8a8a8a"
# Where boxes stand above curves that run from -1 to 1.
_STRIP: Final = 1.5
_STRIP_HIGH: Final = 0.5
# What has room across a plot of the usual size; narrower boxes have none for words.
_LETTERS: Final = 95
_LEAST_LETTERS: Final = 4
# Boxes narrower than this share have no edge: it would be wider than they are.
_LEAST_EDGED: Final = 0.005
_MOST_ROWS: Final = 24
_MOST_OF_A_LABEL: Final = 24
# Boxes that are drawn one by one, and columns when there are more.
_MOST_BOXES: Final = 300
_WIDE: Final = 500
_MOST_COLUMNS: Final = 1000


def draw_moods(ax: Any, timeline: "MoodTimeline", middle: float, high: float) -> None:
    """Draw segments as boxes, hatched where they are uncertain, around a height."""
    segments = tuple(timeline)
    if len(segments) > _MOST_BOXES:
        stretches = [
            Stretch(one.start, one.end, one.label, (one.valence, one.arousal)) for one in segments
        ]
        columns = overview(stretches, timeline.duration, _WIDE)
        ax.broken_barh(
            [(one.start, one.end - one.start) for one in columns],
            (middle - high / 2, high),
            facecolors=[label_colour(one.label, *one.point) for one in columns],
        )
        return
    lengths = np.diff(timeline.edges)
    shares = lengths / timeline.duration
    ax.barh(
        np.full(len(segments), middle),
        lengths,
        left=timeline.edges[:-1],
        height=high,
        color=[label_colour(one.label, one.valence, one.arousal) for one in segments],
        edgecolor="white",
        linewidth=np.where(shares > _LEAST_EDGED, 1.0, 0.0),
        hatch=["///" if one.uncertain else "" for one in segments],
    )
    for segment, share in zip(segments, shares.tolist(), strict=True):
        place = (segment.start + segment.end) / 2
        words = _caption(segment, int(share * _LETTERS) - 1)
        if words:
            ax.text(
                place, middle, words,
                ha="center", va="center", fontsize=8, color=_DARK, clip_on=True,
            )  # fmt: skip


def _caption(segment: "MoodSegment", most: int) -> str:
    """Name and confidence, as far as so many letters have room."""
    if most < min(_LEAST_LETTERS, len(segment.label)):
        return ""
    sure = "unsure" if segment.uncertain else f"{segment.confidence:.0%}"
    label = literal(segment.label, most)
    return f"{label}\n{sure}" if len(sure) <= most else label


def draw_curves(ax: Any, timeline: "MoodTimeline") -> None:
    """Draw valence and arousal as steps, and cuts as thin lines."""
    wide = 2.0 if len(timeline) <= _MOST_BOXES else 0.5
    for axis, (name, colour) in enumerate(
        (("valence", VALENCE_COLOUR), ("arousal", AROUSAL_COLOUR))
    ):
        ax.stairs(
            timeline.plane[:, axis],
            timeline.edges,
            baseline=None,
            color=colour,
            lw=wide,
            label=name,
        )
    ax.vlines(
        timeline.cuts, 0, 1, transform=ax.get_xaxis_transform(),
        colors=_GREY, lw=0.5, alpha=0.5, zorder=0,
    )  # fmt: skip
    ax.axhline(0, color=_GREY, lw=0.6)
    ax.set_yticks([-1, 0, 1], ["-1", "0", "+1"])


def draw_timeline(timeline: "MoodTimeline", ax: Any = None) -> Any:
    """Draw a timeline: moods above, valence and arousal below."""
    ax = axes_or_new(ax, (9.0, 3.0))
    draw_curves(ax, timeline)
    draw_moods(ax, timeline, _STRIP, _STRIP_HIGH)
    ax.set_yticks([-1, 0, 1, _STRIP], ["-1", "0", "+1", "mood"])
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
    ax.set_yticks(
        np.arange(rows) + 0.5, [literal(label, _MOST_OF_A_LABEL) for label in grid.labels]
    )
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
