"""One mood for the whole video, by vote."""

import numpy as np
from typing_extensions import override

from musify.aggregation import check_scores, make_timeline
from musify.interfaces import MoodAggregator
from musify.scores import MoodScores
from musify.shots import Shots
from musify.timeline import MoodTimeline

__all__ = ["MajorityAggregator"]


class MajorityAggregator(MoodAggregator):
    """The vote of 2016: each frame votes for its top mood, and the most votes win.

    Equal votes are decided by the sum of the scores, and equal sums by the order of the labels. The
    timeline is one segment; its confidence is the winner's share of the votes, and its ``scores``
    are the mean scores, which are proportional to the sums that the ratio rule of
    :class:`.LetterCodeSelector` looks at.

    Examples
    --------
    >>> scores = MoodScores([0, 5, 10], ("calm", "happy"), [[0.6, 0.4], [0.2, 0.8], [0.7, 0.3]])
    >>> timeline = MajorityAggregator().aggregate(scores, None, duration=12.0)
    >>> timeline.labels, timeline.confidence.round(2).tolist()
    (('calm',), [0.67])
    """

    def __repr__(self) -> str:
        return "MajorityAggregator()"

    @override
    def aggregate(
        self, scores: MoodScores, shots: Shots | None, *, duration: float
    ) -> MoodTimeline:
        check_scores(scores, duration)
        votes = np.bincount(scores.values.argmax(axis=1), minlength=len(scores.labels))
        sums = scores.values.sum(axis=0)
        winner = max(range(len(scores.labels)), key=lambda mood: (votes[mood], sums[mood]))
        return make_timeline(
            scores,
            np.array([0.0, duration]),
            [(0, len(scores), winner)],
            weights=np.ones(len(scores)),
            shots=shots,
            confidence=[votes[winner] / len(scores)],
        )
