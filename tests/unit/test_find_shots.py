"""Cuts and activity of pictures made up here: no ffmpeg."""

import numpy as np
import pytest

from musify import FrameSample, ParameterError
from musify._packets import Packets
from musify.vision import find_shots as module
from musify.vision.activity import ActivityMeter, activity_of_sizes
from musify.vision.cuts import Cut, CutFinder, strength_of
from musify.vision.differences import (
    PictureArea,
    contrast,
    luma,
    moved_difference,
    shrink,
)
from musify.vision.find_shots import ShotFinder
from musify.vision.key_cuts import _is_regular, cuts_from_keys
from musify.vision.packet_runs import _within
from musify.vision.small_frames import placed

RATE = 25


def scene(rng, bright=128, spread=80):
    """A picture of soft blobs, larger than a frame so that a camera can move over it."""
    coarse = rng.normal(0, 1, (6, 50, 3))
    big = np.kron(coarse, np.ones((6, 6, 1)))
    soft = (big + np.roll(big, 2, 0) + np.roll(big, 2, 1) + np.roll(big, (2, 2), (0, 1))) / 4
    return np.clip(bright + spread * soft, 0, 255)


def shot(rng, frames, *, pan=0.0, noise=0.3, **look):
    """Frames of one shot; ``pan`` is in pixels of 32 a second."""
    picture = scene(rng, **look)
    rows = []
    for number in range(frames):
        at = round(abs(pan) * (number if pan > 0 else frames - number) / RATE)
        view = picture[10:28, at : at + 32]
        rows.append(np.clip(view + rng.normal(0, noise, view.shape), 0, 255))
    return np.array(rows).astype(np.uint8)


def blend(one, other):
    share = np.linspace(0, 1, len(one) + 2)[1:-1, None, None, None]
    return ((1 - share) * one + share * other).astype(np.uint8)


def find(images, rate=RATE, batch=64, kept=None):
    times = np.arange(len(images)) / rate
    if kept is not None:
        times, images = times[kept], images[kept]
    finder = CutFinder()
    for start in range(0, len(images), batch):
        finder.add(times[start : start + batch], images[start : start + batch])
    return finder.finish()


def summary(cuts):
    return [(round(cut.time, 3), cut.kind) for cut in cuts]


def test_a_hard_cut_is_at_the_first_frame_of_the_new_shot(rng):
    film = np.concatenate([shot(rng, 50), shot(rng, 60)])
    (cut,) = find(film)
    assert summary([cut]) == [(2.0, "cut")]
    assert 0.3 < cut.strength <= 1
    assert cut.begin == cut.end == cut.time


@pytest.mark.parametrize("batch", [1, 7, 50, 51, 128])
def test_batches_do_not_matter(rng, batch):
    film = np.concatenate([shot(rng, 50), shot(rng, 60), shot(rng, 20)])
    assert summary(find(film, batch=batch)) == [(2.0, "cut"), (4.4, "cut")]


def test_a_fast_camera_is_no_cut(rng):
    assert find(shot(rng, 100, pan=40)) == []


def test_a_cut_between_moving_shots_is_one(rng):
    film = np.concatenate([shot(rng, 50, pan=40), shot(rng, 60, pan=-40)])
    assert summary(find(film)) == [(2.0, "cut")]


def test_dark_shots_have_cuts_too(rng):
    film = np.concatenate([shot(rng, 50, bright=50, spread=30) for _ in range(2)])
    assert summary(find(film)) == [(2.0, "cut")]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_flash_is_no_cut(rng, length):
    film = shot(rng, 100)
    film[50 : 50 + length] = 245
    assert find(film) == []


def test_a_cut_next_to_a_flash_is_found(rng):
    film = np.concatenate([shot(rng, 50), shot(rng, 60)])
    film[70:72] = 245
    assert summary(find(film)) == [(2.0, "cut")]


@pytest.mark.parametrize("plain", [0, 255, 90])
def test_a_fade_is_in_the_middle_of_its_plainest_part(rng, plain):
    one, other = shot(rng, 75), shot(rng, 75)
    colour = np.full_like(one[:20], plain)
    film = np.concatenate(
        [one[:-20], blend(one[-20:], colour), colour[:11], blend(colour, other[:20]), other[20:]]
    )
    (cut,) = find(film)
    assert cut.kind == "fade"
    assert cut.time == pytest.approx((75 + 5) / RATE, abs=1 / RATE)
    assert cut.begin == pytest.approx(55 / RATE, abs=0.1)
    assert cut.end == pytest.approx(106 / RATE, abs=0.1)


def test_a_film_may_begin_and_end_in_black(rng):
    one = shot(rng, 75)
    black = np.zeros_like(one[:20])
    film = np.concatenate(
        [black, blend(black, one[:20]), one[20:-20], blend(one[-20:], black), black]
    )
    assert find(film) == []


