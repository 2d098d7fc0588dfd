"""A regularised multinomial logistic regression, in numpy alone.

The classes weigh alike however many pictures each has. Features are standardised first, so that one
strength of regularisation fits all of them; what is kept is folded back, for features as they come.

References
----------
.. [1] J. Nocedal and S. J. Wright, "Numerical Optimization", 2nd edition, algorithm 7.4 (L-BFGS).
.. [2] C. Guo et al., "On calibration of modern neural networks", ICML 2017: temperature scaling.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify.cancelling import checkpoint
from musify.errors import ParameterError

__all__ = ["LinearHead", "best_temperature", "class_weights", "fit_path", "log_loss", "softmax"]

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

_MEMORY: Final = 10  # pairs that L-BFGS keeps
_MOST_STEPS: Final = 300
_FLAT: Final = 1e-4  # the gradient at which the fit is done; losses are of the order of 1
_ENOUGH_DECREASE: Final = 1e-4  # Armijo's constant, as in reference 1
# Only so that a class that is absent cannot run away to minus infinity.
_BIAS_STRENGTH: Final = 1e-6
_SMALLEST_SPREAD: Final = 1e-6
_ROWS_AT_ONCE: Final = 1024
_TEMPERATURES: Final = (0.05, 20.0)
_GOLDEN: Final = (5**0.5 - 1) / 2
_GOLDEN_STEPS: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class LinearHead(FrozenArrays):
    """Weights that turn features into scores of classes.

    Parameters
    ----------
    weights : array_like of shape (d, k)
        Of ``d`` features for ``k`` classes.
    bias : array_like of shape (k,)
        Added to each class.
    """

    weights: Floats
    bias: Floats

    def __post_init__(self) -> None:
        weights = frozen_floats("weights", self.weights, (None, None))
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "bias", frozen_floats("bias", self.bias, (weights.shape[1],)))

    def logits(self, features: NDArray[np.floating]) -> Floats:
        """Score features of shape ``(n, d)``: shape ``(n, k)``, any real numbers."""
        scores: Floats = np.asarray(features, np.float64) @ self.weights + self.bias
        return scores


def softmax(logits: Floats) -> Floats:
    """Turn scores into probabilities; rows sum to 1."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def class_weights(targets: Integers, classes: int) -> Floats:
    """Weigh each row, so that classes weigh alike and all rows together 1; shape ``(n,)``."""
    counts = np.bincount(targets, minlength=classes)
    present = np.count_nonzero(counts)
    weights: Floats = 1.0 / (present * counts[targets])
    return weights


