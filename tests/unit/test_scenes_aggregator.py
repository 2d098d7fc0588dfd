import time

import numpy as np
import pytest

from musify import DEFAULT_MOODS, MoodScores, MoodSegment, ParameterError, Shots
from musify.backends.scenes_aggregator import ScenesAggregator

LABELS = ("calm", "happy", "sad")
CALM, HAPPY = [0.9, 0.1], [0.1, 0.9]


def scores_at(times, *rows):
    return MoodScores(times, LABELS[: len(rows[0])], rows)


def cuts_at(duration, *cuts):
    return Shots([0, *cuts, duration], np.ones(len(cuts)), [], [])


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
        ([10.04], [0.5], 10.04),  # also where the cut is a little late
        ([5.0], [0.5], 7.5),  # so this cut lies before the frame at 5 s
        ([2.0, 12.0], [1.0, 1.0], 7.5),  # cuts elsewhere do not pull
    ],
)
def test_a_change_snaps_to_a_cut_between_its_frames(cuts, strength, edge):
    shots = Shots([0, *cuts, 20], strength, [], [])
    timeline = ScenesAggregator(min_duration=5).aggregate(CALM_THEN_HAPPY, shots, duration=20.0)
    assert timeline.edges.tolist() == [0, edge, 20]
    assert timeline.cuts.tolist() == cuts


@pytest.mark.parametrize(
    ("cut", "edge"),
    [(20.0, 20.0), (18.4, 18.4), (21.6, 21.6), (15.0, 20.0), (25.0, 20.0)],
    ids=["there", "before", "after", "long-before", "long-after"],
)
@pytest.mark.parametrize("every", [0.5, 1.0])
def test_a_change_goes_to_a_cut_within_two_seconds_of_where_the_scores_change(cut, edge, every):
    times = np.arange(every / 2, 40, every)
    scores = scores_at(times, *(CALM if at < 20 else HAPPY for at in times))
    timeline = ScenesAggregator().aggregate(scores, cuts_at(40, cut), duration=40.0)
    assert timeline.labels == ("calm", "happy")
    assert timeline.edges[1] == edge


def test_a_video_shorter_than_a_segment_has_one_mood():
    timeline = ScenesAggregator(30).aggregate(CALM_THEN_HAPPY, None, duration=20.0)
    assert timeline.edges.tolist() == [0, 20]
    # Half of the frames are clearly calm, half clearly happy: nobody can tell.
    assert timeline.uncertain.tolist() == [True]


@pytest.mark.parametrize("shots", [None, cuts_at(60, 3, 6, 20, 26, 40)])
def test_no_segment_is_shorter_than_eight_seconds(shots):
    times = np.arange(0, 60, 0.5)
    rows = np.eye(3)[np.searchsorted([3, 6, 20, 26, 40], times, side="right") % 3]
    timeline = ScenesAggregator().aggregate(scores_at(times, *rows), shots, duration=60.0)
    assert len(timeline) >= 3
    assert np.diff(timeline.edges).min() >= 8


def test_a_segment_may_last_exactly_the_least():
    timeline = ScenesAggregator(7.5).aggregate(CALM_THEN_HAPPY, None, duration=15.0)
    assert timeline.edges.tolist() == [0, 7.5, 15]


def test_one_picture_that_stands_out_changes_no_scene():
    times = np.arange(0, 60, 2.0)
    rows = [CALM] * 14 + [HAPPY] * 2 + [CALM] * 14
    shots = cuts_at(60, *range(4, 60, 4))
    for known in (shots, None):
        timeline = ScenesAggregator(0).aggregate(scores_at(times, *rows), known, duration=60.0)
        assert timeline.labels == ("calm",)


def test_more_frames_of_one_picture_tell_no_more_than_few():
    # Twelve looks at a picture that is mildly happy do not outvote three that are clearly calm.
    few, many = (
        scores_at(
            [0, 4, 8, *np.linspace(12, 15.9, frames)], CALM, CALM, CALM, *[[0.4, 0.6]] * frames
        )
        for frames in (1, 12)
    )
    shots = cuts_at(16, 4, 8, 12)
    sure = [
        ScenesAggregator(20).aggregate(scores, shots, duration=16.0).confidence[0]
        for scores in (few, many)
    ]
    assert sure[0] == pytest.approx(sure[1], abs=0.02)


def test_a_dear_change_is_not_made():
    for penalty, count in ((0, 2), (50, 1)):
        timeline = ScenesAggregator(5, penalty).aggregate(CALM_THEN_HAPPY, None, duration=20.0)
        assert len(timeline) == count


def test_ties_go_to_the_first_mood():
    scores = scores_at([0, 5], [0.5, 0.5], [0.5, 0.5])
    assert ScenesAggregator().aggregate(scores, None, duration=20.0).labels == ("calm",)


