import numpy as np
import pytest

from musify import MoodSegment, MoodTimeline, ParameterError

CALM_THEN_TENSE = {
    "edges": [0, 8, 20],
    "labels": ("calm", "tense"),
    "confidence": [0.9, 0.7],
    "plane": [[0.4, -0.6], [-0.6, 0.6]],
}


def test_iterating_gives_segments():
    timeline = MoodTimeline(**CALM_THEN_TENSE)
    assert list(timeline) == [
        MoodSegment(0.0, 8.0, "calm", 0.9, 0.4, -0.6),
        MoodSegment(8.0, 20.0, "tense", 0.7, -0.6, 0.6),
    ]
    assert len(timeline) == 2
    assert timeline.duration == 20
    assert [segment.duration for segment in timeline] == [8, 12]


def test_intervals_are_those_of_mir_eval():
    assert MoodTimeline(**CALM_THEN_TENSE).intervals.tolist() == [[0, 8], [8, 20]]


@pytest.mark.parametrize(("time", "label"), [(0, "calm"), (7.999, "calm"), (8, "tense")])
def test_an_edge_belongs_to_the_later_segment(time, label):
    assert MoodTimeline(**CALM_THEN_TENSE).at(time).label == label


def test_the_end_belongs_to_the_last_segment():
    assert MoodTimeline(**CALM_THEN_TENSE).at(20).label == "tense"


@pytest.mark.parametrize("time", [-0.1, 20.1, np.nan, np.inf])
def test_no_segment_outside(time):
    with pytest.raises(ParameterError, match=r"time must be in \[0, 20\] s, got"):
        MoodTimeline(**CALM_THEN_TENSE).at(time)


def test_scores_have_a_row_for_each_segment_even_when_not_given():
    assert MoodTimeline(**CALM_THEN_TENSE).scores.shape == (2, 0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"edges": [0]}, "edges must ascend"),
        ({"edges": [1, 8, 20]}, "from 0"),
        ({"edges": [0, 8, 8]}, "edges must ascend"),
        ({"edges": [0, np.nan, 20]}, "edges must be finite"),
        ({"labels": ("calm",)}, "labels must name 2 segments"),
        ({"labels": ("calm", "")}, "labels must name 2 segments"),
        ({"labels": ("calm", 3)}, "labels must name 2 segments"),
        ({"confidence": [0.9]}, r"confidence must have shape \(2\)"),
        ({"confidence": [0.9, 1.1]}, r"confidence must be in \[0, 1\]"),
        ({"plane": [[0, 0]]}, r"plane must have shape \(2, 2\)"),
        ({"plane": [[0, 0], [0, -1.2]]}, r"plane must be in \[-1, 1\]"),
        ({"moods": ("calm", "tense"), "scores": [[1, 0]]}, r"scores must have shape \(2, 2\)"),
        ({"moods": ("calm",), "scores": [[1], [2]]}, r"scores must be in \[0, 1\]"),
    ],
)
def test_refused(wrong, message):
    with pytest.raises(ParameterError, match=message):
        MoodTimeline(**CALM_THEN_TENSE | wrong)


@pytest.mark.parametrize(
    ("moods", "limit"), [(0, 0.5), (1, 0.5), (2, 2 / 3), (4, 0.4), (40, 2 / 41)]
)
def test_a_segment_is_uncertain_where_guessing_would_do_half_as_well(moods, limit):
    names = tuple(f"mood {place}" for place in range(moods))
    timeline = MoodTimeline(
        [0, 8, 20],
        ("a", "b"),
        [limit - 1e-6, limit],
        np.zeros((2, 2)),
        moods=names,
        scores=np.zeros((2, moods)),
    )
    assert timeline.uncertain.tolist() == [True, False]
    assert [segment.uncertain for segment in timeline] == [True, False]
