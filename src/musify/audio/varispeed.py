"""Playing a little faster or slower, pitch and all: a windowed-sinc resampler in blocks."""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["TAPS", "resampled"]

TAPS: Final = 16
"""PCM frames a frame is made from: 8 on either side."""

# Positions between two frames the kernel is tabled for, and interpolated between: at 512 what the
# interpolation adds is 100 dB down.
_PHASES: Final = 512
# Kaiser window: 70 dB of what folds are kept out (Kaiser & Schafer, IEEE TASSP 28(1), 1980).
_BETA: Final = 7.0
_FRAMES_AT_ONCE: Final = 1 << 14

Pcm = NDArray[np.float32]


def _table() -> NDArray[np.float32]:
    offsets = np.arange(TAPS) - (TAPS // 2 - 1)
    away = offsets[None, :] - np.arange(_PHASES + 1)[:, None] / _PHASES
    inside = np.clip(1 - np.square(away / (TAPS / 2)), 0, None)
    kernel = np.sinc(away) * np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA)
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True), np.float32)


_KERNELS: Final = _table()


def resampled(blocks: Iterator[Pcm], frames_in: int, frames_out: int) -> Iterator[Pcm]:
    """Stretch ``frames_in`` PCM frames to ``frames_out``.

    Output frame k is the sound at input position ``k * frames_in / frames_out``, so the first is
    the first input frame exactly, and the one after the last would be the next input frame.

    Parameters
    ----------
    blocks : iterator of ndarray of float32, shape (n, c)
        The input, with 8 more frames before and 8 after it.
    frames_in, frames_out : int
        Frames; both above 0. Their ratio is the speed.

    Yields
    ------
    ndarray of float32, shape (m, c)
        ``frames_out`` frames in all. Missing input is silence.
    """
    step = frames_in / frames_out
    margin = TAPS // 2
    held = next(blocks, np.zeros((0, 2), np.float32))
    held_from = -margin  # input position of the first held frame
    for first in range(0, frames_out, _FRAMES_AT_ONCE):
        count = min(_FRAMES_AT_ONCE, frames_out - first)
        positions = (first + np.arange(count)) * step
        need = math.floor(positions[-1]) + margin + 1 - held_from
        parts = [held]
        have = len(held)
        while have < need:
            block = next(blocks, None)
            if block is None:
                block = np.zeros((need - have, held.shape[1]), np.float32)
            parts.append(block)
            have += len(block)
        held = np.concatenate(parts)
        whole = np.floor(positions).astype(np.int64)
        phase = (positions - whole) * _PHASES
        row = phase.astype(np.int64)
        part = (phase - row).astype(np.float32)[:, None]
        kernels = _KERNELS[row] * (1 - part) + _KERNELS[row + 1] * part
        start = int(whole[0]) - (margin - 1) - held_from
        local = whole - whole[0] + start
        windows = np.lib.stride_tricks.sliding_window_view(held, TAPS, axis=0)
        out = np.empty((count, held.shape[1]), np.float32)
        for channel in range(held.shape[1]):
            out[:, channel] = np.einsum("kt,kt->k", windows[local, channel], kernels)
        yield out
        keep = max(0, math.floor((first + count) * step) - margin + 1 - held_from - 1)
        held = held[keep:]
        held_from += keep
