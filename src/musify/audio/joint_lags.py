"""Aligning the two sides of a joint: to a fraction of a millisecond, by their waveforms."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.fit_features import SongSound
from musify.audio.grid import CutGrid

__all__ = ["MOST_LAG", "align", "sharpen"]

MOST_LAG: Final = 0.03
"""Seconds a joint may be moved off its grid."""

_REACH_SECONDS: Final = 0.6
_FINE_REACH_SECONDS: Final = 0.25
# A likeness this much better justifies a lag of 30 ms: the grid is mostly right.
_TRUST_IN_GRID: Final = 0.3
_AT_ONCE: Final = 128

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def align(sound: SongSound, grid: CutGrid, out: Whole, into: Whole) -> tuple[Floats, Floats]:
    """Find by how much later the incoming side must start for both to be in time.

    The waveforms around both places are compared at all lags of +-30 ms (normalised
    cross-correlation of their differences, which weighs high and low alike), less a penalty
    that grows with the lag.

    Parameters
    ----------
    sound : SongSound
        The song.
    grid : CutGrid
        Its places.
    out, into : ndarray of int, shape (e,)
        The places of each joint.

    Returns
    -------
    lag : ndarray of float64, shape (e,)
        Seconds.
    likeness : ndarray of float64, shape (e,)
        Correlation at that lag, in [-1, 1].
    """
    every = max(1, round(sound.sample_rate / 12_000))
    emphasised = np.diff(sound.mono, prepend=np.float32(0))
    if every > 1:
        whole = len(emphasised) // every * every
        emphasised = emphasised[:whole].reshape(-1, every).mean(axis=1)
    rate = sound.sample_rate / every
    reach, most = int(_REACH_SECONDS * rate), max(1, int(MOST_LAG * rate))
    places = np.unique(np.concatenate([out, into]))
    size = 1 << int(np.ceil(np.log2(2 * (reach + most) + 1)))
    centres = np.round(grid.times[places] * rate).astype(int)
    padded = np.pad(emphasised, (reach + most, reach + most + 1))
    steps = np.arange(2 * reach)
    windows = padded[centres[:, None] + most + steps]
    windows = windows * np.hanning(2 * reach).astype(np.float32)
    energy = np.sqrt(np.square(windows, dtype=np.float64).sum(axis=1)) + 1e-9
    spectra = np.fft.rfft(windows.astype(np.float32), size, axis=1)
    spot = np.searchsorted(places, out), np.searchsorted(places, into)
    rest = centres / rate - grid.times[places]  # what rounding to a PCM frame took
    lags = np.arange(-most, most + 1)
    penalty = _TRUST_IN_GRID * np.square(lags / most)
    lag, likeness = np.zeros(len(out)), np.zeros(len(out))
    for first in range(0, len(out), _AT_ONCE):
        a, b = spot[0][first : first + _AT_ONCE], spot[1][first : first + _AT_ONCE]
        cross = np.fft.irfft(np.conj(spectra[a]) * spectra[b], size, axis=1)
        near = np.concatenate([cross[:, -most:], cross[:, : most + 1]], axis=1)
        near = near / (energy[a] * energy[b])[:, None]
        best = (near - penalty).argmax(axis=1)
        lag[first : first + len(a)] = lags[best] / rate + rest[b] - rest[a]
        likeness[first : first + len(a)] = near[np.arange(len(a)), best]
    return lag, likeness


def sharpen(sound: SongSound, leave: int, enter: int, most: int) -> int:
    """Move the second of two places a little, to where its waveform fits the first's.

    Parameters
    ----------
    sound : SongSound
        The song.
    leave, enter : int
        PCM frames.
    most : int
        Frames it may be moved by at most.

    Returns
    -------
    int
        ``enter``, moved.
    """
    reach = int(_FINE_REACH_SECONDS * sound.sample_rate)
    left = min(reach, leave, enter - most)
    right = min(reach, len(sound.mono) - leave, len(sound.mono) - enter - most)
    if most < 1 or left < 0 or right < 0 or left + right < 4 * most:
        return enter
    first = np.diff(sound.mono[leave - left : leave + right])
    second = np.diff(sound.mono[enter - left - most : enter + right + most])
    size = 1 << int(np.ceil(np.log2(len(second))))
    cross = np.fft.irfft(np.conj(np.fft.rfft(first, size)) * np.fft.rfft(second, size), size)
    near = cross[: 2 * most + 1]
    return enter + int(near.argmax()) - most if near.max() > 0 else enter
