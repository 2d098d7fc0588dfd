import numpy as np
import pytest

from musify.audio.resample import Resampler, resampled
from musify.errors import ParameterError


@pytest.mark.parametrize(
    ("rate", "wanted"), [(44_100, 22_050), (48_000, 24_000), (22_050, 16_000), (8000, 16_000)]
)
def test_a_tone_stays_itself(rate, wanted):
    frames = 7 * rate + 11
    tone = np.sin(2 * np.pi * 1000 * np.arange(frames) / rate).astype(np.float32)
    out = resampled(tone, rate, wanted)
    assert len(out) == -(-frames * wanted // rate)
    exact = np.sin(2 * np.pi * 1000 * np.arange(len(out)) / wanted)
    edge = wanted // 10
    assert np.abs(out - exact)[edge:-edge].max() < 2e-3


def test_what_the_new_rate_cannot_hold_is_gone():
    tone = np.sin(2 * np.pi * 15_000 * np.arange(3 * 44_100) / 44_100).astype(np.float32)
    assert np.abs(resampled(tone, 44_100, 22_050)[2000:-2000]).max() < 1e-3


def test_blocks_do_not_matter():
    sound = np.random.default_rng(0).normal(0, 0.1, 5 * 44_100).astype(np.float32)
    whole = resampled(sound, 44_100, 22_050)
    resampler = Resampler(44_100, 22_050)
    parts = [resampler.feed(part) for part in np.array_split(sound, 77)]
    assert np.array_equal(np.concatenate([*parts, resampler.finish()]), whole)


@pytest.mark.parametrize("frames", [0, 1, 10])
def test_short_sound(frames):
    assert len(resampled(np.ones(frames, np.float32), 48_000, 16_000)) == -(-frames // 3)


def test_rates_are_above_nothing():
    with pytest.raises(ParameterError, match="rates must be above 0"):
        Resampler(0, 16_000)
