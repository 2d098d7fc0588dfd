"""Mastering: tone and width of the whole, as far as they leave what songs have.

The mix of a score depends on its style and mood, and shall: a dark piece stays darker than a bright
one. Only what would stand out among finished songs is corrected, by as little as it takes.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.render.equalizer import Band, curve_of, impulse_of

__all__ = ["BRIGHT_HERTZ", "RANGES", "MixMeter", "Polish"]

BRIGHT_HERTZ: Final = 6000.0
"""From where on sound counts as bright."""

RANGES: Final = {
    "centroid": (240.0, 700.0),
    "magnitude centroid": (1600.0, 2850.0),
    "bright share": (0.0024, 0.028),
    "correlation": (0.58, 0.92),
}
"""What a song may have: mean frequency by power, and by magnitude, of frames of 43 ms, in hertz;
share of the power above 6 kHz; correlation of the sides. Measured by
``benchmarks/composer_sound.py`` on the 28 songs of immich-memories-music 0.1.0 (215 to 791 Hz, 1492
to 3307 Hz, .0019 to .0335, .55 to .94), and a tenth or so taken off at either end."""

_LOW_HERTZ: Final = 220.0
_HIGH_HERTZ: Final = 4500.0
_LOWS_DB: Final = np.arange(-6.0, 6.5)
_HIGHS_DB: Final = np.arange(-12.0, 10.5)
_AIRS_DB: Final = np.arange(-21.0, 34.0, 2.5)
# A knob costs as its square, air from where it is not heard yet; what leaves a range costs so many
# times as much, in decibels.
_STRICTNESS: Final = 400.0
_NO_AIR_DB: Final = -24.0
_AIR_COST: Final = 0.02
_WIDTHS: Final = np.exp(np.linspace(math.log(1 / 16), math.log(16), 257))
_FRAMES: Final = 2048
# Frames whose mean square is below, at the level they have, are pauses.
_PAUSE: Final = 1e-9
# Bands the tone is worked out in: as many to an octave.
_BANDS: Final = 6

Pcm = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Polish:
    """What is done to a mix, but for its loudness.

    Parameters
    ----------
    low_db, high_db : float
        Gains of a shelf below 220 Hz, and of one above 4.5 kHz.
    air : float
        Gain of the air that is added.
    width : float
        What the difference of the sides is multiplied by.
    """

    low_db: float = 0.0
    high_db: float = 0.0
    air: float = 0.0
    width: float = 1.0

    @property
    def changes_tone(self) -> bool:
        """Whether it does more than add air."""
        return self != Polish(air=self.air)

    def filters(self, sample_rate: int) -> Floats:
        """Make filters of it, but for the air; shape (2, 2, n), ``[out, into]``."""
        impulse = impulse_of(curve_of(_bands(self.low_db, self.high_db), sample_rate))
        same, other = (1 + self.width) / 2 * impulse, (1 - self.width) / 2 * impulse
        return np.array([[same, other], [other, same]])


def _bands(low_db: float, high_db: float) -> tuple[Band, Band]:
    return Band("low-shelf", _LOW_HERTZ, low_db), Band("high-shelf", _HIGH_HERTZ, high_db)


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
        # Of the middle, and of the air.
        self._power = np.zeros((2, len(self._hertz)))
        self._magnitude = np.zeros((2, len(self._hertz)))
        self._sides = np.zeros((2, 2))

    def add(self, block: Pcm) -> None:
        """Measure a block of a mix, shape (n, 3); what is no whole frame at its end is left out."""
        middle, side = (block[:, 0] + block[:, 1]) / 2, (block[:, 0] - block[:, 1]) / 2
        both = np.stack([middle, side])
        self._sides += both @ both.T
        frames = np.stack([middle, block[:, 2]])[:, : len(block) // _FRAMES * _FRAMES]
        spectra = np.fft.rfft(frames.reshape(2, -1, _FRAMES) * self._window, axis=2)
        magnitudes = np.abs(spectra).astype(np.float64)
        power = np.square(magnitudes)
        self._power += power.sum(axis=1)
        sounding = power[0].mean(axis=1) > _PAUSE * _FRAMES
        magnitudes = magnitudes[:, sounding]
        self._magnitude += (magnitudes / magnitudes[:1].sum(axis=2, keepdims=True)).sum(axis=1)

    def polish(self) -> Polish:
        """Find what brings the sound into :data:`RANGES`, with the least done to it."""
        if not (self._power[0].sum() > 0 and self._magnitude[0].sum() > 0):
            return Polish()
        low, high, air = self._tone() if self._rate > 3 * BRIGHT_HERTZ else (0.0, 0.0, 0.0)
        return Polish(low, high, air, self._width())

    def _tone(self) -> tuple[float, float, float]:
        nothing = np.zeros(1)
        if self._costs(nothing, nothing, nothing).item() == 0:
            return 0.0, 0.0, 0.0
        airs = np.concatenate([nothing, 10 ** (_AIRS_DB / 20)])
        costs = self._costs(_LOWS_DB, _HIGHS_DB, airs)
        low, high, air = np.unravel_index(int(np.argmin(costs)), costs.shape)
        return float(_LOWS_DB[low]), float(_HIGHS_DB[high]), float(airs[air])

    def _costs(self, lows: Floats, highs: Floats, airs: Floats) -> Floats:
        """Say what combinations of the knobs cost, shape (lows, highs, airs)."""
        bands = np.floor(np.log2(np.maximum(self._hertz, 20) / BRIGHT_HERTZ) * _BANDS).astype(int)
        starts = np.flatnonzero(np.diff(bands, prepend=bands[0] - 1))
        power = np.add.reduceat(self._power, starts, axis=1)
        moment = np.add.reduceat(self._power * self._hertz, starts, axis=1)
        magnitude = np.add.reduceat(self._magnitude, starts, axis=1)
        hertz = np.add.reduceat(self._magnitude[0] * self._hertz, starts) / magnitude[0]
        gains = self._gains(lows, highs, hertz)[:, :, None]
        air = airs[:, None]
        powers = power[0] * gains**2 + power[1] * air**2
        moments = moment[0] * gains**2 + moment[1] * air**2
        magnitudes = np.sqrt((magnitude[0] * gains) ** 2 + (magnitude[1] * air) ** 2)
        total = powers.sum(axis=-1)
        found = {
            "centroid": moments.sum(axis=-1) / total,
            "magnitude centroid": magnitudes @ hertz / magnitudes.sum(axis=-1),
            "bright share": powers[..., bands[starts] >= 0].sum(axis=-1) / total,
        }
        costs = np.square(lows)[:, None, None] + np.square(highs)[:, None]
        air_db = 20 * np.log10(np.maximum(airs, 10 ** (_NO_AIR_DB / 20)))
        costs = costs + _AIR_COST * np.square(air_db - _NO_AIR_DB)
        for name, values in found.items():
            low, high = RANGES[name]
            outside = np.maximum(np.log10(low / np.maximum(values, 1e-9)), np.log10(values / high))
            costs = costs + _STRICTNESS * np.square(10 * np.maximum(outside, 0))
        return costs

    def _gains(self, lows: Floats, highs: Floats, hertz: Floats) -> Floats:
        low = [self._gain(Band("low-shelf", _LOW_HERTZ, one), hertz) for one in lows.tolist()]
        high = [self._gain(Band("high-shelf", _HIGH_HERTZ, one), hertz) for one in highs.tolist()]
        return np.array(low)[:, None] * np.array(high)

    def _gain(self, band: Band, hertz: Floats) -> Floats:
        curve = np.abs(curve_of((band,), self._rate))
        return np.interp(hertz, np.linspace(0, self._rate / 2, len(curve)), curve)

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
