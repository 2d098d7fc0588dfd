"""How well something tells classes apart, on pictures it has not seen."""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["balanced_accuracy", "confusion_matrix", "grouped_folds", "wilson_interval"]

Integers: TypeAlias = NDArray[np.int64]

_Z95: Final = 1.959964  # of the normal distribution, two-sided


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """Give the 95 % interval of a share, after Wilson 1927 (J. Am. Stat. Assoc. 22, 209-212).

    Parameters
    ----------
    share : float
        In [0, 1].
    count : int
        Of independent trials, at least 1.

    Returns
    -------
    tuple of float
        Low and high, each in [0, 1].

    Examples
    --------
    >>> [round(end, 3) for end in wilson_interval(0.5, 100)]
    [0.404, 0.596]
    """
    spread = _Z95**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = _Z95 / (1 + spread) * (share * (1 - share) / count + spread / (4 * count)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def confusion_matrix(true: Integers, predicted: Integers, classes: int) -> Integers:
    """Count pictures by true class (rows) and predicted class (columns)."""
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (true, predicted), 1)
    return matrix


def balanced_accuracy(confusion: Integers) -> float:
    """Mean over the classes that occur of the share that is right."""
    counts = confusion.sum(axis=1)
    present = counts > 0
    return float((np.diag(confusion)[present] / counts[present]).mean())


def grouped_folds(targets: Integers, groups: Integers, folds: int, classes: int) -> Integers:
    """Deal pictures out to folds: groups stay together, each fold has its share of each class.

    Parameters
    ----------
    targets, groups : ndarray of int, shape (n,)
        The class and the group of each picture.
    folds : int
        At least 2.
    classes : int
        How many classes there are.

    Returns
    -------
    ndarray of int, shape (n,)
        The fold of each picture, from 0. The same arguments give the same folds.
    """
    members = np.unique(groups, return_inverse=True)[1]
    counts = np.zeros((members.max(initial=-1) + 1, classes))
    np.add.at(counts, (members, targets), 1)
    totals = np.maximum(counts.sum(axis=0), 1)
    # Mixed first, since neighbours in a folder are alike; then the largest, while there is room.
    order = np.random.default_rng(0).permutation(len(counts))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    held = np.zeros((folds, classes))
    chosen = np.zeros(len(counts), np.int64)
    for group in order:
        # To the fold with the least of what this group holds; of equal ones to the emptiest.
        wanted = (held / totals) @ counts[group]
        chosen[group] = min(range(folds), key=lambda fold: (wanted[fold], held[fold].sum(), fold))
        held[chosen[group]] += counts[group]
    return chosen[members]
