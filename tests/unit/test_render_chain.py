"""What rendering is made of: filters, equalizers, reverb, compressor, mastering, the file."""

from pathlib import Path

import numpy as np
import pytest

from musify.composer.render.buses import BUS_TABLE, bus_filters
from musify.composer.render.compressor import Compressor
from musify.composer.render.convolution import BLOCK, Convolver
from musify.composer.render.equalizer import Band, curve_of, impulse_of
from musify.composer.render.mastering import RANGES, MixMeter, Polish
from musify.composer.render.noise import noise
from musify.composer.render.reverb import SPACE_TABLE, impulse_responses
from musify.composer.render.spool import SpoolFile
from musify.composer.score import SPACES
from musify.errors import OutputError, ParameterError

RATE = 48_000


@pytest.mark.parametrize("length", [1, 5000, 40_000])
def test_convolution_in_blocks_is_convolution(rng, length):
    filters = [rng.standard_normal((2, c, length)) / np.sqrt(length) for c in (2, 1)]
    sound = [rng.standard_normal((c, 3 * BLOCK)).astype(np.float32) for c in (2, 1)]
    sound[0][:, BLOCK : 2 * BLOCK] = 0  # a pause is told by None, and what rang before goes on
    convolver = Convolver(filters)
    blocks = []
    for start in range(0, 3 * BLOCK, BLOCK):
        part = [one[:, start : start + BLOCK] for one in sound]
        blocks.append(convolver.filter([None if not one.any() else one for one in part]))
    found = np.concatenate(blocks, axis=1)
    for place in rng.integers(0, 3 * BLOCK, 30).tolist():
        reach = min(place + 1, length)
        wanted = sum(
            np.einsum(
                "oin,in->o", taps[:, :, :reach], one[:, place - reach + 1 : place + 1][:, ::-1]
            )
            for taps, one in zip(filters, sound, strict=True)
        )
        assert found[:, place] == pytest.approx(wanted, abs=1e-4)


def test_silence_stays_silent_and_costs_no_transform(monkeypatch):
    convolver = Convolver([np.ones((2, 2, 10))])
    monkeypatch.setattr(np.fft, "rfft", None)
    assert not convolver.filter([None]).any()


@pytest.mark.parametrize(
    ("band", "at", "decibels"),
    [
        (Band("high-pass", 100), 100, -3.01),
        (Band("high-pass", 100), 25, -24.1),
        (Band("low-pass", 5000), 5000, -3.01),
        (Band("low-shelf", 200, 6), 20, 6),
        (Band("low-shelf", 200, 6), 200, 3),
        (Band("high-shelf", 3000, -4), 15_000, -4),
        (Band("peak", 1000, 5, 1), 1000, 5),
        (Band("peak", 1000, 5, 1), 20, 0),
    ],
)
def test_equalizers_do_what_they_say(band, at, decibels):
    impulse = impulse_of(curve_of((band,), RATE))
    response = np.abs(np.exp(-2j * np.pi * at / RATE * np.arange(len(impulse))) @ impulse)
    assert 20 * np.log10(response) == pytest.approx(decibels, abs=0.15)


def test_corners_that_a_sample_rate_lacks_are_left_out():
    assert np.array_equal(curve_of((Band("high-shelf", 9000, 3),), 16_000), np.ones(8193))


@pytest.mark.parametrize("name", BUS_TABLE)
def test_buses_take_the_lowest_away_and_stay_the_same_in_mono(name):
    (left, left_from_right), (right_from_left, right) = bus_filters(name, RATE)
    both = left + left_from_right + right_from_left + right  # of the same on either side, in mono
    assert abs(both.sum()) < 1e-3
    bus = BUS_TABLE[name]
    curve = curve_of(tuple(band for band, _ in bus.bands), RATE) * 10 ** (bus.gain_db / 20)
    assert both / 2 == pytest.approx(impulse_of(curve), abs=1e-6)


@pytest.mark.parametrize("space", SPACES)
def test_spaces_ring_as_long_as_they_say(space):
    responses = impulse_responses(space, RATE)[:, 0]
    assert np.square(responses).sum(axis=1) == pytest.approx([1, 1], rel=1e-3)
    assert abs(np.corrcoef(responses)[0, 1]) < 0.3
    # Schroeder's backward integration (J. Acoust. Soc. Am. 37(3), 1965), at 500 Hz.
    length = responses.shape[1]
    spectrum = np.fft.rfft(responses, 2 * length)
    hertz = np.fft.rfftfreq(2 * length, 1 / RATE)
    spectrum[:, (hertz < 355) | (hertz > 710)] = 0
    power = np.square(np.fft.irfft(spectrum)[:, :length]).sum(axis=0)[::-1].cumsum()[::-1]
    level = 10 * np.log10(power / power[0])
    first, last = (int(np.argmax(level < limit)) for limit in (-5, -35))
    assert 2 * (last - first) / RATE == pytest.approx(SPACE_TABLE[space].seconds, rel=0.35)


def test_unknown_spaces_are_refused():
    with pytest.raises(ParameterError, match="space must be one of room"):
        impulse_responses("cave", RATE)


