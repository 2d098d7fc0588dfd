"""The rules of :class:`musify.MoodClassifier`."""

import math
import threading
import weakref
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from musify.interfaces import MoodClassifier
from musify.samples import FrameSample
from musify.scores import MoodScores
from musify.testing.rules import Bench, Rule, held, require, rule
from musify.testing.surroundings import require_nothing_else_changes, require_works_in_a_loop

__all__ = ["CLASSIFIER_RULES"]

CLASSIFIER_RULES: Final[dict[str, Rule]] = {}
_SEED: Final = 440
_FRAMES: Final = 300
_PATIENCE: Final = 0.5


def _frames(*times: float, size: tuple[int, int] = (9, 16)) -> list[FrameSample]:
    rng = np.random.default_rng(_SEED)
    return [FrameSample(time, rng.integers(0, 256, (*size, 3), np.uint8)) for time in times]


def _scored(classifier: MoodClassifier, samples: Iterable[FrameSample]) -> MoodScores:
    scores = classifier.classify(samples)
    require(
        isinstance(scores, MoodScores),
        f"classify returned a {type(scores).__name__} instead of MoodScores",
    )
    return scores


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
    """The mood temperature is a number above 0."""
    found = classifier.mood_temperature
    require(found > 0 and math.isfinite(found), f"it is {found!r}")


@rule(CLASSIFIER_RULES)
def each_sample_has_its_row(classifier: MoodClassifier, bench: Bench) -> None:
    """There is a row for each sample, in their order and with its time."""
    # More than fit into a batch of any usual size, and not a whole number of batches.
    times = [0.0, 0.4, 5.0, 5.01, *range(6, 41)]
    scores = _scored(classifier, _frames(*times))
    found = scores.times.tolist()
    require(len(found) == len(times), f"{len(times)} samples gave {len(found)} rows")
    for time, row in zip(times, found, strict=True):
        require(row == time, f"the sample at {time:g} s gave a row at {row:g} s")


@rule(CLASSIFIER_RULES)
def scores_have_the_labels(classifier: MoodClassifier, bench: Bench) -> None:
    """The labels of the scores are those of the classifier, in their order."""
    labels = _scored(classifier, _frames(0.0)).labels
    require(labels == tuple(classifier.labels), f"{labels} instead of {classifier.labels}")


@rule(CLASSIFIER_RULES)
def samples_are_read_once(classifier: MoodClassifier, bench: Bench) -> None:
    """The samples may come from an iterator, which is read once and to its end."""
    samples = iter(_frames(0.0, 1.0, 2.0))
    rows = len(_scored(classifier, samples))
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
    _scored(classifier, _Reread(samples))
    require(most <= _FRAMES // 2, f"of {_FRAMES} pictures it kept {most} at a time")


class _Reread:
    """Samples that are made anew each time they are read."""

    def __init__(self, source: object, length: int = _FRAMES) -> None:
        self._source = source
        self._length = length

    def __iter__(self) -> Iterator[FrameSample]:
        return self._source()  # type: ignore[operator, no-any-return]

    def __len__(self) -> int:
        return self._length


@rule(CLASSIFIER_RULES)
def no_sample_gives_no_row(classifier: MoodClassifier, bench: Bench) -> None:
    """No sample gives scores without a row."""
    rows = len(_scored(classifier, []))
    require(rows == 0, f"it gave {rows} rows")


@rule(CLASSIFIER_RULES)
def pictures_may_have_any_size(classifier: MoodClassifier, bench: Bench) -> None:
    """A picture may have any size, down to one pixel."""
    for size in ((1, 1), (2, 1), (90, 160), (320, 180)):
        require(len(_scored(classifier, _frames(0.0, size=size))) == 1, f"size (H, W) is {size}")


@rule(CLASSIFIER_RULES)
def pictures_may_be_plain(classifier: MoodClassifier, bench: Bench) -> None:
    """A picture may be of one colour; its scores and its point are numbers."""
    for level in (0, 255):
        picture = np.full((9, 16, 3), level, np.uint8)
        scores = _scored(classifier, [FrameSample(0.0, picture)])
        found = (scores.values, scores.plane)
        require(all(np.isfinite(array).all() for array in found), f"at a level of {level}: {found}")


@rule(CLASSIFIER_RULES)
def scores_depend_on_the_picture_alone(classifier: MoodClassifier, bench: Bench) -> None:
    """A picture scores the same each time, whenever it is shown and whatever stands beside it."""
    samples = _frames(0.0, 1.0, 2.0, 3.0, 4.0)
    together = _scored(classifier, samples)
    alone = [
        _scored(classifier, [FrameSample(4.0 - sample.time, sample.image)]) for sample in samples
    ]
    for name in ("values", "plane"):
        one = getattr(together, name)
        other = np.vstack([getattr(scores, name) for scores in alone])
        require(
            np.allclose(one, other, rtol=1e-7, atol=1e-12),
            f"{name} differ by up to {np.abs(one - other).max():g} between alone and together",
        )


@rule(CLASSIFIER_RULES)
def no_state_is_kept(classifier: MoodClassifier, bench: Bench) -> None:
    """Two videos can be classified at once, and each gets its own rows."""
    one, other = _frames(0.0, 1.0, 2.0), _frames(7.0, 8.0)
    rows: list[int] = []
    errors: list[Exception] = []

    def between() -> None:
        try:
            rows.append(len(_scored(classifier, other)))
        except Exception as error:  # noqa: BLE001 - it is raised again
            errors.append(error)

    def samples() -> Iterator[FrameSample]:
        yield one[0]
        if thread.ident is None:
            thread.start()
        # Who lets nobody in meanwhile is right too, and goes on after a moment.
        thread.join(_PATIENCE)
        yield from one[1:]

    thread = threading.Thread(target=between)
    rows.append(len(_scored(classifier, _Reread(samples, len(one)))))
    thread.join()
    if errors:
        raise errors[0]
    found = tuple(sorted(rows))
    require(found == (2, 3), f"2 and 3 samples at once gave {found[0]} and {found[-1]} rows")


class _OwnError(Exception):
    """An error that no classifier knows."""


@rule(CLASSIFIER_RULES)
def errors_of_the_samples_go_on(classifier: MoodClassifier, bench: Bench) -> None:
    """When the samples fail, or Ctrl-C comes, the error goes on as it is."""
    for error in (_OwnError, KeyboardInterrupt):

        def samples(error: type[BaseException] = error) -> Iterator[FrameSample]:
            yield from _frames(0.0, 1.0)
            raise error

        with held(error, f"where the samples raise {error.__name__}"):
            _scored(classifier, _Reread(samples, 3))


@rule(CLASSIFIER_RULES)
def a_loop_may_be_running(classifier: MoodClassifier, bench: Bench) -> None:
    """It works where a loop of asyncio runs, as in a notebook."""
    require_works_in_a_loop(lambda: _scored(classifier, _frames(0.0)))


@rule(CLASSIFIER_RULES)
def nothing_else_changes(classifier: MoodClassifier, bench: Bench) -> None:
    """Nothing is printed, changed for others, or left: settings, random numbers, files, threads."""
    require_nothing_else_changes(lambda: _scored(classifier, _frames(0.0, 1.0)), bench)
