import tracemalloc

import numpy as np
import pytest

from musify import DEFAULT_MOODS, MoodScores, Shots
from musify.dynamics import with_dynamics

TIMES = np.arange(0, 60, 2.5)


def scores(valence=0.0, arousal=0.0):
    plane = np.tile([valence, arousal], (len(TIMES), 1))
    return MoodScores(TIMES, DEFAULT_MOODS.names, DEFAULT_MOODS.score(plane), plane)


def shots(activity, cuts=()):
    edges = [0.0, *cuts, 60.0]
    return Shots(edges, np.ones(len(cuts)), np.arange(60) + 0.5, np.broadcast_to(activity, 60))


def arousal(*args, **options):
    return with_dynamics(scores(), *args, **options).plane[:, 1]


def test_usual_motion_changes_nothing():
    assert arousal(shots(1.0)) == pytest.approx(0)


def test_more_motion_is_more_exciting_and_less_is_calmer():
    assert (arousal(shots(4.0)) > 0.15).all()
    assert (arousal(shots(0.25)) < -0.15).all()


def test_motion_counts_where_it_is():
    activity = np.where(np.arange(60) < 30, 1.0, 4.0)
    shifted = arousal(shots(activity))
    assert abs(shifted[TIMES < 15]).max() < 0.01
    assert shifted[TIMES > 45].min() > 0.19


def test_motion_that_is_guessed_counts_half_and_calms_nothing():
    def guessed(activity):
        at = np.arange(60) + 0.5
        return Shots([0, 60], [], at, np.full(60, activity), activity_is_guessed=True)

    assert arousal(guessed(4.0)) == pytest.approx(arousal(shots(4.0)) / 2)
    assert arousal(guessed(0.1)) == pytest.approx(0)


def test_hours_of_frames_and_thousands_of_cuts_take_no_room():
    times = np.arange(0, 3600, 0.5)
    plane = np.zeros((len(times), 2))
    many = MoodScores(times, DEFAULT_MOODS.names, DEFAULT_MOODS.score(plane), plane)
    edges = np.linspace(0, 3600, 4001)
    film = Shots(edges, np.ones(3999), [1800.0], [1.0])
    tracemalloc.start()
    fast = with_dynamics(many, film).plane[:, 1]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40e6
    # 67 cuts a minute, everywhere: as dense as counts.
    assert fast[100:-100] == pytest.approx(0.12, abs=0.001)


def test_a_slide_show_is_not_calm_for_being_still():
    assert arousal(shots(0.0)).tolist() == [0.0] * len(TIMES)


def test_fast_cutting_is_exciting_and_none_at_all_says_nothing():
    fast = arousal(shots(1.0, np.arange(30, 59, 1.0)))
    assert fast[TIMES > 40].min() > 0.08
    assert abs(fast[TIMES < 10]).max() < 0.03
    assert arousal(shots(1.0)) == pytest.approx(0)


def test_loud_passages_are_more_exciting_than_quiet_ones_of_the_same_video():
    at = np.arange(0.25, 60, 4)
    shifted = arousal(None, (at, np.where(at < 30, -40.0, -16.0)))
    assert shifted[TIMES > 45].min() > 0.01
    assert shifted[TIMES < 15].max() < -0.1
    # How loud a recording is as a whole is the work of who recorded it.
    assert arousal(None, (at, np.full(len(at), -9.0))) == pytest.approx(0)


def test_silence_says_nothing():
    at = np.arange(0.25, 60, 4)
    assert not arousal(None, (at, np.full(len(at), -70.0))).any()


def test_scores_follow_the_plane_and_keep_their_sums():
    space = DEFAULT_MOODS
    moved = with_dynamics(scores(), shots(4.0), space=space)
    # What moved is what scoring the moved points gives: the rule is Bayes' own.
    assert moved.values == pytest.approx(space.score(moved.plane))
    assert moved.values.sum(axis=1) == pytest.approx(1)
    names = space.names
    assert (moved.values > scores().values)[:, names.index("action")].all()
    assert (moved.values < scores().values)[:, names.index("calm")].all()


def test_scores_without_points_stay():
    assert np.array_equal(with_dynamics(scores(), shots(4.0)).values, scores().values)


def test_reasons_are_told():
    (one,) = with_dynamics(scores(), shots(4.0)).evidence[0]
    assert (one.source, one.valence) == ("motion", 0.0)
    assert one.arousal == pytest.approx(0.2)


def test_the_plane_is_not_left():
    lively = with_dynamics(scores(arousal=0.95), shots(8.0))
    assert lively.plane[:, 1].max() == 1.0


def test_reasons_add_up_to_the_shift():
    for before in (scores(), scores(arousal=0.95)):
        after = with_dynamics(before, shots(3.0), (np.arange(60.0), np.linspace(-30, -10, 60)))
        told = [sum(one.arousal for one in row) for row in after.evidence]
        assert told == pytest.approx(after.plane[:, 1] - before.plane[:, 1])
        assert {one.source for row in after.evidence for one in row} == {"motion", "sound"}


def test_no_frames_are_no_trouble():
    empty = MoodScores([], ("calm",), np.empty((0, 1)))
    assert len(with_dynamics(empty, shots(1.0))) == 0
