"""JPEG files against those of Pillow (libjpeg), read back by Pillow."""

import io

import numpy as np
import pytest
from PIL import Image

from musify import ParameterError
from musify.vision.jpeg import to_jpeg


def scene(height, width, rng):
    """Make a picture with slopes, edges and a little noise, as films have them."""
    rows, columns = np.mgrid[:height, :width]
    waves = [128 + 100 * np.sin(columns / 30 + rows / 50), 128 + 90 * np.cos(rows / 20), columns]
    image = np.stack(waves, axis=-1) + rng.normal(0, 4, (height, width, 3))
    image[height // 3 : height // 2, width // 4 :] = (200, 40, 30)
    return np.clip(image, 0, 255).astype(np.uint8)


def read(data):
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def by_pillow(image, quality):
    data = io.BytesIO()
    Image.fromarray(image).save(data, "JPEG", quality=quality, subsampling="4:2:0")
    return data.getvalue()


def psnr_db(one, other):
    return 10 * np.log10(255**2 / max(1e-9, ((one.astype(float) - other) ** 2).mean()))


@pytest.mark.parametrize("quality", [1, 25, 50, 75, 90, 100])
@pytest.mark.parametrize("size", [(90, 160), (61, 83)])
def test_it_is_as_good_and_as_small_as_libjpeg(rng, size, quality):
    image = scene(*size, rng)
    ours, theirs = to_jpeg(image, quality), by_pillow(image, quality)
    assert psnr_db(read(ours), image) > psnr_db(read(theirs), image) - 0.2
    assert len(ours) < 1.1 * len(theirs) + 64


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (16, 16), (17, 15), (33, 16)])
def test_any_size(rng, size):
    image = np.full((*size, 3), (30, 160, 90), np.uint8)
    decoded = read(to_jpeg(image))
    assert decoded.shape == image.shape
    assert np.abs(decoded.astype(int) - image).max() <= 3


@pytest.mark.parametrize(
    "colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)]
)
def test_plain_colours(colour):
    image = np.full((20, 20, 3), colour, np.uint8)
    assert np.abs(read(to_jpeg(image)).astype(int) - image).max() <= 2


@pytest.mark.parametrize("quality", [1, 90, 100])
def test_the_hardest_pictures(rng, quality):
    # Noise makes the longest codes; the highest frequency alone the longest run of zeros.
    noise = rng.choice(np.array([0, 255], np.uint8), (40, 56, 3))
    wave = np.cos((2 * np.arange(56) + 1) * 7 * np.pi / 16)
    waves = np.rint(128 + 120 * wave[:40, None] * wave).astype(np.uint8)
    points = np.zeros((40, 56, 3), np.uint8)
    points[::8, 7::8] = 255
    for image in (noise, np.dstack([waves] * 3), points):
        ours, theirs = read(to_jpeg(image, quality)), read(by_pillow(image, quality))
        assert psnr_db(ours, image) > psnr_db(theirs, image) - 0.2


def test_views_of_pictures(rng):
    image = scene(64, 96, rng)
    for view in (image[::-1], image[:, ::-1], image[5:50, 3:77], image.swapaxes(0, 1)):
        assert to_jpeg(view) == to_jpeg(np.ascontiguousarray(view))


def test_the_same_picture_gives_the_same_file(rng):
    image = scene(64, 96, rng)
    assert to_jpeg(image) == to_jpeg(image.copy())
    assert len(to_jpeg(image, 30)) < len(to_jpeg(image, 90))


@pytest.mark.parametrize(
    ("image", "quality"),
    [
        (np.zeros((4, 4), np.uint8), 90),
        (np.zeros((4, 4, 4), np.uint8), 90),
        (np.zeros((4, 4, 3), np.float32), 90),
        (np.zeros((0, 4, 3), np.uint8), 90),
        (np.zeros((1, 65_536, 3), np.uint8), 90),
        (np.zeros((4, 4, 3), np.uint8), 0),
        (np.zeros((4, 4, 3), np.uint8), 101),
        (np.zeros((4, 4, 3), np.uint8), 50.5),
    ],
)
def test_what_is_refused(image, quality):
    with pytest.raises(ParameterError):
        to_jpeg(image, quality)
