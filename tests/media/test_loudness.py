"""The meter against ffmpeg's, on files; and levels that survive an encoder."""

import re
import wave
from pathlib import Path

import numpy as np
import pytest

from musify import AudioDecodeError, FFmpegError, Soundtrack, _ffmpeg
from musify.audio.levelled import find_level, set_level
from musify.audio.loudness import measure_file, measure_loudness
from musify.testing.generated_songs import generated_song
from thinned import thinned

pytestmark = pytest.mark.media

RATE = 48_000


def by_ffmpeg(path):
    """Integrated loudness, loudness range and true peak by ffmpeg's ebur128."""
    args = ["-v", "info", "-nostats", "-i", f"file:{path}", "-map", "0:a:0"]
    args += ["-af", "ebur128=framelog=verbose:peak=true", "-f", "null", "-"]
    text = "\n".join(_ffmpeg.run(args)[1])
    patterns = (r"I:\s+(-?[\d.]+) LUFS", r"LRA:\s+(-?[\d.]+) LU", r"Peak:\s+(-?[\d.]+) dBFS")
    return tuple(float(re.findall(pattern, text)[-1]) for pattern in patterns)


def write_wav(path, pcm, rate):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(pcm.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(pcm, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def assert_alike(path, *, whole_songs=False):
    lufs, range_lu, peak = by_ffmpeg(path)
    found = measure_file(path)
    # ffmpeg rounds to a tenth.
    assert found.integrated_lufs == pytest.approx(lufs, abs=0.1)
    if whole_songs:
        # Its range counts windows of 3 s that began before the sound did; EBU Tech 3342 does not.
        # That matters in what is short.
        assert found.range_lu == pytest.approx(range_lu, abs=0.1)
    assert found.true_peak_dbtp == pytest.approx(peak, abs=0.2)


@pytest.mark.parametrize(
    ("seed", "rate", "channels"),
    thinned([(1, 44_100, 2), (2, 48_000, 1), (3, 22_050, 2), (4, 96_000, 2)], every=2),
)
def test_songs_measure_as_ffmpeg_measures_them(tmp_path, seed, rate, channels):
    pcm = generated_song(seed, form="IAB", bars_per_section=2, sample_rate=rate).pcm
    assert_alike(write_wav(tmp_path / "song.wav", pcm[:, :channels], rate))


@pytest.mark.slow
def test_packaged_music_measures_as_ffmpeg_measures_it():
    package = pytest.importorskip("immich_memories_music")
    files = sorted(Path(package.__file__).parent.rglob("*.opus"))
    assert len(files) > 20
    for file in files:
        assert_alike(file, whole_songs=True)


@pytest.mark.parametrize("codec", thinned(["libopus", "flac", "ac3", "aac", "libmp3lame"], every=3))
def test_what_ffmpeg_decodes_is_measured(tmp_path, ffmpeg, codec):
    pcm = generated_song(5, form="IA", bars_per_section=2, sample_rate=RATE).pcm
    raw = write_wav(tmp_path / "song.wav", pcm, RATE)
    ffmpeg("-i", raw, "-c:a", codec, tmp_path / "song.mkv")
    assert_alike(tmp_path / "song.mkv")


@pytest.mark.parametrize("layout", ["5.1", "5.1(side)", "5.0", "quad"])
def test_all_channels_count(tmp_path, ffmpeg, rng, layout):
    count = {"5.1": 6, "5.1(side)": 6, "5.0": 5, "quad": 4}[layout]
    pcm = np.cumsum(rng.normal(size=(RATE * 5, count)), axis=0)
    pcm -= np.apply_along_axis(np.convolve, 0, pcm, np.ones(500) / 500, "same")
    # Where sound begins with a step, ffmpeg mirrors it: no overshoot between step and silence.
    pcm *= np.hanning(len(pcm))[:, None]
    pcm *= rng.uniform(0.02, 0.2, count) / np.abs(pcm).max(axis=0)
    raw = tmp_path / "raw.f32"
    raw.write_bytes(pcm.astype("<f4").tobytes())
    file = tmp_path / "surround.wav"
    ffmpeg(
        "-f", "f32le", "-ar", str(RATE), "-ch_layout", layout, "-i", raw, "-c:a", "pcm_f32le", file
    )  # fmt: skip
    assert_alike(file)


def test_the_stream_can_be_chosen(tmp_path, ffmpeg):
    file = tmp_path / "two.mkv"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=64x36:d=4", "-f", "lavfi", "-i", "sine=1000:d=4:r=48000",
        "-f", "lavfi", "-i", "sine=1000:d=4:r=48000,volume=-20dB",
        "-map", "0", "-map", "1", "-map", "2", "-c:a", "flac", file,
    )  # fmt: skip
    first = measure_file(file)
    assert first.integrated_lufs == measure_file(file, 1).integrated_lufs
    second = measure_file(file, 2).integrated_lufs
    assert second == pytest.approx(first.integrated_lufs - 20, abs=0.05)
    with pytest.raises(AudioDecodeError, match=r"stream 0 of .* is no sound; those are 1, 2"):
        measure_file(file, 0)


def test_mono_is_measured_as_it_is_played(tmp_path):
    pcm = generated_song(5, form="IA", bars_per_section=2, sample_rate=RATE).pcm[:, :1]
    file = write_wav(tmp_path / "mono.wav", pcm, RATE)
    both = measure_loudness(file)
    assert both == pytest.approx(measure_file(file).integrated_lufs + 3.01, abs=0.01)


def test_silence(tmp_path):
    file = write_wav(tmp_path / "none.wav", np.zeros((RATE, 2)), RATE)
    assert measure_loudness(file) is None
    assert measure_file(file).true_peak_dbtp is None


def test_a_file_without_sound(silent_video):
    with pytest.raises(AudioDecodeError, match="has no sound"):
        measure_file(silent_video)
    with pytest.raises(AudioDecodeError, match="has no sound"):
        measure_loudness(silent_video)


def test_a_file_that_is_no_media(tmp_path):
    file = tmp_path / "a.wav"
    file.write_bytes(b"RIFF and no more")
    with pytest.raises(AudioDecodeError):
        measure_loudness(file)


def test_a_missing_ffmpeg_is_told_as_such(tmp_path, monkeypatch):
    file = write_wav(tmp_path / "none.wav", np.zeros((RATE, 2)), RATE)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "no-ffmpeg"))
    with pytest.raises(FFmpegError, match="cannot be started"):
        measure_loudness(file)


