"""The likeliest sequence of labels, each held for a least time, and how sure every part of it is.

The weight of a sequence is the product of what its cells say for its labels and of a price for
each change. :func:`likeliest` finds the sequence of greatest weight [1]_, :func:`posterior` the
share of each label, at each cell, in the weight of all sequences [2]_. A least duration makes the
model semi-Markov; running sums of the evidence keep both exact in time proportional to ``n``.

References
----------
.. [1] A. J. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding
   algorithm", IEEE Transactions on Information Theory 13(2), 1967.
.. [2] S.-Z. Yu, "Hidden semi-Markov models", Artificial Intelligence 174(2), 2010: forward and
   backward sums with explicit durations.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify.aggregation import Segment

__all__ = ["Floats", "likeliest", "posterior"]

Floats: TypeAlias = NDArray[np.float64]

# Sums of floats may miss a least duration that is meant to be met exactly.
_SLACK = 1e-9


def likeliest(evidence: Floats, edges: Floats, prices: Floats, shortest: float) -> list[Segment]:
    """Find the sequence of greatest weight.

    Parameters
    ----------
    evidence : ndarray of shape (n, k)
        Log-likelihood of each label in each cell.
    edges : ndarray of shape (n + 1,)
        Where cells begin and end; ascending, cells may be empty.
    prices : ndarray of shape (n + 1,)
        What a change of label at each edge costs, in units of ``evidence``; at least 0.
    shortest : float
        Least length of a segment, in units of ``edges``; at least 0.

    Returns
    -------
    list of Segment
        One segment if no sequence is long enough. Of equal sequences, one with the first label.
    """
    count, labels = evidence.shape
    total = _running(evidence)
    best = np.full(count + 1, -np.inf)
    best[0] = 0.0
    chosen: list[tuple[int, int]] = [(0, 0)] * (count + 1)
    # For each label: the best way to begin a segment early enough, and where it begins.
    entry = np.full(labels, -np.inf)
    entry_at = np.zeros(labels, dtype=np.intp)
    first = 0
    for end, latest in enumerate(_latest_starts(edges, shortest), 1):
        for start in range(first, latest):
            begun = best[start] - (prices[start] if start else 0.0) - total[start]
            better = begun > entry
            entry[better] = begun[better]
            entry_at[better] = start
        first = max(first, latest)
        label = int(np.argmax(entry + total[end]))
        best[end] = entry[label] + total[end, label]
        chosen[end] = (int(entry_at[label]), label)
    if not np.isfinite(best[count]):
        return [(0, count, int(np.argmax(total[count])))]
    segments: list[Segment] = []
    end = count
    while end > 0:
        start, label = chosen[end]
        if segments and segments[-1][2] == label:  # free changes may change nothing
            segments[-1] = (start, segments[-1][1], label)
        else:
            segments.append((start, end, label))
        end = start
    return segments[::-1]


def posterior(evidence: Floats, edges: Floats, prices: Floats, shortest: float) -> Floats:
    """Return how probable each label is in each cell, over all sequences, shape ``(n, k)``.

    Parameters are those of :func:`likeliest`. Rows sum to 1.
    """
    count, labels = evidence.shape
    total = _running(evidence)
    latest = _latest_starts(edges, shortest)
    if labels == 1 or not latest[-1]:  # one segment only
        whole = np.exp(total[-1] - np.logaddexp.reduce(total[-1]))
        return np.tile(whole, (count, 1))
    changes = np.zeros((labels, labels))  # none leads to its own label
    np.fill_diagonal(changes, -np.inf)
    nowhere = np.full(labels, -np.inf)

    begun = np.full((count + 1, labels), -np.inf)  # weight of all that leads to a start here
    begun[0] = 0.0
    ended = np.full((count + 1, labels), -np.inf)  # weight of all that leads to an end here
    entry, first = nowhere, 0
    for end in range(1, count + 1):
        for start in range(first, latest[end - 1]):
            entry = np.logaddexp(entry, begun[start] - total[start])
        first = max(first, latest[end - 1])
        if first:
            ended[end] = entry + total[end]
            begun[end] = np.logaddexp.reduce(ended[end] + changes, axis=1) - prices[end]

    finish = np.full((count + 1, labels), -np.inf)  # weight of all that may follow an end here
    finish[count] = 0.0
    onward = np.full((count + 1, labels), -np.inf)  # weight of all that may follow a start here
    leave, last = nowhere, count + 1
    for start in range(count - 1, -1, -1):
        while last - 1 > start and latest[last - 2] > start:
            last -= 1
            leave = np.logaddexp(leave, finish[last] + total[last])
        if last <= count:
            onward[start] = leave - total[start]
            finish[start] = np.logaddexp.reduce(onward[start] + changes, axis=1) - prices[start]

    weight = np.logaddexp.reduce(ended[count])
    starts = np.exp(begun[:count] + onward[:count] - weight)
    ends = np.exp(ended[1:count] + finish[1:count] - weight)
    starts[1:] -= ends
    shares = np.clip(np.cumsum(starts, axis=0), 0, None)
    normal: Floats = shares / shares.sum(axis=1, keepdims=True)
    return normal


def _running(evidence: Floats) -> Floats:
    """Return the sums of the evidence up to each edge, shape ``(n + 1, k)``."""
    return np.vstack([np.zeros(evidence.shape[1]), np.cumsum(evidence, axis=0)])


def _latest_starts(edges: Floats, shortest: float) -> list[int]:
    """Count the edges that are early enough to begin a segment, for each edge but the first."""
    # A segment of no length would be no segment.
    early = np.searchsorted(edges, edges[1:] - max(shortest, 1e-6) + _SLACK, side="right")
    return [int(place) for place in early]
