"""What listening to a song tells: beats, key, sections, mood over time."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify.errors import ParameterError

__all__ = ["ANALYSIS_VERSION", "SongAnalysis"]

ANALYSIS_VERSION: Final = 1
"""Raised whenever the same sound would be analysed differently: what was kept is then made anew."""

_NO_TIMES: Final = np.empty(0)
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class SongAnalysis(FrozenArrays):
    """What was heard in a song.

    Times are seconds from the first PCM frame that decoding gives.

    Parameters
    ----------
    duration : float
        Length of the decoded sound in seconds; above 0.
    valence, arousal : float
        Mood of the whole song, each in [-1, 1].
    loudness_lufs : float or None
        Integrated loudness by ITU-R BS.1770; None for silence.
    beats : array_like, shape (b,)
        Times of the beats on a smoothed grid, ascending; empty where no beat is felt.
    downbeats : array_like, shape (d,)
        Those of the beats that begin a bar.
    bpm : float or None
        Beats a minute, the median over the song; None without beats.
    beats_per_bar : int or None
        Such as 4, 3, 5 or 7; None without beats.
    beat_clarity : float
        How plainly a beat is felt, in [0, 1]; below 0.2 the song is best joined without one.
    key : str or None
        Such as ``"D minor"``; None where no tonic stands out.
    key_clarity : float
        How plainly the key stands out, in [0, 1].
    section_edges : array_like, shape (m+1,)
        Where sections begin and end, from 0 to ``duration``; on downbeats where there are any.
    section_labels : tuple of str
        A letter each; sections that sound alike share one.
    intro_end, ending_start : float
        Where the body of the song begins and ends: what stands before and after must stay whole.
    instrumental : float
        Probability that nobody sings, in [0, 1].
    curve_times : array_like, shape (n,)
        Middles of the windows of the curves, ascending.
    energy : array_like, shape (n,)
        How energetic the song is over time, in [0, 1].
    plane : array_like, shape (n, 2)
        (valence, arousal) over time, each in [-1, 1].
    tags : dict of str to float
        What the tagger heard, such as ``{"guitar": 0.7}``.

    Raises
    ------
    ParameterError
        If shapes do not fit together or a value leaves its range.
    """

    duration: float
    valence: float = 0.0
    arousal: float = 0.0
    loudness_lufs: float | None = None
    beats: NDArray[np.float64] = field(default_factory=lambda: _NO_TIMES)
    downbeats: NDArray[np.float64] = field(default_factory=lambda: _NO_TIMES)
    bpm: float | None = None
    beats_per_bar: int | None = None
    beat_clarity: float = 0.0
    key: str | None = None
    key_clarity: float = 0.0
    section_edges: NDArray[np.float64] = field(default_factory=lambda: _NO_TIMES)
    section_labels: tuple[str, ...] = ()
    intro_end: float = 0.0
    ending_start: float | None = None
    instrumental: float = 0.5
    curve_times: NDArray[np.float64] = field(default_factory=lambda: _NO_TIMES)
    energy: NDArray[np.float64] = field(default_factory=lambda: _NO_TIMES)
    plane: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    tags: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.duration < float("inf"):
            raise ParameterError(f"duration of a song must be above 0 s, got {self.duration}")
        for name in ("beats", "downbeats", "curve_times"):
            self._freeze(name, getattr(self, name), (None,))
            if (np.diff(getattr(self, name)) <= 0).any():
                raise ParameterError(f"{name} must ascend")
        edges = self.section_edges if len(self.section_edges) else (0.0, self.duration)
        self._freeze("section_edges", edges, (None,))
        labels = tuple(self.section_labels) or ("A",) * (len(self.section_edges) - 1)
        object.__setattr__(self, "section_labels", labels)
        if len(labels) != len(self.section_edges) - 1 or (np.diff(self.section_edges) <= 0).any():
            raise ParameterError(
                f"{len(self.section_edges)} ascending section_edges need one label less, got "
                f"{len(labels)}"
            )
        count = len(self.curve_times)
        self._freeze("energy", self.energy, (count,))
        self._freeze("plane", self.plane, (count, 2))
        if self.ending_start is None:
            object.__setattr__(self, "ending_start", self.duration)
        unit = ("beat_clarity", "key_clarity", "instrumental")
        for name, low in (*((name, 0.0) for name in unit), ("valence", -1.0), ("arousal", -1.0)):
            if not low - _TOLERANCE <= getattr(self, name) <= 1 + _TOLERANCE:
                raise ParameterError(f"{name} must be in [{low:g}, 1], got {getattr(self, name)}")

    def _freeze(self, name: str, values: ArrayLike, shape: tuple[int | None, ...]) -> None:
        object.__setattr__(self, name, frozen_floats(name, values, shape))

    def __repr__(self) -> str:
        tempo = "no beat" if self.bpm is None else f"{self.bpm:.1f} bpm"
        return (
            f"SongAnalysis({self.duration:.1f} s, {tempo}, {self.key or 'no key'}, "
            f"{len(self.section_labels)} sections)"
        )
