"""Classifiers, each with one fault."""

import itertools

import numpy as np

from musify import DEFAULT_MOODS, MoodScores
from musify.testing import FakeClassifier
from stand_ins.mistakes import classifiers as mistakes


class ListOfLabels(FakeClassifier):
    labels = ["happy", "sad"]  # noqa: RUF012 - the fault


class OtherMoods(FakeClassifier):
    mood_space = DEFAULT_MOODS


class Frozen(FakeClassifier):
    mood_temperature = 0.0


class Late(FakeClassifier):
    def classify(self, samples):
        scores = super().classify(samples)
        return MoodScores(scores.times + 0.1, scores.labels, scores.values)


class Swapped(FakeClassifier):
    def classify(self, samples):
        scores = super().classify(samples)
        return MoodScores(scores.times, scores.labels[::-1], scores.values)


class ReadsTwice(FakeClassifier):
    def classify(self, samples):
        times = [sample.time for sample in samples]
        values = super().classify(samples).values
        return MoodScores(times, self.labels, values)


class KeepsAll(FakeClassifier):
    def classify(self, samples):
        return super().classify(list(samples))


class NeedsOne(FakeClassifier):
    def classify(self, samples):
        samples = iter(samples)
        return super().classify(itertools.chain([next(samples)], samples))


class NeedsRoom(FakeClassifier):
    def classify(self, samples):
        return super().classify(map(self.seen, samples))

    @staticmethod
    def seen(sample):
        if min(sample.image.shape[:2]) < 2:
            raise IndexError("too small")
        return sample


class NeedsContrast(FakeClassifier):
    def classify(self, samples):
        return super().classify(map(self.seen, samples))

    @staticmethod
    def seen(sample):
        with np.errstate(invalid="ignore"):
            if np.isnan(np.float64(0) / np.ptp(sample.image)):
                raise ZeroDivisionError("no contrast")
        return sample


class Relative(FakeClassifier):
    def classify(self, samples):
        scores = super().classify(samples)
        most = scores.values.max(initial=1e-9)
        return MoodScores(scores.times, scores.labels, scores.values / most)


WRONG = {
    "labels_are_names": ListOfLabels,
    "mood_space_has_the_labels": OtherMoods,
    "mood_temperature_is_above_zero": Frozen,
    "each_sample_has_its_row": Late,
    "scores_have_the_labels": Swapped,
    "samples_are_read_once": ReadsTwice,
    "samples_are_not_kept": KeepsAll,
    "no_sample_gives_no_row": NeedsOne,
    "pictures_may_have_any_size": NeedsRoom,
    "pictures_may_be_plain": NeedsContrast,
    "scores_depend_on_the_picture_alone": Relative,
    "no_state_is_kept": mistakes.GathersInItself,
    "errors_of_the_samples_go_on": mistakes.ForgivesAll,
    "a_loop_may_be_running": mistakes.OwnLoop,
    "nothing_else_changes": mistakes.Talks,
}
