import numpy as np
import pytest

from musify import KNOWN_MOODS, MoodScores, ParameterError


def test_the_plane_is_the_mean_of_the_moods_weighted_by_their_scores():
    scores = MoodScores([0, 1], ("calm", "tense"), [[0.75, 0.25], [0.2, 0.2]])
    points = np.array([KNOWN_MOODS["calm"].point, KNOWN_MOODS["tense"].point])
    np.testing.assert_allclose(scores.plane, [points.T @ [0.75, 0.25], points.mean(axis=0)])


def test_a_frame_without_any_score_stands_in_the_middle():
    assert MoodScores([0], ("calm", "tense"), [[0, 0]]).plane.tolist() == [[0, 0]]


def test_a_given_plane_is_kept_and_needs_no_known_mood():
    assert MoodScores([0], ("spooky",), [[1]], [[-0.4, 0.5]]).plane.tolist() == [[-0.4, 0.5]]


def test_an_unknown_mood_needs_a_plane():
    with pytest.raises(
        ParameterError, match="labels hold 'hue', which musify cannot place; give plane"
    ):
        MoodScores([0], ("hue",), [[1]])


@pytest.mark.parametrize("labels", [("calm",), ("spooky",)])
def test_no_frame_at_all(labels):
    scores = MoodScores([], labels, np.empty((0, 1)), np.empty((0, 2)))
    assert len(scores) == 0
    assert scores.plane.shape == (0, 2)
    assert scores.top() == ()


def test_top_is_the_first_of_equal_scores():
    scores = MoodScores([0, 1], ("sad", "calm", "happy"), [[0.1, 0.9, 0.9], [0.5, 0.5, 0.5]])
    assert scores.top() == ("calm", "sad")


def test_times_may_be_equal_but_not_descend():
    MoodScores([0, 1, 1], ("calm",), [[1], [1], [1]])
    with pytest.raises(ParameterError, match="ascend"):
        MoodScores([0, 2, 1], ("calm",), [[1], [1], [1]])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"times": [-1.0]}, "at least 0 s"),
        ({"times": [np.nan]}, "times must be finite, got nan"),
        ({"times": [[0.0]]}, r"times must have shape \(n\), got \(1, 1\)"),
        ({"times": ["soon"]}, "times must be numbers"),
        ({"labels": ()}, "labels must be names"),
        ({"labels": ("calm", "calm")}, "each once"),
        ({"labels": ("", "calm"), "plane": [[0, 0]]}, "labels must be names"),
        ({"labels": (1, 2), "plane": [[0, 0]]}, "labels must be names"),
        ({"values": [[0.5]]}, r"values must have shape \(1, 2\), got \(1, 1\)"),
        ({"values": [[0.5, 1.1]]}, r"values must be in \[0, 1\], got 0.5 to 1.1"),
        ({"values": [[0.5, np.inf]]}, "values must be finite"),
        ({"plane": [[0, -1.5]]}, r"plane must be in \[-1, 1\], got 1.5"),
        ({"plane": [[0, 0], [0, 0]]}, r"plane must have shape \(1, 2\)"),
    ],
)
def test_refused(wrong, message):
    given = {"times": [0.0], "labels": ("calm", "sad"), "values": [[0.5, 0.5]]}
    with pytest.raises(ParameterError, match=message):
        MoodScores(**given | wrong)
