"""Resizing: by area when smaller, between centres when larger."""

import numpy as np
import pytest

from musify.errors import ParameterError
from musify.vision.resize import require_image, resize, taps


def rows(*numbers):
    """A picture one pixel wide, with one channel."""
    return np.array(numbers, dtype=np.uint8)[:, None, None]


def test_the_same_size_changes_nothing(rng):
    image = rng.integers(0, 256, (7, 5, 3), dtype=np.uint8)
    np.testing.assert_array_equal(resize(image, 7, 5), image)


def test_halving_is_the_mean_of_two():
    assert resize(rows(0, 100, 10, 30), 2, 1).ravel().tolist() == [50, 20]


def test_parts_of_pixels_count_by_their_part():
    # Each new pixel covers one old one and half of the middle one.
    expected = [(30 + 60 / 2) / 1.5, (60 / 2 + 90) / 1.5]
    np.testing.assert_allclose(resize(rows(30, 60, 90), 2, 1).ravel(), expected, rtol=1e-6)


def test_nothing_is_skipped_when_much_smaller():
    image = np.zeros((1000, 1000, 3), dtype=np.uint8)
    image[501, 207] = 250
    np.testing.assert_allclose(resize(image, 10, 10).sum() * 10_000, 750, rtol=1e-4)


def test_doubling_is_linear_between_centres_and_repeats_the_edge():
    assert resize(rows(0, 100), 4, 1).ravel().tolist() == [0, 25, 75, 100]


def test_one_pixel_fills_all():
    pixel = np.array([[[1, 2, 3]]], dtype=np.uint8)
    assert (resize(pixel, 5, 4) == [1, 2, 3]).all()


def test_one_side_may_grow_while_the_other_shrinks(rng):
    image = rng.integers(0, 256, (180, 320, 3), dtype=np.uint8)
    once = resize(image, 224, 224)
    assert once.shape == (224, 224, 3)
    assert once.dtype == np.float32
    turned = resize(image.transpose(1, 0, 2), 224, 224).transpose(1, 0, 2)
    np.testing.assert_allclose(once, turned, atol=1e-3)


@pytest.mark.parametrize("old", [1, 2, 3, 7, 180, 224, 225, 319, 1000])
@pytest.mark.parametrize("new", [1, 2, 5, 64, 224])
def test_weights_are_means(old, new):
    places, weights = taps(old, new)
    assert places.min() >= 0
    assert places.max() < old
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=0), 1, atol=1e-5)
    # The mean of the places is the centre of what is covered, nearly: a part of a pixel stands
    # where the whole pixel does. Being off by half a pixel, the usual mistake, would be more.
    centres = (np.arange(new) + 0.5) * old / new - 0.5
    found = (places * weights).sum(axis=0)
    np.testing.assert_allclose(found, np.clip(centres, 0, old - 1), atol=0.13)


def test_agrees_with_pillow(rng):
    pillow = pytest.importorskip("PIL.Image")
    image = rng.integers(0, 256, (180, 320, 3), dtype=np.uint8)
    other = pillow.fromarray(image).resize((80, 45), pillow.Resampling.BOX)
    np.testing.assert_allclose(resize(image, 45, 80), np.asarray(other), atol=1.01)


@pytest.mark.parametrize("size", [(0, 4), (4, 0), (-1, 4)])
def test_a_size_below_one_is_refused(size):
    with pytest.raises(ParameterError, match="at least 1 x 1"):
        resize(rows(1, 2), *size)


@pytest.mark.parametrize("shape", [(4, 4), (0, 4, 3), (4, 0, 3)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(ParameterError, match="at least one pixel"):
        resize(np.zeros(shape, dtype=np.uint8), 2, 2)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4, 3), dtype=np.float32),
        np.zeros((4, 4), dtype=np.uint8),
        np.zeros((4, 4, 4), dtype=np.uint8),
        np.zeros((0, 4, 3), dtype=np.uint8),
    ],
)
def test_only_colour_pictures_of_bytes_are_images(image):
    with pytest.raises(ParameterError, match="an image must be uint8 of shape"):
        require_image(image)
