"""A classifier of moods for musify: hue."""

from collections.abc import Iterable, Iterator

import numpy as np
from musify import BackendSpec, FrameSample, MoodClassifier, MoodScores, hookimpl


class HueClassifier(MoodClassifier):
    """Takes warm pictures for happy, and cold ones for calm."""

    def __init__(self, sharpness: float = 4.0) -> None:
        self.sharpness = sharpness

    @property
    def labels(self) -> tuple[str, ...]:
        return ("happy", "calm")

    def classify(self, samples: Iterable[FrameSample]) -> MoodScores:
        times, happy = [], []
        for sample in samples:
            red, _, blue = sample.image.mean(axis=(0, 1)) / 255
            times.append(sample.time)
            happy.append(1 / (1 + np.exp(-self.sharpness * (red - blue))))
        return MoodScores(times, self.labels, np.stack([happy, 1 - np.array(happy)], axis=1))


@hookimpl
def musify_mood_classifiers() -> Iterator[BackendSpec[MoodClassifier]]:
    yield BackendSpec("hue", HueClassifier, "warm pictures are happy, cold ones calm")
