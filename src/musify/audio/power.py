"""How powerful sound is over time as it is heard: the material of loudness, in small steps."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._checks import number
from musify._iterators import ended
from musify.audio.bs1770 import LOWEST_RATE
from musify.audio.channel_weights import channel_weights
from musify.audio.gating import loudness_of
from musify.audio.k_weighting import KWeighting
from musify.errors import ParameterError

__all__ = ["STEP", "PowerCurve", "measure_power"]

STEP: Final = 0.02
"""Seconds a step lasts: shorter than a syllable; an hour of them takes 1.4 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class PowerCurve(FrozenArrays):
    """K-weighted power of sound in steps of 20 ms.

    Parameters
    ----------
    power : array_like, shape (n,)
        Mean square of the filtered sound, channels weighted and summed as in ITU-R BS.1770-5; of
        each step, the first of which begins at 0.
    step : float, default 0.02
        Seconds a step lasts; above 0.

    Raises
    ------
    ParameterError
        If a value is negative or not finite.
    """

    power: NDArray[np.float64]
    step: float = STEP

    def __post_init__(self) -> None:
        power = frozen_floats("power", self.power, (None,))
        if (power < 0).any():
            raise ParameterError(f"power must be at least 0, got {power.min():g}")
        object.__setattr__(self, "power", power)
        object.__setattr__(self, "step", number("step", self.step, above=0))

    @property
    def duration(self) -> float:
        """Seconds that were measured."""
        return len(self.power) * self.step

    @property
    def times(self) -> NDArray[np.float64]:
        """Middles of the steps, in seconds."""
        return np.asarray(np.arange(0.5, len(self.power)) * self.step, np.float64)

    def mean(self, start: float, end: float) -> float:
        """Mean power from one time to another; 0 where nothing was measured."""
        first, last = self._steps(start, end)
        return float(self.power[first:last].sum() / max(1, last - first))

    def lufs(self, start: float, end: float) -> float:
        """Loudness from one time to another, without a gate; ``-inf`` for digital silence."""
        return float(loudness_of(self.mean(start, end)))

    def _steps(self, start: float, end: float) -> tuple[int, int]:
        # Steps whose middles lie inside; at least one.
        first = max(0, round(start / self.step))
        return first, max(first + 1, round(end / self.step))


def measure_power(
    blocks: Iterable[NDArray[np.float32]], sample_rate: int, channels: int
) -> PowerCurve:
    """Measure how powerful sound is over time.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n, channels)
        PCM, full scale [-1, 1]. Only the curve is kept.
    sample_rate : int
        PCM frames a second, at least 8000.
    channels : int
        1 to 8, in the order of WAVE files.

    Raises
    ------
    ParameterError
        If the rate or the number of channels is outside its range.
    """
    if sample_rate < LOWEST_RATE:
        raise ParameterError(f"sample_rate must be at least {LOWEST_RATE}, got {sample_rate}")
    weights = channel_weights(channels).astype(np.float32)
    heard = KWeighting(sample_rate)
    waiting = np.zeros((channels, heard.history + heard.block), np.float32)
    steps = _Steps(sample_rate * STEP)
    filled = 0
    with ended(blocks) as incoming:
        for block in incoming:
            done = 0
            while done < len(block):
                count = min(len(block) - done, heard.block - filled)
                place = heard.history + filled
                waiting[:, place : place + count] = block[done : done + count].T
                filled += count
                done += count
                if filled == heard.block:
                    steps.add(weights @ np.square(heard.filter(waiting)))
                    waiting[:, : heard.history] = waiting[:, heard.block :].copy()
                    filled = 0
    if filled:
        waiting[:, heard.history + filled :] = 0
        steps.add((weights @ np.square(heard.filter(waiting)))[:filled])
    return PowerCurve(steps.finish())


class _Steps:
    """Sums of power over steps, which need not be whole frames: their edges are rounded."""

    def __init__(self, frames: float) -> None:
        self._frames = frames
        self._seen = 0
        self._part = 0.0  # energy of the step that has begun
        self._done: list[NDArray[np.float64]] = []
        self._count = 0

    def add(self, power: NDArray[np.float32]) -> None:
        begin, self._seen = self._seen, self._seen + len(power)
        last = int(self._seen / self._frames) + 1
        edges = np.rint(np.arange(self._count + 1, last + 1) * self._frames).astype(np.intp) - begin
        edges = edges[edges <= len(power)]
        sums = np.diff(np.cumsum(power, dtype=np.float64)[edges - 1], prepend=0.0)
        total = float(power.sum(dtype=np.float64))
        if len(edges):
            rest = total - float(sums.sum())
            sums[0] += self._part
            self._part = max(0.0, rest)
            self._done.append(np.maximum(sums, 0) / self._frames)
            self._count += len(edges)
        else:
            self._part += total

    def finish(self) -> NDArray[np.float64]:
        """Return the mean of every step; the last may be shorter."""
        left = self._seen - round(self._count * self._frames)
        rest = [np.array([self._part / left])] if left > 0 else []
        return np.concatenate([np.zeros(0), *self._done, *rest])
