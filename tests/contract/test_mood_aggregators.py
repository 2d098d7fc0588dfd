import numpy as np
import pytest

from musify import MoodScores, MoodTimeline, ParameterError, Shots

KIND = "mood_aggregator"
OPTIONS = {"majority": {}, "scenes": {"min_duration": 4.0}}
LABELS = ("calm", "happy", "sad")
SHOTS = Shots([0, 11.5, 30, 60], [0.5, 0.9], [], [])


@pytest.fixture(params=[None, SHOTS], ids=["without-cuts", "with-cuts"])
def shots(request):
    return request.param


@pytest.fixture
def scores(rng):
    times = np.sort(rng.uniform(0, 60, 20))
    return MoodScores(times, LABELS, rng.uniform(0, 1, (20, 3)))


def test_labels_are_those_of_the_scores_and_cover_the_video(backend, scores, shots):
    timeline = backend.aggregate(scores, shots, duration=60.0)
    assert isinstance(timeline, MoodTimeline)
    assert set(timeline.labels) <= set(LABELS)
    assert timeline.edges[0] == 0
    assert timeline.duration == 60


def test_one_frame_is_enough(backend, shots):
    timeline = backend.aggregate(MoodScores([5], LABELS, [[0, 1, 0]]), shots, duration=60.0)
    assert timeline.labels == ("happy",)


@pytest.mark.parametrize("time", [0.0, 60.0])
def test_a_frame_may_stand_at_either_end(backend, shots, time):
    backend.aggregate(MoodScores([time], LABELS, [[0, 1, 0]]), shots, duration=60.0)


@pytest.mark.parametrize("times", [[], [60.001]], ids=["none", "late"])
def test_refused(backend, shots, times):
    scores = MoodScores(times, LABELS, np.ones((len(times), 3)))
    with pytest.raises(ParameterError):
        backend.aggregate(scores, shots, duration=60.0)


def test_the_same_arguments_give_the_same_timeline(backend, scores, shots):
    one, other = (backend.aggregate(scores, shots, duration=60.0) for _ in range(2))
    assert one.labels == other.labels
    for name in ("edges", "confidence", "plane", "cuts", "scores"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
