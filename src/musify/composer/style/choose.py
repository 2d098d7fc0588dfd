"""Which style suits a video: near its moods, and not the same one every time."""

import math
from typing import Final

import numpy as np

from musify.composer.chance import Chance
from musify.composer.style.load import load_style, style_names
from musify.composer.style.style import Style
from musify.errors import ParameterError
from musify.timeline import MoodTimeline

__all__ = ["choose_style", "style_distance"]

_NEAR: Final = 0.7
"""How much farther than the nearest a style may be and still be chosen now and then."""


def style_distance(style: Style, timeline: MoodTimeline, *, energy: float = 0.0) -> float:
    """Measure how far a style lies from the moods of a timeline.

    It is the root mean square over time of the distance from its centre, in units of its reach.

    Parameters
    ----------
    style : Style
        The style.
    timeline : MoodTimeline
        The moods.
    energy : float, default 0
        Added to every arousal, in [-1, 1].
    """
    plane = np.clip(timeline.plane + np.array([0.0, energy]), -1, 1)
    away = (plane - np.asarray(style.centre)) / np.asarray(style.reach)
    share = np.diff(timeline.edges) / timeline.duration
    return math.sqrt(float((share * (away**2).sum(axis=1)).sum()))


def choose_style(
    timeline: MoodTimeline,
    *,
    seed: int,
    styles: tuple[Style, ...] | None = None,
    energy: float = 0.0,
) -> Style:
    """Choose a style for a timeline: the nearer, the likelier.

    Parameters
    ----------
    timeline : MoodTimeline
        The moods.
    seed : int
        Another seed may choose another of those that are near.
    styles : tuple of Style, optional
        Of which to choose; those that come with musify by default.
    energy : float, default 0
        Added to every arousal, in [-1, 1].

    Raises
    ------
    ParameterError
        If there is none to choose from.
    """
    if styles is None:
        styles = tuple(load_style(name) for name in style_names())
    if not styles:
        raise ParameterError("there is no style to choose from")
    away = [style_distance(style, timeline, energy=energy) for style in styles]
    weights = [max(0.0, 1 - (far - min(away)) / _NEAR) for far in away]
    return Chance(seed, "style").pick(styles, weights)
