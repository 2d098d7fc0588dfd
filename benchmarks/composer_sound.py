"""Measures how composed music sounds and how long rendering takes, beside the bundled songs.

    python benchmarks/composer_sound.py                  # --styles piano folk, --minutes 1 10

The songs are those of the extra "songs". Of every song, and of one piece of every style in each
quadrant of the plane, are printed

- centroid: mean frequency of the whole by power, and by magnitude, frame by frame, as librosa's;
- above 6 kHz: the share of power;
- correlation of the sides, crest factor (true peak over mean power), loudness and loudness range.

Then, each in a fresh process on one core: how many times faster than real time a piece of eight
parts and twenty notes a second is rendered, everything included, and the memory it takes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.bs1770 import measure_blocks

RATE: Final = 48_000
_FRAMES: Final = 4096
_BRIGHT: Final = 6000.0

Pcm = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured of a piece."""

    centroid: float
    centroid_magnitude: float
    above_6k: float
    correlation: float
    crest_db: float
    lufs: float
    range_lu: float
    true_peak: float


def measured(blocks: Iterable[Pcm]) -> Sound:
    """Measure stereo sound at 48 kHz."""
    pcm = np.concatenate(list(blocks))
    loudness = measure_blocks([pcm], RATE, 2)
    mono = pcm.mean(axis=1)
    hertz = np.fft.rfftfreq(_FRAMES, 1 / RATE)
    window = np.hanning(_FRAMES).astype(np.float32)
    power = np.zeros(len(hertz))
    centroids, weights = [], []
    for start in range(0, len(mono) - _FRAMES, _FRAMES // 2):
        magnitude = np.abs(np.fft.rfft(mono[start : start + _FRAMES] * window))
        power += np.square(magnitude)
        total = float(magnitude.sum())
        if np.square(magnitude).sum() > 1e-3:  # pauses have none
            centroids.append(float(magnitude @ hertz) / total)
            weights.append(1.0)
    mean_square = float(np.square(pcm).mean())
    peak = loudness.true_peak_dbtp
    assert peak is not None
    return Sound(
        centroid=float(power @ hertz / power.sum()),
        centroid_magnitude=float(np.average(centroids, weights=weights)),
        above_6k=100 * float(power[hertz > _BRIGHT].sum() / power.sum()),
        correlation=float(np.corrcoef(pcm.T)[0, 1]),
        crest_db=peak - 10 * np.log10(mean_square),
        lufs=loudness.integrated_lufs or -np.inf,
        range_lu=loudness.range_lu or 0.0,
        true_peak=peak,
    )
