"""Loudness from energy: windows, gates and range (ITU-R BS.1770-5, EBU Tech 3341 and 3342)."""

import math
from array import array
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Windows", "integrated", "loudness_of", "loudness_range"]

# BS.1770-5, annex 1: a sine of 997 Hz at full scale in one channel reads -3.01.
_OFFSET: Final = -0.691
_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0
# EBU Tech 3342: another relative gate, and the share of the loudness values left out at the ends.
_RANGE_GATE: Final = -20.0
_RANGE_SHARES: Final = (0.10, 0.95)
# Windows move by 10 ms to find maxima (a file-based meter must catch a tone of 400 ms wherever it
# stands, Tech 3341 case 13), and by 100 ms for everything else (75 % overlap of 400 ms).
_HOPS_A_SECOND: Final = 100
_STEP: Final = 10
_MOMENTARY: Final = 40
_SHORT_TERM: Final = 300


Floats = NDArray[np.float64]


class Windows:
    """Mean squares of windows that slide over sound of which the power is known."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._hop = sample_rate / _HOPS_A_SECOND
        self.frames = 0
        self._hops = 0  # whole ones so far
        self._part = 0.0  # energy of the hop that has begun
        self._last = np.zeros(0)  # energies of up to 299 hops before
        self._curves = (array("d"), array("d"))
        self._most = [0.0, 0.0]

    def copy(self) -> "Windows":
        """Make another that has seen the same."""
        made = Windows(self._rate)
        made.__dict__.update(self.__dict__)
        made._curves = (self._curves[0][:], self._curves[1][:])
        made._most = list(self._most)
        return made

    def add(self, power: NDArray[np.float32]) -> None:
        """Take the weighted power of every frame of a block."""
        if not len(power):
            return
        begin, self.frames = self.frames, self.frames + len(power)
        # A hop need not be whole frames (110.25 at 11025): its edges are rounded, and do not drift.
        last = int(self.frames / self._hop) + 1
        edges = np.rint(np.arange(self._hops + 1, last + 1) * self._hop).astype(np.intp) - begin
        edges = edges[edges <= len(power)]
        starts = np.concatenate([[0], edges])
        whole = starts[-1] == len(power)
        sums = np.add.reduceat(power, starts[:-1] if whole else starts, dtype=np.float64)
        sums[0] += self._part
        self._part = 0.0 if whole else float(sums[-1])
        self._take(sums[: len(edges)])

    def _take(self, energies: Floats) -> None:
        before = len(self._last)
        known = np.concatenate([self._last, energies])
        for which, (width, curve) in enumerate(
            zip((_MOMENTARY, _SHORT_TERM), self._curves, strict=True)
        ):
            first = max(0, before - width + 1)
            if len(known) - first < width:
                continue
            windows = np.lib.stride_tricks.sliding_window_view(known[first:], width)
            squares = windows.sum(axis=1) / (width * self._hop)
            self._most[which] = max(self._most[which], float(squares.max()))
            # Windows that begin with a tenth of a second belong to the curve.
            start = self._hops - before + first
            curve.frombytes(squares[-start % _STEP :: _STEP].tobytes())
        self._hops += len(energies)
        self._last = known[max(0, len(known) - _SHORT_TERM + 1) :].copy()

    @property
    def momentary(self) -> Floats:
        """Weighted mean squares of the 0.4 s that begin at 0, 0.1, 0.2, ... s."""
        return np.frombuffer(self._curves[0], np.float64)

    @property
    def short_term(self) -> Floats:
        """Weighted mean squares of the 3 s that begin at 0, 0.1, 0.2, ... s."""
        return np.frombuffer(self._curves[1], np.float64)

    @property
    def max_momentary(self) -> float | None:
        """LUFS of the loudest 0.4 s, found in steps of 10 ms; None for silence."""
        return _finite(loudness_of(self._most[0]))

    @property
    def max_short_term(self) -> float | None:
        """LUFS of the loudest 3 s, found in steps of 10 ms; None for silence."""
        return _finite(loudness_of(self._most[1]))


def loudness_of(squares: "Floats | float") -> Floats:
    """Turn weighted mean squares into LUFS; ``-inf`` for 0."""
    with np.errstate(divide="ignore"):
        return _OFFSET + 10 * np.log10(np.asarray(squares, np.float64))


def _finite(lufs: Floats) -> float | None:
    return float(lufs) if np.isfinite(lufs) else None


def _above(squares: Floats, lufs: float) -> Floats:
    return squares[squares > 10 ** ((lufs - _OFFSET) / 10)]


def integrated(squares: Floats) -> float | None:
    """Gated loudness in LUFS of the mean squares of 0.4 s; None below the absolute gate."""
    loud = _above(squares, _ABSOLUTE_GATE)
    if not len(loud):
        return None
    return float(loudness_of(_above(loud, float(loudness_of(loud.mean())) + _RELATIVE_GATE).mean()))


def loudness_range(squares: Floats) -> float | None:
    """Loudness range in LU of the mean squares of 3 s; None below the absolute gate."""
    loud = _above(squares, _ABSOLUTE_GATE)
    if not len(loud):
        return None
    kept = np.sort(loudness_of(_above(loud, float(loudness_of(loud.mean())) + _RANGE_GATE)))
    low, high = (kept[math.floor((len(kept) - 1) * share + 0.5)] for share in _RANGE_SHARES)
    return float(high - low)
