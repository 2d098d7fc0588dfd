"""The signals of EBU Tech 3341 and 3342 (2023), as far as they can be synthesised, and more."""

import pickle
import tracemalloc

import numpy as np
import pytest

from musify import ParameterError
from musify.audio.bs1770 import (
    LoudnessMeter,
    integrated_loudness,
    measure_blocks,
    true_peak,
)
from musify.audio.gating import loudness_of
from musify.audio.k_weighting import k_weighting_coefficients

RATE = 48_000
LIMITS = 0.1  # LU, by Tech 3341


def tone(dbfs, seconds, *, channels=2, rate=RATE, hertz=1000.0):
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def silence(seconds):
    return np.zeros((round(seconds * RATE), 2), np.float32)


def tones(*parts):
    return np.concatenate([tone(*part) for part in parts])


def measure(pcm, rate=RATE):
    return measure_blocks([pcm], rate, pcm.shape[1])


@pytest.mark.parametrize(("dbfs", "case"), [(-23, 1), (-33, 2)])
def test_3341_case_1_and_2_a_steady_tone(dbfs, case):
    found = measure(tone(dbfs, 20))
    assert found.integrated_lufs == pytest.approx(dbfs, abs=LIMITS)
    np.testing.assert_allclose(found.momentary, dbfs, atol=LIMITS)
    np.testing.assert_allclose(found.short_term, dbfs, atol=LIMITS)
    assert found.max_momentary_lufs == pytest.approx(dbfs, abs=LIMITS)
    assert found.max_short_term_lufs == pytest.approx(dbfs, abs=LIMITS)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([(-36, 10), (-23, 60), (-36, 10)], id="case 3"),
        pytest.param([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], id="case 4"),
        pytest.param([(-26, 20), (-20, 20.1), (-26, 20)], id="case 5"),
    ],
)
def test_3341_cases_3_to_5_the_gates(parts):
    assert measure(tones(*parts)).integrated_lufs == pytest.approx(-23, abs=LIMITS)


@pytest.mark.parametrize("lfe", [False, True])
def test_3341_case_6_surround(lfe):
    pcm = np.concatenate([tone(dbfs, 20, channels=1) for dbfs in (-28, -28, -24, -30, -30)], axis=1)
    if lfe:  # it does not count, however loud
        pcm = np.insert(pcm, 3, tone(-6, 20, channels=1)[:, 0], axis=1)
    assert measure(pcm).integrated_lufs == pytest.approx(-23, abs=LIMITS)


def test_3341_case_9_short_term_is_constant():
    short_term = measure(tones(*[(-20, 1.34), (-30, 1.66)] * 5)).short_term
    np.testing.assert_allclose(short_term, -23, atol=LIMITS)


@pytest.mark.parametrize("place", range(20))
def test_3341_case_10_the_largest_short_term_in_files(place):
    pcm = np.concatenate([silence(0.15 * place), tone(-23, 3), silence(1)])
    assert measure(pcm).max_short_term_lufs == pytest.approx(-23, abs=LIMITS)


def test_3341_case_11_the_largest_short_term_live():
    meter = LoudnessMeter(RATE, 2)
    for place in range(20):
        for part in (
            silence(0.15 * place),
            tone(-38 + place, 3),
            silence(3 - 0.15 * place),
        ):
            meter.add(part)
        largest = meter.result().max_short_term_lufs
        assert largest == pytest.approx(-38 + place, abs=LIMITS)


def test_3341_case_12_momentary_is_constant():
    momentary = measure(tones(*[(-20, 0.18), (-30, 0.22)] * 25)).momentary
    np.testing.assert_allclose(momentary, -23, atol=LIMITS)


@pytest.mark.parametrize("place", range(20))
def test_3341_case_13_the_largest_momentary_in_files(place):
    pcm = np.concatenate([silence(0.02 * place), tone(-23, 0.4), silence(1)])
    assert measure(pcm).max_momentary_lufs == pytest.approx(-23, abs=LIMITS)


def test_3341_case_14_the_largest_momentary_live():
    meter = LoudnessMeter(RATE, 2)
    for place in range(20):
        for part in (
            silence(0.02 * place),
            tone(-38 + place, 0.4),
            silence(0.4 - 0.02 * place),
        ):
            meter.add(part)
        largest = meter.result().max_momentary_lufs
        assert largest == pytest.approx(-38 + place, abs=LIMITS)


