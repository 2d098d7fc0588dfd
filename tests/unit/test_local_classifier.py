import dataclasses
import pickle

import numpy as np
import pytest

from musify import FrameSample, Mood, ParameterError, get_backend
from musify.backends.local_classifier import LocalClassifier
from musify.backends.scenes_aggregator import ScenesAggregator
from musify.vision.faces import EXPRESSIONS, Face


def classify(*images, **options):
    samples = [FrameSample(float(place), image) for place, image in enumerate(images)]
    return LocalClassifier(**options).classify(samples)


@pytest.fixture
def picture(rng):
    """A smooth picture: blurred noise, so that scaling changes little."""
    small = rng.integers(40, 256, (6, 10, 3), np.uint8)
    return np.kron(small, np.ones((30, 32, 1), np.uint8))


class OneFace:
    """Finds the same face on every picture."""

    def __init__(self, expression, side):
        chances = tuple(float(name == expression) for name in EXPRESSIONS)
        self.face = Face((0.2, 0.2, 0.2 + side, 0.2 + side), 0.9, chances)

    def read(self, image):
        return (self.face,)


def with_face(picture, expression, side):
    classifier = LocalClassifier()
    classifier._reader = OneFace(expression, side)
    return classifier.classify([FrameSample(0.0, picture)])


def test_every_picture_has_a_point_scores_and_reasons(picture):
    scores = classify(*[picture] * 11)
    assert scores.plane.shape == (11, 2)
    assert scores.values.sum(axis=1) == pytest.approx(1)
    assert len(scores.evidence) == 11
    assert {one.source for one in scores.evidence[0]} >= {"colour"}
    # What else is in a batch makes no difference.
    assert np.array_equal(scores.plane, np.tile(scores.plane[0], (11, 1)))


def test_bars_make_no_difference(picture):
    framed = np.pad(picture[2:-2], ((24, 24), (0, 0), (0, 0)), constant_values=16)
    plain, barred = classify(picture, framed).plane
    assert barred == pytest.approx(plain, abs=0.12)


def test_moods_are_the_users(picture):
    scores = classify(picture, moods=["calm", Mood("spooky", -0.4, 0.5)])
    assert scores.labels == ("calm", "spooky")
    assert LocalClassifier(moods=["calm", "tense"]).mood_space.names == ("calm", "tense")


def test_a_large_face_draws_the_picture_towards_what_it_expresses(picture):
    none = classify(picture, faces=False).plane[0]
    happy = with_face(picture, "happy", 0.5).plane[0]
    sad = with_face(picture, "sad", 0.5).plane[0]
    assert happy[0] > none[0] > sad[0]
    told = with_face(picture, "happy", 0.5).evidence[0]
    (reason,) = [one for one in told if one.source == "face"]
    assert reason.name == "happy face"
    assert reason.valence == pytest.approx(happy[0] - none[0])


def test_a_face_too_small_to_read_changes_nothing(picture):
    none = classify(picture, faces=False).plane[0]
    assert np.array_equal(with_face(picture, "happy", 0.1).plane[0], none)


def test_it_can_be_pickled(picture):
    classifier = get_backend("mood_classifier", "local")
    before = classifier.classify([FrameSample(0.0, picture)])
    after = pickle.loads(pickle.dumps(classifier)).classify([FrameSample(0.0, picture)])
    assert np.array_equal(before.plane, after.plane)


@pytest.mark.parametrize("options", [{"temperature": 0}, {"moods": ["no such mood"]}])
def test_wrong_options_are_refused(options):
    with pytest.raises(ParameterError):
        LocalClassifier(**options)


def test_the_reasons_of_a_scene_add_up_to_its_point(picture):
    dim = (picture // 3).astype(np.uint8)
    classifier = LocalClassifier()
    classifier._reader = OneFace("sad", 0.4)
    scores = classifier.classify([FrameSample(5.0 * n, (picture, dim)[n % 2]) for n in range(6)])
    for timeline in (
        ScenesAggregator().aggregate(scores, None, duration=30.0),
        ScenesAggregator().aggregate(unsure(scores), None, duration=30.0),
    ):
        for segment in timeline:
            sums = np.sum([(one.valence, one.arousal) for one in segment.evidence], axis=0)
            assert sums == pytest.approx([segment.valence, segment.arousal], abs=0.02)
            doubts = [one for one in segment.evidence if one.source == "unsure"]
            assert bool(doubts) == segment.uncertain


def unsure(scores):
    values = np.full(scores.values.shape, 1 / len(scores.labels))
    return dataclasses.replace(scores, values=values)
