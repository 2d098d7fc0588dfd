"""The mood of a video over time.

Conventions
-----------
A timeline is a partition of ``[0, duration]`` into segments that touch and never overlap, each with
one label, as the music information retrieval field annotates structure.
:attr:`MoodTimeline.intervals` is the ``(m, 2)`` form of mir_eval [1]_, which can score it.

References
----------
.. [1] C. Raffel et al., "mir_eval: a transparent implementation of common MIR metrics",
   ISMIR 2014.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._checks import names
from musify.errors import ParameterError
from musify.evidence import EvidenceRow

__all__ = ["MoodSegment", "MoodTimeline", "uncertain_below"]


def uncertain_below(moods: int) -> float:
    """Below which confidence a segment counts as uncertain.

    It is ``2 / (k + 1)`` for ``k`` moods, less than twice what guessing would give: 0.67 for two
    moods, 0.4 for four, 0.2 for nine; and 0.5 where one mood or none is named.
    """
    return 2 / (moods + 1) if moods > 1 else 0.5


@dataclass(frozen=True, slots=True)
class MoodSegment:
    """A stretch of video with one mood.

    Parameters
    ----------
    start, end : float
        Seconds.
    label : str
        Name of the mood.
    confidence : float
        In [0, 1].
    valence, arousal : float
        Point in the plane, in [-1, 1].
    uncertain : bool, default False
        Whether the mood is little better than guessed.
    evidence : tuple of Evidence, default ()
        What was noticed, the most telling first.
    """

    start: float
    end: float
    label: str
    confidence: float
    valence: float
    arousal: float
    uncertain: bool = False
    evidence: EvidenceRow = ()

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, eq=False)
class MoodTimeline(FrozenArrays):
    """Segments that cover a video from 0 to its duration.

    Parameters
    ----------
    edges : array_like of shape (m + 1,)
        Where segments begin and end, in seconds; ascending from 0 to the duration.
    labels : tuple of str
        Mood of each of the ``m`` segments.
    confidence : array_like of shape (m,)
        How sure, in [0, 1].
    plane : array_like of shape (m, 2)
        Valence and arousal of each segment, in [-1, 1].
    cuts : array_like of shape (c,), optional
        Times of cuts known in the video, in seconds.
    moods : tuple of str, optional
        Names of the ``k`` moods that were told apart.
    scores : array_like of shape (m, k), optional
        Mean score of each mood in each segment, in [0, 1].
    evidence : tuple of tuple of Evidence, optional
        What was noticed in each segment and where it moved the mood; a row for each, or none.

    Raises
    ------
    ParameterError
        If edges do not ascend from 0, shapes differ or values leave their range.

    Examples
    --------
    >>> plane = [[0.4, -0.6], [-0.6, 0.6]]
    >>> timeline = MoodTimeline([0, 8, 20], ("calm", "tense"), [0.9, 0.7], plane)
    >>> [(segment.label, segment.duration) for segment in timeline]
    [('calm', 8.0), ('tense', 12.0)]
    >>> timeline.at(9.5).label
    'tense'
    """

    edges: NDArray[np.float64]
    labels: tuple[str, ...]
    confidence: NDArray[np.float64]
    plane: NDArray[np.float64]
    cuts: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    moods: tuple[str, ...] = ()
    scores: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    evidence: tuple[EvidenceRow, ...] = ()

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            edges: ArrayLike,
            labels: Iterable[str],
            confidence: ArrayLike,
            plane: ArrayLike,
            cuts: ArrayLike = (),
            moods: Iterable[str] = (),
            scores: ArrayLike = (),
            evidence: Iterable[EvidenceRow] = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        edges = frozen_floats("edges", self.edges, (None,))
        if len(edges) < 2 or edges[0] != 0 or not (np.diff(edges) > 0).all():
            raise ParameterError(
                f"edges must ascend from 0 to the duration, got {np.array2string(edges)}"
            )
        count = len(edges) - 1
        labels = names("labels", self.labels)
        if len(labels) != count or not all(isinstance(label, str) and label for label in labels):
            raise ParameterError(f"labels must name {count} segments, got {labels}")
        confidence = frozen_floats("confidence", self.confidence, (count,))
        if not (confidence.min() >= 0 and confidence.max() <= 1):
            raise ParameterError("confidence must be in [0, 1]")
        plane = frozen_floats("plane", self.plane, (count, 2))
        if np.abs(plane).max() > 1:
            raise ParameterError(f"plane must be in [-1, 1], got {np.abs(plane).max():g}")
        cuts = frozen_floats("cuts", self.cuts, (None,))
        moods = tuple(self.moods)
        given = self.scores if moods else np.empty((count, 0))
        scores = frozen_floats("scores", given, (count, len(moods)))
        if scores.size and not (scores.min() >= 0 and scores.max() <= 1):
            raise ParameterError("scores must be in [0, 1]")
        evidence = tuple(tuple(row) for row in self.evidence)
        if evidence and len(evidence) != count:
            raise ParameterError(
                f"evidence must have a row for each of {count} segments, got {len(evidence)}"
            )
        for name, value in (
            ("edges", edges),
            ("labels", labels),
            ("confidence", confidence),
            ("plane", plane),
            ("cuts", cuts),
            ("moods", moods),
            ("scores", scores),
            ("evidence", evidence),
        ):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[MoodSegment]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> MoodSegment:
        """Return a segment by its place, from the end where that is negative."""
        place = range(len(self))[index]
        confidence = float(self.confidence[place])
        return MoodSegment(
            start=float(self.edges[place]),
            end=float(self.edges[place + 1]),
            label=self.labels[place],
            confidence=confidence,
            valence=float(self.plane[place, 0]),
            arousal=float(self.plane[place, 1]),
            uncertain=confidence < uncertain_below(len(self.moods)),
            evidence=self.evidence[place] if self.evidence else (),
        )

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return float(self.edges[-1])

    @property
    def intervals(self) -> NDArray[np.float64]:
        """Start and end of each segment in seconds, shape ``(m, 2)``."""
        return np.column_stack([self.edges[:-1], self.edges[1:]])

    @property
    def uncertain(self) -> NDArray[np.bool_]:
        """Which segments' moods are little better than guessed, shape ``(m,)``.

        Their confidence is below ``2 / (k + 1)`` for ``k`` moods, less than twice what guessing
        would give; below 0.5 where ``moods`` does not name two.
        """
        below: NDArray[np.bool_] = self.confidence < uncertain_below(len(self.moods))
        return below

    def at(self, time: float) -> MoodSegment:
        """Return the segment that a time falls in; the later one at an edge.

        Parameters
        ----------
        time : float
            Seconds, from 0 to the duration.

        Raises
        ------
        ParameterError
            If the time is outside the video.
        """
        if not (math.isfinite(time) and 0 <= time <= self.duration):
            raise ParameterError(f"time must be in [0, {self.duration:g}] s, got {time}")
        index = int(np.searchsorted(self.edges, time, side="right")) - 1
        return self[min(index, len(self) - 1)]

    def plot(self, ax: Any = None) -> Any:
        """Draw the moods over time: a box for each segment, valence, arousal and cuts.

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
        from musify._mood_plot import draw_timeline  # noqa: PLC0415 - the extra "plot"

        return draw_timeline(self, ax)

    def _repr_html_(self) -> str:
        from musify._display import timeline_html  # noqa: PLC0415 - only notebooks need it

        return timeline_html(self)
