"""The parts of training that need no picture: duplicates, folds, figures, cross-validation."""

import numpy as np
import pytest

from musify import MoodSpace, ParameterError
from musify.vision.cross_validation import STRENGTHS, cross_validate, fit_best
from musify.vision.near_duplicates import near_duplicate_groups, picture_hash
from musify.vision.training_report import TrainingReport, WrongPicture, confusion_text
from musify.vision.validation import (
    balanced_accuracy,
    confusion_matrix,
    grouped_folds,
    wilson_interval,
)


def scene(rng, size=(90, 120)):
    coarse = rng.integers(0, 256, (9, 12, 3))
    return np.kron(coarse, np.ones((size[0] // 9, size[1] // 12, 1))).astype(np.uint8)


class TestHash:
    def test_it_survives_resizing_and_noise(self, rng):
        image = scene(rng)
        noisy = np.clip(image + rng.normal(size=image.shape) * 4, 0, 255).astype(np.uint8)
        for other in (image[::2, ::2], noisy):
            assert (picture_hash(image) ^ picture_hash(other)).bit_count() <= 4

    def test_it_tells_pictures_apart(self, rng):
        codes = [picture_hash(scene(rng)) for _ in range(20)]
        pairs = [(a ^ b).bit_count() for i, a in enumerate(codes) for b in codes[:i]]
        assert min(pairs) > 10

    @pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (7, 8), (8, 9)])
    def test_any_size_will_do(self, rng, size):
        assert 0 <= picture_hash(rng.integers(0, 256, (*size, 3), np.uint8)) < 2**64


class TestGroups:
    def test_what_is_alike_is_grouped_with_the_first(self, rng):
        features = rng.random((30, 64)).astype(np.float32)
        features[7] = features[3] + 0.01 * rng.random(64)
        features[20] = features[7]
        groups = near_duplicate_groups(features, [1 << (place * 2) for place in range(30)])
        assert groups[[3, 7, 20]].tolist() == [3, 3, 3]
        assert len(np.unique(groups)) == 28

    def test_groups_are_joined_through_what_lies_between(self, rng):
        # Three steps of a pan: neighbours are alike, the ends are not.
        base, other = rng.normal(size=(2, 400))
        features = np.vstack([np.cos(a) * base + np.sin(a) * other for a in (0, 0.4, 0.8)])
        features = np.vstack([features, rng.normal(size=(40, 400))]) + 2
        groups = near_duplicate_groups(features, [0] * 43)
        assert groups[:3].tolist() == [0, 0, 0]
        assert len(np.unique(groups)) == 41

    def test_the_hash_alone_is_not_enough(self, rng):
        features = rng.random((10, 64))
        assert len(np.unique(near_duplicate_groups(features, [0] * 10))) == 10

    def test_all_alike_is_one_group(self, rng):
        features = np.repeat(rng.random((1, 64)), 6, axis=0)
        assert near_duplicate_groups(features, [0] * 6).tolist() == [0] * 6

    def test_more_pictures_than_are_compared_at_once(self, rng):
        features = rng.random((1300, 128)).astype(np.float32)
        features[1299] = features[2]
        features[600] = features[599]
        groups = near_duplicate_groups(features, [0] * 1300)
        assert (groups[1299], groups[600]) == (2, 599)
        assert len(np.unique(groups)) == 1298


class TestFolds:
    def test_groups_stay_together_and_classes_are_dealt_out(self, rng):
        targets = np.repeat([0, 1, 2], [100, 50, 10])
        groups = rng.integers(0, 70, 160)
        folds = grouped_folds(targets, groups, 5, 3)
        assert {len(set(folds[groups == group])) for group in set(groups)} == {1}
        for place, count in ((0, 100), (1, 50)):
            held = np.bincount(folds[targets == place], minlength=5)
            assert held.min() >= 0.6 * count / 5
            assert held.max() <= 1.4 * count / 5

    def test_the_smallest_class_reaches_every_fold(self):
        targets = np.repeat([0, 1], [200, 5])
        folds = grouped_folds(targets, np.arange(205), 5, 2)
        assert sorted(folds[targets == 1]) == [0, 1, 2, 3, 4]

    def test_neighbours_are_spread(self):
        folds = grouped_folds(np.zeros(50, int), np.arange(50), 5, 1)
        assert len(set(folds[:10])) > 2

    def test_the_same_pictures_give_the_same_folds(self, rng):
        targets, groups = rng.integers(0, 3, 90), rng.integers(0, 40, 90)
        first, second = (grouped_folds(targets, groups, 5, 3) for _ in range(2))
        assert first.tolist() == second.tolist()


class TestFigures:
    @pytest.mark.parametrize(
        ("share", "count", "interval"),
        # Newcombe 1998 (Statistics in Medicine 17, 857-872), table I, method 3.
        [
            (81 / 263, 263, (0.2553, 0.3662)),
            (15 / 148, 148, (0.0624, 0.1605)),
            (0, 20, (0, 0.1611)),
            (1 / 29, 29, (0.0061, 0.1718)),
        ],
    )
    def test_wilson(self, share, count, interval):
        assert wilson_interval(share, count) == pytest.approx(interval, abs=5e-5)

    def test_confusion(self):
        matrix = confusion_matrix(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 0]), 3)
        assert matrix.tolist() == [[1, 1, 0], [1, 2, 0], [0, 0, 0]]
        assert balanced_accuracy(matrix) == pytest.approx((1 / 2 + 2 / 3) / 2)

    def test_confusion_as_text(self):
        text = confusion_text(np.array([[10, 2], [0, 345]]), ("calm", "x"))
        assert text.splitlines() == ["      calm    x", "calm    10    2", "x        0  345"]


