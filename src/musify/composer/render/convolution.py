"""Filtering sound with long filters, block by block."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "Convolver"]

BLOCK: Final = 1 << 15
"""PCM frames that are worked on at once; 0.68 s at 48 kHz."""

# History of short filters: a fifth of the transform, whose length is 5 times a power of 2.
_SHORT: Final = BLOCK // 4

Sound = NDArray[np.float32]
_Spectrum = NDArray[np.complex64]
_Filters = NDArray[np.floating]


class Convolver:
    """Filters blocks of :data:`BLOCK` frames of several inputs, and adds them up.

    Parameters
    ----------
    filters : sequence of array_like of shape (d, c, n)
        Impulse responses, for each input of ``c`` channels: ``filters[out, into]`` takes channel
        ``into`` to channel ``out``. All of one length.
    apart : sequence of array_like of shape (1, c, n), optional
        For the first inputs, filters whose outputs are not added up but given one by one.

    Notes
    -----
    Overlap-save; filters longer than a block are cut into partitions of a block each, whose inputs
    are kept as spectra [1]_. Numpy has no fast recursion, so that short equalizers gain by it too.

    References
    ----------
    .. [1] T. G. Stockham, "High-speed convolution and correlation", AFIPS Spring Joint Computer
       Conference, 1966.
    """

    def __init__(self, filters: Sequence[_Filters], apart: Sequence[_Filters] = ()) -> None:
        length = max((one.shape[2] for one in (*filters, *apart)), default=1)
        self._history = _SHORT if length <= _SHORT + 1 else BLOCK
        self._size = BLOCK + self._history
        self._channels = max((one.shape[0] for one in filters), default=2)
        self._inputs = [_Input(one.shape[1], self._history) for one in filters]
        self._filters = [_Partitions(one, self._history) for one in filters]
        self._apart = [_Partitions(one, self._history) for one in apart]

    def filter(self, blocks: Sequence[Sound | None]) -> Sound:
        """Filter the next blocks, shape (c, BLOCK) each, to (d, BLOCK); None is silence."""
        return self.filter_apart(blocks)[0]

    def filter_apart(self, blocks: Sequence[Sound | None]) -> tuple[Sound, list[Sound | None]]:
        """Filter the next blocks, and give what goes apart too, shape (BLOCK,) each."""
        for one, block in zip(self._inputs, blocks, strict=True):
            one.take(block)
        mixed = self._sounding(self._channels, zip(self._inputs, self._filters, strict=True))
        if mixed is None:
            mixed = np.zeros((self._channels, BLOCK), np.float32)
        apart = [self._sounding(1, [pair]) for pair in zip(self._inputs, self._apart, strict=False)]
        return mixed, [None if one is None else one[0] for one in apart]

    def _sounding(
        self, channels: int, pairs: Iterable[tuple["_Input", "_Partitions"]]
    ) -> Sound | None:
        out = np.zeros((channels, self._size // 2 + 1), np.complex64)
        sounds = False
        for one, partitions in pairs:
            sounds |= partitions.add_to(out, one.past)
        if not sounds:
            return None
        filtered = np.fft.irfft(out, self._size, axis=1)[:, self._history :]
        return filtered.astype(np.float32, copy=False)  # numpy before 2 works in float64


class _Input:
    """What came in lately."""

    def __init__(self, channels: int, history: int) -> None:
        self._history = history
        self._input = np.zeros((channels, BLOCK + history), np.float32)
        self._sounds = False
        self.past: list[_Spectrum | None] = []
        """Spectra of the last blocks, the newest first; None where there was silence."""

    def take(self, block: Sound | None) -> None:
        """Take the next block; None is silence."""
        self.past.insert(0, self._spectrum(block))

    def _spectrum(self, block: Sound | None) -> _Spectrum | None:
        sounded, self._sounds = self._sounds, block is not None
        if block is None and not sounded:
            return None
        self._input[:, : self._history] = self._input[:, BLOCK:].copy()
        self._input[:, self._history :] = 0 if block is None else block
        heard = np.fft.rfft(self._input, axis=1).astype(np.complex64, copy=False)
        if block is None:  # so that nothing old is left in it
            self._input[:] = 0
        return heard


class _Partitions:
    """Filters, cut into pieces no longer than the history of a block."""

    def __init__(self, filters: _Filters, history: int) -> None:
        size, length = BLOCK + history, filters.shape[2]
        step = length if length <= history + 1 else history
        self._spectra = [
            [[_spectrum(row[start : start + step], size) for row in rows] for rows in filters]
            for start in range(0, length, step)
        ]
        self._product = np.zeros(size // 2 + 1, np.complex64)

    def add_to(self, out: _Spectrum, past: list[_Spectrum | None]) -> bool:
        """Add what was filtered to a spectrum; say whether there is any."""
        del past[len(self._spectra) :]
        for heard, partition in zip(past, self._spectra, strict=False):
            if heard is None:
                continue
            for channel, rows in enumerate(partition):
                for into, row in enumerate(rows):
                    if row is not None:
                        np.multiply(row, heard[into], out=self._product)
                        out[channel] += self._product
        return any(heard is not None for heard in past)


def _spectrum(row: NDArray[np.floating], size: int) -> _Spectrum | None:
    return np.fft.rfft(row, size).astype(np.complex64) if row.any() else None
