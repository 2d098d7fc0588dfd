"""The scenes of the demo: what is seen on them, and how they move."""

import numpy as np
import pytest

from musify import FrameSample
from musify._demo_scenes import HEIGHT, SCENES, WIDTH
from musify.backends.local_classifier import LocalClassifier

MOODS = ("sad", "happy", "action", "calm")
TIMES = (0.0, 2.6, 7.3, 11.96)


def drawn(scene, times):
    return np.stack([np.clip(picture, 0, 255).astype(np.uint8) for picture in scene(times)])


@pytest.fixture(scope="module")
def classifier():
    return LocalClassifier()


@pytest.mark.parametrize(
    ("scene", "mood", "things"),
    [
        (SCENES[0], "sad", {"chainlink fence"}),
        (SCENES[1], "happy", {"balloon"}),
        (SCENES[2], "action", {"volcano"}),
        (SCENES[3], "calm", {"lakeside", "seashore"}),
    ],
)
def test_the_classifier_sees_what_is_drawn(classifier, scene, mood, things):
    pictures = drawn(scene, TIMES)
    assert pictures.shape == (len(TIMES), HEIGHT, WIDTH, 3)
    samples = (FrameSample(*pair) for pair in zip(TIMES, pictures, strict=True))
    scores = classifier.classify(samples)
    assert scores.top() == (mood,) * len(TIMES)
    shares = np.sort(scores.values / scores.values.sum(axis=1, keepdims=True), axis=1)
    assert (shares[:, -1] - shares[:, -2]).min() > 0.2
    # For the right reason.
    for row in scores.evidence:
        first = next(one for one in row if one.source == "picture")
        assert first.name in things


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_is_the_same_each_time(scene):
    once = drawn(scene, TIMES)
    np.testing.assert_array_equal(once, drawn(scene, TIMES))
    # A frame does not depend on those before it.
    np.testing.assert_array_equal(once[-1:], drawn(scene, TIMES[-1:]))


def test_action_moves_most():
    steps = [drawn(scene, np.arange(10) / 5).mean(axis=3) for scene in SCENES]
    moves = {
        mood: np.abs(np.diff(step, axis=0)).mean() for mood, step in zip(MOODS, steps, strict=True)
    }
    assert all(0 < moves[mood] < moves["action"] / 1.5 for mood in ("sad", "happy", "calm"))
