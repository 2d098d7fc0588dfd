"""Rhythms written as strings: a sign for each step, a dot for none."""

from collections.abc import Iterator

from musify.composer.parts.setting import Bar

__all__ = ["even_steps", "figure_for", "strokes"]


def figure_for(beats: int, figures: dict[int, str]) -> str:
    """Choose a figure for a bar, or make one of those there are.

    Parameters
    ----------
    beats : int
        Beats of the bar.
    figures : mapping
        Figures by the beats they last, one of 4 beats among them. Steps a beat are the same in all.

    Examples
    --------
    >>> figure_for(3, {4: "x.x.x.x."}), figure_for(5, {4: "x..xx..x", 2: "XX.."})
    ('x.x.x.', 'x..xx..xXX')
    """
    if beats in figures:
        return figures[beats]
    steps = len(figures[4]) // 4
    rest = figures.get(2, figures[4])
    longer = figures[4] + rest * (1 + beats // 2)
    return longer[: beats * steps]


def strokes(bar: Bar, figures: dict[int, str]) -> Iterator[tuple[float, str]]:
    """Yield the beat and the sign of each stroke of a figure in a bar."""
    figure = figure_for(bar.beats, figures)
    step = bar.beats / len(figure)
    for place, sign in enumerate(figure):
        if sign != ".":
            yield bar.start + place * step, sign


def even_steps(start: float, end: float, step: float) -> Iterator[tuple[int, float, float]]:
    """Divide a stretch into even steps; yields number, beat and length, the last cut short."""
    number, at = 0, start
    while at < end - 1e-6:
        yield number, at, min(step, end - at)
        number += 1
        at = start + number * step
