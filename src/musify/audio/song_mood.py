"""How a song feels: valence and arousal over time, and whether anybody sings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays
from musify.audio.song_tags import SongTags

__all__ = ["SongMood", "song_mood"]


@dataclass(frozen=True, slots=True, eq=False)
class SongMood(FrozenArrays):
    """How a song feels.

    Attributes
    ----------
    valence, arousal : float
        Of the whole song, each in [-1, 1].
    times : ndarray, shape (n,)
        Middles of the windows in seconds, ascending.
    plane : ndarray, shape (n, 2)
        (valence, arousal) over time, each in [-1, 1].
    instrumental : float
        Probability that nobody sings, in [0, 1].
    """

    valence: float
    arousal: float
    times: NDArray[np.float64]
    plane: NDArray[np.float64]
    instrumental: float


def song_mood(
    mono: ArrayLike, tags: SongTags, *, bpm: float | None = None, beat_clarity: float = 0.0
) -> SongMood:
    """Say how a song feels.

    Parameters
    ----------
    mono : array_like, shape (n,)
        The sound at 16 kHz, full scale [-1, 1]: what `SongTagger.tag` was given.
    tags : SongTags
        What `SongTagger.tag` heard in it.
    bpm : float, optional
        Beats a minute; None where none is felt.
    beat_clarity : float, default 0
        How plainly a beat is felt, in [0, 1].
    """
    return SongMood(0.0, 0.0, tags.times, np.zeros((len(tags.times), 2)), 0.5)
