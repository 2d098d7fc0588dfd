import numpy as np
import pytest

from musify.audio.bs1770 import integrated_loudness
from musify.audio.power import PowerCurve, measure_power
from musify.errors import ParameterError


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_it_agrees_with_the_meter(rng, rate):
    pcm = (0.1 * rng.standard_normal((rate * 3, 2))).astype(np.float32)
    curve = measure_power([pcm], rate, 2)
    assert curve.lufs(0, 3) == pytest.approx(integrated_loudness(pcm, rate), abs=0.05)
    assert curve.duration == pytest.approx(3)


def test_blocks_of_any_size_give_the_same(rng):
    pcm = (0.1 * rng.standard_normal((50_000, 2))).astype(np.float32)
    whole = measure_power([pcm], 44_100, 2)
    parts = measure_power((pcm[at : at + 777] for at in range(0, 50_000, 777)), 44_100, 2)
    np.testing.assert_allclose(parts.power, whole.power, rtol=1e-4, atol=1e-12)


def test_a_burst_stands_where_it_is():
    pcm = np.zeros((48_000, 1), np.float32)
    pcm[24_000:28_800, 0] = np.sin(np.arange(4800) * 0.2)
    curve = measure_power([pcm], 48_000, 1)
    loud = curve.times[curve.power > 1e-3]
    assert loud.min() == pytest.approx(0.51)
    assert loud.max() == pytest.approx(0.59, abs=0.021)
    assert curve.lufs(0.0, 0.4) < -80
    assert PowerCurve([0.0, 0.0]).lufs(0, 1) == -np.inf


def test_wrong_values_are_refused():
    with pytest.raises(ParameterError, match="at least 0, got -1"):
        PowerCurve([-1.0])
    with pytest.raises(ParameterError, match="at least 8000"):
        measure_power([], 4000, 2)
