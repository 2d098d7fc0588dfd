"""How scores show themselves in a notebook: a row for each mood, and the plane over time."""

from typing import TYPE_CHECKING, Final

import numpy as np

from musify._clock import clock
from musify._display import showable
from musify._mood_colour import AROUSAL_COLOUR, VALENCE_COLOUR
from musify._mood_grid import MoodGrid, mood_grid
from musify._svg import LEFT, PLOT, fitting, plane_scale, short_html, svg_image, svg_text, time_axis

if TYPE_CHECKING:
    from musify.scores import MoodScores

__all__ = ["scores_html"]

# Together some 100 kB; a page shall stay under 300 kB.
_MOST_ROWS: Final = 12
_MOST_COLUMNS: Final = 120
_MOST_POINTS: Final = 600
_HIGH: Final = 18
_TOP: Final = 6
_HALF: Final = 26


@showable
def scores_html(scores: "MoodScores") -> str:
    """Show scores: the fuller the colour of a mood, the higher its score."""
    moods, count = len(scores.labels), len(scores)
    head = f"<div>{count} frame{'s' * (count != 1)}, {moods} mood{'s' * (moods != 1)}</div>"
    if not count:
        return f"{head}<div>{short_html(', '.join(scores.labels[:_MOST_ROWS]))}</div>"
    grid = mood_grid(scores, _MOST_ROWS, _MOST_COLUMNS)
    end = float(grid.edges[-1])
    parts, bottom = _rows(grid, end)
    curves, bottom = _curves(scores, end, bottom + 8)
    picture = svg_image(
        bottom + 30, [*parts, *curves, *time_axis(end, bottom + 8)], "scores of moods over time"
    )
    more = moods - len(grid.labels)
    return head + picture + (f"<p>… {more} more mood{'s' * (more != 1)}</p>" if more else "")


def _rows(grid: MoodGrid, end: float) -> tuple[list[str], float]:
    scale = PLOT / end
    parts = []
    for row, (label, colour) in enumerate(zip(grid.labels, grid.colours, strict=True)):
        top = _TOP + row * (_HIGH + 2)
        mean = float(grid.values[row].mean())
        boxes = "".join(
            f'<rect x="{LEFT + start * scale:.1f}" y="{top}" '
            f'width="{max(0.5, (stop - start) * scale):.1f}" height="{_HIGH}" '
            f'fill-opacity="{value:.2f}"/>'
            for start, stop, value in zip(
                grid.edges[:-1], grid.edges[1:], grid.values[row], strict=True
            )
            if value >= 0.005
        )
        tip = f"<title>{short_html(label)}: {mean:.2f} on average</title>"
        parts.append(f'<g fill="{colour}">{tip}{boxes}</g>')
        parts.append(svg_text(4, top + _HIGH - 5, fitting(label, LEFT)))
    return parts, _TOP + len(grid.labels) * (_HIGH + 2)


def _curves(scores: "MoodScores", end: float, top: float) -> tuple[list[str], float]:
    """Draw valence and arousal of every frame, as dots joined by lines."""
    middle, scale = top + _HALF, PLOT / end
    parts = plane_scale(middle, _HALF)
    every = -(-len(scores) // _MOST_POINTS)
    times, plane = scores.times[::every], scores.plane[::every]
    if len(times) == 1:  # a point alone would not be seen
        times, plane = np.array([0.0, end]), np.repeat(plane, 2, axis=0)
    for axis, (name, colour, below) in enumerate(
        (("valence", VALENCE_COLOUR, -6), ("arousal", AROUSAL_COLOUR, 12))
    ):
        points = " ".join(
            f"{LEFT + time * scale:.1f},{middle - _HALF * value:.1f}"
            for time, value in zip(times, plane[:, axis], strict=True)
        )
        parts.append(svg_text(4, middle + below, name, f'style="fill:{colour}"'))
        dots = f'stroke-linejoin="round" aria-label="{name}, last frame at {clock(end)}"'
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" {dots}/>'
        )
    return parts, middle + _HALF
