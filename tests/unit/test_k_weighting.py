import numpy as np
import pytest

from musify.audio.k_weighting import KWeighting, k_weighting_coefficients


def test_at_48_khz_it_is_the_table_of_the_standard():
    (shelf_b, shelf_a), (pass_b, pass_a) = k_weighting_coefficients(48_000)
    # Tables 1 and 2 of ITU-R BS.1770-5.
    table = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    np.testing.assert_allclose(shelf_b, table, atol=1e-12)
    np.testing.assert_allclose(shelf_a, [1, -1.69065929318241, 0.73248077421585], atol=1e-12)
    np.testing.assert_allclose(pass_b, [1, -2, 1])
    np.testing.assert_allclose(pass_a, [1, -1.99004745483398, 0.99007225036621], atol=1e-12)


def response(rate, hertz):
    z = np.exp(-2j * np.pi * np.asarray(hertz) / rate)
    total = np.ones_like(z)
    for b, a in k_weighting_coefficients(rate):
        total *= np.polyval(b[::-1], z) / np.polyval(a[::-1], z)
    return 20 * np.log10(np.abs(total))


@pytest.mark.parametrize("rate", [44_100, 88_200, 96_000, 192_000])
def test_other_rates_hear_alike(rate):
    hertz = np.geomspace(20, 10_000, 50)
    np.testing.assert_allclose(response(rate, hertz), response(48_000, hertz), atol=0.15)


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000, 192_000])
def test_the_convolution_is_the_filter(rate):
    weighting = KWeighting(rate)
    total = weighting.history + weighting.block
    assert weighting.block % 32 == 0
    for hertz in (20, 100, 1000, 3000):
        wave = np.sin(2 * np.pi * hertz * np.arange(total) / rate)
        heard = weighting.filter(wave[None].astype(np.float32))
        assert heard.shape == (1, weighting.block)
        assert heard.dtype == np.float32
        # Whole periods, or the mean of the square is not that of the tone.
        period = rate / hertz
        whole = int(int(weighting.block / period) * period)
        level = 10 * np.log10(2 * np.mean(np.square(heard[0, :whole], dtype=np.float64)))
        assert level == pytest.approx(float(response(rate, hertz)), abs=0.05)


def test_a_constant_is_not_heard():
    weighting = KWeighting(48_000)
    ones = np.ones((1, weighting.history + weighting.block), np.float32)
    assert np.abs(weighting.filter(ones)).max() < 1e-5
