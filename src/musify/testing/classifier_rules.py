"""The rules of :class:`musify.MoodClassifier`."""

import weakref
from collections.abc import Iterator
from typing import Final

import numpy as np

from musify.interfaces import MoodClassifier
from musify.samples import FrameSample
from musify.scores import MoodScores
from musify.testing.rules import Bench, Rule, require, rule

__all__ = ["CLASSIFIER_RULES"]

CLASSIFIER_RULES: Final[dict[str, Rule]] = {}
_SEED: Final = 440
_FRAMES: Final = 300


def _frames(*times: float, size: tuple[int, int] = (9, 16)) -> list[FrameSample]:
    rng = np.random.default_rng(_SEED)
    return [FrameSample(time, rng.integers(0, 256, (*size, 3), np.uint8)) for time in times]


@rule(CLASSIFIER_RULES)
def labels_are_names(classifier: MoodClassifier, bench: Bench) -> None:
    """The labels are a tuple of names, at least one, each once."""
    labels = classifier.labels
    require(isinstance(labels, tuple) and labels, f"labels are {labels!r}")
    require(all(isinstance(label, str) and label for label in labels), f"labels are {labels!r}")
    require(len(set(labels)) == len(labels), f"a label stands twice in {labels!r}")


@rule(CLASSIFIER_RULES)
def mood_space_has_the_labels(classifier: MoodClassifier, bench: Bench) -> None:
    """The mood space is None, or holds the labels in their order."""
    space = classifier.mood_space
    names = None if space is None else space.names
    require(names in (None, tuple(classifier.labels)), f"mood_space.names are {names!r}")


@rule(CLASSIFIER_RULES)
def mood_temperature_is_above_zero(classifier: MoodClassifier, bench: Bench) -> None:
    """The mood temperature is above 0."""
    require(classifier.mood_temperature > 0, f"it is {classifier.mood_temperature!r}")


@rule(CLASSIFIER_RULES)
def each_sample_has_its_row(classifier: MoodClassifier, bench: Bench) -> None:
    """There is a row for each sample, in their order and with its time."""
    times = [0.0, 0.4, 5.0, 5.01]
    scores = classifier.classify(_frames(*times))
    require(isinstance(scores, MoodScores), f"it gave a {type(scores).__name__}")
    found = scores.times.tolist()
    require(found == times, f"samples at {times} s gave rows at {found} s")


@rule(CLASSIFIER_RULES)
def scores_have_the_labels(classifier: MoodClassifier, bench: Bench) -> None:
    """The labels of the scores are those of the classifier, in their order."""
    labels = classifier.classify(_frames(0.0)).labels
    require(labels == tuple(classifier.labels), f"{labels} instead of {classifier.labels}")


@rule(CLASSIFIER_RULES)
def samples_are_read_once(classifier: MoodClassifier, bench: Bench) -> None:
    """The samples may come from an iterator, which is read once and to its end."""
    samples = iter(_frames(0.0, 1.0, 2.0))
    rows = len(classifier.classify(samples))
    require(next(samples, None) is None, "it stopped before the end")
    require(rows == 3, f"it gave {rows} rows for an iterator over 3 samples")


@rule(CLASSIFIER_RULES)
def samples_are_not_kept(classifier: MoodClassifier, bench: Bench) -> None:
    """No more samples are kept than needed: not half of those of a long video."""
    pictures: list[weakref.ref[object]] = []
    most = 0

    def samples() -> Iterator[FrameSample]:
        nonlocal most
        rng = np.random.default_rng(_SEED)
        for index in range(_FRAMES):
            sample = FrameSample(float(index), rng.integers(0, 256, (9, 16, 3), np.uint8))
            pictures.append(weakref.ref(sample.image))
            yield sample
            del sample
            most = max(most, sum(picture() is not None for picture in pictures))

    # Whoever needs an iterator to have a length, or to be read twice, breaks another rule.
    classifier.classify(_Reread(samples))
    require(most <= _FRAMES // 2, f"of {_FRAMES} pictures it kept {most} at a time")


class _Reread:
    """Samples that are made anew each time they are read."""

    def __init__(self, source: object) -> None:
        self._source = source

    def __iter__(self) -> Iterator[FrameSample]:
        return self._source()  # type: ignore[operator, no-any-return]

    def __len__(self) -> int:
        return _FRAMES


@rule(CLASSIFIER_RULES)
def no_sample_gives_no_row(classifier: MoodClassifier, bench: Bench) -> None:
    """No sample gives scores without a row."""
    rows = len(classifier.classify([]))
    require(rows == 0, f"it gave {rows} rows")


@rule(CLASSIFIER_RULES)
def pictures_may_have_any_size(classifier: MoodClassifier, bench: Bench) -> None:
    """A picture may have any size, down to one pixel."""
    for size in ((1, 1), (2, 1), (90, 160), (320, 180)):
        require(len(classifier.classify(_frames(0.0, size=size))) == 1, f"size (H, W) is {size}")


@rule(CLASSIFIER_RULES)
def pictures_may_be_plain(classifier: MoodClassifier, bench: Bench) -> None:
    """A picture may be of one colour; its scores and its point are numbers."""
    for level in (0, 255):
        picture = np.full((9, 16, 3), level, np.uint8)
        scores = classifier.classify([FrameSample(0.0, picture)])
        found = (scores.values, scores.plane)
        require(all(np.isfinite(array).all() for array in found), f"at a level of {level}: {found}")


@rule(CLASSIFIER_RULES)
def scores_depend_on_the_picture_alone(classifier: MoodClassifier, bench: Bench) -> None:
    """A picture scores the same each time, whatever stands beside it."""
    samples = _frames(0.0, 1.0, 2.0, 3.0, 4.0)
    together = classifier.classify(samples)
    alone = [classifier.classify([sample]) for sample in samples]
    for name in ("values", "plane"):
        one = getattr(together, name)
        other = np.vstack([getattr(scores, name) for scores in alone])
        require(
            np.allclose(one, other, rtol=1e-7, atol=1e-12),
            f"{name} differ by up to {np.abs(one - other).max():g} between alone and together",
        )
