"""The networks that tag songs: their spectrogram, windows, faults, and what they hear."""

import pickle

import numpy as np
import pytest

from musify.audio.log_mel import BANDS, HOP, SAMPLE_RATE, log_mel
from musify.audio.song_tags import MSD_TAGS, MTT_TAGS, TAGS, SongTagger, SongTags
from musify.errors import ParameterError

TAGGER = SongTagger()


def tone(hz, seconds, level=0.3):
    return (
        level * np.sin(2 * np.pi * hz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)
    ).astype(np.float32)


def drums(seconds, bpm, rng):
    """Bursts of noise on every half beat."""
    sound = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
    burst = rng.standard_normal(1600) * np.exp(-np.arange(1600) / 250)
    for start in np.arange(0, len(sound) - 1600, 30 / bpm * SAMPLE_RATE).astype(int):
        sound[start : start + 1600] += 0.5 * burst
    return sound


def test_the_spectrogram_puts_a_tone_into_its_band():
    for hz, band in ((440, 13), (1000, 31), (4000, 74)):
        mel = log_mel(tone(hz, 1))
        assert mel.shape == (1 + SAMPLE_RATE // HOP, BANDS)
        assert abs(int(mel[20].argmax()) - band) <= 1


def test_the_spectrogram_is_that_of_librosa():
    librosa = pytest.importorskip("librosa")
    sound = np.random.default_rng(440).standard_normal(SAMPLE_RATE).astype(np.float32) * 0.1
    power = librosa.feature.melspectrogram(y=sound, sr=16000, hop_length=256, n_fft=512, n_mels=96)
    np.testing.assert_allclose(log_mel(sound), np.log10(1e4 * power.T + 1), atol=1e-5)


def test_long_sound_gives_the_same_spectrogram_as_its_parts(rng):
    sound = rng.standard_normal(HOP * 5000).astype(np.float32)
    part = log_mel(sound[: HOP * 100])
    np.testing.assert_allclose(log_mel(sound)[:99], part[:99], atol=1e-5)


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros((5, 2)), np.array([0, np.nan])])
def test_what_is_no_mono_sound_is_refused(sound):
    with pytest.raises(ParameterError, match="sound of a song must"):
        TAGGER.tag(sound)


@pytest.mark.parametrize(
    ("seconds", "windows"), [(0.01, 1), (1, 1), (2.9, 1), (5, 1), (6.1, 2), (30, 10), (200, 28)]
)
def test_windows_are_spread_over_the_song(seconds, windows, monkeypatch):
    def run(_self, _outputs, inputs):
        return [np.full((len(inputs["mel"]), 50), 0.5, np.float32)]

    monkeypatch.setattr("musify._onnx_file.OnnxFile.run", run)
    tags = TAGGER.tag(tone(440, seconds))
    assert tags.values.shape == (windows, len(TAGS))
    assert (np.diff(tags.times) > 0).all()
    # As much is left before the first as after the last.
    if seconds > 3:
        assert tags.times[0] + tags.times[-1] == pytest.approx(seconds, abs=0.04)


def test_names_are_a_hundred_and_each_stands_once():
    assert len(MSD_TAGS) == len(MTT_TAGS) == 50
    assert len(set(TAGS)) == 100
    words = TAGGER.tag(tone(440, 3)).mean
    assert set(words) == set(MSD_TAGS) | set(MTT_TAGS)
    assert all(0 <= value <= 1 for value in words.values())


def test_it_hears_what_is_quick_and_what_is_soft(rng):
    quick = TAGGER.tag(drums(6, 170, rng)).mean
    slow = TAGGER.tag(tone(220, 6, 0.1) + tone(330, 6, 0.05)).mean
    assert quick["fast"] > slow["fast"]
    assert quick["drums"] > slow["drums"]
    assert slow["soft"] > quick["soft"]
    assert slow["ambient"] > quick["ambient"]


def test_level_of_the_file_does_not_matter(rng):
    sound = drums(6, 120, rng) + tone(220, 6)
    loud, quiet = (TAGGER.tag(sound * gain).values for gain in (1, 0.02))
    np.testing.assert_allclose(loud, quiet, atol=1e-3)


def test_neither_threads_nor_pickling_change_a_result(rng):
    sound = drums(7, 100, rng)
    expected = TAGGER.tag(sound).values
    again = pickle.loads(pickle.dumps(TAGGER)).tag(sound)
    np.testing.assert_array_equal(again.values, expected)
    np.testing.assert_allclose(SongTagger(threads=2).tag(sound).values, expected, atol=1e-6)
    with pytest.raises(ParameterError, match="threads must be at least 1"):
        SongTagger(threads=0)


@pytest.mark.parametrize(
    ("times", "values"),
    [([], np.zeros((0, 100))), ([2, 1], np.zeros((2, 100))), ([1], np.full((1, 100), 1.5))],
)
def test_tags_that_make_no_sense_are_refused(times, values):
    with pytest.raises(ParameterError):
        SongTags(times, values)
