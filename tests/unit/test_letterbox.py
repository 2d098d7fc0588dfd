import numpy as np
import pytest

from musify.vision.letterbox import without_bars


def picture(rng, height=180, width=320):
    return rng.integers(40, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("rows", "columns"), [((22, 22), (0, 0)), ((0, 0), (60, 60)), ((20, 21), (40, 41))]
)
def test_bars_are_cut_off_and_nothing_else(rows, columns, rng):
    inner = picture(rng)
    framed = np.pad(inner, (rows, columns, (0, 0)), constant_values=16)
    found = without_bars(framed)
    # Two lines of each barred side go too: they are mixed with the bar in a scaled picture.
    down, across = (2 if rows[0] else 0), (2 if columns[0] else 0)
    height, width = inner.shape[:2]
    assert np.array_equal(found, inner[down : height - down, across : width - across])


def test_a_picture_without_bars_stays_whole(rng):
    image = picture(rng)
    assert without_bars(image).shape == image.shape


def test_darkness_on_one_side_is_no_bar(rng):
    night = picture(rng)
    night[:60] = 10
    assert without_bars(night).shape == night.shape


@pytest.mark.parametrize("level", [0, 16, 255])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (90, 160)])
def test_a_plain_picture_stays_whole(size, level):
    image = np.full((*size, 3), level, np.uint8)
    assert without_bars(image).shape == image.shape


def test_a_small_light_in_the_dark_is_not_all_there_is(rng):
    night = np.full((180, 320, 3), 8, np.uint8)
    night[88:92, 158:162] = 255
    assert without_bars(night).shape == night.shape
