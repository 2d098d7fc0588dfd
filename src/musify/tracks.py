"""A piece of music and what is known of it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from musify._arrays import frozen_floats
from musify._ffmpeg import StrPath
from musify.errors import ParameterError
from musify.moods import Mood
from musify.songs import SongAnalysis

__all__ = ["LONGEST_SECONDS", "Licence", "Track"]

LONGEST_SECONDS: Final = 1e9
"""Some thirty years; longer times are slips, and would overflow in PCM frames."""


@dataclass(frozen=True, slots=True)
class Licence:
    """Under what terms a track may be used.

    Parameters
    ----------
    name : str
        Such as ``"CC-BY-4.0"`` or ``"MIT"``; SPDX identifiers where there is one.
    url : str, optional
        Where the text stands.
    attribution : str, optional
        The credit the licence asks for, ready to print.
    """

    name: str
    url: str | None = None
    attribution: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise ParameterError(f"a licence needs a name, got {self.name!r}")
        for name in ("url", "attribution"):
            object.__setattr__(self, name, getattr(self, name) or None)


@dataclass(frozen=True, slots=True)
class Track:
    """A piece of music in a file.

    Parameters
    ----------
    path : Path
        The audio file; any format ffmpeg decodes.
    duration : float
        Length in seconds; above 0.
    title : str, optional
        The file's name without its ending when empty.
    artist : str, optional
        Who made it.
    mood : Mood, optional
        Where it stands in the valence-arousal plane, and under which name.
    bpm : float, optional
        Tempo in beats per minute, in [1, 1000].
    key : str, optional
        Such as ``"D minor"``.
    loudness_lufs : float, optional
        Integrated loudness by ITU-R BS.1770, in LUFS.
    beats : iterable of float, optional
        Times of the beats, in seconds, ascending.
    licence : Licence, optional
        Terms of use.
    genre : str, optional
        Such as ``"ambient"``.
    instrumental : bool, optional
        Whether nobody sings; None when it is not known.
    analysis : SongAnalysis, optional
        What was heard in it. It is not written into plans, and does not count in comparisons.

    Raises
    ------
    ParameterError
        If a number leaves its range.
    """

    path: Path
    duration: float
    title: str = ""
    artist: str | None = None
    mood: Mood | None = None
    bpm: float | None = None
    key: str | None = None
    loudness_lufs: float | None = None
    beats: tuple[float, ...] = ()
    licence: Licence | None = None
    genre: str | None = None
    instrumental: bool | None = None
    analysis: SongAnalysis | None = field(default=None, compare=False, repr=False)

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            path: StrPath,
            duration: float,
            title: str = "",
            artist: str | None = None,
            mood: Mood | None = None,
            bpm: float | None = None,
            key: str | None = None,
            loudness_lufs: float | None = None,
            beats: Iterable[float] = (),
            licence: Licence | None = None,
            genre: str | None = None,
            instrumental: bool | None = None,
            analysis: SongAnalysis | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))
        if not 0 < self.duration <= LONGEST_SECONDS:
            raise ParameterError(
                f"duration of a track must be above 0 s, and below 30 years, got {self.duration}"
            )
        if self.bpm is not None and not 1 <= self.bpm <= 1000:
            raise ParameterError(f"bpm must be in [1, 1000], got {self.bpm}")
        if self.loudness_lufs is not None and not math.isfinite(self.loudness_lufs):
            raise ParameterError(f"loudness_lufs must be finite, got {self.loudness_lufs}")
        beats = frozen_floats("beats", tuple(self.beats), (None,))
        if beats.size and not (np.diff(beats) > 0).all():
            raise ParameterError("beats must ascend")
        object.__setattr__(self, "beats", tuple(beats.tolist()))
        for name in ("artist", "key", "genre"):
            words = getattr(self, name)
            object.__setattr__(self, name, words if words and words.strip() else None)
        if not self.title.strip():
            object.__setattr__(self, "title", self.path.stem.strip() or self.path.name)

    @property
    def credit(self) -> str:
        """One line that names the track, its maker and its licence."""
        if self.licence is not None and self.licence.attribution:
            return self.licence.attribution
        by = f" by {self.artist}" if self.artist else ""
        terms = f" ({self.licence.name})" if self.licence is not None else ""
        return f"“{self.title}”{by}{terms}"
