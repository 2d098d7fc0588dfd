import numpy as np
import pytest

from musify import ParameterError
from musify.vision.linear_head import (
    LinearHead,
    best_temperature,
    class_weights,
    fit_path,
    log_loss,
    softmax,
)


def two_clouds(rng, counts=(60, 20), distance=3.0, features=5):
    targets = np.repeat([0, 1], counts)
    rows = rng.normal(size=(len(targets), features)) + 4
    rows[:, 0] += distance * targets
    return rows.astype(np.float32), targets


def balanced_objective(head, features, targets, strength):
    spread = features.std(axis=0, dtype=np.float64)
    weights = class_weights(targets, head.weights.shape[1])
    penalty = ((head.weights * spread[:, None]) ** 2).sum() * strength / 2
    return log_loss(head.logits(features), targets, weights) + penalty


def test_it_tells_two_clouds_apart(rng):
    features, targets = two_clouds(rng)
    (head,) = fit_path(features, targets, 2, [0.01])
    assert (head.logits(features).argmax(axis=1) == targets).mean() > 0.9
    # The only feature that differs weighs by far the most.
    assert np.abs(head.weights).argmax(axis=0).tolist() == [0, 0]


@pytest.mark.parametrize("strength", [3.0, 0.1, 0.003])
def test_the_fit_is_a_minimum(rng, strength):
    features, targets = two_clouds(rng, distance=1.0)
    (head,) = fit_path(features, targets, 2, [strength])
    least = balanced_objective(head, features, targets, strength)
    for _ in range(50):
        nudge = rng.normal(size=head.weights.shape) * 0.02
        shift = rng.normal(size=2) * 0.02
        other = LinearHead(head.weights + nudge, head.bias + shift)
        assert balanced_objective(other, features, targets, strength) > least - 1e-6


def test_it_is_the_same_whatever_was_fitted_before(rng):
    features, targets = two_clouds(rng, distance=1.0)
    (alone,) = fit_path(features, targets, 2, [0.1])
    *_, last = fit_path(features, targets, 2, [10, 1, 0.1])
    np.testing.assert_allclose(alone.logits(features), last.logits(features), atol=0.01)


def test_it_does_not_depend_on_the_units_of_a_feature(rng):
    features, targets = two_clouds(rng)
    (head,) = fit_path(features, targets, 2, [0.1])
    scaled = features * np.array([100, 1, 0.01, 1, 1], np.float32)
    (other,) = fit_path(scaled, targets, 2, [0.1])
    np.testing.assert_allclose(head.logits(features), other.logits(scaled), atol=0.01)


def test_classes_weigh_alike_however_many_pictures_they_have(rng):
    features = rng.normal(size=(400, 3)).astype(np.float32)  # says nothing about the class
    targets = np.repeat([0, 1], [380, 20])
    (head,) = fit_path(features, targets, 2, [10.0])
    shares = softmax(head.logits(features)).mean(axis=0)
    assert shares == pytest.approx([0.5, 0.5], abs=0.03)


def test_rows_that_are_left_out_change_nothing(rng):
    features, targets = two_clouds(rng)
    rows = rng.random(len(targets)) < 0.7
    (masked,) = fit_path(features, targets, 2, [0.1], rows)
    (cut,) = fit_path(features[rows], targets[rows], 2, [0.1])
    np.testing.assert_allclose(masked.weights, cut.weights, atol=1e-3)


def test_a_feature_that_never_changes_weighs_nothing(rng):
    features, targets = two_clouds(rng)
    features[:, 2] = 0.1
    (head,) = fit_path(features, targets, 2, [0.1])
    assert not head.weights[2].any()


def test_a_class_without_a_picture_is_never_likely(rng):
    features, targets = two_clouds(rng)
    (head,) = fit_path(features, targets, 3, [0.1])
    assert np.isfinite(head.weights).all()
    assert softmax(head.logits(features))[:, 2].max() < 0.1


def test_the_same_pictures_give_the_same_head(rng):
    features, targets = two_clouds(rng)
    first, second = (next(fit_path(features, targets, 2, [0.1])) for _ in range(2))
    np.testing.assert_array_equal(first.weights, second.weights)


@pytest.mark.parametrize("strength", [0.0, -1.0, float("nan")])
def test_a_strength_is_above_zero(rng, strength):
    features, targets = two_clouds(rng)
    with pytest.raises(ParameterError, match="above 0"):
        next(fit_path(features, targets, 2, [strength]))


def test_nothing_cannot_be_learnt_from():
    with pytest.raises(ParameterError, match="at least one picture"):
        next(fit_path(np.empty((0, 3), np.float32), np.empty(0, int), 2, [1.0]))


@pytest.mark.parametrize("true_temperature", [0.4, 1.0, 3.0])
def test_the_temperature_is_found_again(rng, true_temperature):
    logits = rng.normal(size=(5_000, 4)) * 2
    chances = softmax(logits)
    targets = (rng.random((len(logits), 1)) > chances.cumsum(axis=1)).sum(axis=1)
    weights = np.full(len(logits), 1 / len(logits))
    found = best_temperature(logits * true_temperature, targets, weights)
    assert found == pytest.approx(true_temperature, rel=0.1)


def test_a_few_right_answers_do_not_make_it_sure(rng):
    targets = np.array([0, 1] * 5)
    logits = np.eye(2)[targets] * 4
    temperature = best_temperature(logits, targets, np.full(10, 0.1))
    assert 0.8 < softmax(logits / temperature).max() < 0.99


def test_softmax_of_large_numbers():
    np.testing.assert_allclose(softmax(np.array([[1e4, 0.0], [0.0, 0.0]])), [[1, 0], [0.5, 0.5]])
