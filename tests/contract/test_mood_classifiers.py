import weakref
from pathlib import Path

import numpy as np
import pytest

from musify import FrameSample, MoodScores, MoodSpace
from musify.vision.linear_head import LinearHead
from musify.vision.model_file import MoodModel
from musify.vision.network import FEATURE_VERSION, FEATURES
from stand_ins.clarifai_server import KEY, ClarifaiServer

KIND = "mood_classifier"


def trained_options(request):
    """Write a tiny model, whose weights are noise."""
    folder: Path = request.getfixturevalue("tmp_path")
    moods = MoodSpace(["calm", "tense", "happy"])
    weights = np.random.default_rng(7).normal(size=(FEATURES, len(moods))) / 10
    model = MoodModel(moods, LinearHead(weights, np.zeros(len(moods))), 1.5, FEATURE_VERSION)
    return {"model": model.save(folder / "tiny.musify")}


def clarifai_options(request):
    """Ask a server on this machine, as quickly as it can answer."""
    server = ClarifaiServer(keeps_calls=False)
    server.start()
    request.addfinalizer(server.stop)
    return {"api_key": KEY, "base": server.base, "per_second": 1000}


OPTIONS = {
    "clarifai": clarifai_options,
    "local": {},
    "palette": {},
    "trained": trained_options,
}
FRAMES = 400


def frame(time, rng, size=(9, 16)):
    return FrameSample(time, rng.integers(0, 256, (*size, 3), np.uint8))


def test_labels_are_names_each_once(backend):
    assert backend.labels
    assert isinstance(backend.labels, tuple)
    assert all(isinstance(label, str) and label for label in backend.labels)
    assert len(set(backend.labels)) == len(backend.labels)


def test_points_of_moods_are_those_of_the_labels(backend):
    assert backend.mood_space.names == backend.labels
    assert backend.mood_temperature > 0


def test_a_row_for_each_sample_with_its_time(backend, rng):
    times = [0.0, 0.4, 5.0, 5.01]
    scores = backend.classify([frame(time, rng) for time in times])
    assert isinstance(scores, MoodScores)
    assert scores.times.tolist() == times
    assert scores.labels == backend.labels


def test_samples_are_read_once_in_order_and_not_kept(backend, rng):
    images = []

    def samples():
        for index in range(FRAMES):
            sample = frame(float(index), rng)
            images.append(weakref.ref(sample.image))
            yield sample
            del sample
            held = sum(image() is not None for image in images)
            assert held <= FRAMES // 2, "it keeps more samples than it needs"

    given = samples()  # an iterator can be read once only
    assert len(backend.classify(given)) == FRAMES
    assert next(given, None) is None, "it stopped before the end"


def test_no_sample_gives_no_row(backend):
    scores = backend.classify(iter(()))
    assert len(scores) == 0
    assert scores.labels == backend.labels


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (90, 160), (320, 180)])
def test_a_picture_may_have_any_size(backend, rng, size):
    assert np.isfinite(backend.classify([frame(0.0, rng, size)]).values).all()


@pytest.mark.parametrize("level", [0, 255])
def test_a_picture_may_be_of_one_colour(backend, level):
    sample = FrameSample(0.0, np.full((9, 16, 3), level, np.uint8))
    assert np.isfinite(backend.classify([sample]).plane).all()


def test_the_same_samples_score_the_same_alone_and_together(backend, rng):
    samples = [frame(float(index), rng) for index in range(5)]
    together = backend.classify(samples)
    alone = [backend.classify([sample]) for sample in samples]
    np.testing.assert_allclose(together.values, np.vstack([scores.values for scores in alone]))
    np.testing.assert_allclose(together.plane, np.vstack([scores.plane for scores in alone]))
