"""How many beats a bar has, and which beats begin one."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from musify.audio.spectrum import Floats

__all__ = ["Metre", "metres"]

SMALLEST: Final = 2
LARGEST: Final = 7


@dataclass(frozen=True, slots=True)
class Metre:
    """A way to count the bars of a song.

    Parameters
    ----------
    beats_per_bar : int
        From 2 to 7.
    first : int
        Number of the first beat that begins a bar, below ``beats_per_bar``.
    harmony, bass, low, whole : float
        How well the changes of harmony and of bass, and the strength of low and of all onsets,
        agree with these bars: correlations in [-1, 1].
    repeat : float
        How much more alike beats a bar apart are than beats within one, in [-2, 2].
    """

    beats_per_bar: int
    first: int
    harmony: float
    bass: float
    low: float
    whole: float
    repeat: float

    @property
    def accent(self) -> float:
        """All that tells where bars begin, in one number."""
        return 0.4 * self.harmony + 0.25 * self.bass + 0.2 * self.low + 0.15 * self.whole


def metres(chroma: Floats, bass: Floats, onsets: Floats) -> list[Metre]:
    """Count the bars of a song in every way.

    Parameters
    ----------
    chroma, bass : ndarray, shape (b, 12)
        Harmony of each beat, of unit length.
    onsets : ndarray, shape (b, 4)
        What begins on each: everything, low, middle, high.

    Returns
    -------
    list of Metre
        For each number of beats, with the first beat that fits it best; none for a song of fewer
        than two bars.

    Notes
    -----
    Bars begin where the harmony changes, the bass enters, and more begins than on other beats (M.
    Goto, "An audio-based real-time beat tracking system", J. New Music Research 30(2), 2001); and
    music resembles itself a bar later.
    """
    count = len(onsets)
    curves = [
        _standard(_change(chroma)),
        _standard(_change(bass)),
        _standard(onsets[:, 1]),
        _standard(onsets[:, 0]),
    ]
    shape = np.stack([_standard(column) for column in onsets.T], axis=1)
    found = []
    for size in range(SMALLEST, LARGEST + 1):
        if count < 2 * size + 1:
            continue
        repeat = _repetition(shape, size)
        ways = []
        for first in range(size):
            harmony, deep, low, whole = (_agreement(curve, size, first) for curve in curves)
            ways.append(Metre(size, first, harmony, deep, low, whole, repeat))
        found.append(max(ways, key=lambda way: way.accent))
    return found


def _agreement(curve: Floats, size: int, first: int) -> float:
    """Correlate a curve of zero mean and unit deviation with the beginnings of bars."""
    return float(curve[first::size].sum() / len(curve) / np.sqrt((1 - 1 / size) / size))


def _change(unit: Floats) -> Floats:
    change = 1 - (unit[1:] * unit[:-1]).sum(axis=1)
    return np.concatenate([[change.mean()], change])


def _standard(values: Floats) -> Floats:
    values = np.minimum(values, np.percentile(values, 95))
    deviation = float(values.std())
    return (values - values.mean()) / deviation if deviation > 1e-6 else np.zeros(len(values))


def _repetition(shape: Floats, lag: int) -> float:
    power = float((shape**2).mean())
    if power < 1e-9 or len(shape) <= 2 * lag:
        return 0.0

    def alike(step: int) -> float:
        return float((shape[step:] * shape[:-step]).mean() / power)

    return (alike(lag) + alike(2 * lag)) / 2 - float(np.mean([alike(s) for s in range(1, lag)]))