def log_loss(logits: Floats, targets: Integers, weights: Floats) -> float:
    """Mean surprise at the right class, in nats; ``weights`` sum to 1."""
    top = logits.max(axis=1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return float(weights @ (total - logits[np.arange(len(targets)), targets]))


def fit_path(
    features: NDArray[np.floating],
    targets: Integers,
    classes: int,
    strengths: Iterable[float],
    rows: NDArray[np.bool_] | None = None,
) -> Iterator[LinearHead]:
    """Fit a head for each strength of regularisation, each when it is asked for.

    Minimises the class-balanced log loss plus ``strength / 2`` times the sum of squared weights of
    the standardised features.

    Parameters
    ----------
    features : ndarray of shape (n, d)
        Of each picture; not copied if they are float32.
    targets : ndarray of int, shape (n,)
        The class of each, from 0 to ``classes - 1``.
    classes : int
        How many there are.
    strengths : iterable of float
        Above 0. Each fit starts from the one before; descending is fastest.
    rows : ndarray of bool, shape (n,), optional
        Which pictures to learn from; by default all.

    Yields
    ------
    LinearHead
        One for each strength. The same arguments give the same heads.

    Raises
    ------
    ParameterError
        If there is no row, or a strength is not above 0.
    """
    used = np.ones(len(features), bool) if rows is None else rows
    if not used.any():
        raise ParameterError("a head needs at least one picture to learn from")
    weights = np.zeros(len(features))
    weights[used] = class_weights(targets[used], classes)
    problem = _Problem(np.asarray(features, np.float32), targets, weights, used)
    point = np.zeros((features.shape[1] + 1, classes))
    for strength in strengths:
        if not strength > 0:
            raise ParameterError(f"the strength of regularisation must be above 0, got {strength}")
        point = _minimum(problem.loss(strength), point)
        yield problem.head(point)


_Loss: TypeAlias = Callable[[Floats], tuple[float, Floats]]


class _Problem:
    """What is to be minimised, over all rows; those not learnt from weigh nothing.

    The features stay as they are: they are standardised on the way through the weights, so that the
    folds of a cross-validation share one matrix.
    """

    def __init__(
        self, features: NDArray[np.float32], targets: Integers, weights: Floats, used: Any
    ) -> None:
        self._features, self._targets, self._weights = features, targets, weights
        # One column at a time would be slow, and a copy of the rows large.
        count = np.count_nonzero(used)
        share = (used / count).astype(np.float32)
        self._mean = (share @ features).astype(np.float64)
        square = np.zeros(features.shape[1])
        for start in range(0, len(features), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            square += used[part] @ (features[part] - self._mean) ** 2
        spread = np.sqrt(square / count)
        # A feature that never changes says nothing; divided by next to nothing it would shout.
        self._scale = np.where(spread > _SMALLEST_SPREAD, 1, 0) / np.maximum(
            spread, _SMALLEST_SPREAD
        )

    def head(self, point: Floats) -> LinearHead:
        """Fold the standardisation into the weights."""
        folded = point[:-1] * self._scale[:, None]
        return LinearHead(folded, point[-1] - self._mean @ folded)

    def loss(self, strength: float) -> _Loss:
        """Make the function that gives the loss and its gradient."""
        penalty = np.full((len(self._scale) + 1, 1), strength)
        penalty[-1] = _BIAS_STRENGTH
        places = np.arange(len(self._targets))

        def loss(point: Floats) -> tuple[float, Floats]:
            folded = point[:-1] * self._scale[:, None]
            bias = point[-1] - self._mean @ folded
            logits = (self._features @ folded.astype(np.float32)).astype(np.float64) + bias
            value = log_loss(logits, self._targets, self._weights)
            error = softmax(logits)
            error[places, self._targets] -= 1
            error *= self._weights[:, None]
            # As float32 the tiny shares of many rows keep their digits when scaled up.
            total = error.sum(axis=0)
            raw = (self._features.T @ (error * len(places)).astype(np.float32)) / len(places)
            slopes = (raw - self._mean[:, None] * total) * self._scale[:, None]
            gradient = np.vstack([slopes, total[None]]) + penalty * point
            return value + float((penalty * point**2).sum()) / 2, gradient

        return loss


def _minimum(loss: _Loss, point: Floats) -> Floats:
    """Go down by L-BFGS (reference 1) until the ground is flat; the loss is convex."""
    value, gradient = loss(point)
    pairs: deque[tuple[Floats, Floats, float]] = deque(maxlen=_MEMORY)
    for _ in range(_MOST_STEPS):
        checkpoint()
        if np.abs(gradient).max() < _FLAT:
            break
        direction = _downhill(gradient, pairs)
        slope = float((gradient * direction).sum())
        # The first step has no curvature to go by: one that changes the point by about 1.
        size = 1.0 if pairs else min(1.0, 1 / float(np.linalg.norm(gradient)))
        while True:
            new_value, new_gradient = loss(point + size * direction)
            if new_value <= value + _ENOUGH_DECREASE * size * slope:
                break
            size /= 2
            if size < 1e-10:  # as low as rounding lets it come
                return point
        step, change = size * direction, new_gradient - gradient
        curvature = float((step * change).sum())
        if curvature > 1e-12:
            pairs.append((step, change, 1 / curvature))
        point, value, gradient = point + step, new_value, new_gradient
    return point


def _downhill(gradient: Floats, pairs: deque[tuple[Floats, Floats, float]]) -> Floats:
    direction = -gradient
    shares = []
    for step, change, inverse in reversed(pairs):
        share = inverse * float((step * direction).sum())
        shares.append(share)
        direction = direction - share * change
    if pairs:
        step, change, inverse = pairs[-1]
        direction = direction / (inverse * float((change**2).sum()))
    for (step, change, inverse), share in zip(pairs, reversed(shares), strict=True):
        direction = direction + (share - inverse * float((change * direction).sum())) * step
    return direction


def best_temperature(logits: Floats, targets: Integers, weights: Floats) -> float:
    """Find the temperature that makes held-out probabilities mean what they say [2]_.

    Parameters
    ----------
    logits : ndarray of shape (n, k)
        Of pictures the head has not seen.
    targets : ndarray of int, shape (n,)
        Their classes.
    weights : ndarray of shape (n,)
        Of each; together 1.

    Returns
    -------
    float
        From 0.05 to 20; the logits are to be divided by it.
    """
    # Were every picture right, no temperature would be too low. One more trial that may have gone
    # wrong keeps it finite, as Platt's smoothed targets do (1999).
    doubt = 1 / (len(targets) + 2)
    right = logits[np.arange(len(targets)), targets]
    aim = weights @ ((1 - doubt) * right + doubt * logits.mean(axis=1))
    top = logits.max(axis=1)
    below = logits - top[:, None]

    def loss(place: float) -> float:
        inverse = np.exp(-place)
        sums = np.log(np.exp(below * inverse).sum(axis=1))
        return float(weights @ (top * inverse + sums) - aim * inverse)

    # Convex in 1/T; golden section on the logarithm, where the steps are even.
    low, high = np.log(_TEMPERATURES)
    for _ in range(_GOLDEN_STEPS):
        left, right_place = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        low, high = (low, right_place) if loss(left) <= loss(right_place) else (left, high)
    return float(np.exp((low + high) / 2))
