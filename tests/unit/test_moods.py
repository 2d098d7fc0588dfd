import pickle

import numpy as np
import pytest

from musify import DEFAULT_MOODS, KNOWN_MOODS, Mood, MoodSpace, ParameterError


def test_a_name_is_kept_in_lower_case_without_spaces_around():
    assert Mood("  Spooky ", -0.4, 0.5) == Mood("spooky", -0.4, 0.5)


def test_point_is_valence_then_arousal():
    assert Mood("a", -0.25, 0.5).point == (-0.25, 0.5)


@pytest.mark.parametrize("number", [0, 1, np.float64(0.5), np.float32(0.5), np.int64(1)])
def test_any_real_number_will_do(number):
    mood = Mood("a", number, 0)
    assert mood.valence == number
    assert type(mood.valence) is float


@pytest.mark.parametrize("name", ["", "  ", None, 3])
def test_a_mood_needs_a_name(name):
    with pytest.raises(ParameterError, match="a mood needs a name"):
        Mood(name, 0, 0)


@pytest.mark.parametrize("value", [1.0001, -2, float("nan"), float("inf"), "0", True, None])
def test_numbers_stay_in_the_plane(value):
    with pytest.raises(ParameterError, match=r"valence of 'a' must be in \[-1, 1\]"):
        Mood("a", value, 0)
    with pytest.raises(ParameterError, match=r"arousal of 'a' must be in \[-1, 1\]"):
        Mood("a", 0, value)


def test_a_space_keeps_the_order_it_is_given():
    space = MoodSpace(["tense", Mood("spooky", -0.4, 0.5), "calm"])
    assert space.names == tuple(mood.name for mood in space) == ("tense", "spooky", "calm")
    assert len(space) == 3
    assert space.plane.tolist() == [[-0.6, 0.6], [-0.4, 0.5], [0.45, -0.65]]


def test_a_space_is_asked_by_name():
    assert "sad" in DEFAULT_MOODS
    assert "tense" not in DEFAULT_MOODS
    assert DEFAULT_MOODS["sad"].name == "sad"
    with pytest.raises(ParameterError, match="'tense'; there are action, happy, sad, calm"):
        DEFAULT_MOODS["tense"]


@pytest.mark.parametrize(
    ("moods", "message"),
    [
        ([], "at least one mood"),
        (["calm", Mood("CALM", 0, 0)], "'calm' is named twice"),
        (["clam"], r"no mood is called 'clam'; did you mean 'calm'\? There are action, happy"),
    ],
)
def test_a_space_refuses(moods, message):
    with pytest.raises(ParameterError, match=message):
        MoodSpace(moods)


def test_the_first_of_equally_near_moods_is_nearest():
    space = MoodSpace([Mood("right", 0.5, 0), Mood("left", -0.5, 0)])
    assert space.nearest(0, 0).name == "right"
    assert space.nearest(-0.01, 0).name == "left"


def test_spaces_are_values():
    space = MoodSpace(["calm", "sad"])
    assert space == MoodSpace(["calm", "sad"]) == pickle.loads(pickle.dumps(space))
    assert hash(space) == hash(MoodSpace(["calm", "sad"]))
    assert space != MoodSpace(["sad", "calm"])
    assert eval(repr(space)) == space


def test_the_plane_of_a_space_is_a_copy():
    DEFAULT_MOODS.plane[:] = 0
    assert DEFAULT_MOODS.plane.any()


def test_known_moods_have_a_point_of_their_own():
    assert DEFAULT_MOODS.names == ("action", "happy", "sad", "calm")
    assert len({mood.point for mood in KNOWN_MOODS}) == len(KNOWN_MOODS)


def test_about_forty_moods_are_known_in_all_four_quadrants():
    assert 38 <= len(KNOWN_MOODS) <= 45
    signs = [(v > 0, a > 0) for v, a in KNOWN_MOODS.plane if v and a]
    for corner in ((True, True), (True, False), (False, True), (False, False)):
        assert signs.count(corner) >= 5
    apart = np.linalg.norm(KNOWN_MOODS.plane[:, None] - KNOWN_MOODS.plane, axis=2)
    assert apart[np.triu_indices(len(KNOWN_MOODS), 1)].min() > 0.04


def test_the_four_moods_stand_where_they_stood():
    assert DEFAULT_MOODS.plane.tolist() == [[0.2, 0.85], [0.75, 0.4], [-0.7, -0.4], [0.45, -0.65]]


def test_scores_fall_with_the_squared_distance_and_sum_to_one(rng):
    points = rng.uniform(-1, 1, (20, 2))
    scores = DEFAULT_MOODS.score(points, 0.3)
    assert scores.shape == (20, 4)
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    distance = np.linalg.norm(points[:, None] - DEFAULT_MOODS.plane, axis=2)
    np.testing.assert_allclose(
        np.log(scores[:, 0] / scores[:, 1]),
        (distance[:, 1] ** 2 - distance[:, 0] ** 2) / (2 * 0.3**2),
    )
    nearest = [DEFAULT_MOODS.nearest(*point).name for point in points]
    assert [DEFAULT_MOODS.names[place] for place in scores.argmax(axis=1)] == nearest


@pytest.mark.parametrize("temperature", [1e-200, 1e-3, 1e200])
def test_any_temperature_gives_scores(temperature):
    np.testing.assert_allclose(DEFAULT_MOODS.score([[0.1, 0.2]], temperature).sum(), 1)


def test_no_point_has_no_score():
    assert DEFAULT_MOODS.score([]).shape == (0, 4)


@pytest.mark.parametrize(
    ("plane", "temperature", "message"),
    [
        ([[0, 0]], 0, "temperature must be above 0, got 0"),
        ([0, 0], 0.5, r"plane must have shape \(n, 2\), got \(2,\)"),
        ([[0, np.nan]], 0.5, "plane must be finite"),
    ],
)
def test_score_refuses(plane, temperature, message):
    with pytest.raises(ParameterError, match=message):
        DEFAULT_MOODS.score(plane, temperature)
