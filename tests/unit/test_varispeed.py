import numpy as np
import pytest

from musify.audio.varispeed import TAPS, resampled

MARGIN = TAPS // 2


def played(signal, frames_in, frames_out, block=1000):
    padded = np.pad(signal, ((MARGIN, 0), (0, 0)))
    blocks = (padded[at : at + block] for at in range(0, len(padded), block))
    return np.concatenate(list(resampled(blocks, frames_in, frames_out)))


@pytest.mark.parametrize("speed", [0.992, 1.008])
def test_a_tone_is_as_much_higher(speed):
    time = np.arange(50_000) / 48_000
    tone = np.column_stack([np.sin(2 * np.pi * 1000 * time)] * 2).astype(np.float32)
    out = played(tone, 40_000, round(40_000 / speed))
    exact = np.sin(2 * np.pi * 1000 * np.arange(len(out)) * (40_000 / len(out)) / 48_000)
    assert np.abs(out[MARGIN:, 0] - exact[MARGIN:]).max() < 1e-3


def test_the_same_length_is_the_same_sound(rng):
    noise = rng.uniform(-1, 1, (5000, 2)).astype(np.float32)
    out = played(noise, 4000, 4000)
    assert np.abs(out - noise[:4000]).max() < 1e-5


@pytest.mark.parametrize("block", [7, 1000, 100_000])
def test_blocks_do_not_matter(rng, block):
    noise = rng.uniform(-1, 1, (40_000, 2)).astype(np.float32)
    assert np.array_equal(played(noise, 35_000, 35_200, block), played(noise, 35_000, 35_200))


def test_missing_input_is_silence():
    out = played(np.ones((100, 2), np.float32), 1000, 1005)
    assert len(out) == 1005
    assert not out[200:].any()
