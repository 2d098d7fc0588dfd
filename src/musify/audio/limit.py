"""A look-ahead limiter: keeps peaks under a ceiling, and touches nothing else."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["limited"]

_LOOK_AHEAD_SECONDS: Final = 0.02


def limited(
    blocks: Iterable[NDArray[np.float32]], *, sample_rate: int, ceiling: float
) -> Iterator[NDArray[np.float32]]:
    """Turn loud peaks down before they come.

    The gain of a frame is the mean, over one look-ahead time, of the smallest gain that any frame
    within the look-ahead time needs: it falls smoothly before a peak, is low enough at it, and
    rises smoothly after it. Sound that never exceeds the ceiling passes bit for bit.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n, c)
        PCM.
    sample_rate : int
        PCM frames a second.
    ceiling : float
        The largest value that leaves, as a fraction of full scale.

    Yields
    ------
    ndarray of float32, shape (m, c)
        As many frames in all as came in.
    """
    width = max(1, round(_LOOK_AHEAD_SECONDS * sample_rate))
    held: NDArray[np.float32] | None = None  # came in, but its future is not known yet
    past = np.ones(width - 1)  # smallest gains of the frames before `held`
    for block in blocks:
        held = block if held is None else np.concatenate([held, block])
        ready = len(held) - (width - 1)
        if ready > 0:
            out, past = _apply(held, ready, past, width, ceiling)
            held = held[ready:]
            yield out
    if held is not None and len(held):
        silence = np.zeros((width - 1, held.shape[1]), np.float32)
        yield _apply(np.concatenate([held, silence]), len(held), past, width, ceiling)[0]


def _apply(
    frames: NDArray[np.float32], ready: int, past: NDArray[np.float64], width: int, ceiling: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    # Most sound needs nothing, and two passes over flat memory see that soonest.
    peak = max(frames.max(initial=0), -frames.min(initial=0))
    if peak <= ceiling and past.min(initial=1) >= 1:
        return frames[:ready], past
    peaks = np.abs(frames).max(axis=1)
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, ceiling).astype(np.float64))
    smallest = np.lib.stride_tricks.sliding_window_view(needed, width).min(axis=1)
    known = np.concatenate([past, smallest])
    sums = np.cumsum(np.concatenate([[0.0], known]))
    mean = (sums[width:] - sums[:-width]) / width
    gain = np.minimum(mean, needed[:ready])  # sums round; the ceiling must hold
    out = frames[:ready] * gain[:, None]
    return out.astype(np.float32), known[ready:]