def test_cuts_to_and_from_black_are_cuts(rng):
    film = np.concatenate([shot(rng, 50), np.zeros((50, 18, 32, 3), np.uint8), shot(rng, 50)])
    assert summary(find(film)) == [(2.0, "cut"), (4.0, "cut")]


@pytest.mark.parametrize("length", [12, 20, 36])
def test_a_dissolve_is_at_its_middle(rng, length):
    one, other = shot(rng, 75), shot(rng, 75)
    film = np.concatenate([one[:-length], blend(one[-length:], other[:length]), other[length:]])
    (cut,) = find(film)
    assert cut.kind == "dissolve"
    assert cut.time == pytest.approx((75 - length / 2) / RATE, abs=0.12)
    assert cut.begin < cut.time < cut.end


def test_a_light_that_is_dimmed_is_no_dissolve(rng):
    film = shot(rng, 120).astype(float)
    film *= np.interp(np.arange(120), [40, 60], [1, 0.7])[:, None, None, None]
    assert find(film.astype(np.uint8)) == []


def test_bars_change_nothing(rng):
    film = np.concatenate([shot(rng, 50, bright=80, spread=30), shot(rng, 60)])
    film[:, :2] = film[:, -2:] = 0
    barred = find(film)
    assert summary(barred) == [(2.0, "cut")]
    whole = np.concatenate([film[:, 2:-2], film[:, 2:6]], axis=1)
    assert barred[0].strength == pytest.approx(find(whole)[0].strength, abs=0.1)


@pytest.mark.parametrize("value", [0, 16, 128, 255])
def test_a_plain_film_has_no_cut(value):
    assert find(np.full((60, 18, 32, 3), value, np.uint8)) == []


def test_one_frame_and_none(rng):
    assert find(shot(rng, 1)) == []
    assert CutFinder().finish() == []
    finder = CutFinder()
    finder.add(np.empty(0), np.empty((0, 18, 32, 3), np.uint8))
    assert finder.finish() == []


@pytest.mark.parametrize(("left_out", "place"), [([50], 51), ([49, 50], 50), ([48, 49], 49)])
def test_a_cut_among_frames_that_were_left_out_is_one_frame_off_at_most(rng, left_out, place):
    film = np.concatenate([shot(rng, 50), shot(rng, 60)])
    kept = np.setdiff1d(np.arange(len(film)), left_out)
    times = np.arange(len(film)) / RATE
    (cut,) = find(film, kept=kept)
    found = placed(cut, times[kept], times)
    assert found.time == pytest.approx(place / RATE)
    assert abs(found.time - 2.0) <= 1 / RATE + 1e-9


def test_strength_is_in_its_range():
    assert strength_of(0) == 0
    assert strength_of(-1) == 0
    assert 0.3 < strength_of(16) < strength_of(60) < strength_of(255) <= 1


def test_motion_is_explained(rng):
    picture = luma(scene(rng).astype(np.uint8)[None])
    here, there = picture[:, 10:28, 4:36], picture[:, 11:29, 6:38]
    other = luma(scene(rng).astype(np.uint8)[None])[:, 10:28, 4:36]
    still = moved_difference(here, here)
    assert still.tolist() == [0]
    assert moved_difference(here, there)[0] < 0.3 * moved_difference(here, other)[0]


@pytest.mark.parametrize("shape", [(1, 1), (18, 32), (90, 160), (17, 31), (2000, 3)])
def test_pictures_are_shrunk_to_one_size(shape):
    image = np.full((*shape, 3), 77, np.uint8)
    assert shrink(image).shape == (18, 32, 3)
    assert (shrink(image) == 77).all()


def test_shrinking_takes_means():
    image = np.zeros((36, 64, 3), np.uint8)
    image[::2] = 200
    assert (shrink(image) == 100).all()


def test_contrast_of_a_plain_colour_is_nothing():
    image = np.full((1, 18, 32, 3), (200, 20, 90), np.uint8)
    assert contrast(image).tolist() == [0]


def test_the_area_leaves_out_bars_but_no_dark_picture():
    area = PictureArea()
    assert area.share == 1
    dark = np.zeros((1, 18, 32), np.uint8)
    dark[:, 8:10, 10:12] = 90  # a lamp in the night
    area.see(dark)
    assert area.share == 1
    dark[:, 3:15] = 90
    area.see(dark)
    assert area.bounds == (slice(3, 15), slice(0, 32))


def activity(images, rate=RATE, cuts=()):
    meter = ActivityMeter()
    times = np.arange(len(images)) / rate
    meter.add(times, images)
    return meter.finish(list(cuts), len(images) / rate)


