"""Filtering stereo sound with long filters, block by block."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "Convolver"]

BLOCK: Final = 1 << 15
"""PCM frames that are worked on at once; 0.68 s at 48 kHz."""

# History of short filters: a fifth of the transform, whose length is 5 times a power of 2.
_SHORT: Final = BLOCK // 4

Stereo = NDArray[np.float32]
_Spectrum = NDArray[np.complex64]


class Convolver:
    """Filters blocks of :data:`BLOCK` frames of several inputs, and adds them up.

    Parameters
    ----------
    filters : sequence of array_like of shape (2, c, n)
        Impulse responses, for each input of ``c`` channels: ``filters[out, into]`` takes channel
        ``into`` to channel ``out``. All of one length.

    Notes
    -----
    Overlap-save; filters longer than a block are cut into partitions of a block each, whose inputs
    are kept as spectra [1]_. Numpy has no fast recursion, so that short equalizers gain by it too.

    References
    ----------
    .. [1] T. G. Stockham, "High-speed convolution and correlation", AFIPS Spring Joint Computer
       Conference, 1966.
    """

    def __init__(self, filters: Sequence[NDArray[np.floating]]) -> None:
        length = max((one.shape[2] for one in filters), default=1)
        self._history = _SHORT if length <= _SHORT + 1 else BLOCK
        self._size = BLOCK + self._history
        self._inputs = [_Input(one, self._history) for one in filters]

    def filter(self, blocks: Sequence[Stereo | None]) -> Stereo:
        """Filter the next blocks, shape (c, BLOCK) each, to (2, BLOCK); None is silence."""
        out = np.zeros((2, self._size // 2 + 1), np.complex64)
        sounds = [one.add_to(out, block) for one, block in zip(self._inputs, blocks, strict=True)]
        if not any(sounds):
            return np.zeros((2, BLOCK), np.float32)
        filtered = np.fft.irfft(out, self._size, axis=1)[:, self._history :]
        return filtered.astype(np.float32, copy=False)  # numpy before 2 works in float64


class _Input:
    """What came in lately, and its filters."""

    def __init__(self, filters: NDArray[np.floating], history: int) -> None:
        self._history = history
        size, length = BLOCK + history, filters.shape[2]
        step = length if length <= history + 1 else history
        self._partitions = [
            _spectra(filters[:, :, start : start + step], size) for start in range(0, length, step)
        ]
        self._past: list[_Spectrum | None] = []
        self._input = np.zeros((filters.shape[1], size), np.float32)
        self._product = np.zeros(size // 2 + 1, np.complex64)
        self._sounds = False

    def add_to(self, out: _Spectrum, block: Stereo | None) -> bool:
        """Add the spectrum of the next block, filtered; say whether there is any."""
        self._past.insert(0, self._spectrum(block))
        del self._past[len(self._partitions) :]
        for spectrum, partition in zip(self._past, self._partitions, strict=False):
            if spectrum is None:
                continue
            for channel, rows in enumerate(partition):
                for into, row in enumerate(rows):
                    if row is not None:
                        np.multiply(row, spectrum[into], out=self._product)
                        out[channel] += self._product
        return any(spectrum is not None for spectrum in self._past)

    def _spectrum(self, block: Stereo | None) -> _Spectrum | None:
        sounded, self._sounds = self._sounds, block is not None
        if block is None and not sounded:
            return None
        self._input[:, : self._history] = self._input[:, BLOCK:].copy()
        self._input[:, self._history :] = 0 if block is None else block
        heard = np.fft.rfft(self._input, axis=1).astype(np.complex64, copy=False)
        if block is None:  # so that nothing old is left in it
            self._input[:] = 0
        return heard


def _spectra(filters: NDArray[np.floating], size: int) -> list[list[_Spectrum | None]]:
    return [
        [np.fft.rfft(row, size).astype(np.complex64) if row.any() else None for row in rows]
        for rows in filters
    ]
