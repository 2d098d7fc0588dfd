"""What aggregators share: from segments of frames to a timeline."""

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify.errors import ParameterError
from musify.evidence import Evidence, merge_evidence
from musify.scores import MoodScores
from musify.shots import Shots
from musify.timeline import MoodTimeline, uncertain_below

__all__ = ["QUIET", "Segment", "check_scores", "make_timeline"]

Segment: TypeAlias = tuple[int, int, int]
"""First frame, frame after the last, and mood."""

QUIET: Final = (0.0, -0.5)
"""Where a scene is put of which nothing is known: neither pleasant nor unpleasant, and quiet."""


def check_scores(scores: MoodScores, duration: float) -> None:
    """Refuse scores that cannot become a timeline.

    Raises
    ------
    ParameterError
        If there are none, or one is later than the end.
    """
    if not (math.isfinite(duration) and duration > 0):
        raise ParameterError(f"duration must be above 0 s, got {duration}")
    if not len(scores):
        raise ParameterError("there are no scored frames; a timeline needs at least one")
    if scores.times[-1] > duration:
        raise ParameterError(
            f"a frame at {scores.times[-1]:g} s is later than the end at {duration:g} s"
        )


def make_timeline(
    scores: MoodScores,
    edges: NDArray[np.float64],
    segments: Sequence[Segment],
    *,
    weights: NDArray[np.float64],
    shots: Shots | None,
    confidence: Sequence[float] | None = None,
    quiet_when_unsure: bool = False,
) -> MoodTimeline:
    """Describe segments of frames by the mean of their frames.

    Parameters
    ----------
    scores : MoodScores
        ``n`` frames.
    edges : ndarray
        Where each frame's time begins and ends, shape ``(n + 1,)``; or the two ends of the video.
    segments : sequence of (int, int, int)
        First frame, frame after the last, and mood; together all frames.
    weights : ndarray of shape (n,)
        How much each frame counts.
    shots : Shots or None
        Whose cuts the timeline will know.
    confidence : sequence of float, optional
        Of each segment; by default the mean score of its mood.
    quiet_when_unsure : bool, default False
        Whether to draw the points of uncertain segments towards :data:`QUIET`: not at all where
        they begin to be uncertain, and all the way where the mood is as good as guessed.
    """
    means, planes, evidence = [], [], []
    for start, end, _ in segments:
        share = weights[start:end]
        share = share / share.sum() if share.sum() > 0 else np.full(end - start, 1 / (end - start))
        means.append(np.clip(share @ scores.values[start:end], 0, 1))
        planes.append(np.clip(share @ scores.plane[start:end], -1, 1))
        if scores.evidence:
            evidence.append(merge_evidence(scores.evidence[start:end], share))
    moods = [mood for _, _, mood in segments]
    if confidence is None:
        confidence = [float(mean[mood]) for mean, mood in zip(means, moods, strict=True)]
    if quiet_when_unsure:
        shares = [_doubt(sure, len(scores.labels)) for sure in confidence]
        if evidence:
            evidence = [
                (*row, _moved_by_doubt(plane, share)) if share else row
                for row, plane, share in zip(evidence, planes, shares, strict=True)
            ]
        planes = [
            (1 - share) * plane + share * np.array(QUIET)
            for plane, share in zip(planes, shares, strict=True)
        ]
    inner = [edges[start] for start, _, _ in segments[1:]]
    return MoodTimeline(
        edges=np.array([edges[0], *inner, edges[-1]]),
        labels=tuple(scores.labels[mood] for mood in moods),
        confidence=np.array(confidence, dtype=np.float64),
        plane=np.array(planes),
        cuts=np.empty(0) if shots is None else shots.cuts,
        moods=scores.labels,
        scores=np.array(means),
        evidence=evidence,
    )


def _doubt(sure: float, moods: int) -> float:
    """How far a scene goes towards :data:`QUIET`, in [0, 1]."""
    limit, guessed = uncertain_below(moods), 1 / moods
    return min(1.0, max(0.0, (limit - sure) / (limit - guessed)))


def _moved_by_doubt(plane: NDArray[np.float64], share: float) -> Evidence:
    return Evidence("unsure", "unsure, so quieter", share, *(share * (np.array(QUIET) - plane)))