def test_activity_is_given_once_a_second(rng):
    times, values = activity(shot(rng, 4 * RATE + 5))
    assert times.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert values.shape == (4,)


def test_what_moves_more_is_more_active(rng):
    slow, fast = (activity(shot(rng, 100, pan=pan, noise=0))[1].mean() for pan in (4, 16))
    still = activity(shot(rng, 100))[1].mean()
    assert still < 0.2
    assert still < slow < fast


def test_activity_does_not_depend_on_the_frame_rate(rng):
    film = shot(rng, 200, pan=12, noise=0)
    at_25, at_12 = activity(film)[1], activity(film[::2], RATE / 2)[1]
    assert np.abs(at_25 - at_12).max() < max(0.1, 0.2 * at_25.max())


def test_a_cut_is_no_activity(rng):
    film = np.concatenate([shot(rng, 60), shot(rng, 60)])
    cut = Cut(2.4, "cut", 1.0, 2.4, 2.4)
    assert activity(film)[1].max() > 1
    assert activity(film, cuts=[cut])[1].max() < 0.2


def test_a_change_of_light_is_no_activity(rng):
    film = shot(rng, 100, bright=90, spread=20, noise=0).astype(float)
    film += np.interp(np.arange(100), [20, 80], [0, 60])[:, None, None, None]
    assert activity(film.astype(np.uint8))[1].max() < 0.3


def test_activity_of_next_to_nothing(rng):
    assert activity(shot(rng, 1))[1].tolist() == [0]
    times, values = activity(shot(rng, 10))
    assert times.tolist() == [0.2]
    assert values.shape == (1,)
    assert ActivityMeter().finish([], 3.0)[1].tolist() == [0, 0, 0]


def packets(jumps=(), keys=(0, 100, 150, 250), count=300, usual=100, key_size=2000):
    sizes = np.full(count, usual)
    sizes[list(keys)] = key_size
    sizes[list(jumps)] = key_size
    is_key = np.isin(np.arange(count), keys)
    starts = np.arange(count) / RATE
    return Packets(starts, np.full(count, 1 / RATE), is_key, sizes=sizes, decoded=starts)


def test_packets_that_cost_more_are_more_active():
    few = packets(usual=100)
    many = packets(usual=400)
    one, other = (
        activity_of_sizes(p.starts, p.sizes.astype(float), p.is_key, 12.0)[1] for p in (few, many)
    )
    assert one.shape == (12,)
    assert (other > one).all()
    every = packets(keys=range(300))
    assert not activity_of_sizes(every.starts, every.sizes * 1.0, every.is_key, 12.0)[1].any()


def test_regular_key_frames_are_told_from_those_on_cuts():
    assert _is_regular(np.array([0.0, 4.0, 6.0, 10.0])).tolist() == [False, True, False, True]
    assert _is_regular(np.arange(0.0, 20, 2))[1:].all()
    assert _is_regular(np.array([])).tolist() == []


class Film:
    start_time = 0.0


def test_cuts_are_guessed_at_key_frames_between_pictures_that_differ(rng):
    # The longest group, from 0 to 4 s, ends where a key frame was due; that at 6 s was not.
    one, other = shot(rng, 1)[0], shot(rng, 1)[0]
    pictures = {0.0: one, 4.0: one, 6.0: other, 10.0: other}
    cuts = cuts_from_keys(Film(), packets(), pictures, thorough=False)
    assert summary(cuts) == [(6.0, "cut")]
    alike = dict.fromkeys(pictures, one)
    assert cuts_from_keys(Film(), packets(), alike, thorough=False) == []


def test_cuts_are_guessed_at_large_packets(rng):
    one, other = shot(rng, 1)[0], shot(rng, 1)[0]
    pictures = {0.0: one, 4.0: other}
    cuts = cuts_from_keys(Film(), packets(jumps=[60]), pictures, thorough=False)
    assert summary(cuts) == [(2.4, "cut")]


def test_watched_frames_pass_unchanged(rng):
    samples = [FrameSample(float(time), shot(rng, 1)[0]) for time in range(3)]
    finder = ShotFinder(Film())
    assert all(one is other for one, other in zip(finder.watch(samples), samples, strict=True))
    assert list(finder._seen) == [0, 1, 2]


def test_unknown_modes_are_refused():
    with pytest.raises(ParameterError, match="mode must be one of 'exact', 'fast', 'index'"):
        ShotFinder(Film(), "quick")
    assert module.SHOT_MODES == ("exact", "fast", "index")


def test_spans_of_packets_are_halved_until_one_is_left():
    assert _within([(1, 2)]) == "between(dts*tb,1.000000,2.000000)"
    text = _within([(n, n + 0.5) for n in range(500)])
    depth = deepest = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    assert depth == 0
    assert deepest <= 12
    assert text.count("between") == 500
