import numpy as np
import pytest

from musify.audio.limit import limited

RATE = 1000
LOOK_AHEAD = 20  # frames: 20 ms


def limit(pcm, *, block=64, ceiling=0.5):
    blocks = (pcm[start : start + block] for start in range(0, len(pcm), block))
    return np.concatenate([pcm[:0], *limited(blocks, sample_rate=RATE, ceiling=ceiling)])


def noise(rng, frames, level):
    return (level * rng.uniform(-1, 1, (frames, 2))).astype(np.float32)


@pytest.mark.parametrize("level", [0.6, 1.0, 50.0])
def test_the_ceiling_holds(rng, level):
    out = limit(noise(rng, 5000, level))
    # The last bit of float32 rounds.
    assert np.abs(out).max() <= np.nextafter(np.float32(0.5), np.float32(1))
    assert out.dtype == np.float32


def test_below_the_ceiling_nothing_changes_bit_for_bit(rng):
    pcm = noise(rng, 5000, 0.5)
    np.testing.assert_array_equal(limit(pcm), pcm)


def test_far_from_a_peak_nothing_changes_bit_for_bit(rng):
    pcm = noise(rng, 5000, 0.5)
    pcm[2500] = 1
    out = limit(pcm)
    near = slice(2500 - LOOK_AHEAD, 2500 + LOOK_AHEAD + 1)
    changed = np.zeros(5000, bool)
    changed[near] = True
    np.testing.assert_array_equal(out[~changed], pcm[~changed])
    assert (np.abs(out[near]) <= np.abs(pcm[near])).all()


def test_the_gain_moves_smoothly_and_is_the_same_on_both_sides():
    pcm = np.full((300, 2), [0.4, 0.2], np.float32)
    pcm[150] = [1.0, 0.5]
    gain = limit(pcm) / pcm
    np.testing.assert_allclose(gain[:, 0], gain[:, 1], rtol=1e-6)
    # The mean over the look-ahead time moves by one part of it a frame.
    assert np.abs(np.diff(gain[:, 0])).max() <= (1 - 0.5) / LOOK_AHEAD + 1e-6
    assert gain[150, 0] == pytest.approx(0.5)


@pytest.mark.parametrize("frames", [0, 1, LOOK_AHEAD - 1, LOOK_AHEAD, LOOK_AHEAD + 1, 777])
@pytest.mark.parametrize("level", [0.1, 2.0])
def test_the_length_is_kept(rng, frames, level):
    assert limit(noise(rng, frames, level)).shape == (frames, 2)


@pytest.mark.parametrize("block", [1, 7, LOOK_AHEAD, 1000, 5000])
def test_blocks_of_any_size_give_the_same(rng, block):
    pcm = noise(rng, 5000, 0.45)
    pcm[rng.integers(0, 5000, 30)] *= 3
    np.testing.assert_allclose(limit(pcm, block=block), limit(pcm), rtol=0, atol=1e-7)


def test_empty_blocks_and_mono_pass():
    blocks = [np.zeros((0, 1), np.float32), np.ones((50, 1), np.float32)]
    out = np.concatenate(list(limited(blocks, sample_rate=RATE, ceiling=0.5)))
    assert out.shape == (50, 1)
    np.testing.assert_allclose(out, 0.5)


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
        assert given - taken < LOOK_AHEAD
