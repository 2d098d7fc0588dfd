import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musify.audio.fader import Held, moved

seconds = st.floats(0, 60)


@st.composite
def levels(draw):
    start = draw(seconds)
    return Held(
        start,
        start + draw(st.floats(0.05, 10)),
        -draw(st.floats(0.1, 80)),
        draw(st.floats(0.05, 2)),
        draw(st.floats(0.05, 3)),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(levels(), max_size=8))
def test_no_level_is_ever_exceeded_while_it_is_held(held):
    curve = moved(held, 70.0)
    assert (curve.gains_db <= 0).all()
    for level in held:
        inside = np.linspace(level.start, level.end, 200)[1:-1]
        assert curve.at(inside).max() <= level.gain_db + 1e-6


@settings(max_examples=100, deadline=None)
@given(st.lists(levels(), max_size=6))
def test_far_from_every_level_the_gain_is_0(held):
    curve = moved(held, 200.0)
    for time in np.linspace(0, 200, 201):
        far = all(time < one.start - one.attack or time > one.end + one.release for one in held)
        # But a level too near to the beginning is held from there.
        if far and all(one.start > one.attack or time > one.end for one in held):
            assert curve.at(time) == pytest.approx(0, abs=1e-6)


def test_it_arrives_in_time_and_comes_back():
    curve = moved([Held(5, 7, -15, 0.35, 1.2)], 20)
    np.testing.assert_allclose(curve.times, [4.65, 5, 7, 8.2])
    np.testing.assert_allclose(curve.gains_db, [0, -15, -15, 0])


def test_at_the_edges_it_does_not_rise_for_nothing():
    curve = moved([Held(0.1, 7, -15, 0.35, 1.2), Held(15, 19.5, -12, 0.35, 1.2)], 20)
    assert curve.at([0.0, 20.0]).tolist() == [-15, -12]


def test_nothing_held_is_no_curve():
    assert len(moved([], 10)) == 0
