"""What classifiers share that place a picture in the plane first."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from musify._checks import number
from musify.evidence import EvidenceRow
from musify.interfaces import MoodClassifier
from musify.moods import DEFAULT_MOODS, Mood, MoodSpace
from musify.scores import MoodScores

__all__ = ["PlaneClassifier"]


class PlaneClassifier(MoodClassifier):
    """Scores moods by how near their points are to that of a picture.

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
    """

    def __init__(
        self, moods: MoodSpace | Iterable[Mood | str] | None = None, temperature: float = 0.5
    ) -> None:
        self.moods = DEFAULT_MOODS if moods is None else MoodSpace(moods)
        self.temperature = number("temperature", temperature, above=0)

    @property
    @override
    def labels(self) -> tuple[str, ...]:
        return self.moods.names

    @property
    @override
    def mood_space(self) -> MoodSpace:
        return self.moods

    @property
    @override
    def mood_temperature(self) -> float:
        return self.temperature

    def scored(
        self, times: list[float], plane: NDArray[np.float64], evidence: Iterable[EvidenceRow] = ()
    ) -> MoodScores:
        """Score pictures by their points, shape ``(n, 2)``."""
        values = self.moods.score(plane, self.temperature)
        return MoodScores(np.array(times), self.labels, values, plane, evidence)
