"""Choosing how strongly to regularise a linear head, and measuring it, on held-out pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify.errors import ParameterError
from musify.vision.linear_head import (
    LinearHead,
    best_temperature,
    class_weights,
    fit_path,
    log_loss,
    softmax,
)
from musify.vision.validation import grouped_folds

__all__ = ["STRENGTHS", "CrossValidation", "cross_validate", "fit_best"]

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

STRENGTHS: Final = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
"""Strengths of regularisation that are tried, from the stiffest head to the loosest."""

# So many strengths in a row may do worse than the best before the looser ones are left out.
_PATIENCE: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidation:
    """What a linear head does on pictures it has not seen.

    Parameters
    ----------
    folds : ndarray of int, shape (n,)
        The fold in which each picture was held out.
    probabilities : ndarray of shape (n, k)
        Calibrated, each from a head that has not seen the picture, nor any near duplicate of it.
        Strength and temperature of a fold were chosen on the other folds.
    strength, temperature : float
        What does best over all folds: for the head that learns from all pictures.
    """

    folds: Integers
    probabilities: Floats
    strength: float
    temperature: float


def cross_validate(
    features: NDArray[np.floating],
    targets: Integers,
    groups: Integers,
    classes: int,
    *,
    folds: int = 5,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> CrossValidation:
    """Hold out each fold in turn.

    Parameters
    ----------
    features : ndarray of shape (n, d)
        Of each picture.
    targets : ndarray of int, shape (n,)
        The class of each, from 0.
    groups : ndarray of int, shape (n,)
        Pictures of one group stay in one fold.
    classes : int
        How many there are.
    folds : int, default 5
        Fewer are used where a class has fewer groups.
    on_step : callable, optional
        Called with the number of fits done and of those that there are at most.

    Returns
    -------
    CrossValidation
        The same arguments give the same result.

    Raises
    ------
    ParameterError
        If a class has fewer than two groups: none would be left to learn from.
    """
    fewest = min(len(np.unique(groups[targets == place])) for place in range(classes))
    if fewest < 2:
        raise ParameterError("each class needs pictures of at least two groups")
    fold_of = grouped_folds(targets, groups, min(folds, fewest), classes)
    used = [number for number in range(folds) if (fold_of == number).any()]
    paths = [fit_path(features, targets, classes, STRENGTHS, fold_of != number) for number in used]
    weights = class_weights(targets, classes)
    tried: list[Floats] = []
    losses: list[float] = []
    for count in range(len(STRENGTHS)):
        logits = np.empty((len(targets), classes))
        for number, path in zip(used, paths, strict=True):
            held_out = fold_of == number
            logits[held_out] = next(path).logits(features[held_out])
        tried.append(logits)
        losses.append(_calibrated_loss(logits, targets, weights))
        on_step(count + 1, len(STRENGTHS))
        if count - int(np.argmin(losses)) >= _PATIENCE:
            break
    probabilities = np.empty((len(targets), classes))
    for number in used:
        held_out = fold_of == number
        place, temperature = _best(tried, targets, ~held_out, classes)
        probabilities[held_out] = softmax(tried[place][held_out] / temperature)
    place, temperature = _best(tried, targets, np.ones(len(targets), bool), classes)
    return CrossValidation(fold_of, probabilities, STRENGTHS[place], temperature)


def _calibrated_loss(logits: Floats, targets: Integers, weights: Floats) -> float:
    return log_loss(logits / best_temperature(logits, targets, weights), targets, weights)


def _best(
    tried: list[Floats], targets: Integers, rows: NDArray[np.bool_], classes: int
) -> tuple[int, float]:
    """Choose the strength, as its place, and the temperature that do best on some rows."""
    weights = class_weights(targets[rows], classes)
    temperatures = [best_temperature(logits[rows], targets[rows], weights) for logits in tried]
    losses = [
        log_loss(logits[rows] / temperature, targets[rows], weights)
        for logits, temperature in zip(tried, temperatures, strict=True)
    ]
    place = int(np.argmin(losses))
    return place, temperatures[place]


def fit_best(
    features: NDArray[np.floating], targets: Integers, classes: int, found: CrossValidation
) -> LinearHead:
    """Fit a head on all pictures with the strength that a cross-validation chose."""
    # Along the same path, so that each fit starts near its end.
    strengths = STRENGTHS[: STRENGTHS.index(found.strength) + 1]
    return list(fit_path(features, targets, classes, strengths))[-1]
