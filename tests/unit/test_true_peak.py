import numpy as np
import pytest

from musify.audio.true_peak import REACH, TruePeaks, frame_peaks, oversampling, true_peaks


def surrounded(pcm):
    """Put silence around a channel, and make it whole rows of 32 frames."""
    rows = -(-len(pcm) // 32) * 32
    return np.pad(pcm, (REACH, REACH + rows - len(pcm)))[None].astype(np.float32)


@pytest.mark.parametrize(
    ("rate", "times"), [(192_000, 4), (48_000, 4), (44_100, 4), (22_050, 8), (8000, 23)]
)
def test_at_least_four_points_a_frame(rate, times):
    assert oversampling(rate) == times


@pytest.mark.parametrize("part", [2.3, 2.7, 3.1, 4, 7.7, 50])
def test_a_long_tone_has_the_peak_of_its_amplitude(part):
    frames = np.arange(6400)
    wave = 0.5 * np.sin(2 * np.pi * frames / part + 0.4)
    wave *= np.clip(np.minimum(frames, frames[::-1]) / 500, 0, 1)
    _, peaks = true_peaks(surrounded(wave), 8, 0)
    assert 20 * np.log10(peaks.max() / 0.5) == pytest.approx(0, abs=0.1)


def test_points_lie_between_the_frames_they_are_said_to():
    frames = np.arange(-400, 400)
    # 1 in the middle between two frames; nothing above 0.45 of the sample rate.
    wave = np.sinc(0.9 * (frames - 0.5))
    peaks = frame_peaks(surrounded(wave), 4, 0)
    assert peaks.argmax() == 400
    assert peaks[400] == pytest.approx(1, abs=0.01)


def test_what_is_left_out_is_lower(rng):
    pcm = rng.normal(size=3200) * np.repeat(rng.uniform(0, 1, 100), 32)
    frames = surrounded(pcm)
    rows, everything = true_peaks(frames, 4, 0)
    assert rows.tolist() == list(range(100))
    for above in np.quantile(everything, [0.5, 0.9, 0.999, 1]):
        rows, peaks = true_peaks(frames, 4, above)
        assert len(rows) < 100
        left_out = np.delete(everything, rows, axis=0)
        assert left_out.max(initial=0) <= above
        np.testing.assert_allclose(peaks, everything[rows], rtol=1e-5)


@pytest.mark.parametrize("count", [1, 31, 32, 33, 500])
def test_any_number_of_frames(rng, count):
    frames = rng.normal(size=(2, count + 2 * REACH)).astype(np.float32)
    peaks = frame_peaks(frames, 4, 0.0)
    assert peaks.shape == (count,)
    inner = np.abs(frames[:, REACH : REACH + count]).max(axis=0)
    assert (peaks >= inner).all()


def test_nothing_is_nothing():
    meter = TruePeaks(48_000)
    meter.add(np.zeros((2, 2 * REACH), np.float32))
    meter.add(np.zeros((2, 2 * REACH + 64), np.float32))
    assert meter.highest == 0
