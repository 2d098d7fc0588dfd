"""Mistakes that are easily made in a classifier."""

import asyncio
import contextlib
import itertools
import os
import random
import tempfile
import threading
import time

import numpy as np

from musify import DEFAULT_MOODS, MoodScores
from musify.testing import FakeClassifier


def scores_of(samples, shape=lambda bright: bright):
    """Score samples as the fake does, after their brightness was reshaped."""
    times, bright = [], []
    for sample in samples:
        times.append(sample.time)
        bright.append(shape(sample.image.mean() / 255))
    happy = np.array(bright).reshape(-1, 1)
    return MoodScores(times, ("happy", "sad"), np.hstack([happy, 1 - happy]))


class GivesLists(FakeClassifier):
    """A list of dicts, as the network gave it."""

    def classify(self, samples):
        return [{"happy": sample.image.mean() / 255} for sample in samples]


class IsAGenerator(FakeClassifier):
    def classify(self, samples):
        for sample in samples:
            yield sample.image.mean() / 255


class NeedsALength(FakeClassifier):
    def classify(self, samples):
        values = np.empty((len(samples), 2))
        times = np.empty(len(samples))
        for row, sample in enumerate(samples):
            times[row], values[row, 0] = sample.time, sample.image.mean() / 255
        values[:, 1] = 1 - values[:, 0]
        return MoodScores(times, self.labels, values)


class DropsTheLastBatch(FakeClassifier):
    def classify(self, samples):
        samples = iter(samples)
        kept = []
        while len(batch := list(itertools.islice(samples, 4))) == 4:
            kept += batch
        return super().classify(kept)


class KeepsTheLastBatch(FakeClassifier):
    def classify(self, samples):
        samples = iter(samples)
        last = []
        while batch := list(itertools.islice(samples, 8)):
            last = batch
        return super().classify(last)


class CountsFrames(FakeClassifier):
    """Takes the number of a frame for its time."""

    def classify(self, samples):
        scores = super().classify(samples)
        return MoodScores(np.arange(len(scores)), scores.labels, scores.values)


class SortsByScore(FakeClassifier):
    def classify(self, samples):
        scores = super().classify(samples)
        return MoodScores(scores.times, scores.labels, np.sort(scores.values, axis=0))


class Normalises(FakeClassifier):
    """Stretches the scores of a video over the whole range."""

    def classify(self, samples):
        scores = super().classify(samples)
        if len(scores) < 2:
            return scores
        low, high = scores.values.min(axis=0), scores.values.max(axis=0)
        values = (scores.values - low) / np.maximum(high - low, 1e-9)
        return MoodScores(scores.times, scores.labels, values)


class Smooths(FakeClassifier):
    """Follows the mood slowly, and remembers where it was."""

    def __init__(self):
        self.last = 0.5

    def classify(self, samples):
        def slowly(bright):
            self.last = 0.5 * (self.last + bright)
            return self.last

        return scores_of(samples, slowly)


class DropsOut(FakeClassifier):
    """A network that was left in training mode."""

    def classify(self, samples):
        rng = np.random.default_rng()
        return scores_of(samples, lambda bright: bright * rng.random())


class RemembersByTime(FakeClassifier):
    """Caches what it saw under the time, though another video has other pictures there."""

    def __init__(self):
        self.seen = {}

    def classify(self, samples):
        times = []
        for sample in samples:
            times.append(sample.time)
            self.seen.setdefault(sample.time, sample.image.mean() / 255)
        happy = np.array([self.seen[time] for time in times]).reshape(-1, 1)
        return MoodScores(times, self.labels, np.hstack([happy, 1 - happy]))


class Accumulates(FakeClassifier):
    """Gathers rows in a list of its own that is never emptied."""

    def __init__(self):
        self.rows = []

    def classify(self, samples):
        for sample in samples:
            bright = sample.image.mean() / 255
            self.rows.append((sample.time, bright, 1 - bright))
        table = np.array(self.rows).reshape(-1, 3)
        return MoodScores(table[:, 0], self.labels, table[:, 1:])


class GathersInItself(FakeClassifier):
    """Gathers rows in a list of its own that every call begins anew."""

    def classify(self, samples):
        self.rows = []
        for sample in samples:
            bright = sample.image.mean() / 255
            self.rows.append((sample.time, bright, 1 - bright))
        table = np.array(self.rows).reshape(-1, 3)
        return MoodScores(table[:, 0], self.labels, table[:, 1:])


class ForgivesAll(FakeClassifier):
    """Makes do with the frames that came before an error."""

    def classify(self, samples):
        def read():
            with contextlib.suppress(Exception):
                yield from samples

        return super().classify(read())


class SwallowsInterrupts(FakeClassifier):
    def classify(self, samples):
        def read():
            try:
                yield from samples
            except BaseException:  # noqa: BLE001 - the fault
                return

        return super().classify(read())


class WrapsErrors(FakeClassifier):
    def classify(self, samples):
        try:
            return super().classify(samples)
        except Exception as error:
            raise ValueError("cannot classify") from error


class Talks(FakeClassifier):
    def classify(self, samples):
        scores = super().classify(samples)
        print(f"classified {len(scores)} frames")
        return scores


class Seeds(FakeClassifier):
    """Sets the random numbers of everybody."""

    def classify(self, samples):
        np.random.seed(0)  # noqa: NPY002 - the fault
        random.seed(0)
        return super().classify(samples)


class Wanders(FakeClassifier):
    """Goes to where its weights are, and stays."""

    def classify(self, samples):
        os.chdir(tempfile.gettempdir())
        return super().classify(samples)


