import colorsys

import numpy as np
import pytest

from musify import FrameSample, Mood, ParameterError
from musify.backends.palette_classifier import PaletteClassifier


def of_colour(brightness, saturation, hue=0.0, time=0.0):
    rgb = np.round(255 * np.array(colorsys.hsv_to_rgb(hue, saturation, brightness)))
    return FrameSample(time, np.full((4, 4, 3), rgb, np.uint8))


def points(samples):
    return PaletteClassifier().classify(samples).plane


def test_brightness_pleases_and_calms():
    # Valdez & Mehrabian 1994: pleasure = .69 B + .22 S, arousal = -.31 B + .60 S.
    plane = points([of_colour(brightness, 0) for brightness in (0.2, 0.3, 0.4, 0.5, 0.6)])
    assert (np.diff(plane[:, 0]) > 0).all()
    assert (np.diff(plane[:, 1]) < 0).all()


def test_saturation_pleases_and_excites():
    plane = points([of_colour(0.5, saturation) for saturation in (0, 0.2, 0.4, 0.6, 0.8)])
    assert (np.diff(plane[:, 0]) > 0).all()
    assert (np.diff(plane[:, 1]) > 0).all()


def test_the_weights_are_those_of_the_study():
    step = np.array(
        [
            points([of_colour(0.6, 0.4)])[0] - points([of_colour(0.4, 0.4)])[0],
            points([of_colour(0.6, 0.6)])[0] - points([of_colour(0.6, 0.4)])[0],
        ]
    )
    # Pictures hold whole numbers of 255, so neither step is exact.
    np.testing.assert_allclose(step[0, 1] / step[0, 0], -0.31 / 0.69, atol=0.03)
    np.testing.assert_allclose(step[1, 1] / step[1, 0], 0.60 / 0.22, atol=0.1)


def test_hue_does_not_matter():
    # Primary colours, whose brightness and saturation are whole numbers.
    plane = points([of_colour(0.8, 0.5, hue) for hue in (0, 1 / 3, 2 / 3)])
    np.testing.assert_allclose(plane[1:], plane[:1].repeat(2, axis=0), atol=1e-12)


def test_black_and_white_are_defined():
    scores = PaletteClassifier().classify([of_colour(0, 0), of_colour(1, 0)])
    assert np.isfinite(scores.plane).all()
    assert scores.plane[0, 0] < 0 < scores.plane[1, 0]
    assert scores.top() == ("sad", "calm")


def test_the_same_picture_scores_the_same(rng):
    image = rng.integers(0, 256, (90, 160, 3), np.uint8)
    first, second = (PaletteClassifier().classify([FrameSample(0, image)]) for _ in range(2))
    np.testing.assert_array_equal(first.values, second.values)


# A low temperature makes every mood far away; the nearest must win all the same.
@pytest.mark.parametrize("temperature", [0.001, 0.01, 0.5, 100])
def test_scores_of_a_picture_sum_to_one(temperature):
    scores = PaletteClassifier(temperature=temperature).classify([of_colour(0.3, 0.9)])
    np.testing.assert_allclose(scores.values.sum(axis=1), 1)


def test_a_higher_temperature_is_less_sure():
    picture = of_colour(0.9, 0.8)
    sure, unsure = (
        PaletteClassifier(temperature=temperature).classify([picture]).values.max()
        for temperature in (0.2, 2.0)
    )
    assert sure > unsure


def test_own_moods():
    classifier = PaletteClassifier(["calm", Mood("spooky", -0.4, 0.5)])
    assert classifier.labels == ("calm", "spooky")
    assert classifier.classify([of_colour(0.1, 1)]).top() == ("spooky",)


def test_no_picture_at_all():
    assert len(PaletteClassifier().classify([])) == 0
    assert len(PaletteClassifier([Mood("spooky", -0.4, 0.5)]).classify([])) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": 0}, "temperature must be above 0, got 0"),
        ({"temperature": float("nan")}, "temperature must be above 0, got nan"),
        ({"moods": ["clam"]}, "no mood is called 'clam'"),
        ({"moods": []}, "at least one mood"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        PaletteClassifier(**options)
