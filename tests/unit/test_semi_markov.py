"""Against every sequence there is, written out."""

from itertools import pairwise, product

import numpy as np
import pytest

from musify._semi_markov import likeliest, posterior


def every_sequence(cells, labels, edges, shortest):
    """List all (starts and end, labels) in which neighbours differ and none is too short."""
    for borders in product((False, True), repeat=cells - 1):
        places = [0, *(place for place, is_border in enumerate(borders, 1) if is_border), cells]
        if (np.diff(edges[places]) < max(shortest, 1e-6) - 1e-9).any():
            continue
        for names in product(range(labels), repeat=len(places) - 1):
            if all(early != late for early, late in pairwise(names)):
                yield places, names


def weight(places, names, evidence, prices):
    return sum(
        evidence[start:end, name].sum()
        for (start, end), name in zip(pairwise(places), names, strict=True)
    ) - sum(prices[place] for place in places[1:-1])


def case(rng, *, coarse):
    cells, labels = rng.integers(1, 7), rng.integers(1, 4)
    widths = rng.uniform(0.5, 6, cells)
    evidence = rng.normal(0, 2, (cells, labels))
    if coarse:  # ties, and cells of no width
        widths, evidence = np.round(widths / 3) * 3, np.round(evidence)
        widths[0] = 3
    edges = np.append(0, np.cumsum(widths))
    return evidence, edges, rng.uniform(0, 3, cells + 1)


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("shortest", [0, 3, 8, 60])
def test_nothing_is_likelier_and_probabilities_are_shares_of_all_weights(rng, coarse, shortest):
    for _ in range(25):
        evidence, edges, prices = case(rng, coarse=coarse)
        cells, labels = evidence.shape
        sequences = list(every_sequence(cells, labels, edges, shortest))
        if not sequences:  # shorter than any segment may be
            sequences = [([0, cells], (label,)) for label in range(labels)]
        weights = np.array([weight(*sequence, evidence, prices) for sequence in sequences])

        found = likeliest(evidence, edges, prices, shortest)
        places = [start for start, _, _ in found] + [cells]
        names = tuple(label for _, _, label in found)
        assert weight(places, names, evidence, prices) == pytest.approx(weights.max(), abs=1e-9)
        assert all(early != late for early, late in pairwise(names))
        if len(found) > 1:
            assert np.diff(edges[places]).min() >= shortest - 1e-9

        expected = np.zeros((cells, labels))
        for share, (starts, labelled) in zip(
            np.exp(weights - weights.max()), sequences, strict=True
        ):
            for (start, end), label in zip(pairwise(starts), labelled, strict=True):
                expected[start:end, label] += share
        expected /= np.exp(weights - weights.max()).sum()
        shares = posterior(evidence, edges, prices, shortest)
        np.testing.assert_allclose(shares, expected, atol=1e-9)


def test_evidence_of_thousands_overflows_nothing():
    evidence = np.repeat([[0.0, -500.0], [-500.0, 0.0]], 2000, axis=0)
    edges, prices = np.arange(4001.0), np.ones(4001)
    shares = posterior(evidence, edges, prices, 8.0)
    np.testing.assert_allclose(shares[[0, 1999, 2000, -1], 0], [1, 1, 0, 0], atol=1e-9)
    assert likeliest(evidence, edges, prices, 8.0) == [(0, 2000, 0), (2000, 4000, 1)]