def test_noise_is_the_same_everywhere():
    assert noise("x", 3).round(6).tolist() == [-0.361074, -0.796323, 0.005814]
    assert noise("x", 100_000).std() == pytest.approx(3**-0.5, rel=0.01)
    assert not np.array_equal(noise("x", 9), noise("y", 9))


def test_the_compressor_tames_what_stands_out_and_leaves_the_whole_alone(rng):
    quiet = rng.standard_normal((2, 4 * BLOCK)).astype(np.float32) * 0.02
    burst = slice(3 * BLOCK, 3 * BLOCK + 4800)
    quiet[:, burst] *= 10

    def gains(sound):
        compressor = Compressor(6.0, 2.0, 0.01, 0.1, RATE)
        blocks = np.split(sound, 4, axis=1)
        return np.concatenate([compressor.gains(block) for block in blocks])

    found = gains(quiet)
    assert found[: 3 * BLOCK].min() > 0.99
    assert 20 * np.log10(found[burst].min()) == pytest.approx(-6.5, abs=1)
    assert np.allclose(found, gains(0.1 * quiet), atol=1e-3)
    assert np.abs(np.diff(found)).max() < 0.002  # no step


def test_pauses_do_not_make_what_follows_stand_out(rng):
    compressor = Compressor(6.0, 2.0, 0.01, 0.1, RATE)
    sound = rng.standard_normal((2, BLOCK)).astype(np.float32) * 0.1
    compressor.gains(sound)
    for _ in range(30):
        assert (compressor.gains(None) == 1).all()
    assert compressor.gains(sound).min() > 0.99


def coloured(rng, slope, *, side=0.3):
    """Noise whose power falls by so many decibels an octave."""
    count = 1 << 18
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    gain = np.maximum(hertz, 60) ** (slope / 6.02)
    gain[hertz < 40] = 0
    middle, across = (
        np.fft.irfft(np.fft.rfft(rng.standard_normal(count)) * gain) for _ in range(2)
    )
    sound = np.stack([middle + side * across, middle - side * across], axis=1)
    return (sound / np.abs(sound).max() / 2).astype(np.float32)


def polish_of(sound):
    meter = MixMeter(RATE)
    for start in range(0, len(sound), BLOCK):
        block = sound[start : start + BLOCK]
        meter.add(np.column_stack([block, 0 * block[:, 0]]))
    return meter.polish()


def filtered(sound, polish):
    convolver = Convolver([polish.filters(RATE)])
    parts = [convolver.filter([block.T]).T for block in np.split(sound, len(sound) // BLOCK)]
    return np.concatenate(parts)


@pytest.mark.parametrize("slope", [-2.5, -8.0])
def test_tone_is_brought_into_the_range_of_songs(rng, slope):
    sound = coloured(rng, slope)
    polish = polish_of(sound)
    assert polish.high_db * (-1 if slope > -6 else 1) > 0
    power = np.abs(np.fft.rfft(filtered(sound, polish).mean(axis=1))) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    low, high = RANGES["bright share"]
    assert low * 0.9 < power[hertz > 6000].sum() / power.sum() < high * 1.1


@pytest.mark.parametrize("side", [0.02, 1.5])
def test_width_is_brought_into_the_range_of_songs(rng, side):
    sound = coloured(rng, -6, side=side)
    low, high = RANGES["correlation"]
    assert not low <= np.corrcoef(sound.T)[0, 1] <= high
    found = np.corrcoef(filtered(sound, polish_of(sound)).T)[0, 1]
    assert low - 0.02 < found < high + 0.02


def test_nothing_is_done_to_what_is_right_and_to_silence(rng):
    time = np.arange(4 * BLOCK) / RATE
    tones, other = (
        sum(np.sin(2 * np.pi * hertz * k * time + k) / k**1.2 for k in range(1, 70))
        for hertz in (220, 275)
    )
    right = np.column_stack([tones + 0.3 * other, tones - 0.3 * other]).astype(np.float32) / 10
    assert polish_of(right) == Polish()
    assert polish_of(np.zeros((BLOCK, 2), np.float32)) == Polish()
    assert np.allclose(filtered(right, Polish()), right, atol=1e-5)


def test_what_is_kept_comes_back_in_blocks(rng):
    sound = rng.standard_normal((3 * BLOCK - 100, 2)).astype(np.float32)
    with SpoolFile(2) as spool:
        assert sum(len(block) for block in spool.keep([sound])) == len(sound)
        blocks = list(spool())
        assert [len(block) for block in blocks] == [BLOCK, BLOCK, BLOCK - 100]
        assert np.array_equal(np.concatenate(blocks), sound)


@pytest.mark.skipif("not __import__('os').path.exists('/dev/full')")
def test_a_full_disk_is_told(monkeypatch):
    monkeypatch.setattr(
        "tempfile.TemporaryFile",
        lambda: Path("/dev/full").open("r+b", buffering=0),  # noqa: SIM115 - the spool closes it
    )
    with SpoolFile(2) as spool, pytest.raises(OutputError, match="no space is left"):
        list(spool.keep([np.ones((10, 2), np.float32)]))
