import wave

import numpy as np
import pytest

from musify import ParameterError
from musify.testing import as_soundtrack, generated_speech, speech_like, tone, write_wav


def test_a_tone_has_its_pitch_and_its_level():
    sound = tone(440.0, seconds=1.0, level_db=-20.0)
    pcm = sound.render()
    assert pcm.shape == (48_000, 2)
    assert pcm.dtype == np.float32
    assert np.abs(np.fft.rfft(pcm[:, 1])).argmax() == 440
    rms = np.sqrt(np.square(pcm.astype(float)).mean())
    assert 20 * np.log10(rms) == pytest.approx(-20, abs=0.01)


@pytest.mark.parametrize(
    "wrong",
    [{"hertz": 0}, {"hertz": 30_000}, {"seconds": 0}, {"level_db": 0}, {"sample_rate": 0}],
)
def test_no_such_tone(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        tone(**wrong)


def test_what_is_like_speech_is_the_speech_whose_truth_is_known():
    sound = speech_like(3, seconds=4.0)
    truth = generated_speech(3, duration=4.0, start=0.25, pauses=(0.3, 1.0))
    np.testing.assert_array_equal(sound.render(), truth.pcm)
    assert sound.duration == 4.0
    assert truth.intervals[0, 0] == 0.25


def test_sound_is_the_same_each_time_it_is_read():
    sound = as_soundtrack(np.linspace(-1, 1, 100_000, dtype=np.float32)[:, None], 8_000)
    assert sound.sha256() == sound.sha256()
    assert [len(block) for block in sound.blocks()] == [48_000, 48_000, 4_000]


def test_a_wav_file_holds_the_sound(tmp_path):
    sound = tone(300.0, seconds=0.1, channels=1, sample_rate=8_000)
    with wave.open(str(write_wav(tmp_path / "tone.wav", sound))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (1, 8_000, 800)
        pcm = np.frombuffer(file.readframes(800), "<i2") / 32767
    np.testing.assert_allclose(pcm, sound.render()[:, 0], atol=1 / 32767)
