"""Scores as a grid of a row for each mood and a column for each moment, to be looked at."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from musify._mood_colour import mood_colour
from musify.errors import ParameterError
from musify.moods import known_mood

if TYPE_CHECKING:
    from musify.scores import MoodScores

__all__ = ["MoodGrid", "mood_grid"]

_PLAIN = "#808080"


class MoodGrid(NamedTuple):
    """Scores to be drawn.

    Parameters
    ----------
    labels : tuple of str
        Moods, the one with the highest scores first; ``k`` of them.
    colours : tuple of str
        Of each mood; grey where its place in the plane is not known.
    edges : ndarray of shape (n + 1,)
        Where columns begin and end, in seconds; they touch.
    values : ndarray of shape (k, n)
        Scores, in [0, 1].
    """

    labels: tuple[str, ...]
    colours: tuple[str, ...]
    edges: NDArray[np.float64]
    values: NDArray[np.float64]


def mood_grid(scores: "MoodScores", most_rows: int, most_columns: int) -> MoodGrid:
    """Lay scores out: so many moods at the most, neighbouring frames averaged into columns."""
    count = len(scores)
    order = np.argsort(-scores.values.sum(axis=0), kind="stable")[:most_rows]
    labels = tuple(scores.labels[place] for place in order)
    colours = tuple(map(_colour, labels))
    if not count:
        return MoodGrid(labels, colours, np.zeros(1), np.empty((len(labels), 0)))
    firsts = np.unique(np.linspace(0, count, min(count, most_columns), endpoint=False).astype(int))
    sizes = np.diff([*firsts, count])
    values = np.add.reduceat(scores.values[:, order], firsts, axis=0) / sizes[:, None]
    return MoodGrid(labels, colours, _edges(scores.times, firsts), values.T)


def _edges(times: NDArray[np.float64], firsts: NDArray[np.int_]) -> NDArray[np.float64]:
    """Half way between frames; a frame alone is shown for a second."""
    usual = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    inner = (times[firsts[1:] - 1] + times[firsts[1:]]) / 2
    return np.array([max(0.0, times[0] - usual / 2), *inner, times[-1] + max(usual, 1e-3) / 2])


def _colour(label: str) -> str:
    try:
        return mood_colour(*known_mood(label).point)
    except ParameterError:  # a mood of somebody's own, whose place only the classifier knows
        return _PLAIN