class LimitsThreads(FakeClassifier):
    def classify(self, samples):
        os.environ["OMP_NUM_THREADS"] = str(1 + int(os.environ.get("OMP_NUM_THREADS", "1")))
        return super().classify(samples)


class LeavesPictures(FakeClassifier):
    """Hands pictures to a network in files, and forgets them."""

    def classify(self, samples):
        def written():
            for sample in samples:
                file, _ = tempfile.mkstemp(suffix=".rgb")
                os.write(file, sample.image.tobytes())
                os.close(file)
                yield sample

        return super().classify(written())


class LeavesAThread(FakeClassifier):
    """Reads ahead on a thread that nobody ends."""

    def classify(self, samples):
        threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
        return super().classify(samples)


class RaisesOnNumbers(FakeClassifier):
    """Makes numpy strict for everybody."""

    def classify(self, samples):
        np.seterr(all="raise")
        return super().classify(samples)


class OwnLoop(FakeClassifier):
    """Asks a service with asyncio, which cannot be done in a notebook."""

    def classify(self, samples):
        async def ask():
            return scores_of(samples)

        asked = ask()
        try:
            return asyncio.run(asked)
        finally:
            asked.close()


class StacksAll(FakeClassifier):
    def classify(self, samples):
        samples = list(samples)
        if not samples:
            return super().classify([])
        bright = np.stack([one.image for one in samples]).mean(axis=(1, 2, 3)) / 255
        values = np.stack([bright, 1 - bright], axis=1)
        return MoodScores([one.time for one in samples], self.labels, values)


class DividesBySpread(FakeClassifier):
    def classify(self, samples):
        def contrast(sample):
            with np.errstate(invalid="ignore"):
                return (sample.image.mean() / 255) * sample.image.std() / sample.image.std()

        seen = [(sample.time, contrast(sample)) for sample in samples]
        times, happy = np.array(seen).reshape(-1, 2).T
        return MoodScores(times, self.labels, np.stack([happy, 1 - happy], axis=1))


class CropsTheMiddle(FakeClassifier):
    """Takes a square of 224 pixels out of the middle."""

    def classify(self, samples):
        def seen(sample):
            height, width, _ = sample.image.shape
            if height < 5 or width < 5:
                raise ValueError("tile cannot extend outside image")
            return sample

        return super().classify(map(seen, samples))


class PerCent(FakeClassifier):
    def classify(self, samples):
        scores = super().classify(samples)
        return MoodScores(scores.times, scores.labels, 100 * scores.values)


class Endless(FakeClassifier):
    mood_temperature = float("inf")


class WordsWithoutPoints(FakeClassifier):
    """Names of its own, and nothing that says where they stand."""

    labels = ("golden", "grey")

    def classify(self, samples):
        scores = scores_of(samples)
        return MoodScores(scores.times, self.labels, scores.values)


class LabelsTwice(FakeClassifier):
    labels = ("happy", "happy")


class NoLabels(FakeClassifier):
    labels = ()


class LabelsFromASet(FakeClassifier):
    labels = frozenset(("happy", "sad"))


class LabelsOnceLoaded(FakeClassifier):
    """Knows its labels after the first call alone."""

    loaded = False

    @property
    def labels(self):
        return ("happy", "sad") if self.loaded else ()

    def classify(self, samples):
        self.loaded = True
        return super().classify(samples)


class SpaceOfAnother(FakeClassifier):
    mood_space = DEFAULT_MOODS


class OneFrameInTwo(FakeClassifier):
    """Is quicker by looking at half of the frames."""

    def classify(self, samples):
        return super().classify(itertools.islice(samples, 0, None, 2))


MISTAKES = {
    GivesLists: "each_sample_has_its_row",
    IsAGenerator: "each_sample_has_its_row",
    NeedsALength: "samples_are_read_once",
    DropsTheLastBatch: "samples_are_read_once",
    KeepsTheLastBatch: "each_sample_has_its_row",
    CountsFrames: "each_sample_has_its_row",
    SortsByScore: "scores_depend_on_the_picture_alone",
    Normalises: "scores_depend_on_the_picture_alone",
    Smooths: "scores_depend_on_the_picture_alone",
    DropsOut: "scores_depend_on_the_picture_alone",
    RemembersByTime: "scores_depend_on_the_picture_alone",
    Accumulates: "scores_depend_on_the_picture_alone",
    GathersInItself: "no_state_is_kept",
    ForgivesAll: "errors_of_the_samples_go_on",
    SwallowsInterrupts: "errors_of_the_samples_go_on",
    WrapsErrors: "errors_of_the_samples_go_on",
    Talks: "nothing_else_changes",
    Seeds: "nothing_else_changes",
    Wanders: "nothing_else_changes",
    LimitsThreads: "nothing_else_changes",
    LeavesPictures: "nothing_else_changes",
    LeavesAThread: "nothing_else_changes",
    RaisesOnNumbers: "nothing_else_changes",
    OwnLoop: "a_loop_may_be_running",
    StacksAll: "samples_are_not_kept",
    DividesBySpread: "pictures_may_be_plain",
    CropsTheMiddle: "pictures_may_have_any_size",
    PerCent: "each_sample_has_its_row",
    Endless: "mood_temperature_is_above_zero",
    WordsWithoutPoints: "each_sample_has_its_row",
    LabelsTwice: "labels_are_names",
    NoLabels: "labels_are_names",
    LabelsFromASet: "labels_are_names",
    LabelsOnceLoaded: "labels_are_names",
    SpaceOfAnother: "mood_space_has_the_labels",
    OneFrameInTwo: "each_sample_has_its_row",
}
