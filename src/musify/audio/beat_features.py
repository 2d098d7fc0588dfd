"""What sounds in each beat: timbre, harmony, level, and what begins on it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.key import Chroma
from musify.audio.spectrum import Floats, LogMel, onset_strength

__all__ = ["BeatFeatures", "beat_features", "mean_between"]

_CEPSTRA: Final = 14


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
    bounds = np.clip(np.round(edges * rate).astype(int), 0, len(values))
    starts = np.minimum(bounds[:-1], len(values) - 1)
    ends = np.maximum(bounds[1:], starts + 1)
    sums = np.cumsum(np.concatenate([np.zeros((1, values.shape[1])), values]), axis=0, dtype=float)
    mean: Floats = (sums[ends] - sums[starts]) / (ends - starts)[:, None]
    return mean


def beat_features(
    mel: LogMel, heard: Chroma, beats: Floats, duration: float, *, edges: Floats | None = None
) -> BeatFeatures:
    """Describe a song beat by beat.

    Parameters
    ----------
    mel, heard : LogMel, Chroma
        The song.
    beats : ndarray, shape (b,)
        Seconds; at least two.
    duration : float
        Seconds; the last beat ends there at the latest.
    edges : ndarray, shape (b+1,), optional
        Given, these are used for the stretches.

    Returns
    -------
    BeatFeatures
        Of ``b`` stretches.
    """
    if edges is None:
        last = min(2 * beats[-1] - beats[-2], max(duration, beats[-1] + 0.01))
        edges = np.append(beats, last)
    means = mean_between(mel.values, mel.rate, edges)
    power = mean_between(mel.power[:, None], mel.rate, edges)[:, 0]
    bands = means.shape[1]
    order = np.arange(1, _CEPSTRA)[:, None]
    cosine = np.cos(np.pi * order * (np.arange(bands) + 0.5) / bands) * np.sqrt(2 / bands)
    # A long window smears chords over the beat: its middle is heard best.
    inner = edges[:-1] + 0.1 * np.diff(edges)
    harmony = np.stack([inner, edges[1:]], axis=1).ravel()
    onsets = [
        _on_beats(onset_strength(mel, low, high), mel.rate, edges[:-1])
        for low, high in ((0, np.inf), (0, 160), (160, 2000), (2000, np.inf))
    ]
    return BeatFeatures(
        timbre=means @ cosine.T,
        chroma=_unit(mean_between(heard.values, heard.rate, harmony)[::2]),
        bass=_unit(mean_between(heard.bass, heard.rate, harmony)[::2]),
        level=10 * np.log10(power + 1e-10),
        onsets=np.stack(onsets, axis=1),
    )


def _on_beats(onset: Floats, rate: float, beats: Floats) -> Floats:
    at = np.round(beats * rate).astype(int)
    near = at[:, None] + np.arange(-3, 5)
    found: Floats = onset[np.clip(near, 0, len(onset) - 1)].max(axis=1)
    return found


def _unit(values: Floats) -> Floats:
    unit: Floats = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9)
    return unit
