import numpy as np
import pytest

from musify.vision.frames import EARLY, FrameIndex

INDEX = FrameIndex(np.array([0.0, 0.04, 0.5, 1.0, 3.0]), np.array([0.0, 1.0]))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([0, 0.5], [0, 0.5]),
        ([0.01], [0.04]),
        ([0.5 + EARLY / 2], [0.5]),  # containers round
        ([0.5 + 2 * EARLY], [1.0]),
        ([1.5, 2, 2.5], [3.0]),  # each frame once
        ([3.1], []),
        ([], []),
    ],
)
def test_the_first_frame_at_or_after(wanted, found):
    assert INDEX.first_at_or_after(np.array(wanted, dtype=float)).tolist() == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([0, 0.5], [0, 0.5]),
        ([0.03, 0.04 - EARLY / 2], [0, 0.04]),
        ([0.6, 0.9, 99], [0.5, 3.0]),
        ([], []),
    ],
)
def test_the_frame_on_the_screen(wanted, found):
    assert INDEX.shown_at(np.array(wanted, dtype=float)).tolist() == found


@pytest.mark.parametrize(("time", "key"), [(0, 0), (0.99, 0), (1, 1), (9, 1)])
def test_the_key_frame_before(time, key):
    assert INDEX.key_before(time) == key


def test_a_film_without_key_frames_is_decoded_from_its_start():
    assert FrameIndex(np.array([0.0]), np.array([])).key_before(5) == 0
