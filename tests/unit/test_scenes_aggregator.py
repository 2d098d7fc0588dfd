from itertools import pairwise, product

import numpy as np
import pytest

from musify import MoodScores, ParameterError, Shots
from musify.backends.scenes_aggregator import ScenesAggregator

LABELS = ("calm", "happy", "sad")


def cost_of(timeline, scores, change_penalty):
    """Price a timeline by the rule of the docstring, frame by frame.

    A frame lasts up to half way to its neighbours; a second costs one minus the score of its mood.
    """
    middles = (scores.times[:-1] + scores.times[1:]) / 2
    ends = [0.0, *middles, timeline.duration]
    total = change_penalty * (len(timeline) - 1)
    for row, (start, end) in zip(scores.values, pairwise(ends), strict=True):
        if end > start:
            mood = timeline.at((start + end) / 2).label
            total += (1 - row[scores.labels.index(mood)]) * (end - start)
    return total


def cheapest_cost(scores, duration, min_duration, change_penalty):
    """Try every way to put borders between frames; each stretch takes its cheapest mood."""
    middles = (scores.times[:-1] + scores.times[1:]) / 2
    edges = np.array([0.0, *middles, duration])
    costs = (1 - scores.values) * np.diff(edges)[:, None]
    best = costs.sum(axis=0).min()  # one mood is always allowed
    for borders in product((False, True), repeat=len(costs) - 1):
        places = [
            0,
            *(place for place, is_border in enumerate(borders, 1) if is_border),
            len(costs),
        ]
        lengths = np.diff(edges[places])
        if (lengths >= max(min_duration, 1e-6) - 1e-9).all():
            price = sum(costs[a:b].sum(axis=0).min() for a, b in pairwise(places))
            best = min(best, price + change_penalty * (len(places) - 2))
    return best


def random_scores(rng, *, coarse=False):
    """Score some frames; coarse ones have ties and frames at equal times."""
    frames = rng.integers(1, 9)
    times = rng.uniform(0, 20, frames)
    values = rng.uniform(0, 1, (frames, 3))
    if coarse:
        times, values = np.round(times / 4) * 4, np.round(values * 2) / 2
    return MoodScores(np.sort(times), LABELS, values)


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("min_duration", [0, 3, 8, 30])
@pytest.mark.parametrize("change_penalty", [0, 0.5, 3])
def test_no_sequence_is_cheaper(rng, coarse, min_duration, change_penalty):
    aggregator = ScenesAggregator(min_duration, change_penalty)
    for _ in range(25):
        scores = random_scores(rng, coarse=coarse)
        timeline = aggregator.aggregate(scores, None, duration=20.0)
        cheapest = cheapest_cost(scores, 20.0, min_duration, change_penalty)
        assert cost_of(timeline, scores, change_penalty) == pytest.approx(cheapest, abs=1e-9)
        if len(timeline) > 1:
            assert np.diff(timeline.edges).min() >= min_duration - 1e-9
        assert all(early != late for early, late in pairwise(timeline.labels))


def scores_at(times, *rows):
    return MoodScores(times, LABELS[:2], rows)


CALM_THEN_HAPPY = scores_at([0, 5, 10, 15], [0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9])


def test_a_change_stands_half_way_between_frames():
    timeline = ScenesAggregator(min_duration=5).aggregate(CALM_THEN_HAPPY, None, duration=20.0)
    assert timeline.labels == ("calm", "happy")
    assert timeline.edges.tolist() == [0, 7.5, 20]


@pytest.mark.parametrize(
    ("cuts", "strength", "edge"),
    [
        ([6.0], [0.5], 6.0),
        ([6.0, 9.0], [0.5, 0.7], 9.0),  # the strongest
        ([6.0, 9.0], [0.5, 0.5], 6.0),  # the first of equally strong ones
        ([10.0], [0.5], 10.0),  # the frame at a cut is the first of its shot
        ([5.0], [0.5], 7.5),  # so this cut lies before the frame at 5 s
        ([2.0, 12.0], [1.0, 1.0], 7.5),  # cuts elsewhere do not pull
    ],
)
def test_a_change_snaps_to_a_cut_between_its_frames(cuts, strength, edge):
    shots = Shots([0, *cuts, 20], strength, [], [])
    timeline = ScenesAggregator(min_duration=5).aggregate(CALM_THEN_HAPPY, shots, duration=20.0)
    assert timeline.edges.tolist() == [0, edge, 20]
    assert timeline.cuts.tolist() == cuts


def test_a_video_shorter_than_a_segment_has_one_mood():
    timeline = ScenesAggregator(30).aggregate(CALM_THEN_HAPPY, None, duration=20.0)
    assert timeline.edges.tolist() == [0, 20]
    # 7.5 s are clearly calm, 12.5 s clearly happy.
    assert timeline.labels == ("happy",)


def test_a_segment_may_last_exactly_the_least():
    timeline = ScenesAggregator(7.5).aggregate(CALM_THEN_HAPPY, None, duration=15.0)
    assert timeline.edges.tolist() == [0, 7.5, 15]


def test_without_penalty_and_least_duration_each_frame_has_its_top_mood():
    scores = scores_at([0, 1, 2, 3], [1, 0], [0, 1], [0, 1], [1, 0])
    timeline = ScenesAggregator(0, 0).aggregate(scores, None, duration=4.0)
    assert timeline.labels == ("calm", "happy", "calm")
    assert timeline.edges.tolist() == [0, 0.5, 2.5, 4]


def test_a_change_that_gains_less_than_its_penalty_is_not_made():
    scores = scores_at([0, 10], [1, 0], [0.4, 0.6])  # happy gains 0.2 * 10 s in the second half
    for penalty, labels in ((1.9, ("calm", "happy")), (2.1, ("calm",))):
        timeline = ScenesAggregator(0, penalty).aggregate(scores, None, duration=15.0)
        assert timeline.labels == labels


def test_ties_go_to_the_first_mood():
    scores = scores_at([0, 5], [0.5, 0.5], [0.5, 0.5])
    assert ScenesAggregator().aggregate(scores, None, duration=20.0).labels == ("calm",)


@pytest.mark.parametrize("times", [[0, 0, 0], [5, 5, 5], [20, 20, 20], [0, 10, 10]])
def test_frames_at_equal_times(times):
    scores = scores_at(times, [1, 0], [0, 1], [0, 1])
    timeline = ScenesAggregator(0, 0).aggregate(scores, None, duration=20.0)
    assert timeline.duration == 20
    assert (np.diff(timeline.edges) > 0).all()


def test_a_segment_is_described_by_the_mean_of_its_frames_weighted_by_their_time():
    scores = scores_at([0, 6], [0.9, 0.1], [0.6, 0.4])
    timeline = ScenesAggregator().aggregate(scores, None, duration=12.0)  # cells of 3 and 9 s
    np.testing.assert_allclose(timeline.scores, [[0.675, 0.325]])
    np.testing.assert_allclose(timeline.confidence, [0.675])
    np.testing.assert_allclose(timeline.plane, [scores.plane.T @ [0.25, 0.75]])
    assert timeline.moods == ("calm", "happy")


@pytest.mark.parametrize("option", ["min_duration", "change_penalty"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_refused(option, value):
    with pytest.raises(ParameterError, match=f"{option} must be at least 0, got {value}"):
        ScenesAggregator(**{option: value})