@pytest.mark.parametrize("times", [[0, 0, 0], [5, 5, 5], [20, 20, 20], [0, 10, 10]])
@pytest.mark.parametrize("shots", [None, cuts_at(20, 5, 10)])
def test_frames_at_equal_times(times, shots):
    scores = scores_at(times, [1, 0], [0, 1], [0, 1])
    timeline = ScenesAggregator(0, 0).aggregate(scores, shots, duration=20.0)
    assert timeline.duration == 20
    assert (np.diff(timeline.edges) > 0).all()


def test_a_segment_is_described_by_the_mean_of_its_frames_weighted_by_their_time():
    scores = scores_at([0, 6], [0.9, 0.1], [0.8, 0.2])
    timeline = ScenesAggregator().aggregate(scores, None, duration=12.0)  # cells of 3 and 9 s
    np.testing.assert_allclose(timeline.scores, [[0.825, 0.175]])
    np.testing.assert_allclose(timeline.plane, [scores.plane.T @ [0.25, 0.75]])
    assert timeline.moods == ("calm", "happy")


def confidence_of(row, pictures=6):
    scores = MoodScores(np.arange(0, 4 * pictures, 4), DEFAULT_MOODS.names, [row] * pictures)
    shots = cuts_at(4 * pictures, *range(4, 4 * pictures, 4))
    return ScenesAggregator().aggregate(scores, shots, duration=4.0 * pictures)


@pytest.mark.parametrize("level", [0, 0.25, 1])
def test_scores_that_tell_nothing_give_the_confidence_of_a_guess(level):
    timeline = confidence_of([level] * 4)
    assert timeline.confidence.tolist() == pytest.approx([0.25])
    assert timeline.uncertain.tolist() == [True]


def test_clear_scores_are_sure_and_clearer_ones_surer():
    sure = [
        confidence_of([high, *[(1 - high) / 3] * 3]).confidence[0] for high in (0.3, 0.4, 0.6, 0.9)
    ]
    assert (np.diff(sure) > 0).all()
    assert sure[-1] > 0.95
    assert not confidence_of([0.9, 0.1, 0, 0]).uncertain.any()


def test_a_slight_lean_does_not_become_certain_by_being_repeated():
    assert confidence_of([0.28, 0.24, 0.24, 0.24], pictures=100).confidence[0] < 0.8


def test_confidence_is_not_the_score():
    # Half of each score, yet hard to doubt after a dozen pictures that agree.
    sure = confidence_of([0.5, 0.2, 0.2, 0.1], pictures=12).confidence[0]
    assert sure > 0.6


def test_an_uncertain_scene_leans_to_low_arousal():
    flat = confidence_of([0.25] * 4)
    assert flat.plane.tolist() == [[0.0, -0.5]]
    excited = confidence_of([0.27, 0.25, 0.24, 0.24], pictures=2)  # action, but hardly
    assert excited.labels == ("action",)
    assert excited.uncertain.all()
    mean = MoodScores([0], DEFAULT_MOODS.names, [[0.27, 0.25, 0.24, 0.24]]).plane[0]
    assert -0.5 < excited.plane[0, 1] < mean[1]
    (segment,) = excited
    assert isinstance(segment, MoodSegment)
    assert segment.uncertain


def test_a_long_stretch_that_tells_nothing_is_uncertain_though_the_mood_before_it_was_sure():
    flat = [1 / 3] * 3
    rows = [[0.9, 0.05, 0.05]] * 10 + [flat] * 20
    scores = scores_at(np.arange(0, 90, 3.0), *rows)
    timeline = ScenesAggregator().aggregate(scores, cuts_at(90, *range(3, 90, 3)), duration=90.0)
    assert timeline.uncertain.tolist() == [False, True]
    assert timeline.edges[1] == pytest.approx(30, abs=12)  # a mood fades away
    assert timeline.labels[0] == "calm"
    assert timeline.plane[1, 1] < -0.35


def test_a_sure_scene_keeps_its_point():
    scores = MoodScores([0, 5], DEFAULT_MOODS.names, [[1, 0, 0, 0]] * 2)
    timeline = ScenesAggregator().aggregate(scores, None, duration=10.0)
    np.testing.assert_allclose(timeline.plane, [DEFAULT_MOODS["action"].point])


@pytest.mark.parametrize("shots", [None, cuts_at(10_000, *range(4, 10_000, 4))])
def test_ten_thousand_frames_take_about_a_second_at_most(rng, shots):
    rows = rng.dirichlet(np.ones(4), 10_000)
    scores = MoodScores(np.arange(10_000.0), DEFAULT_MOODS.names, rows)
    before = time.process_time()
    ScenesAggregator().aggregate(scores, shots, duration=10_000.0)
    assert time.process_time() - before < 2  # 0.2 s on the machine it was written on


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_duration": -1}, "min_duration must be at least 0, got -1"),
        ({"change_penalty": float("nan")}, "change_penalty must be at least 0, got nan"),
        ({"off_cut_penalty": float("inf")}, "off_cut_penalty must be at least 0, got inf"),
        ({"persistence": 0}, "persistence must be above 0, got 0"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        ScenesAggregator(**options)


def test_its_repr_makes_it_again():
    made = ScenesAggregator(1, 2, 3, 4)
    assert vars(eval(repr(made))) == vars(made)
