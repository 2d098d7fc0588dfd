"""Mood from brightness and saturation alone."""

from collections.abc import Iterable

import numpy as np
from typing_extensions import override

from musify.plane_classifier import PlaneClassifier
from musify.samples import FrameSample
from musify.scores import MoodScores
from musify.vision.colour import colour_point

__all__ = ["PaletteClassifier"]


class PaletteClassifier(PlaneClassifier):
    """Places a picture in the plane by how bright and how saturated it is.

    The weights are those that people's judgements of colours gave [1]_: pleasure (valence) is
    0.69 B + 0.22 S and arousal -0.31 B + 0.60 S, for standardised brightness B and saturation S.
    It knows nothing of what a picture shows: against people's ratings of photographs, colour
    correlates with valence and arousal at about r = 0.2 only. It is instant, deterministic and
    needs no model: an honest baseline.

    Parameters
    ----------
    moods : MoodSpace or iterable of Mood or str, optional
        Moods to tell apart; by default action, happy, sad and calm.
    temperature : float, default 0.5
        How far from a mood's point a picture may be and still score for it; above 0. See
        :meth:`musify.MoodSpace.score`.

    Raises
    ------
    ParameterError
        If ``temperature`` is not above 0 or a mood is not known.

    References
    ----------
    .. [1] P. Valdez and A. Mehrabian, "Effects of color on emotions", Journal of Experimental
       Psychology: General 123(4), 394-409, 1994.

    Examples
    --------
    >>> night = FrameSample(0.0, np.full((9, 16, 3), 20, np.uint8))
    >>> PaletteClassifier().classify([night]).top()
    ('sad',)
    """

    def __repr__(self) -> str:
        return f"PaletteClassifier(moods={self.labels}, temperature={self.temperature})"

    @override
    def classify(self, samples: Iterable[FrameSample]) -> MoodScores:
        times, points = [], []
        for sample in samples:
            times.append(sample.time)
            points.append(colour_point(sample.image))
        plane = np.array(points, dtype=np.float64).reshape(-1, 2)
        return self.scored(times, plane)
