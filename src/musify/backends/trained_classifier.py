"""Mood as learnt from the user's own pictures."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from typing_extensions import override

from musify._ffmpeg import StrPath
from musify._iterators import ended
from musify.interfaces import MoodClassifier
from musify.moods import MoodSpace
from musify.samples import FrameSample
from musify.scores import MoodScores
from musify.vision import training
from musify.vision.letterbox import without_bars
from musify.vision.linear_head import softmax
from musify.vision.model_file import MoodModel
from musify.vision.training import Network

__all__ = ["TrainedClassifier"]

_BATCH: Final = 16


class TrainedClassifier(MoodClassifier):
    """Tells apart the moods that :func:`musify.train_local` learnt from folders of pictures.

    Scores are calibrated probabilities: of the pictures it gives 0.8 to a mood, about 80 % show it,
    as far as the video looks like the pictures. The place of a frame in the plane is the mean of
    the moods' points, weighted by their probabilities.

    Parameters
    ----------
    model : path-like
        What ``musify train local`` wrote.
    network : object, optional
        What looks at the pictures, as in training; by default the embedded network.

    Raises
    ------
    ParameterError
        If there is no such file, or it is no model.
    BackendError
        If it was trained on other features, or by a newer musify.
    """

    def __init__(self, model: StrPath, network: Network | None = None) -> None:
        self.path = Path(model)
        # The file first: it is told sooner, and a network is slow to load.
        found = MoodModel.load(self.path)
        self._network = training.embedded_network() if network is None else network
        found.check_features(self._network.feature_version, self.path)
        self.model = found

    def __repr__(self) -> str:
        return f"TrainedClassifier({str(self.path)!r})"

    @property
    @override
    def labels(self) -> tuple[str, ...]:
        return self.model.moods.names

    @property
    @override
    def mood_space(self) -> MoodSpace:
        return self.model.moods

    @override
    def classify(self, samples: Iterable[FrameSample]) -> MoodScores:
        times: list[float] = []
        rows = [np.empty((0, len(self.labels)))]
        with ended(samples) as frames:
            while batch := list(islice(frames, _BATCH)):
                times += [sample.time for sample in batch]
                _, features = self._network.run([without_bars(sample.image) for sample in batch])
                rows.append(softmax(self.model.head.logits(features) / self.model.temperature))
                del batch  # before the next frames are decoded
        values = np.clip(np.concatenate(rows), 0, 1)
        plane = np.clip(values @ self.model.moods.plane, -1, 1)
        return MoodScores(np.array(times), self.labels, values, plane)
