"""Mastering: tone and width of the whole, as far as they leave what songs have.

The mix of a score depends on its style and mood, and shall: a dark piece stays darker than a bright
one. Only what would stand out among finished songs is corrected, by as little as it takes.
"""

import math
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.render.equalizer import Band, curve_of, impulse_of

__all__ = ["BRIGHT_HERTZ", "RANGES", "MixMeter", "Polish"]

BRIGHT_HERTZ: Final = 6000.0
"""From where on sound counts as bright."""

RANGES: Final = {
    "centroid": (240.0, 700.0),
    "magnitude centroid": (1580.0, 3050.0),
    "bright share": (0.0024, 0.028),
    "correlation": (0.58, 0.92),
}
"""What a song may have: mean frequency by power, and by magnitude, of frames of 43 ms, in hertz;
share of the power above 6 kHz; correlation of the sides. Measured by
``benchmarks/composer_sound.py`` on the 28 songs of immich-memories-music 0.1.0 (215 to 791 Hz, 1492
to 3307 Hz, .0019 to .0335, .55 to .94), and a tenth or so taken off at either end."""

_LOW_HERTZ: Final = 220.0
_HIGH_HERTZ: Final = 4500.0
_STEPS_DB: Final = 0.5
_MOST_LOW_DB: Final = 6.0
_MOST_HIGH_DB: Final = 12.0
# A knob costs as its square; what leaves a range costs so many times as much, in decibels.
_STRICTNESS: Final = 100.0
_WIDTHS: Final = np.exp(np.linspace(math.log(1 / 16), math.log(16), 257))
_FRAMES: Final = 2048
# Frames whose mean square is below, at the level they have, are pauses.
_PAUSE: Final = 1e-9

Stereo = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Polish:
    """What is done to a mix, but for its loudness.

    Parameters
    ----------
    low_db, high_db : float
        Gains of a shelf below 220 Hz, and of one above 4.5 kHz.
    width : float
        What the difference of the sides is multiplied by.
    """

    low_db: float = 0.0
    high_db: float = 0.0
    width: float = 1.0

    @property
    def is_nothing(self) -> bool:
        """Whether it changes nothing."""
        return self == Polish()

    def filters(self, sample_rate: int, gain_db: float = 0.0) -> Floats:
        """Make filters of it, with a gain; shape (2, 2, n), ``[out, into]``."""
        bands = _bands(self.low_db, self.high_db)
        impulse = impulse_of(curve_of(bands, sample_rate)) * 10 ** (gain_db / 20)
        same, other = (1 + self.width) / 2 * impulse, (1 - self.width) / 2 * impulse
        return np.array([[same, other], [other, same]])


def _bands(low_db: float, high_db: float) -> tuple[Band, ...]:
    return (Band("low-shelf", _LOW_HERTZ, low_db), Band("high-shelf", _HIGH_HERTZ, high_db))


class MixMeter:
    """Measures tone and width of what passes.

    Parameters
    ----------
    sample_rate : int
        PCM frames a second.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._hertz = np.fft.rfftfreq(_FRAMES, 1 / sample_rate)
        self._window = np.hanning(_FRAMES).astype(np.float32)
        self._power = np.zeros(len(self._hertz))
        self._magnitude = np.zeros(len(self._hertz))
        self._sides = np.zeros((2, 2))
        self._gains: dict[Band, Floats] = {}

    def add(self, block: Stereo) -> None:
        """Measure a block, shape (n, 2); what is no whole frame at its end is left out."""
        middle, side = (block[:, 0] + block[:, 1]) / 2, (block[:, 0] - block[:, 1]) / 2
        both = np.stack([middle, side])
        self._sides += both @ both.T
        whole = len(middle) // _FRAMES * _FRAMES
        spectra = np.fft.rfft(middle[:whole].reshape(-1, _FRAMES) * self._window, axis=1)
        magnitudes = np.abs(spectra).astype(np.float64)
        self._power += np.square(magnitudes).sum(axis=0)
        sounding = np.square(magnitudes).mean(axis=1) > _PAUSE * _FRAMES
        magnitudes = magnitudes[sounding]
        self._magnitude += (magnitudes / magnitudes.sum(axis=1, keepdims=True)).sum(axis=0)

    def polish(self) -> Polish:
        """Find what brings the sound into :data:`RANGES`, with the least done to it."""
        if not (self._power.sum() > 0 and self._magnitude.sum() > 0):
            return Polish()
        low, high = self._tone() if self._rate > 3 * BRIGHT_HERTZ else (0.0, 0.0)
        return Polish(low, high, self._width())

    def _tone(self) -> tuple[float, float]:
        if self._cost(0.0, 0.0) == 0:
            return 0.0, 0.0
        lows = np.arange(-_MOST_LOW_DB, _MOST_LOW_DB + 0.1, _STEPS_DB).tolist()
        highs = np.arange(-_MOST_HIGH_DB, _MOST_HIGH_DB + 0.1, _STEPS_DB).tolist()
        return min(product(lows, highs), key=lambda knobs: self._cost(*knobs))

    def _cost(self, low_db: float, high_db: float) -> float:
        low, high = _bands(low_db, high_db)
        gain = self._gain(low) * self._gain(high)
        power, magnitude = self._power * np.square(gain), self._magnitude * gain
        found = {
            "centroid": power @ self._hertz / power.sum(),
            "magnitude centroid": magnitude @ self._hertz / magnitude.sum(),
            "bright share": power[self._hertz > BRIGHT_HERTZ].sum() / power.sum(),
        }
        outside = [_outside_db(float(value), *RANGES[name]) for name, value in found.items()]
        return low_db**2 + high_db**2 + _STRICTNESS * sum(one**2 for one in outside)

    def _gain(self, band: Band) -> Floats:
        if band not in self._gains:
            curve = np.abs(curve_of((band,), self._rate))
            grid = np.linspace(0, self._rate / 2, len(curve))
            self._gains[band] = np.interp(self._hertz, grid, curve)
        return self._gains[band]

    def _width(self) -> float:
        (middle, across), (_, side) = self._sides
        power = middle + side * _WIDTHS**2
        product_of_sides = np.maximum(power**2 - (2 * across * _WIDTHS) ** 2, 1e-300)
        correlation = (middle - side * _WIDTHS**2) / np.sqrt(product_of_sides)
        least, most = RANGES["correlation"]
        outside = np.maximum(np.maximum(least - correlation, correlation - most), 0)
        place = int(np.argmin(np.abs(np.log(_WIDTHS)) + _STRICTNESS * outside))
        now = int(np.argmin(np.abs(np.log(_WIDTHS))))
        return 1.0 if outside[now] == 0 else float(_WIDTHS[place])


def _outside_db(value: float, low: float, high: float) -> float:
    """How far a value is outside a range, in decibels of power."""
    return 10 * max(0.0, math.log10(low / max(value, 1e-9)), math.log10(max(value, 1e-9) / high))