def peaking(part, degrees, amplitude, rate=RATE):
    frames = np.arange(rate)
    wave = amplitude * np.sin(2 * np.pi * frames / part + np.radians(degrees))
    wave *= np.clip(np.minimum(frames, frames[::-1]) / (0.1 * rate), 0, 1)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("part", "degrees", "amplitude", "dbtp"),
    [
        pytest.param(4, 0, 0.5, -6, id="case 15"),
        pytest.param(4, 45, 0.5, -6, id="case 16"),
        pytest.param(6, 60, 0.5, -6, id="case 17"),
        pytest.param(8, 67.5, 0.5, -6, id="case 18"),
        pytest.param(4, 45, 1.41, 3, id="case 19"),
    ],
)
@pytest.mark.parametrize("rate", [RATE, 44_100])
def test_3341_cases_15_to_19_peaks_between_frames(part, degrees, amplitude, dbtp, rate):
    found = measure(peaking(part, degrees, amplitude, rate), rate).true_peak_dbtp
    assert dbtp - 0.4 <= found <= dbtp + 0.2


@pytest.mark.parametrize("offset", range(4), ids=lambda offset: f"case {20 + offset}")
def test_3341_cases_20_to_23_one_peak_between_frames(offset):
    # fs/4 at half level holds one period of fs/6 at full level; made at four times the rate, cut
    # off at half the rate, and every fourth kept.
    quarter = 0.5 * np.sin(2 * np.pi * np.arange(16 * 1000) / 16)
    burst = np.sin(2 * np.pi * np.arange(24) / 24)
    wave = np.concatenate([quarter, burst, quarter])
    spectrum = np.fft.rfft(wave)
    spectrum[len(spectrum) // 4 :] = 0
    wave = np.fft.irfft(spectrum, len(wave))
    fade = np.clip(np.minimum(np.arange(len(wave)), np.arange(len(wave))[::-1]) / 4000, 0, 1)
    pcm = np.repeat((wave * fade)[offset::4, None], 2, axis=1)
    assert -0.4 <= true_peak(pcm, RATE) <= 0.2


@pytest.mark.parametrize(
    ("parts", "range_lu"),
    [
        pytest.param([(-20, 20), (-30, 20)], 10, id="case 1"),
        pytest.param([(-20, 20), (-15, 20)], 5, id="case 2"),
        pytest.param([(-40, 20), (-20, 20)], 20, id="case 3"),
        pytest.param([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15, id="case 4"),
    ],
)
def test_3342_cases_1_to_4_loudness_range(parts, range_lu):
    # The standard allows 1 LU; a meter that does as it says is far closer.
    assert measure(tones(*parts)).range_lu == pytest.approx(range_lu, abs=0.1)


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 88_200, 192_000])
def test_any_sample_rate_hears_the_same(rate):
    found = measure(tone(-23, 5, rate=rate, hertz=997), rate)
    assert found.integrated_lufs == pytest.approx(-23, abs=0.05)
    assert len(found.momentary) == 47
    assert found.true_peak_dbtp == pytest.approx(-23, abs=0.1)


@pytest.fixture
def music(rng):
    """Noise whose level changes, 12.3 s at 48 kHz."""
    pcm = rng.normal(size=(590_321, 2)) * 0.1
    pcm *= np.interp(np.arange(len(pcm)), np.linspace(0, len(pcm), 40), rng.uniform(0.01, 1, 40))[
        :, None
    ]
    return pcm.astype(np.float32)


@pytest.mark.parametrize("size", [480, 4801, 32_768, 200_000])
def test_blocks_of_any_size_give_the_same_to_the_last_bit(music, size):
    blocks = [music[start : start + size] for start in range(0, len(music), size)]
    found, whole = measure_blocks(blocks, RATE, 2), measure(music)
    for name in ("integrated_lufs", "range_lu", "max_momentary_lufs", "max_short_term_lufs"):
        assert getattr(found, name) == getattr(whole, name)
    assert found.true_peak_dbtp == whole.true_peak_dbtp
    np.testing.assert_array_equal(found.momentary, whole.momentary)
    np.testing.assert_array_equal(found.short_term, whole.short_term)


def test_single_frames_and_empty_blocks_are_blocks(music):
    few = music[:20_000]
    found = measure_blocks([few[:0], *few[:50, None], few[50:], few[:0]], RATE, 2)
    assert found.max_momentary_lufs == measure(few).max_momentary_lufs


def test_reading_does_not_disturb(music):
    meter = LoudnessMeter(RATE, 2)
    for start in range(0, len(music), 100_000):
        meter.add(music[start : start + 100_000])
        meter.result()
    found = meter.result()
    assert found.integrated_lufs == measure(music).integrated_lufs
    assert found.true_peak_dbtp == measure(music).true_peak_dbtp
    assert meter.result().integrated_lufs == found.integrated_lufs


def test_it_does_as_the_formulas_say(music):
    """The definition again, slowly and in double precision."""
    heard = music[:RATE].astype(np.float64)
    for b, a in k_weighting_coefficients(RATE):
        out = np.zeros_like(heard)
        for n in range(len(heard)):
            out[n] = b[0] * heard[n]
            if n > 0:
                out[n] += b[1] * heard[n - 1] - a[1] * out[n - 1]
            if n > 1:
                out[n] += b[2] * heard[n - 2] - a[2] * out[n - 2]
        heard = out
    powers = [
        (heard[start : start + 19_200] ** 2).mean(axis=0).sum()
        for start in range(0, len(heard) - 19_199, 4800)
    ]
    found = measure(music[:RATE])
    np.testing.assert_allclose(found.momentary, loudness_of(powers), atol=1e-4)
    loud = [power for power in powers if loudness_of(power) > -70]
    kept = [power for power in loud if loudness_of(power) > loudness_of(np.mean(loud)) - 10]
    assert found.integrated_lufs == pytest.approx(float(loudness_of(np.mean(kept))), abs=1e-4)


