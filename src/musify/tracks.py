"""A piece of music, recorded or written, and what is known of it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from musify._arrays import frozen_floats
from musify._ffmpeg import StrPath
from musify.composer.score import Score
from musify.errors import ParameterError
from musify.moods import Mood
from musify.songs import SongAnalysis

__all__ = ["COMPOSED_LUFS", "LONGEST_SECONDS", "Licence", "Track"]

LONGEST_SECONDS: Final = 1e9
"""Some thirty years; longer times are slips, and would overflow in PCM frames."""

COMPOSED_LUFS: Final = -16.0
"""Loudness at which scores are rendered: what songs are brought to."""


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
    """A piece of music: in a file, or written down as a score.

    Parameters
    ----------
    path : Path
        The audio file; any format ffmpeg decodes. Of a score, the name under which its sound is
        written where a file is needed; nothing need stand there.
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
    score : Score, optional
        What is played, instead of a file; :meth:`of_score` makes such a track.
    soundfont : Path, optional
        The SoundFont that the score is played with; the instruments that are shipped by default.

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
    score: Score | None = field(default=None, repr=False)
    soundfont: Path | None = None

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
            score: Score | None = None,
            soundfont: StrPath | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))
        if self.soundfont is not None:
            object.__setattr__(self, "soundfont", Path(self.soundfont))
            if self.score is None:
                raise ParameterError("a soundfont plays a score; a recorded song needs none")
        if not (self.mood is None or isinstance(self.mood, Mood)):
            raise ParameterError(
                f"mood must be a Mood, got {self.mood!r}; write Mood.named({str(self.mood)!r})"
            )
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

    @classmethod
    def of_score(
        cls, score: Score, *, soundfont: StrPath | None = None, mood: Mood | None = None
    ) -> "Track":
        """Make a track of a score.

        Parameters
        ----------
        score : Score
            What is played.
        soundfont : path-like, optional
            The SoundFont that it is played with; the instruments that are shipped by default.
        mood : Mood, optional
            Its mood as a whole.
        """
        terms = "https://creativecommons.org/publicdomain/zero/1.0/"
        credit, name = score.credit, score.file_name
        if soundfont is not None:
            name += f"-{Path(soundfont).stem}"
            credit += f"; played with {Path(soundfont).name}, whose own terms apply"
        return cls(
            path=f"{name}.wav",
            duration=score.duration,
            title=score.title,
            artist=f"musify {score.version}".strip(),
            mood=mood,
            bpm=score.tempo.bpm_at(0.0),
            key=score.sections[0].key.name if score.sections else None,
            loudness_lufs=COMPOSED_LUFS,
            licence=Licence("CC0-1.0", terms, credit),
            genre=score.style or None,
            instrumental=True,
            score=score,
            soundfont=soundfont,
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """What must stand on the disk for it to be played."""
        if self.score is None:
            return (self.path,)
        return () if self.soundfont is None else (self.soundfont,)

    def settled_in(self, folder: Path) -> "Track":
        """Let relative paths of its files start at a folder."""
        if self.score is None:
            return replace(self, path=folder / self.path)
        return self if self.soundfont is None else replace(self, soundfont=folder / self.soundfont)

    @property
    def credit(self) -> str:
        """One line that names the track, its maker and its licence."""
        if self.licence is not None and self.licence.attribution:
            return self.licence.attribution
        by = f" by {self.artist}" if self.artist else ""
        terms = f" ({self.licence.name})" if self.licence is not None else ""
        return f"“{self.title}”{by}{terms}"

    def _repr_html_(self) -> str:
        from musify._html_tables import track_html  # noqa: PLC0415 - only notebooks need it

        return track_html(self)
