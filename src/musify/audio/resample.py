"""Changing the number of PCM frames a second, block by block."""

from math import gcd
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.cancelling import checkpoint
from musify.errors import ParameterError

__all__ = ["Resampler", "resampled"]

_BLOCK_SECONDS: Final = 0.7
_EDGE_SECONDS: Final = 0.02
# The share of the narrower band that fades: its impulse response is shorter than an edge.
_FADE: Final = 0.06

Mono = NDArray[np.float32]


class Resampler:
    """Converts one channel that comes in blocks of any size.

    Parameters
    ----------
    sample_rate, wanted : int
        PCM frames a second of what comes and of what is wanted.

    Raises
    ------
    ParameterError
        If a rate is not above 0.

    Notes
    -----
    Blocks overlap; each is cut or widened in the frequency domain (overlap-save: A. Oppenheim, R.
    Schafer, "Discrete-Time Signal Processing", 8.7). The upper 6 % of the narrower band fade by a
    raised cosine. No delay: frame ``i`` stands at ``i / wanted`` seconds.
    """

    def __init__(self, sample_rate: int, wanted: int) -> None:
        if sample_rate <= 0 or wanted <= 0:
            raise ParameterError(f"rates must be above 0, got {sample_rate} and {wanted}")
        common = gcd(sample_rate, wanted)
        self._in, self._out = sample_rate // common, wanted // common
        edge = max(1, round(_EDGE_SECONDS * common))
        count = max(4 * edge, 1 << round(np.log2(_BLOCK_SECONDS * common)))
        self._edge, self._count = edge, count
        self._size = count * self._in
        bins = min(self._size, count * self._out) // 2 + 1
        place = np.arange(bins) / (bins - 1)
        fade = np.clip((1 - place) / _FADE, 0, 1)
        gain = (0.5 - 0.5 * np.cos(np.pi * fade)) * self._out / self._in
        self._gain = gain.astype(np.float32)
        self._waiting = np.zeros(edge * self._in, np.float32)
        self._taken = 0
        self._given = 0

    def feed(self, block: Mono) -> Mono:
        """Take the next frames in, and give those out that are ready."""
        self._taken += len(block)
        self._waiting = np.concatenate([self._waiting, block])
        parts = []
        step = (self._count - 2 * self._edge) * self._in
        start = 0
        while start + self._size <= len(self._waiting):
            parts.append(self._convert(self._waiting[start : start + self._size]))
            start += step
        self._waiting = self._waiting[start:]
        return self._joined(parts)

    def finish(self) -> Mono:
        """Give out the rest."""
        wanted = -(-self._taken * self._out // self._in)
        rest = wanted - self._given
        parts = []
        step = (self._count - 2 * self._edge) * self._in
        left = np.pad(self._waiting, (0, self._size + step))
        start, have = 0, 0
        while have < rest:
            parts.append(self._convert(left[start : start + self._size]))
            have += len(parts[-1])
            start = min(start + step, len(left) - self._size)
        joined = self._joined(parts)[:rest]
        self._given = wanted
        return joined

    def _convert(self, block: Mono) -> Mono:
        checkpoint()
        spectrum = np.fft.rfft(block)[: len(self._gain)] * self._gain
        whole = np.fft.irfft(spectrum, self._count * self._out)
        edge = self._edge * self._out
        return whole[edge:-edge].astype(np.float32)

    def _joined(self, parts: list[Mono]) -> Mono:
        joined = np.concatenate([np.empty(0, np.float32), *parts])
        self._given += len(joined)
        return joined


def resampled(mono: Mono, sample_rate: int, wanted: int) -> Mono:
    """Convert a whole channel.

    Parameters
    ----------
    mono : ndarray of float32, shape (n,)
        Sound.
    sample_rate, wanted : int
        PCM frames a second.

    Returns
    -------
    ndarray of float32, shape (ceil(n * wanted / sample_rate),)
        The same array where the rates are equal.
    """
    if sample_rate == wanted:
        return mono
    resampler = Resampler(sample_rate, wanted)
    return np.concatenate([resampler.feed(mono), resampler.finish()])
