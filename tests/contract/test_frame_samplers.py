import shutil

import numpy as np
import pytest

from musify import Shots, probe
from musify._iterators import ended
from musify.notices import collect_notices
from musify.testing import FrameSamplerContract

KIND = "frame_sampler"
OPTIONS = {
    "interval": {"seconds": 1.0},
    "keyframe": {"seconds": 1.0},
    # One shot, in parts of a second.
    "shot": {
        "longest_gap": 1.0,
        "find_shots": lambda video: Shots((0, video.duration), [], [], []),
    },
}
pytestmark = pytest.mark.media


@pytest.fixture
def video(tiny_video):
    return probe(tiny_video)


class TestFrameSamplers(FrameSamplerContract):
    """Every built-in sampler keeps every rule."""


def test_there_is_a_frame_a_second(backend, video):
    times = [sample.time for sample in backend.sample(video)]
    assert times[0] < 1
    assert len(times) == 12


def test_pictures_cannot_be_changed(backend, video):
    with ended(backend.sample(video)) as samples:
        assert not next(samples).image.flags.writeable


def test_damaged_frames_are_left_out_and_told(backend, tiny_video, tmp_path):
    damaged = shutil.copy(tiny_video, tmp_path / "damaged.mp4")
    data = bytearray(damaged.read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(data) // 6] = bytes(len(data) // 6)
    damaged.write_bytes(data)
    with collect_notices() as notices:
        times = [sample.time for sample in backend.sample(probe(damaged))]
    assert 0 < len(times) < 12
    assert (np.diff(times) > 0).all()
    assert any("damaged" in notice for notice in notices)
