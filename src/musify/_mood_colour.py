"""Colours of moods: in timelines and scores the same mood has the same colour."""

import colorsys
import math
from bisect import bisect_right
from typing import Final

from musify.moods import find_mood

__all__ = ["AROUSAL_COLOUR", "VALENCE_COLOUR", "label_colour", "mood_colour"]

# Told apart by people who see few colours too: orange and blue differ in every kind of sight.
VALENCE_COLOUR: Final = "#d97706"
AROUSAL_COLOUR: Final = "#0284c7"
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


def label_colour(label: str, valence: float, arousal: float) -> str:
    """Colour of a mood: that of its known place, else that of the point where it was seen.

    Examples
    --------
    >>> label_colour("happy", 0.1, 0.1) == label_colour("happy", 0.9, 0.5)
    True
    """
    known = find_mood(label)
    return mood_colour(*known.point) if known is not None else mood_colour(valence, arousal)
