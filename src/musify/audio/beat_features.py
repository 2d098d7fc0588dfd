"""What sounds in each beat: timbre, harmony, level, and what begins on it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.key import Chroma
from musify.audio.spectrum import Floats, LogMel, onset_strength

__all__ = ["BeatFeatures", "SongFrames", "beat_features", "mean_between"]

_CEPSTRA: Final = 14


_ONSET_BANDS: Final = ((0.0, np.inf), (0.0, 160.0), (160.0, 2000.0), (2000.0, np.inf))


class SongFrames:
    """A song frame by frame, summed up once so that means of any stretch are cheap.

    Parameters
    ----------
    mel, heard : LogMel, Chroma
        The song.

    Attributes
    ----------
    onsets : ndarray, shape (n, 4)
        Onset strength at the rate of ``mel``: of everything, below 160 Hz, to 2 kHz, above.
    """

    def __init__(self, mel: LogMel, heard: Chroma) -> None:
        self.mel, self.heard = mel, heard
        strengths = [onset_strength(mel, low, high) for low, high in _ONSET_BANDS]
        self.onsets: Floats = np.stack(strengths, axis=1)
        self._chroma = _sums(heard.values)
        self._bass = _sums(heard.bass)

    def chroma(self, edges: Floats) -> tuple[Floats, Floats]:
        """Mean chroma of all notes and of the bass between edges, each of unit length.

        A long window smears chords over the beat, so the first tenth is left out.
        """
        inner = edges[:-1] + 0.1 * np.diff(edges)
        bounds = np.stack([inner, edges[1:]], axis=1).ravel()
        every, low = (
            _unit(_between(sums, self.heard.rate, bounds)[::2])
            for sums in (self._chroma, self._bass)
        )
        return every, low

    def onsets_at(self, beats: Floats) -> Floats:
        """Tell what begins on beats: the largest strengths from 30 ms before to 40 ms after."""
        near = np.round(beats * self.mel.rate).astype(int)[:, None] + np.arange(-3, 5)
        found: Floats = self.onsets[np.clip(near, 0, len(self.onsets) - 1)].max(axis=1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class BeatFeatures:
    """Features of the stretch from each beat to the next.

    Parameters
    ----------
    timbre : ndarray, shape (b, 13)
        Mel cepstra without the first.
    chroma, bass : ndarray, shape (b, 12)
        Each of unit length, or zeros.
    level : ndarray, shape (b,)
        Decibels of full scale.
    onsets : ndarray, shape (b, 4)
        What begins on the beat: everything, low, middle, high.
    """

    timbre: Floats
    chroma: Floats
    bass: Floats
    level: Floats
    onsets: Floats


def mean_between(values: NDArray[np.floating], rate: float, edges: Floats) -> Floats:
    """Average frames over stretches.

    Parameters
    ----------
    values : ndarray, shape (n, k)
        Frames.
    rate : float
        Frames a second.
    edges : ndarray, shape (m+1,)
        Seconds, ascending.

    Returns
    -------
    ndarray, shape (m, k)
        Means; of a stretch shorter than a frame, that frame.
    """
    return _between(_sums(values), rate, edges)


def _sums(values: NDArray[np.floating]) -> Floats:
    sums = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, dtype=np.float64, out=sums[1:])
    return sums


def _between(sums: Floats, rate: float, edges: Floats) -> Floats:
    count = len(sums) - 1
    bounds = np.clip(np.round(edges * rate).astype(int), 0, count)
    starts = np.minimum(bounds[:-1], count - 1)
    ends = np.maximum(bounds[1:], starts + 1)
    mean: Floats = (sums[ends] - sums[starts]) / (ends - starts)[:, None]
    return mean


def beat_features(frames: SongFrames, edges: Floats) -> BeatFeatures:
    """Describe a song stretch by stretch, such as beat by beat.

    Parameters
    ----------
    frames : SongFrames
        The song.
    edges : ndarray, shape (b+1,)
        Where stretches begin, and where the last one ends: seconds, ascending.

    Returns
    -------
    BeatFeatures
        Of ``b`` stretches.
    """
    mel = frames.mel
    means = mean_between(mel.values, mel.rate, edges)
    power = mean_between(mel.power[:, None], mel.rate, edges)[:, 0]
    bands = means.shape[1]
    order = np.arange(1, _CEPSTRA)[:, None]
    cosine = np.cos(np.pi * order * (np.arange(bands) + 0.5) / bands) * np.sqrt(2 / bands)
    chroma, bass = frames.chroma(edges)
    return BeatFeatures(
        timbre=means @ cosine.T,
        chroma=chroma,
        bass=bass,
        level=10 * np.log10(power + 1e-10),
        onsets=frames.onsets_at(edges[:-1]),
    )


def _unit(values: Floats) -> Floats:
    unit: Floats = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9)
    return unit
