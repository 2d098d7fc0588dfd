import pickle

import numpy as np
import pytest

from musify import ParameterError, Shots

TWO_SHOTS = {
    "edges": [0, 4, 10],
    "strength": [0.5],
    "activity_times": [1, 2],
    "activity": [0, 3],
}


def test_the_inner_edges_are_the_cuts():
    shots = Shots(**TWO_SHOTS)
    assert shots.cuts.tolist() == [4]
    assert shots.duration == 10


def test_cuts_are_hard_where_nothing_else_is_said():
    assert Shots(**TWO_SHOTS).kinds == ("cut",)
    assert Shots(**TWO_SHOTS, kinds=["fade"]).kinds == ("fade",)
    assert Shots([0, 1], [], [], []).kinds == ()


def test_kinds_survive_pickling():
    shots = Shots(**TWO_SHOTS, kinds=["dissolve"])
    assert pickle.loads(pickle.dumps(shots)).kinds == ("dissolve",)


def test_one_shot_has_no_cut():
    assert Shots([0, 10], [], [], []).cuts.tolist() == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"edges": [0]}, "edges of shots must ascend from 0"),
        ({"edges": [1, 4, 10]}, "edges of shots must ascend from 0"),
        ({"edges": [0, 4, 4]}, "edges of shots must ascend from 0"),
        ({"strength": []}, r"strength must have shape \(1\), got \(0,\)"),
        ({"strength": [1.5]}, r"strength of cuts must be in \[0, 1\]"),
        ({"activity_times": [2, 1]}, "activity_times must ascend"),
        ({"activity": [1]}, r"activity must have shape \(2\)"),
        ({"activity": [1, -1]}, "activity must be at least 0"),
        ({"activity": [1, np.nan]}, "activity must be finite"),
        ({"kinds": ["wipe"]}, "a kind of cut is one of 'cut', 'dissolve', 'fade', got 'wipe'"),
        ({"kinds": ["cut", "cut"]}, "kinds must name each of the 1 cuts, got 2"),
    ],
)
def test_refused(wrong, message):
    with pytest.raises(ParameterError, match=message):
        Shots(**TWO_SHOTS | wrong)
