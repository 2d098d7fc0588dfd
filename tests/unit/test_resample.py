"""Resampling: tones keep their pitch, level and place, and what does not fit is left out."""

import numpy as np
import pytest

from musify.audio.resample import resampled
from musify.errors import ParameterError


def tone(hz, rate, seconds=1.0):
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


@pytest.mark.parametrize(
    ("rate", "to"), [(22050, 16000), (44100, 16000), (8000, 16000), (48000, 44100)]
)
@pytest.mark.parametrize("hz", [50, 440, 3300])
def test_a_tone_stays_the_same_tone(rate, to, hz):
    made = resampled(tone(hz, rate), rate, to)
    assert made.shape == (to,)
    inner = slice(to // 20, -to // 20)
    np.testing.assert_allclose(made[inner], tone(hz, to)[inner], atol=4e-3)


def test_what_the_lower_rate_cannot_hold_is_left_out():
    assert np.abs(resampled(tone(9500, 22050), 22050, 16000)[500:-500]).max() < 3e-3


@pytest.mark.parametrize("frames", [0, 1, 2, 441, 442, 5000])
def test_lengths(frames):
    sound = np.ones(frames, np.float32)
    assert len(resampled(sound, 22050, 16000)) == -(-frames * 16000 // 22050)
    assert resampled(sound, 16000, 16000) is sound


def test_rates_are_whole_numbers():
    with pytest.raises(ParameterError, match="to must be at least 1"):
        resampled(np.ones(3, np.float32), 22050, 0)
