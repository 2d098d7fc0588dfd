import shutil

import numpy as np
import psutil
import pytest

from musify import FrameSample, Shots, VideoOpenError, probe
from musify.notices import collect_notices

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


def test_times_ascend_strictly_and_end_below_the_duration(backend, video):
    times = [sample.time for sample in backend.sample(video)]
    assert 0 <= times[0] < 1
    assert (np.diff(times) > 0).all()
    assert times[-1] < video.duration
    assert len(times) == 12


def test_pictures_are_as_a_viewer_sees_them(backend, video):
    sample = next(backend.sample(video))
    assert isinstance(sample, FrameSample)
    height, width, _ = sample.image.shape
    assert width / height == pytest.approx(video.width / video.height, rel=0.02)
    assert not sample.image.flags.writeable


def test_nothing_is_decoded_before_it_is_asked_for(backend, video):
    running = psutil.Process().children()
    samples = backend.sample(video)
    assert psutil.Process().children() == running
    next(samples)
    samples.close()
    assert psutil.Process().children() == running


def test_a_dropped_iterator_ends_what_feeds_it(backend, video):
    running = psutil.Process().children()
    samples = backend.sample(video)
    next(samples)
    del samples
    assert psutil.Process().children() == running


def test_a_sampler_keeps_no_state(backend, video):
    # One is read while the other is under way.
    pairs = list(zip(backend.sample(video), backend.sample(video), strict=True))
    for one, other in pairs:
        assert one.time == other.time
        np.testing.assert_array_equal(one.image, other.image)


def test_a_video_that_is_gone(backend, tiny_video, tmp_path):
    video = probe(shutil.copy(tiny_video, tmp_path))
    video.path.unlink()
    with pytest.raises(VideoOpenError):
        list(backend.sample(video))


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
