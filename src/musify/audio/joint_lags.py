"""Aligning the two sides of a joint: to a fraction of a millisecond, by their waveforms."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.fit_features import SongSound
from musify.audio.grid import CutGrid
from musify.cancelling import checkpoint

__all__ = ["MOST_LAG", "align", "sharpen"]

MOST_LAG: Final = 0.03
"""Seconds a joint may be moved off its grid."""

_REACHES: Final = (0.6, 0.15)  # seconds on either side
_FINE_REACH_SECONDS: Final = 0.25
# A likeness this much better justifies a lag as long as the grid may be off.
_TRUST_IN_GRID: Final = 0.3
_SURE: Final = 0.7
_ENOUGH_SURE: Final = 12
_LEAST_WIDTH: Final = 0.001
_STEADY_WIDTH: Final = 0.0015
_ALIKE: Final = 0.4
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
    checkpoint()
    every = max(1, round(sound.sample_rate / 12_000))
    emphasised = np.diff(sound.mono, prepend=np.float32(0))
    if every > 1:
        whole = len(emphasised) // every * every
        emphasised = emphasised[:whole].reshape(-1, every).mean(axis=1)
    rate = sound.sample_rate / every
    most = max(1, int(MOST_LAG * rate))
    places = np.unique(np.concatenate([out, into]))
    centres = np.round(grid.times[places] * rate).astype(int)
    spot = np.searchsorted(places, out), np.searchsorted(places, into)
    rest = centres / rate - grid.times[places]  # what rounding to a PCM frame took
    lags = np.arange(-most, most + 1)
    # Some beats tell what is the same music, one beat alone where exactly it begins: with a tempo
    # that lives, the beats around it are not as far away on either side.
    near = 0.5 * np.sum(
        [_correlations(emphasised, centres, spot, int(reach * rate), most) for reach in _REACHES],
        axis=0,
    )
    shift = (rest[spot[1]] - rest[spot[0]]) * rate
    each = np.arange(len(out))
    best = near.argmax(axis=1)
    width = _grid_error((lags[best] + shift) / rate, near[each, best]) if grid.felt else MOST_LAG
    width = min(width, max(_STEADY_WIDTH, 6 * grid.error))
    away = (lags + shift[:, None]) / rate / width
    best = (near - _TRUST_IN_GRID * np.square(away)).argmax(axis=1)
    likeness = near[each, best].astype(np.float64)
    lag = (lags[best] + shift) / rate
    # Different music correlates somewhere by chance; then the grid knows better.
    return np.where((likeness > _ALIKE) | ~np.array(grid.felt), lag, 0.0), likeness


def _correlations(
    sound: NDArray[np.float32],
    centres: Whole,
    spot: tuple[Whole, Whole],
    reach: int,
    most: int,
) -> NDArray[np.float32]:
    """Correlation of the sound around pairs of places at all lags up to ``most``."""
    size = 1 << int(np.ceil(np.log2(2 * (reach + most) + 1)))
    padded = np.pad(sound, (reach, reach + most + 1))
    windows = padded[centres[:, None] + np.arange(2 * reach)]
    windows = windows * np.hanning(2 * reach).astype(np.float32)
    checkpoint()
    energy = np.sqrt(np.square(windows, dtype=np.float64).sum(axis=1)) + 1e-9
    checkpoint()
    spectra = np.fft.rfft(windows, size, axis=1)
    near = np.empty((len(spot[0]), 2 * most + 1), np.float32)
    for first in range(0, len(near), _AT_ONCE):
        checkpoint()
        part = slice(first, first + _AT_ONCE)
        a, b = spot[0][part], spot[1][part]
        cross = np.fft.irfft(np.conj(spectra[a]) * spectra[b], size, axis=1)
        near[part] = np.concatenate([cross[:, -most:], cross[:, : most + 1]], axis=1)
        near[part] /= (energy[a] * energy[b])[:, None]
    return near


def _grid_error(lags: Floats, likeness: Floats) -> float:
    """How far a joint may be off the grid: told by those whose waveforms leave no doubt."""
    sure = lags[likeness > _SURE]
    if len(sure) < _ENOUGH_SURE:
        return MOST_LAG / 3
    spread = 1.4826 * float(np.median(np.abs(sure)))
    return float(np.clip(3 * spread, _LEAST_WIDTH, MOST_LAG))


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
    energy = float(np.linalg.norm(first)) * float(np.linalg.norm(second))
    if near.max() <= _ALIKE * energy:
        return enter
    return enter + int(near.argmax()) - most
