"""Songs in files of every kind, good and bad."""

import wave

import numpy as np
import pytest

from musify.audio import song_sound
from musify.audio.analyze_song import analyze_song
from musify.audio.loudness import measure_loudness
from musify.errors import AudioDecodeError
from musify.notices import collect_notices
from musify.testing.generated_songs import generated_song
from thinned import thinned

pytestmark = pytest.mark.media

RATE = 44_100


@pytest.fixture(scope="module")
def song():
    return generated_song(1, form="IAO", bars_per_section=4, key="D minor")


@pytest.fixture(scope="module")
def wav(song, tmp_path_factory):
    path = tmp_path_factory.mktemp("songs") / "song.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((song.pcm * 32_767).astype("<i2").tobytes())
    return path


KINDS = {
    "mp3": ("song.mp3", "-b:a", "128k"),
    "opus": ("song.opus", "-b:a", "96k"),
    "m4a": ("song.m4a", "-b:a", "128k"),
    "8 kHz mono": ("low.wav", "-ar", "8000", "-ac", "1"),
    "192 kHz 24 bit": ("high.flac", "-ar", "192000", "-c:a", "flac", "-sample_fmt", "s32"),
    "7.1": ("wide.wav", "-af", "pan=7.1|FL=c0|FR=c1|FC=c0|LFE=c0|BL=c0|BR=c1|SL=c0|SR=c1"),
}


@pytest.mark.parametrize("kind", thinned(KINDS, every=3))
def test_every_kind_of_file(kind, wav, song, ffmpeg, tmp_path):
    name, *options = KINDS[kind]
    path = tmp_path / name
    ffmpeg("-i", str(wav), *options, str(path))
    heard = analyze_song(path)
    assert heard.duration == pytest.approx(song.duration, abs=0.06)
    assert heard.bpm == pytest.approx(song.bpm, rel=0.01)
    assert heard.key == "D minor"
    distance = [np.abs(heard.beats - time).min() for time in song.beats[4:-4]]
    # MP3 as decoded may begin with the silence of the encoder.
    assert np.median(distance) < 0.03
    assert heard.loudness_lufs == pytest.approx(measure_loudness(path), abs=0.1)


def test_progress_ends_at_its_total(wav):
    steps = []
    analyze_song(wav, on_progress=steps.append)
    assert {step.stage for step in steps} == {"analyze"}
    assert steps[-1].fraction == pytest.approx(1, abs=0.01)
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_a_file_that_ends_early_is_heard_as_far_as_it_goes(wav, ffmpeg, tmp_path):
    whole, cut = tmp_path / "whole.mp3", tmp_path / "cut.mp3"
    ffmpeg("-i", str(wav), "-b:a", "128k", str(whole))
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 2 // 3])
    heard, all_of_it = analyze_song(cut), analyze_song(whole)
    assert heard.duration == pytest.approx(all_of_it.duration * 2 / 3, abs=0.5)
    assert heard.bpm == pytest.approx(120, rel=0.01)


def test_floats_that_are_no_numbers(song, tmp_path, ffmpeg):
    raw, path = tmp_path / "song.f32", tmp_path / "song.wav"
    broken = song.pcm.copy()
    broken[20_000:20_010] = np.nan
    broken[50_000] = np.inf
    raw.write_bytes(broken.astype("<f4").tobytes())
    ffmpeg(
        "-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", str(raw), "-c:a", "pcm_f32le", str(path)
    )
    with collect_notices() as notices:
        heard = analyze_song(path)
    assert heard.bpm == pytest.approx(120, rel=0.01)
    assert any("damaged" in notice for notice in notices)


def test_of_a_long_file_only_the_beginning_is_heard(wav, song, monkeypatch):
    monkeypatch.setattr(song_sound, "LONGEST_SECONDS", 12.0)
    with collect_notices() as notices:
        heard = analyze_song(wav)
    assert heard.duration == pytest.approx(song.duration, abs=0.05)
    assert heard.beats[-1] < 12
    assert heard.ending_start <= heard.duration
    assert any("were listened to" in notice for notice in notices)


@pytest.mark.parametrize("content", [b"", b"this is no music at all" * 50])
def test_what_is_no_sound(content, tmp_path):
    path = tmp_path / "broken.mp3"
    path.write_bytes(content)
    with pytest.raises(AudioDecodeError):
        analyze_song(path)


def test_a_file_without_frames(tmp_path):
    path = tmp_path / "empty.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
    with pytest.raises(AudioDecodeError):
        analyze_song(path)


def test_a_film_without_sound(silent_video):
    with pytest.raises(AudioDecodeError, match="no sound"):
        analyze_song(silent_video)