def classes_with_noise(rng, count=60, classes=3, features=20):
    targets = np.repeat(np.arange(classes), count)
    rows = rng.normal(size=(len(targets), features)).astype(np.float32)
    rows[np.arange(len(targets)), targets] += 2.0
    return rows, targets


class TestCrossValidation:
    def test_what_can_be_learnt_is_learnt(self, rng):
        features, targets = classes_with_noise(rng)
        found = cross_validate(features, targets, np.arange(180), 3)
        assert (found.probabilities.argmax(axis=1) == targets).mean() > 0.7
        np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
        assert found.strength in STRENGTHS
        assert sorted(set(found.folds)) == [0, 1, 2, 3, 4]

    def test_noise_is_not_learnt(self, rng):
        features, targets = rng.normal(size=(200, 300)), np.arange(200) % 4
        found = cross_validate(features, targets, np.arange(200), 4)
        assert (found.probabilities.argmax(axis=1) == targets).mean() < 0.4
        # It knows that it does not know.
        assert found.probabilities.max(axis=1).mean() < 0.45

    def test_remembering_does_not_help(self, rng):
        # Noise again, each picture three times over: only groups keep the copies together.
        features, targets = rng.normal(size=(60, 50)), np.arange(60) % 2
        copies = np.repeat(features, 3, axis=0) + rng.normal(size=(180, 50)) * 0.01
        labels, groups = np.repeat(targets, 3), np.repeat(np.arange(60), 3)
        honest = cross_validate(copies, labels, groups, 2)
        fooled = cross_validate(copies, labels, np.arange(180), 2)
        assert (honest.probabilities.argmax(axis=1) == labels).mean() < 0.65
        assert (fooled.probabilities.argmax(axis=1) == labels).mean() > 0.8

    def test_probabilities_mean_what_they_say(self, rng):
        features, targets = classes_with_noise(rng, count=400)
        found = cross_validate(features, targets, np.arange(1200), 3)
        sure = found.probabilities.max(axis=1)
        right = found.probabilities.argmax(axis=1) == targets
        assert sure.mean() == pytest.approx(right.mean(), abs=0.03)

    def test_fewer_folds_for_few_groups(self, rng):
        features, targets = classes_with_noise(rng, count=10, classes=2)
        groups = np.concatenate([np.arange(10), 10 + np.arange(10) % 3])
        found = cross_validate(features, targets, groups, 2)
        assert len(set(found.folds)) == 3

    def test_one_group_cannot_be_held_out(self, rng):
        features, targets = classes_with_noise(rng, count=10, classes=2)
        groups = np.where(targets == 1, 99, np.arange(20))
        with pytest.raises(ParameterError, match="two groups"):
            cross_validate(features, targets, groups, 2)

    def test_the_last_head_has_the_chosen_strength(self, rng):
        features, targets = classes_with_noise(rng)
        found = cross_validate(features, targets, np.arange(180), 3)
        head = fit_best(features, targets, 3, found)
        assert (head.logits(features).argmax(axis=1) == targets).mean() > 0.8


def make_report(tmp_path, **facts):
    return TrainingReport(
        **{
            "output": tmp_path / "m.musify",
            "moods": MoodSpace(["calm", "sad"]),
            "confusion": np.array([[8, 2], [1, 9]]),
            "distinct": 18,
            "folds": 5,
            "wrong": (WrongPicture(tmp_path / "a.jpg", "calm", "sad", 0.9),),
            "duplicates": ((tmp_path / "b.jpg", tmp_path / "c.jpg"),),
            "skipped": ((tmp_path / "d.jpg", "it is empty"),),
            "strength": 0.1,
            "temperature": 1.5,
            "log_loss": 0.4,
            "seconds": 2.0,
        }
        | facts
    )


class TestReport:
    def test_figures(self, tmp_path):
        report = make_report(tmp_path)
        assert report.pictures == 20
        assert report.accuracy == pytest.approx(0.85)
        # Near duplicates say nothing new: the interval is that of 18 pictures.
        assert report.accuracy_interval == wilson_interval(0.85, 18)
        assert report.balanced_accuracy == pytest.approx(0.85)

    def test_words(self, tmp_path):
        text = str(make_report(tmp_path))
        assert "85.0%" in text
        assert f"{tmp_path / 'a.jpg'}: calm, taken for sad (90% sure)" in text

    def test_plot(self, tmp_path):
        path = make_report(tmp_path).plot(tmp_path / "p.png")
        assert path.read_bytes().startswith(b"\x89PNG")

    def test_a_plot_has_a_known_ending(self, tmp_path):
        with pytest.raises(ParameterError, match=r"\.png"):
            make_report(tmp_path).plot(tmp_path / "p.bmp2")
