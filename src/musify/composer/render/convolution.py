"""Filtering stereo sound with long filters, block by block."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "Convolver"]

BLOCK: Final = 1 << 15
"""PCM frames that are worked on at once; 0.68 s at 48 kHz."""

Stereo = NDArray[np.float32]


class Convolver:
    """Filters blocks of :data:`BLOCK` frames, one after the other.

    Parameters
    ----------
    filters : array_like of shape (2, 2, n)
        Impulse responses: ``filters[out, into]`` takes channel ``into`` to channel ``out``.

    Notes
    -----
    Overlap-save; filters longer than a block are cut into partitions of a block each, whose inputs
    are kept as spectra [1]_. Numpy has no fast recursion, so that short equalizers gain by it too.

    References
    ----------
    .. [1] T. G. Stockham, "High-speed convolution and correlation", AFIPS Spring Joint Computer
       Conference, 1966.
    """

    def __init__(self, filters: NDArray[np.floating]) -> None:
        length = filters.shape[2]
        # One partition needs no more history than the filter is long; more need a whole block.
        short = BLOCK // 4
        history = short if length <= short + 1 else BLOCK
        self._size = BLOCK + history
        step = history if length > history + 1 else length
        self._partitions = [
            _spectra(filters[:, :, start : start + step], self._size)
            for start in range(0, length, step)
        ]
        self._past: list[NDArray[np.complex64]] = []
        self._input = np.zeros((2, self._size), np.float32)

    def filter(self, block: Stereo) -> Stereo:
        """Filter the next block, shape (2, BLOCK)."""
        history = self._size - BLOCK
        self._input[:, :history] = self._input[:, BLOCK:].copy()
        self._input[:, history:] = block
        heard = np.fft.rfft(self._input, axis=1).astype(np.complex64, copy=False)
        self._past.insert(0, heard)
        del self._past[len(self._partitions) :]
        out = np.zeros_like(heard)
        for spectrum, partition in zip(self._past, self._partitions, strict=False):
            for channel, rows in enumerate(partition):
                for into, row in enumerate(rows):
                    if row is not None:
                        out[channel] += row * spectrum[into]
        filtered = np.fft.irfft(out, self._size, axis=1)[:, history:]
        return filtered.astype(np.float32, copy=False)


def _spectra(
    filters: NDArray[np.floating], size: int
) -> list[list[NDArray[np.complex64] | None]]:
    return [
        [np.fft.rfft(row, size).astype(np.complex64) if row.any() else None for row in rows]
        for rows in filters
    ]
