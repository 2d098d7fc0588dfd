"""A file is measured as it is, and what is wrong with it is found."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from musify import AuditError, MediaError, ParameterError, Soundtrack, audit_file, probe
from musify.audio.clicks import click_strength
from musify.backends.ffmpeg_muxer import FfmpegMuxer

pytestmark = pytest.mark.media

RATE = 48_000
FILM = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=4")
SINE = ("-f", "lavfi", "-i", "sine=440:d=4:r=48000")
CODECS = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")


def tone(level: float = 0.1) -> np.ndarray:
    wave = level * np.sin(2 * np.pi * 997 * np.arange(4 * RATE) / RATE)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


@pytest.fixture
def film(make_clip: Callable) -> Path:
    return make_clip("audited.mp4", *FILM, *SINE, *CODECS)


@pytest.fixture
def written(film: Path, tmp_path: Path) -> Callable[..., Path]:
    def write(pcm: np.ndarray, ending: str = "mp4", **options: str) -> Path:
        soundtrack = Soundtrack(RATE, 2, len(pcm), lambda: iter([pcm]))
        return FfmpegMuxer().mux(probe(film), soundtrack, tmp_path / f"out.{ending}", **options)

    return write


def findings(audit) -> dict[str, bool]:
    return {finding.name: finding.ok for finding in audit.findings}


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv"])
def test_a_good_file_measures_as_what_was_written(film: Path, written: Callable, ending: str):
    audit = audit_file(written(tone(), ending), against=film, target_lufs=-20, ceiling_dbtp=-1)
    assert audit.ok, audit.faults
    assert [stream.source for stream in audit.streams] == [0, None, 1]
    assert audit.new_sound == 1
    assert abs(audit.sound_offset) < 0.001
    assert audit.sound_duration == pytest.approx(4.0, abs=0.0214)
    # Two channels of a sine at -20 dB of full scale, by the definition of LUFS.
    assert audit.loudness.integrated_lufs == pytest.approx(-20.0, abs=0.1)
    assert audit.loudness.true_peak_dbtp == pytest.approx(
        -20.0, abs=0.6
    )  # the encoder rings a little


def test_loudness_and_peak_beyond_what_is_allowed_are_faults(film: Path, written: Callable):
    audit = audit_file(written(tone(0.97)), against=film, target_lufs=-14, ceiling_dbtp=-1)
    assert {fault.name for fault in audit.faults} == {"loudness", "true peak"}


def test_replaced_sound_is_gone_and_kept_sound_is_there(film: Path, written: Callable):
    replaced = written(tone(), original="replace")
    assert findings(audit_file(replaced, against=film, original="replace"))["streams"]
    assert not findings(audit_file(replaced, against=film, original="keep"))["streams"]
    kept = written(tone(), "mkv", original="keep")
    assert not findings(audit_file(kept, against=film, original="replace"))["own sound"]


def test_a_picture_that_was_encoded_again_is_found(film: Path, make_clip: Callable, tmp_path: Path):
    again = make_clip("again.mp4", "-i", film, *CODECS[:-2], "-crf", "40", "-c:a", "copy")
    audit = audit_file(again, against=film)
    assert {fault.name for fault in audit.faults} == {"streams", "new sound"}
    assert "0 (video, h264)" in audit.faults[0].detail


def test_sound_that_is_late_or_short_is_found(film: Path, make_clip: Callable):
    late = make_clip(
        *("late.mkv", "-i", film, "-itsoffset", "0.3", "-f", "lavfi", "-i", "sine=300:d=3"),
        *("-map", "0:v", "-map", "1:a", "-map", "0:a", "-c:v", "copy", "-c:a:0", "aac"),
        *("-c:a:1", "copy"),
    )
    audit = audit_file(late, against=film)
    assert {fault.name for fault in audit.faults} == {"offset", "length"}
    assert audit.sound_offset == pytest.approx(0.3, abs=0.025)
    # Of a film that nobody here has made, nobody knows what is right.
    alone = make_clip(
        *("alone.mkv", "-i", film, "-itsoffset", "0.3", "-f", "lavfi", "-i", "sine=300:d=3"),
        *("-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac"),
    )
    assert audit_file(alone).ok
    assert audit_file(alone).sound_offset == pytest.approx(0.3, abs=0.025)


def test_a_step_in_the_wave_is_a_click_and_a_tone_is_none(film: Path, written: Callable):
    pcm = tone()
    pcm[2 * RATE :] *= -1  # phase jumps at a place where the wave is not zero
    pcm[2 * RATE - 20 : 2 * RATE] = 0.1
    audit = audit_file(written(pcm), against=film, joints=(1.0, 2.0, 3.0))
    assert audit.clicks == pytest.approx((2.0,), abs=1e-6)
    assert not findings(audit)["joints"]
    assert audit_file(written(tone(), "mov"), joints=(1.0, 2.0)).clicks == ()


def test_music_does_not_click_by_itself():
    from musify.testing.generated_songs import generated_song

    song = generated_song(3, form="AO", bars_per_section=4)
    places = [round(beat * song.sample_rate) for beat in song.beats[4:12]]
    second = song.sample_rate
    worst = max(
        click_strength(song.pcm[place - second : place + second], second, second)
        for place in places
    )
    assert worst < 4


def test_a_silent_file_is_no_fault(film: Path, written: Callable):
    audit = audit_file(written(np.zeros((4 * RATE, 2), np.float32)), against=film, target_lufs=-14)
    assert audit.ok
    assert audit.loudness.integrated_lufs is None


def test_without_an_input_the_default_sound_is_measured(film: Path):
    audit = audit_file(film)
    assert audit.ok
    assert audit.new_sound == 1


def test_a_file_against_itself_or_one_that_is_missing(film: Path, tmp_path: Path):
    with pytest.raises(ParameterError, match="against itself"):
        audit_file(film, against=film)
    with pytest.raises(MediaError, match="there is no file"):
        audit_file(tmp_path / "nothing.mp4")


def test_the_error_keeps_its_figures_when_it_is_pickled(film: Path):
    error = AuditError("two faults", audit=audit_file(film), kept=film)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == "two faults"
    assert again.kept == film
    assert again.audit.loudness.integrated_lufs == error.audit.loudness.integrated_lufs
