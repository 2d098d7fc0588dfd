"""Stretches of time, shape (n, 2): where something begins and ends, in order, without overlap."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["above", "bridged", "clipped", "long_enough", "overlap", "padded", "seconds_in"]

Spans = NDArray[np.float64]


def above(values: NDArray[np.floating], step: float, *, on: float, off: float) -> Spans:
    """Find where a curve is high, with hysteresis.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Value ``i`` is about the time from ``i * step`` to ``(i + 1) * step``.
    step : float
        Seconds.
    on, off : float
        A span begins where ``on`` is reached and goes on while values are ``off`` or more.
    """
    # A run of values that reach `off` counts where one of them reaches `on`; it begins there.
    wide = np.concatenate([[False], values >= off, [False]])
    edges = np.flatnonzero(wide[1:] != wide[:-1]).reshape(-1, 2)
    reached = np.flatnonzero(values >= on)
    place = np.searchsorted(reached, edges[:, 0])
    kept = place < np.searchsorted(reached, edges[:, 1])
    starts = reached[place[kept]]
    return np.stack([starts, edges[kept, 1]], axis=1) * step


def bridged(spans: Spans, gap: float) -> Spans:
    """Join neighbours less than ``gap`` seconds apart."""
    if len(spans) < 2:
        return spans
    apart = spans[1:, 0] - spans[:-1, 1] >= gap
    starts = spans[np.concatenate([[True], apart]), 0]
    ends = spans[np.concatenate([apart, [True]]), 1]
    return np.stack([starts, ends], axis=1)


def long_enough(spans: Spans, least: float) -> Spans:
    """Keep those of at least so many seconds."""
    # Times are multiples of steps; a span that is as long as asked for must not fail by rounding.
    return spans[spans[:, 1] - spans[:, 0] >= least - 1e-9]


def padded(spans: Spans, before: float, after: float, duration: float) -> Spans:
    """Widen spans at both sides, within 0 and ``duration``; those that meet become one."""
    wider = np.stack([spans[:, 0] - before, spans[:, 1] + after], axis=1)
    return bridged(clipped(wider, duration), 1e-9)


def clipped(spans: Spans, duration: float) -> Spans:
    """Cut off what lies before 0 and after ``duration``."""
    inside = np.clip(spans, 0.0, duration)
    return inside[inside[:, 1] > inside[:, 0]]


def overlap(first: Spans, second: Spans) -> float:
    """Seconds that lie in spans of both."""
    if not len(first) or not len(second):
        return 0.0
    edges = np.unique(np.concatenate([first.ravel(), second.ravel()]))
    middles = (edges[1:] + edges[:-1]) / 2
    both = _inside(first, middles) & _inside(second, middles)
    return float(np.diff(edges)[both].sum())


def _inside(spans: Spans, times: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.searchsorted(spans[:, 0], times) > np.searchsorted(spans[:, 1], times)


def seconds_in(spans: Spans) -> float:
    """Length of all spans together."""
    return float((spans[:, 1] - spans[:, 0]).sum())
