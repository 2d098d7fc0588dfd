import numpy as np
import pytest

from musify import MoodScores, ParameterError, Shots
from musify.backends.majority_aggregator import MajorityAggregator

LABELS = ("calm", "happy", "sad")


def vote(*rows, shots=None):
    scores = MoodScores(range(len(rows)), LABELS, rows)
    return MajorityAggregator().aggregate(scores, shots, duration=20.0)


def test_the_most_votes_win():
    timeline = vote([0.9, 0, 0], [0, 0.1, 0], [0, 0.2, 0.1])
    assert timeline.labels == ("happy",)
    assert timeline.edges.tolist() == [0, 20]
    assert timeline.confidence.tolist() == [2 / 3]


def test_equal_votes_are_decided_by_the_sum_of_scores():
    assert vote([0.5, 0.4, 0], [0.1, 0.9, 0]).labels == ("happy",)


def test_equal_sums_are_decided_by_the_order_of_labels():
    assert vote([0.25, 0.5, 0], [0.5, 0.25, 0]).labels == ("calm",)


def test_scores_and_plane_are_means_for_the_ratio_rule():
    timeline = vote([0.9, 0.1, 0], [0.5, 0.3, 0.2])
    assert timeline.moods == LABELS
    np.testing.assert_allclose(timeline.scores, [[0.7, 0.2, 0.1]])
    scores = MoodScores([0, 1], LABELS, [[0.9, 0.1, 0], [0.5, 0.3, 0.2]])
    np.testing.assert_allclose(timeline.plane, [scores.plane.mean(axis=0)])


def test_cuts_are_passed_on():
    shots = Shots([0, 4, 20], [0.5], [], [])
    assert vote([1, 0, 0], shots=shots).cuts.tolist() == [4]


@pytest.mark.parametrize(
    ("times", "duration", "message"),
    [
        ([], 20.0, "at least one"),
        ([21], 20.0, "a frame at 21 s is later than the end at 20 s"),
        ([0], 0.0, "duration must be above 0 s, got 0"),
        ([0], float("nan"), "duration must be above 0 s"),
    ],
)
def test_refused(times, duration, message):
    scores = MoodScores(times, LABELS, np.ones((len(times), 3)))
    with pytest.raises(ParameterError, match=message):
        MajorityAggregator().aggregate(scores, None, duration=duration)
