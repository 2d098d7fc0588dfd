import pytest

from musify import OutputError, probe
from musify.testing import AudioMuxerContract, tone

KIND = "audio_muxer"
OPTIONS = {"ffmpeg": {}}
pytestmark = pytest.mark.media


@pytest.fixture
def video(tiny_video):
    return probe(tiny_video)


@pytest.fixture
def soundtrack(video):
    return tone(seconds=video.duration)


class TestAudioMuxers(AudioMuxerContract):
    """Every built-in muxer keeps every rule."""


def test_what_the_input_is_stands_in_the_error(backend, video, soundtrack):
    with pytest.raises(OutputError, match="never changes its input"):
        backend.mux(video, soundtrack, video.path, overwrite=True)


@pytest.mark.parametrize("name", ["out.avi", "out"])
def test_where_nothing_can_be_written(backend, video, soundtrack, tmp_path, name):
    with pytest.raises(OutputError):
        backend.mux(video, soundtrack, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_container_that_cannot_carry_a_stream(backend, video, soundtrack, tmp_path):
    with pytest.raises(OutputError, match=r"\.webm cannot carry"):
        backend.mux(video, soundtrack, tmp_path / "out.webm")
    assert list(tmp_path.iterdir()) == []


def test_a_time_code_is_led_to_where_it_can_go(backend, make_clip, tmp_path):
    clip = make_clip(
        "time-code.mov",
        *("-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=1", "-c:v", "libx264"),
        *("-timecode", "01:00:00:00"),
    )
    video = probe(clip)
    with pytest.raises(OutputError, match=r"name the output \.mp4 or \.m4v or \.mov$"):
        backend.check(video, tmp_path / "o.mkv")
    for ending in ("mp4", "m4v", "mov"):
        backend.check(video, tmp_path / f"o.{ending}")
