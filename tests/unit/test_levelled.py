import pickle

import numpy as np
import pytest

from musify import ParameterError, Soundtrack
from musify.audio.bs1770 import Loudness, measure_blocks
from musify.audio.levelled import find_level, levelled, set_level
from musify.notices import collect_notices

RATE = 16_000


class Source:
    """Sound that counts how often it is rendered, and can be pickled."""

    def __init__(self, pcm):
        self.pcm = pcm
        self.times = 0

    def __call__(self):
        self.times += 1
        yield from np.array_split(self.pcm, 7)


def soundtrack(pcm):
    return Soundtrack(RATE, pcm.shape[1], len(pcm), Source(pcm))


@pytest.fixture
def even(rng):
    """Sound without high peaks."""
    time = np.arange(6 * RATE) / RATE
    wave = 0.02 * np.sin(2 * np.pi * 440 * time) + 0.01 * np.sin(2 * np.pi * 1234 * time)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


@pytest.fixture
def peaky(even, rng):
    """The same with strokes that stand 15 dB above it."""
    pcm = even.copy()
    for at in range(1000, len(pcm) - 1000, 4000):
        stroke = np.exp(-np.arange(400) / 80) * np.sin(2 * np.pi * 900 * np.arange(400) / RATE)
        pcm[at : at + 400] += (0.2 * stroke[:, None]).astype(np.float32)
    return pcm


def measure(sound):
    return measure_blocks(sound.blocks(), sound.sample_rate, sound.channels)


@pytest.mark.parametrize("target", [-14, "ebu", -30])
def test_one_rendering_is_enough_where_nothing_is_limited(even, target):
    raw = soundtrack(even)
    level = find_level(raw, target)
    assert level.renderings == raw.source.times == 1
    out = set_level(raw, level.gain_db, level.ceiling_dbtp)
    assert measure(out).integrated_lufs == pytest.approx(level.target_lufs, abs=0.01)
    # A gain, and nothing else.
    np.testing.assert_array_equal(out.render(), even * np.float32(10 ** (level.gain_db / 20)))


@pytest.mark.parametrize("target", [-18, -14, -11])
def test_the_limiter_is_accounted_for(peaky, target):
    raw = soundtrack(peaky)
    level = find_level(raw, target, ceiling_dbtp=-3)
    assert 2 <= level.renderings == raw.source.times <= 4
    assert level.gain_db > target - level.before.integrated_lufs
    found = measure(set_level(raw, level.gain_db, level.ceiling_dbtp))
    assert found.integrated_lufs == pytest.approx(target, abs=0.1)
    assert found.integrated_lufs == pytest.approx(level.after_lufs, abs=0.1)
    assert found.true_peak_dbtp <= -2.9


def test_levelled_is_both(peaky):
    found = measure(levelled(soundtrack(peaky), -16))
    assert found.integrated_lufs == pytest.approx(-16, abs=0.1)
    assert found.true_peak_dbtp <= -1.9


def test_at_its_target_nothing_changes(even):
    raw = soundtrack(even)
    same = set_level(raw, 0.0, -1.0)
    np.testing.assert_array_equal(same.render(), even)
    assert (same.length, same.channels, same.sample_rate) == (len(even), 2, RATE)


def test_silence_stays_silent():
    with collect_notices() as notices:
        level = find_level(soundtrack(np.zeros((RATE, 2), np.float32)))
    assert (level.gain_db, level.after_lufs) == (0.0, None)
    assert any("silent" in notice for notice in notices)
    assert not levelled(soundtrack(np.zeros((RATE, 2), np.float32))).render().any()


def test_what_cannot_be_reached_is_said(even):
    pcm = even * np.float32(0.005)
    pcm[RATE] = 0.5
    with collect_notices() as notices:
        level = find_level(soundtrack(pcm), -8)
    assert level.gain_db <= 40
    assert level.after_lufs < -9
    assert any("LUFS instead of -8.0" in notice for notice in notices)


def test_it_can_be_pickled(even):
    out = levelled(soundtrack(even), -20)
    again = pickle.loads(pickle.dumps(out))
    assert again.sha256() == out.sha256()


@pytest.mark.parametrize("bad", [{"target": "loud"}, {"ceiling_dbtp": 1}, {"ceiling_dbtp": -30}])
def test_wrong_values_are_refused_before_anything_is_rendered(even, bad):
    raw = soundtrack(even)
    with pytest.raises(ParameterError):
        find_level(raw, **bad)
    assert raw.source.times == 0


def reading(lufs, *high_peaks):
    highest = max((peak for _, peak in high_peaks), default=-3.0)
    nothing = np.zeros(0)
    return Loudness(lufs, 1.0, lufs, lufs, highest, 6.0, nothing, nothing, high_peaks)


class TestCorrected:
    def test_a_right_file_needs_nothing(self, even):
        level = find_level(soundtrack(even), -20)
        assert level.corrected(reading(-20.08)) is None
        assert level.corrected(reading(-19.93, (1.0, -1.2))) is None

    def test_what_the_encoder_took_is_added(self, even):
        level = find_level(soundtrack(even), -20)
        better = level.corrected(reading(-20.9))
        assert better.gain_db == pytest.approx(level.gain_db + 0.9)
        assert better.dips == ()

    def test_around_an_overshoot_it_is_turned_down(self, even):
        raw = soundtrack(even)
        level = find_level(raw, -20)
        better = level.corrected(reading(-20.0, (3.0, 0.5)))
        assert better.gain_db == level.gain_db
        before = set_level(raw, level.gain_db, level.ceiling_dbtp).render()
        after = set_level(raw, better.gain_db, better.ceiling_dbtp, better.dips).render()
        near = slice(round(2.98 * RATE), round(3.02 * RATE))
        turned = 20 * np.log10(np.abs(after[near]).max() / np.abs(before[near]).max())
        assert turned == pytest.approx(-1.8, abs=0.01)
        away = np.r_[: round(2.9 * RATE), round(3.1 * RATE) : len(even)]
        np.testing.assert_array_equal(before[away], after[away])

    def test_corrections_add_up(self, even):
        raw = soundtrack(even)
        once = find_level(raw, -20).corrected(reading(-20.0, (3.0, 0.5)))
        twice = once.corrected(reading(-20.0, (3.0, -0.6)))
        assert len(twice.dips) == 2
        assert sum(dip[2] for dip in twice.dips) == pytest.approx(-1.8 - 0.7)

    def test_silence_is_left_alone(self):
        level = find_level(soundtrack(np.zeros((RATE, 2), np.float32)))
        assert level.corrected(reading(None)) is None
