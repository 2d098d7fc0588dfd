import numpy as np
import pytest

from musify import FrameSample, ParameterError

IMAGE = np.zeros((9, 16, 3), np.uint8)


@pytest.mark.parametrize("time", [-0.001, float("nan"), float("inf")])
def test_time_is_at_least_zero(time):
    with pytest.raises(ParameterError, match="time must be at least 0 s"):
        FrameSample(time, IMAGE)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (IMAGE.astype(float), "array of uint8, got float64"),
        (IMAGE.tolist(), "array of uint8, got list"),
        (IMAGE[:, :, 0], r"shape \(H, W, 3\), got \(9, 16\)"),
        (np.zeros((9, 16, 4), np.uint8), "drop alpha"),
        (np.zeros((3, 9, 16), np.uint8), "colour channels last"),
        (np.zeros((0, 16, 3), np.uint8), r"got \(0, 16, 3\)"),
    ],
)
def test_refused(image, message):
    with pytest.raises(ParameterError, match=message):
        FrameSample(0.0, image)


def test_pixels_that_cannot_change_are_not_copied():
    image = np.frombuffer(bytes(27), np.uint8).reshape(3, 3, 3)
    assert FrameSample(0.0, image).image is image


def test_a_read_only_view_does_not_let_its_owner_change_the_picture():
    owner = np.zeros(3, np.uint8)
    sample = FrameSample(0.0, np.broadcast_to(owner, (9, 16, 3)))
    owner[:] = 255
    assert not sample.image.any()