def mixed(seed):
    """A song, and over it strokes of noise that stand far above it."""
    rng = np.random.default_rng(seed)
    pcm = generated_song(seed, form="IA", bars_per_section=3, sample_rate=RATE).pcm * 0.3
    for at in rng.integers(0, len(pcm) - 2000, 20):
        stroke = rng.normal(size=(2000, 2)) * np.exp(-np.arange(2000) / 300)[:, None]
        pcm[at : at + 2000] += (0.4 * stroke).astype(np.float32)
    return pcm


@pytest.mark.parametrize("seed", thinned(range(3), every=3))
def test_level_and_peaks_stand_in_the_encoded_file(tmp_path, ffmpeg, seed):
    pcm = mixed(seed)
    raw = Soundtrack(RATE, 2, len(pcm), lambda: iter(np.array_split(pcm, 10)))
    level = find_level(raw, "web")
    assert level.renderings > 1  # the limiter had to work
    for _ in range(3):
        out = set_level(raw, level.gain_db, level.ceiling_dbtp, level.dips).render()
        (tmp_path / "raw.f32").write_bytes(out.tobytes())
        ffmpeg(
            "-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", tmp_path / "raw.f32",
            "-c:a", "aac", "-b:a", "192k", tmp_path / "mix.m4a",
        )  # fmt: skip
        found = measure_file(tmp_path / "mix.m4a", peaks_above=-1.0)
        better = level.corrected(found)
        if better is None:
            break
        level = better
    assert found.integrated_lufs == pytest.approx(-14, abs=0.2)
    assert found.true_peak_dbtp <= -1.0
    assert by_ffmpeg(tmp_path / "mix.m4a")[2] <= -0.9
