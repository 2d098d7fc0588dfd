"""How strongly each frame shows each mood."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._checks import names
from musify.errors import ParameterError
from musify.evidence import EvidenceRow
from musify.moods import find_mood, known_mood

__all__ = ["MoodScores"]


@dataclass(frozen=True, slots=True, eq=False)
class MoodScores(FrozenArrays):
    """The moods of ``n`` frames, as scores of ``k`` labels and as points in the plane.

    Parameters
    ----------
    times : array_like of shape (n,)
        When each frame is presented, in seconds; ascending, at least 0.
    labels : tuple of str
        Names of the ``k`` moods, each once.
    values : array_like of shape (n, k)
        Score of each mood in each frame, in [0, 1]. Rows need not sum to 1.
    plane : array_like of shape (n, 2), optional
        Valence and arousal of each frame, in [-1, 1]. When it is not given, it is the mean of
        the moods' own points weighted by their scores (0, 0 where all scores are 0), which needs
        every label to be a name that :meth:`musify.Mood.named` knows.
    evidence : tuple of tuple of Evidence, optional
        What was noticed in each frame, and where it moved the point; a row for each frame, or none
        at all.

    Raises
    ------
    ParameterError
        If shapes differ, values leave their range, times descend, or a label that has no point
        of its own comes without ``plane``.

    Examples
    --------
    >>> scores = MoodScores([0.0, 5.0], ("calm", "tense"), [[0.9, 0.1], [0.2, 0.8]])
    >>> scores.top()
    ('calm', 'tense')
    """

    times: NDArray[np.float64]
    labels: tuple[str, ...]
    values: NDArray[np.float64]
    # Empty stands for "not given", so that readers always see an array of n rows.
    plane: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    evidence: tuple[EvidenceRow, ...] = ()

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            times: ArrayLike,
            labels: Iterable[str],
            values: ArrayLike,
            plane: ArrayLike | None = None,
            evidence: Iterable[EvidenceRow] = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        times = frozen_floats("times", self.times, (None,))
        labels = names("labels", self.labels)
        named = all(isinstance(label, str) and label for label in labels)
        if not labels or not named or len(set(labels)) != len(labels):
            raise ParameterError(f"labels must be names, each once, got {labels}")
        if times.size and (times[0] < 0 or (np.diff(times) < 0).any()):
            raise ParameterError("times must be at least 0 s and ascend")
        values = frozen_floats("values", self.values, (len(times), len(labels)))
        if values.size and not (values.min() >= 0 and values.max() <= 1):
            raise ParameterError(
                f"values must be in [0, 1], got {values.min():g} to {values.max():g}"
            )
        given = (self.plane is not None and np.size(self.plane) > 0) or not len(times)
        plane = self.plane if given else self._plane_of_labels(labels, values)
        plane = frozen_floats("plane", plane, (len(times), 2))
        if plane.size and np.abs(plane).max() > 1:
            raise ParameterError(f"plane must be in [-1, 1], got {np.abs(plane).max():g}")
        evidence = tuple(tuple(row) for row in self.evidence)
        if evidence and len(evidence) != len(times):
            raise ParameterError(
                f"evidence must have a row for each of {len(times)} frames, got {len(evidence)}"
            )
        for name, value in (
            ("times", times),
            ("labels", labels),
            ("values", values),
            ("plane", plane),
            ("evidence", evidence),
        ):
            object.__setattr__(self, name, value)

    @staticmethod
    def _plane_of_labels(
        labels: tuple[str, ...], values: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        unknown = [label for label in labels if find_mood(label) is None]
        if unknown:
            raise ParameterError(
                f"labels hold {', '.join(map(repr, unknown))}, which musify cannot place; give "
                "plane, the valence and arousal of each frame, or use names that Mood.named knows"
            )
        points = np.array([known_mood(label).point for label in labels])
        weights = values.sum(axis=1, keepdims=True)
        mean = values @ points / np.where(weights > 0, weights, 1)
        clipped: NDArray[np.float64] = np.clip(mean, -1, 1)
        return clipped

    def __len__(self) -> int:
        return len(self.times)

    def top(self) -> tuple[str, ...]:
        """Label with the highest score in each frame; the first of equal ones."""
        return tuple(self.labels[index] for index in self.values.argmax(axis=1))

    def plot(self, ax: Any = None) -> Any:
        """Draw a row for each mood, the highest first: the fuller the colour, the higher the score.

        Of more than 24 moods the highest are drawn.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default on a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from musify._mood_plot import draw_scores  # noqa: PLC0415 - the extra "plot"

        return draw_scores(self, ax)

    def _repr_html_(self) -> str:
        from musify._scores_display import scores_html  # noqa: PLC0415 - only notebooks need it

        return scores_html(self)
