import numpy as np
import pytest

from musify.audio.bs1770 import true_peak
from musify.audio.limit import limited
from musify.audio.true_peak import REACH

RATE = 1000
LOOK_AHEAD = 20  # frames: 20 ms


def limit(pcm, *, block=64, ceiling=0.5, rate=RATE, dips=()):
    blocks = (pcm[start : start + block] for start in range(0, len(pcm), block))
    parts = limited(blocks, sample_rate=rate, ceiling=ceiling, dips=dips)
    return np.concatenate([pcm[:0], *parts])


def noise(rng, frames, level):
    """Noise whose true peaks are of a level, without what lies above 0.4 of the sample rate."""
    spectrum = np.fft.rfft(rng.normal(size=(frames + 200, 2)), axis=0)
    spectrum[int(0.8 * len(spectrum)) :] = 0
    pcm = np.fft.irfft(spectrum, frames + 200, axis=0)[100 : 100 + frames]
    found = 10 ** (true_peak(pcm, 48_000) / 20)
    return (pcm * (level / found)).astype(np.float32)


@pytest.mark.parametrize("level", [0.6, 1.0, 2.0])
@pytest.mark.parametrize("rate", [8000, 44_100, 48_000])
def test_the_ceiling_holds_between_the_frames_too(rng, level, rate):
    pcm = noise(rng, rate, level)
    out = limit(pcm, rate=rate, block=5000)
    # The gain moves while the filter that finds true peaks looks at its surroundings.
    assert true_peak(out, rate) <= 20 * np.log10(0.5) + 0.1
    assert out.dtype == np.float32


def test_a_peak_between_frames_is_turned_down():
    frames = np.arange(2000)
    wave = 0.6 * np.sin(2 * np.pi * frames / 4 + np.pi / 4) * np.hanning(2000)
    pcm = np.repeat(wave[:, None], 2, axis=1).astype(np.float32)
    assert np.abs(pcm).max() < 0.5
    assert true_peak(limit(pcm, rate=48_000), 48_000) <= 20 * np.log10(0.5) + 0.02


@pytest.mark.parametrize("level", [50.0, 1e4])
def test_no_frame_exceeds_the_ceiling_however_loud(rng, level):
    out = limit(noise(rng, 5000, level))
    # The last bit of float32 rounds.
    assert np.abs(out).max() <= np.nextafter(np.float32(0.5), np.float32(1))


def test_below_the_ceiling_nothing_changes_bit_for_bit(rng):
    pcm = noise(rng, 5000, 0.499)
    np.testing.assert_array_equal(limit(pcm, rate=48_000), pcm)


def test_far_from_a_peak_nothing_changes_bit_for_bit(rng):
    pcm = noise(rng, 5000, 0.3)
    pcm[2500] = 1
    out = limit(pcm)
    # Around a single frame the sound swings between the frames.
    near = slice(2500 - LOOK_AHEAD - 5, 2500 + LOOK_AHEAD + 6)
    changed = np.zeros(5000, bool)
    changed[near] = True
    np.testing.assert_array_equal(out[~changed], pcm[~changed])
    assert (np.abs(out[near]) <= np.abs(pcm[near])).all()


def test_the_gain_moves_smoothly_and_is_the_same_on_both_sides():
    bump = 0.4 + 0.6 * np.exp(-(((np.arange(600) - 300) / 5) ** 2))
    pcm = (bump[:, None] * [1, 0.5] * np.hanning(600)[:, None]).astype(np.float32)
    gain = limit(pcm)[1:-1] / pcm[1:-1]
    np.testing.assert_allclose(gain[:, 0], gain[:, 1], rtol=1e-6)
    # The mean over the look-ahead time moves by one part of it a frame.
    assert np.abs(np.diff(gain[:, 0])).max() <= (1 - 0.5) / LOOK_AHEAD + 1e-3
    assert gain[299, 0] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("frames", [0, 1, LOOK_AHEAD - 1, LOOK_AHEAD, LOOK_AHEAD + 1, 777])
@pytest.mark.parametrize("level", [0.1, 2.0])
def test_the_length_is_kept(rng, frames, level):
    pcm = (level * rng.uniform(-1, 1, (frames, 2))).astype(np.float32)
    assert limit(pcm).shape == (frames, 2)


@pytest.mark.parametrize("block", [1, 7, LOOK_AHEAD, 1000, 5000])
def test_blocks_of_any_size_give_the_same(rng, block):
    pcm = noise(rng, 1500, 0.45)
    pcm[rng.integers(0, 1500, 20)] *= 3
    np.testing.assert_allclose(limit(pcm, block=block), limit(pcm), rtol=0, atol=1e-6)


def test_empty_blocks_and_mono_pass():
    blocks = [np.zeros((0, 1), np.float32), np.ones((200, 1), np.float32)]
    out = np.concatenate(list(limited(blocks, sample_rate=RATE, ceiling=0.5)))
    assert out.shape == (200, 1)
    np.testing.assert_allclose(out[60:-60], 0.5, atol=0.01)


def test_only_the_look_ahead_is_held_back(rng):
    given = 0

    def blocks():
        nonlocal given
        for _ in range(10):
            given += 100
            yield noise(rng, 100, 2.0)

    taken = 0
    for block in limited(blocks(), sample_rate=RATE, ceiling=0.5):
        taken += len(block)
        assert given - taken <= 2 * (LOOK_AHEAD + REACH)


def test_dips_turn_down_what_is_asked_and_add_up(rng):
    pcm = noise(rng, 5000, 0.4)
    out = limit(pcm, dips=[(1.0, 1.2, -6.0), (3.0, 3.5, -2.0), (3.2, 3.5, -4.0)])
    for start, end, gain_db in [(1000, 1200, -6), (3000, 3180, -2), (3200, 3500, -6)]:
        gain = out[start:end] / pcm[start:end]
        np.testing.assert_allclose(20 * np.log10(gain), gain_db, atol=0.01)
    away = np.r_[:980, 1220:2980, 3520:5000]
    np.testing.assert_array_equal(out[away], pcm[away])