@pytest.mark.parametrize("seconds", [0, 0.1, 0.4, 5])
def test_silence_has_no_loudness(seconds):
    found = measure(silence(seconds))
    assert found.integrated_lufs is found.range_lu is found.true_peak_dbtp is None
    assert found.max_momentary_lufs is found.max_short_term_lufs is None
    assert np.isneginf(found.momentary).all()
    assert found.duration == seconds


def test_what_lasts_less_than_a_window_has_none():
    found = measure(tone(-20, 0.39))
    assert found.integrated_lufs is found.max_momentary_lufs is None
    assert found.true_peak_dbtp == pytest.approx(-20, abs=0.05)
    found = measure(tone(-20, 2.9))
    assert found.integrated_lufs == pytest.approx(-20, abs=LIMITS)
    assert found.max_short_term_lufs is found.range_lu is None


def test_a_quiet_end_is_not_lost_behind_a_loud_beginning():
    found = measure(tones((0, 1.5), (-66, 3)))
    assert found.momentary[-1] == pytest.approx(-66, abs=LIMITS)


def test_one_loudspeaker_is_half_of_two():
    assert integrated_loudness(tone(-20, 2)[:, 0], RATE) == pytest.approx(-23, abs=LIMITS)
    assert integrated_loudness(tone(-20, 2), RATE) == pytest.approx(-20, abs=LIMITS)


def test_peaks_at_the_edges_count():
    pcm = np.zeros((1000, 1), np.float32)
    pcm[[0, 999]] = [[0.5], [0.8]]
    assert true_peak(pcm, RATE) == pytest.approx(20 * np.log10(0.8), abs=0.01)
    # Between the last frame and the silence after it the sound still rises.
    assert true_peak(np.full((1000, 1), 0.5, np.float32), RATE) > -5.8


def test_high_peaks_are_noted_where_they_are(music):
    pcm = music * np.float32(0.1)
    pcm[100_000], pcm[300_000] = 0.9, -0.95
    found = measure_blocks([pcm], RATE, 2, peaks_above=-3)
    times, peaks = np.array(found.high_peaks).T
    np.testing.assert_allclose(times, [100_000 / RATE, 300_000 / RATE], atol=0.026)
    np.testing.assert_allclose(peaks, 20 * np.log10([0.9, 0.95]), atol=0.3)
    assert measure(pcm).high_peaks == ()


def test_memory_does_not_grow(music):
    block = music[:100_000]

    def peak(count):
        tracemalloc.start()
        measure_blocks((block for _ in range(count)), RATE, 2)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    short, long = peak(5), peak(45)
    seconds = 40 * len(block) / RATE
    # The curves: twice eight bytes ten times a second, and the copy that a reading makes of them.
    assert long - short < seconds * 10 * 16 * 4 + 100_000


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(bad):
    pcm = tone(-20, 1)
    pcm[1000] = bad
    with pytest.raises(ParameterError, match="not a number"):
        measure(pcm)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (np.zeros((10, 3), np.float32), r"shape \(n, 2\), got float32 \(10, 3\)"),
        (np.zeros(10, np.float32), r"got float32 \(10,\)"),
        (np.zeros((10, 2), np.int16), "got int16"),
    ],
)
def test_a_wrong_block_is_refused(block, words):
    with pytest.raises(ParameterError, match=words):
        LoudnessMeter(RATE, 2).add(block)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sample_rate": 4000, "channels": 2}, "sample_rate=4000"),
        ({"sample_rate": RATE, "channels": 0}, "channels must be at least 1, got 0"),
        ({"sample_rate": RATE, "channels": 9}, "no layout of 9 channels"),
        ({"sample_rate": RATE, "channels": 2, "weights": [1.0]}, "2 numbers >= 0"),
        ({"sample_rate": RATE, "channels": 1, "weights": [-1.0]}, "1 numbers >= 0"),
    ],
)
def test_a_wrong_meter_is_refused(given, words):
    with pytest.raises(ParameterError, match=words):
        LoudnessMeter(**given)


def test_a_reading_is_read_only_and_can_be_pickled():
    found = measure(tone(-20, 4))
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.short_term, found.short_term)
    with pytest.raises(ValueError, match="read-only"):
        again.momentary[0] = 0
    assert found.momentary_times[:2].tolist() == pytest.approx([0.2, 0.3])
    assert found.short_term_times[:2].tolist() == pytest.approx([1.5, 1.6])
