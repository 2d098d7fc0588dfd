from pathlib import Path

import numpy as np

from musify import MoodSpace
from musify.testing import MoodClassifierContract
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


class TestMoodClassifiers(MoodClassifierContract):
    """Every built-in classifier keeps every rule."""
