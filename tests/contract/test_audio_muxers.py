import hashlib

import numpy as np
import pytest

from musify import OutputError, Soundtrack, probe

KIND = "audio_muxer"
OPTIONS = {"ffmpeg": {}}
pytestmark = pytest.mark.media


@pytest.fixture
def video(tiny_video):
    return probe(tiny_video)


@pytest.fixture
def soundtrack(video):
    """A tone that the video does not have, as long as the video."""
    length = round(video.duration * 48_000)
    tone = 0.25 * np.sin(2 * np.pi * 1000 * np.arange(length) / 48_000)
    pcm = np.repeat(tone[:, None], 2, axis=1).astype(np.float32)
    return Soundtrack(48_000, 2, length, lambda: iter(np.array_split(pcm, 20)))


@pytest.fixture(params=[".mp4", ".mkv"])
def output(request, tmp_path):
    return tmp_path / f"out{request.param}"


def loudest_hertz(pcm):
    spectrum = np.abs(np.fft.rfft(pcm[48_000:96_000, 0]))
    return int(spectrum.argmax())  # of one second: the place is the frequency


def test_the_new_sound_is_the_first_and_default_one(backend, outer, video, soundtrack, output):
    assert backend.mux(video, soundtrack, output) == output
    written = probe(output)
    sounds = [stream for stream in written.streams if stream.kind == "audio"]
    assert ["default" in stream.disposition for stream in sounds] == [True, False]
    assert written.audio_index == sounds[0].index
    assert loudest_hertz(outer.decode_pcm(output)) == 1000
    assert written.duration == pytest.approx(video.duration, abs=0.001)


def test_every_other_stream_is_copied_bit_for_bit(backend, outer, video, soundtrack, output):
    backend.mux(video, soundtrack, output)
    kept = outer.stream_hashes(output)
    assert all(stream in kept for stream in outer.stream_hashes(video.path))
    assert len(kept) == 3


def test_the_own_sound_can_be_replaced(backend, outer, video, soundtrack, output):
    backend.mux(video, soundtrack, output, original="replace")
    film, own_sound = outer.stream_hashes(video.path)
    kept = outer.stream_hashes(output)
    assert film in kept
    assert own_sound not in kept
    assert len(kept) == 2


def test_the_input_is_never_changed(backend, video, soundtrack, output):
    before = hashlib.sha256(video.path.read_bytes()).digest()
    backend.mux(video, soundtrack, output)
    with pytest.raises(OutputError, match="never changes its input"):
        backend.mux(video, soundtrack, video.path, overwrite=True)
    assert hashlib.sha256(video.path.read_bytes()).digest() == before


def test_an_existing_file_is_replaced_only_when_asked(backend, video, soundtrack, output):
    output.write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        backend.mux(video, soundtrack, output)
    assert output.read_text() == "mine"
    backend.mux(video, soundtrack, output, overwrite=True)
    assert probe(output).has_audio
    assert list(output.parent.iterdir()) == [output]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_after_an_error_nothing_is_left(backend, video, output, error):
    def source():
        yield np.zeros((48_000, 2), np.float32)
        raise error

    with pytest.raises(error):
        backend.mux(video, Soundtrack(48_000, 2, 480_000, source), output)
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["out.avi", "out", "none/out.mp4", "."])
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
