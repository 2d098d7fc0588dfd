"""The cheapest sequence of moods, none shorter than a given length."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from musify._checks import number
from musify.aggregation import Segment, check_scores, make_timeline
from musify.interfaces import MoodAggregator
from musify.scores import MoodScores
from musify.shots import Shots
from musify.timeline import MoodTimeline

__all__ = ["ScenesAggregator"]


class ScenesAggregator(MoodAggregator):
    """Covers the video with the cheapest sequence of moods.

    A frame stands for the time around it, up to half way to its neighbours, or up to the strongest
    cut between them where cuts are known. A second costs one minus the score of the mood it is
    given; a change of mood costs ``change_penalty`` seconds; a segment shorter than
    ``min_duration`` is not allowed, unless the video is. The cheapest sequence is found exactly, by
    dynamic programming [1]_, in time proportional to the number of frames.

    Parameters
    ----------
    min_duration : float, default 8
        Seconds that a mood lasts at least; 0 or more.
    change_penalty : float, default 1
        Seconds of full certainty that a change must gain; 0 or more.

    Raises
    ------
    ParameterError
        If a number is negative.

    References
    ----------
    .. [1] A. J. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum
       decoding algorithm", IEEE Transactions on Information Theory 13(2), 1967; with a minimum
       duration as in explicit-duration models.

    Examples
    --------
    >>> scores = MoodScores([0, 5, 10, 15], ("calm", "tense"),
    ...                     [[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9]])
    >>> timeline = ScenesAggregator(min_duration=5).aggregate(scores, None, duration=20.0)
    >>> timeline.labels, timeline.edges.tolist()
    (('calm', 'tense'), [0.0, 7.5, 20.0])
    """

    def __init__(self, min_duration: float = 8.0, change_penalty: float = 1.0) -> None:
        self.min_duration = number("min_duration", min_duration, low=0)
        self.change_penalty = number("change_penalty", change_penalty, low=0)

    def __repr__(self) -> str:
        return (
            f"ScenesAggregator(min_duration={self.min_duration}, "
            f"change_penalty={self.change_penalty})"
        )

    @override
    def aggregate(
        self, scores: MoodScores, shots: Shots | None, *, duration: float
    ) -> MoodTimeline:
        check_scores(scores, duration)
        edges = _cell_edges(scores.times, shots, duration)
        widths = np.diff(edges)
        costs = (1 - scores.values) * widths[:, None]
        segments = self._cheapest(costs, edges)
        return make_timeline(scores, edges, segments, weights=widths, shots=shots)

    def _cheapest(self, costs: NDArray[np.float64], edges: NDArray[np.float64]) -> list[Segment]:
        count, moods = costs.shape
        total = np.vstack([np.zeros(moods), np.cumsum(costs, axis=0)])
        # A segment of no length would be no segment.
        shortest = max(self.min_duration, 1e-6)
        best = np.full(count + 1, np.inf)
        best[0] = 0.0
        chosen: list[tuple[int, int]] = [(0, 0)] * (count + 1)
        # For each mood: the cheapest way to begin a segment early enough, and where it begins.
        entry = np.full(moods, np.inf)
        entry_at = np.zeros(moods, dtype=np.intp)
        first = 0
        for end in range(1, count + 1):
            while first < end and edges[end] - edges[first] >= shortest - 1e-9:
                penalty = self.change_penalty if first else 0.0
                begun = best[first] + penalty - total[first]
                better = begun < entry
                entry[better] = begun[better]
                entry_at[better] = first
                first += 1
            mood = int(np.argmin(entry + total[end]))
            best[end] = entry[mood] + total[end, mood]
            chosen[end] = (int(entry_at[mood]), mood)
        if not np.isfinite(best[count]):  # the video is shorter than any segment may be
            return [(0, count, int(np.argmin(total[count])))]
        segments: list[Segment] = []
        end = count
        while end > 0:
            start, mood = chosen[end]
            if segments and segments[-1][2] == mood:  # free changes may change nothing
                segments[-1] = (start, segments[-1][1], mood)
            else:
                segments.append((start, end, mood))
            end = start
        return segments[::-1]


def _cell_edges(
    times: NDArray[np.float64], shots: Shots | None, duration: float
) -> NDArray[np.float64]:
    """Where the time that each frame stands for begins and ends, shape ``(n + 1,)``."""
    between = (times[:-1] + times[1:]) / 2
    if shots is not None:
        for place, (early, late) in enumerate(pairwise(times)):
            inside = (shots.cuts > early) & (shots.cuts <= late)
            if inside.any():
                strongest = int(np.argmax(np.where(inside, shots.strength, -1.0)))
                between[place] = shots.cuts[strongest]
    return np.concatenate([[0.0], between, [duration]])
