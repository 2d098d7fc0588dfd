"""Whatever the scores, an aggregator gives a timeline."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musify import MoodScores, Shots
from musify.backends.majority_aggregator import MajorityAggregator
from musify.backends.scenes_aggregator import ScenesAggregator

LABELS = ("action", "happy", "sad", "calm", "tense")
DURATION = 60.0

unit = st.floats(0, 1)
times = st.lists(st.floats(0, DURATION), min_size=1, max_size=12).map(sorted)
seeds = st.integers(0, 2**32 - 1)
aggregators = st.one_of(
    st.builds(MajorityAggregator),
    st.builds(
        ScenesAggregator, st.floats(0, 80), st.floats(0, 20), st.floats(0, 5), st.floats(0.1, 60)
    ),
)


@st.composite
def any_scores(draw):
    moods = draw(st.integers(1, len(LABELS)))
    at = draw(times)
    row = st.lists(unit, min_size=moods, max_size=moods)
    return MoodScores(at, LABELS[:moods], [draw(row) for _ in at])


@st.composite
def any_shots(draw):
    cuts = sorted(draw(st.sets(st.floats(0.001, DURATION - 0.001), max_size=5)))
    strength = [draw(unit) for _ in cuts]
    return Shots([0.0, *cuts, DURATION], strength, [], [])


@st.composite
def scores_without_ties(draw):
    rng = np.random.default_rng(draw(seeds))
    at = draw(times)
    return MoodScores(at, LABELS, rng.uniform(0, 1, (len(at), len(LABELS))))


@given(any_scores(), st.none() | any_shots(), aggregators)
def test_any_scores_give_a_partition(scores, shots, aggregator):
    timeline = aggregator.aggregate(scores, shots, duration=DURATION)
    assert timeline.edges[0] == 0
    assert timeline.edges[-1] == DURATION
    assert (np.diff(timeline.edges) > 0).all()
    assert set(timeline.labels) <= set(scores.labels)
    assert sum(segment.duration for segment in timeline) == pytest.approx(DURATION)
    assert timeline.moods == scores.labels
    assert timeline.scores.shape == (len(timeline), len(scores.labels))


@given(scores_without_ties(), aggregators, st.permutations(range(len(LABELS))))
def test_the_order_of_moods_relabels_nothing(scores, aggregator, order):
    shuffled = MoodScores(
        scores.times, [LABELS[place] for place in order], scores.values[:, order], scores.plane
    )
    before = aggregator.aggregate(scores, None, duration=DURATION)
    after = aggregator.aggregate(shuffled, None, duration=DURATION)
    assert after.labels == before.labels
    np.testing.assert_array_equal(after.edges, before.edges)
    np.testing.assert_allclose(after.confidence, before.confidence)


@given(any_scores(), st.none() | any_shots(), st.floats(0, 80), st.floats(0, 5))
def test_no_scene_is_too_short_and_neighbours_differ(scores, shots, least, penalty):
    timeline = ScenesAggregator(least, penalty).aggregate(scores, shots, duration=DURATION)
    if len(timeline) > 1:
        assert np.diff(timeline.edges).min() >= least - 1e-9
    known = zip(timeline.labels, timeline.uncertain.tolist(), strict=True)
    assert all(early != late for early, late in pairwise(known))


@given(any_scores(), st.none() | any_shots())
def test_a_second_look_sees_the_same(scores, shots):
    one, other = (ScenesAggregator().aggregate(scores, shots, duration=DURATION) for _ in range(2))
    assert one.labels == other.labels
    for name in ("edges", "confidence", "plane", "scores", "uncertain"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@given(seeds, st.floats(0, 20))
def test_a_change_moves_with_the_film(seed, shift):
    rng = np.random.default_rng(seed)
    rows = np.repeat([[0.9, 0.1], [0.1, 0.9]], 10, axis=0) + rng.uniform(-0.05, 0.05, (20, 2))
    at = np.arange(20) * 3.0
    edges = [
        ScenesAggregator()
        .aggregate(MoodScores(moved, LABELS[:2], rows), None, duration=moved[-1] + 3)
        .edges[1:-1]
        for moved in (at, at + shift)
    ]
    np.testing.assert_allclose(edges[1], edges[0] + shift)
