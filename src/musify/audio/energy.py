"""How energetic a song is over time, and where its mood stands in the plane."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.beat_features import SongFrames
from musify.audio.spectrum import Floats

__all__ = ["Curves", "energy_curves", "plane_of"]

HOP_SECONDS: Final = 1.0
WINDOW_SECONDS: Final = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Signals of energy over time, in windows of 4 s, one a second.

    Parameters
    ----------
    times : ndarray, shape (n,)
        Middles of the windows, in seconds.
    level : ndarray, shape (n,)
        Decibels relative to the loudest window.
    brightness : ndarray, shape (n,)
        Spectral centroid in octaves above 100 Hz.
    busyness : ndarray, shape (n,)
        Mean onset strength.
    majorness : ndarray, shape (n,)
        How much more major than minor, in [-1, 1].
    energy : ndarray, shape (n,)
        In [0, 1].
    """

    times: Floats
    level: Floats
    brightness: Floats
    busyness: Floats
    majorness: Floats
    energy: Floats


def energy_curves(frames: SongFrames, tonic: int | None, duration: float) -> Curves:
    """Follow the energy of a song.

    Parameters
    ----------
    frames : SongFrames
        The song.
    tonic : int or None
        Pitch class of the key, C = 0.
    duration : float
        Seconds.

    Returns
    -------
    Curves
        At least one window.

    Notes
    -----
    Energy rises with level, brightness and the number and strength of onsets, the three acoustic
    cues that best predict listeners' arousal (A. Gabrielsson, E. Lindström, "The role of structure
    in the musical expression of emotions", in Juslin, Sloboda (eds.), OUP 2010; E. Schubert,
    "Modeling perceived emotion with continuous musical features", Music Perception 21(4), 2004).
    """
    mel, heard = frames.mel, frames.heard
    count = max(1, round(duration / HOP_SECONDS))
    times = (np.arange(count) + 0.5) * duration / count
    power = _windowed(mel.power[:, None], mel.rate, times)[:, 0]
    level = 10 * np.log10(power + 1e-10)
    level = np.maximum(level - level.max(), -60.0)
    shape = _windowed(mel.values, mel.rate, times)
    weight = np.maximum(10**shape - 1, 0)
    octaves = np.log2(mel.centres / 100)
    brightness = (weight @ octaves) / np.maximum(weight.sum(axis=1), 1e-6)
    busyness = _windowed(frames.onsets[:, :1], mel.rate, times)[:, 0]
    majorness = np.zeros(count)
    if tonic is not None:
        tones = _windowed(heard.values, heard.rate, times, 12.0)
        major, minor = tones[:, (tonic + 4) % 12], tones[:, (tonic + 3) % 12]
        majorness = (major - minor) / np.maximum(major + minor, 1e-9)
    energy = (
        0.5 * np.clip(1 + level / 24, 0, 1)
        + 0.2 * np.clip(brightness / 5, 0, 1)
        + 0.3 * np.clip(busyness / 0.06, 0, 1)
    )
    energy = np.where(power > 1e-8, energy, 0.0)
    return Curves(times, level, brightness, busyness, majorness, energy)


def _windowed(
    values: NDArray[np.floating], rate: float, times: Floats, seconds: float = WINDOW_SECONDS
) -> Floats:
    sums = np.cumsum(np.concatenate([np.zeros((1, values.shape[1])), values]), axis=0, dtype=float)
    starts = np.clip(np.round((times - seconds / 2) * rate).astype(int), 0, len(values) - 1)
    ends = np.clip(np.round((times + seconds / 2) * rate).astype(int), starts + 1, len(values))
    mean: Floats = (sums[ends] - sums[starts]) / (ends - starts)[:, None]
    return mean


def plane_of(curves: Curves, bpm: float | None, majorness: float) -> Floats:
    """Where the mood stands, by rules of the literature alone.

    Parameters
    ----------
    curves : Curves
        The song.
    bpm : float or None
        Its tempo.
    majorness : float
        Of the whole song, in [-1, 1].

    Returns
    -------
    ndarray, shape (n, 2)
        (valence, arousal), each in [-1, 1].

    Notes
    -----
    Signs and order of the weights after T. Eerola, A. Friberg, R. Bresin, "Emotional expression in
    music", Frontiers in Psychology 4:487, 2013: mode, then tempo, register and dynamics; effects
    add up. Arousal: tempo, level, brightness, onsets; valence: mode above all, and tempo.
    """
    speed = 0.0 if bpm is None else float(np.clip(np.log2(bpm / 100) / 0.7, -1, 1))
    arousal = 2 * (curves.energy - 0.5) * 0.75 + 0.35 * speed
    mode = 0.6 * majorness + 0.4 * curves.majorness
    valence = 0.6 * mode + 0.25 * speed + 0.15 * np.clip(arousal, -1, 1)
    return np.clip(np.stack([valence, arousal], axis=1), -1, 1)
