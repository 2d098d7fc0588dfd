"""What plays when: the plan of a soundtrack, editable by hand.

A cue is one entrance of music. A cue sheet is all of them, with everything else that decides what
the sound will be; the same sheet renders to the same PCM, sample for sample.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from musify._ffmpeg import StrPath
from musify.errors import MusifyError, OutputError, ParameterError
from musify.gain_curve import GainCurve
from musify.tracks import LONGEST_SECONDS, Track

__all__ = ["Cue", "CueSheet", "Original", "SourceRange"]

Original: TypeAlias = Literal["keep", "replace"]
"""What happens to the video's own sound: kept under the music, or replaced by it."""

ORIGINALS: Final[tuple[Original, ...]] = ("keep", "replace")
SAMPLE_RATES: Final = (8000, 192_000)
SEEDS: Final = (0, 2**63 - 1)
GAINS_DB: Final = (-120.0, 40.0)
SPEEDS: Final = (0.5, 2.0)
# Rounding when lengths are added up and written to JSON; a tenth of a PCM frame at 96 kHz.
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class SourceRange:
    """A stretch of a track.

    Parameters
    ----------
    start, end : float
        Seconds from the start of the track; ``0 <= start < end``.
    speed : float, default 1
        How fast it is played, pitch and all, in [0.5, 2]; fitting keeps within 0.8 % of 1.
    crossfade : float, optional
        Seconds by which it overlaps the range before it, with gains that keep the power even
        whatever both sides have in common; the cue's ``crossfade`` when None.
    gain_db : float, default 0
        Gain at its start, in [-120, 40] dB, that fades away over ``gain_seconds``: a step in level
        is turned into a slope.
    gain_seconds : float, default 0
        Seconds, at least 0.
    joint_cost : float, default 0
        How much the joint before it changes: 0 where the song goes on as it would by itself, about
        1 between places picked at random. For people to read.
    """

    start: float
    end: float
    speed: float = 1.0
    crossfade: float | None = None
    gain_db: float = 0.0
    gain_seconds: float = 0.0
    joint_cost: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= LONGEST_SECONDS:
            raise ParameterError(
                f"a source range must be 0 <= start < end, got {self.start} to {self.end}"
            )
        for name, (low, high) in (("speed", SPEEDS), ("gain_db", GAINS_DB)):
            if not low <= getattr(self, name) <= high:
                raise ParameterError(
                    f"{name} of a source range must be in [{low:g}, {high:g}], got "
                    f"{getattr(self, name)}"
                )
        for name in ("crossfade", "gain_seconds"):
            value = getattr(self, name) or 0.0
            if not 0 <= value <= LONGEST_SECONDS:
                raise ParameterError(f"{name} of a source range must be at least 0 s, got {value}")
        if not math.isfinite(self.joint_cost):
            raise ParameterError(f"joint_cost must be finite, got {self.joint_cost}")

    @property
    def duration(self) -> float:
        """Length in the track, in seconds."""
        return self.end - self.start

    @property
    def played(self) -> float:
        """Seconds it is heard for, at its speed."""
        return self.duration / self.speed


@dataclass(frozen=True, slots=True)
class Cue:
    """One entrance of music.

    Parameters
    ----------
    start, end : float
        When it sounds, in seconds of the video.
    track : Track
        What sounds.
    sources : tuple of SourceRange
        Stretches of the track, played in order and cut off at ``end``; none goes beyond it.
        Together, less the crossfades, they last at least as long as the cue.
    fade_in, fade_out : float, default 0
        Seconds of equal-power fade at the ends of the cue.
    gain_db : float, default 0
        Gain of the whole cue, in [-120, 40] dB.
    crossfade : float, default 0
        Seconds by which neighbouring source ranges overlap, with equal power, where a range has no
        crossfade of its own.

    Raises
    ------
    ParameterError
        If times do not fit together; the message says by how much.
    """

    start: float
    end: float
    track: Track
    sources: tuple[SourceRange, ...]
    fade_in: float = 0.0
    fade_out: float = 0.0
    gain_db: float = 0.0
    crossfade: float = 0.0

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            start: float,
            end: float,
            track: Track,
            sources: Iterable[SourceRange],
            fade_in: float = 0.0,
            fade_out: float = 0.0,
            gain_db: float = 0.0,
            crossfade: float = 0.0,
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", tuple(self.sources))
        if not 0 <= self.start < self.end <= LONGEST_SECONDS:
            raise ParameterError(f"a cue must be 0 <= start < end, got {self.start} to {self.end}")
        for name in ("fade_in", "fade_out", "crossfade"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ParameterError(f"{name} must be at least 0 s, got {value}")
        if self.fade_in + self.fade_out > self.duration + _TOLERANCE:
            raise ParameterError(
                f"fades of {self.fade_in:g} + {self.fade_out:g} s do not fit into a cue of "
                f"{self.duration:g} s"
            )
        if not GAINS_DB[0] <= self.gain_db <= GAINS_DB[1]:
            raise ParameterError(f"gain_db must be in [-120, 40], got {self.gain_db}")
        if not self.sources:
            raise ParameterError("a cue needs at least one source range")
        overlaps = (0.0, *self.overlaps, 0.0)
        # A range that is joined on both sides must hold both crossfades.
        for index, source in enumerate(self.sources):
            if source.end > self.track.duration + _TOLERANCE:
                raise ParameterError(
                    f"source range {index} ends at {source.end:g} s, after its track, which lasts "
                    f"{self.track.duration:g} s"
                )
            before, after = overlaps[index : index + 2]
            if source.played + _TOLERANCE < before + after:
                raise ParameterError(
                    f"source range {index} lasts {source.played:g} s, too short for its "
                    f"crossfades of {before:g} and {after:g} s"
                )
        if self.played + _TOLERANCE < self.duration:
            raise ParameterError(
                f"the source ranges last {self.played:g} s but the cue lasts {self.duration:g} s; "
                "add a range or end the cue earlier"
            )

    @property
    def duration(self) -> float:
        """Length in the video, in seconds."""
        return self.end - self.start

    @property
    def overlaps(self) -> tuple[float, ...]:
        """Seconds by which each range overlaps the next: one less than there are ranges."""
        return tuple(
            self.crossfade if source.crossfade is None else source.crossfade
            for source in self.sources[1:]
        )

    @property
    def played(self) -> float:
        """Seconds of sound the source ranges give."""
        return math.fsum(source.played for source in self.sources) - math.fsum(self.overlaps)


@dataclass(frozen=True, slots=True)
class CueSheet:
    """Everything that decides what the soundtrack of a video will be.

    Parameters
    ----------
    cues : tuple of Cue
        In order of their start; at most two sound at once.
    duration : float
        Length of the video in seconds; no cue ends later.
    video : Path, optional
        The video it was made for.
    original : {"keep", "replace"}, default "keep"
        What happens to the video's own sound.
    music_gain_db : float, default 0
        Gain of all music, in [-120, 40] dB.
    sample_rate : int, default 48000
        PCM frames a second of the soundtrack, in [8000, 192000].
    seed : int, default 0
        What chance was derived from.
    decisions : tuple of str
        What was decided, and why, for people to read.
    gain_curve : GainCurve, optional
        Gain of all music over time, on top of ``music_gain_db``: down where somebody speaks.

    Raises
    ------
    ParameterError
        If a cue is out of order or of bounds, or a value leaves its range.
    """

    cues: tuple[Cue, ...]
    duration: float
    video: Path | None = None
    original: Original = "keep"
    music_gain_db: float = 0.0
    sample_rate: int = 48_000
    seed: int = 0
    decisions: tuple[str, ...] = ()
    gain_curve: GainCurve | None = None

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            cues: Iterable[Cue],
            duration: float,
            video: StrPath | None = None,
            original: Original = "keep",
            music_gain_db: float = 0.0,
            sample_rate: int = 48_000,
            seed: int = 0,
            decisions: Iterable[str] = (),
            gain_curve: GainCurve | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "cues", tuple(self.cues))
        object.__setattr__(self, "decisions", tuple(self.decisions))
        if self.video is not None:
            object.__setattr__(self, "video", Path(self.video))
        if not 0 < self.duration <= LONGEST_SECONDS:
            raise ParameterError(f"duration must be above 0 s and a time, got {self.duration}")
        if self.original not in ORIGINALS:
            raise ParameterError(f"original must be one of {ORIGINALS}, got {self.original!r}")
        if not GAINS_DB[0] <= self.music_gain_db <= GAINS_DB[1]:
            raise ParameterError(f"music_gain_db must be in [-120, 40], got {self.music_gain_db}")
        for name, (low, high) in (("sample_rate", SAMPLE_RATES), ("seed", SEEDS)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ParameterError(
                    f"{name} must be in [{low}, {high}], got {value}; give a whole number"
                )
        if not all(isinstance(words, str) and words.strip() for words in self.decisions):
            raise ParameterError(f"decisions must be sentences, got {self.decisions}")
        if not isinstance(self.gain_curve, GainCurve | None):
            raise ParameterError(f"gain_curve must be a GainCurve, got {self.gain_curve!r}")
        sounding: list[Cue] = []
        for index, cue in enumerate(self.cues):
            if cue.end > self.duration + _TOLERANCE:
                raise ParameterError(
                    f"cue {index} ends at {cue.end:g} s, after the video ({self.duration:g} s)"
                )
            if index >= 1 and cue.start < self.cues[index - 1].start:
                raise ParameterError(f"cue {index} starts before cue {index - 1}; sort them")
            sounding = [other for other in sounding if other.end > cue.start + _TOLERANCE]
            if len(sounding) > 1:
                raise ParameterError(f"at {cue.start:g} s three cues sound at once; two may")
            sounding.append(cue)

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Tracks in the order of their first entrance, each file once."""
        return tuple({cue.track.path: cue.track for cue in self.cues}.values())

    @property
    def files(self) -> tuple[Path, ...]:
        """The video, if it is known, and the songs: what the sheet is rendered from."""
        video = () if self.video is None else (self.video,)
        return (*video, *(track.path for track in self.tracks))

    def credits(self) -> str:
        """Name every track, its maker and its licence, a line each.

        Returns
        -------
        str
            Ready to stand under the video; empty when no music plays.
        """
        return "\n".join(track.credit for track in self.tracks)

    def to_json(self) -> str:
        """Write the sheet as JSON; :meth:`from_json` reads it back, equal in every value."""
        from musify._cue_json import dump_sheet  # noqa: PLC0415 - it imports this module

        return dump_sheet(self)

    @classmethod
    def from_json(cls, text: str, *, folder: StrPath = ".") -> "CueSheet":
        """Read a sheet.

        Parameters
        ----------
        text : str
            What :meth:`to_json` wrote, edited by hand perhaps.
        folder : path-like, default "."
            Where relative paths in it start.

        Raises
        ------
        ParameterError
            If a key is unknown or missing, or a value wrong; the message gives its path, such as
            ``cues[2].gain_db``.
        """
        from musify._cue_json import load_sheet  # noqa: PLC0415 - it imports this module

        return load_sheet(text, Path(folder))

    def save(self, path: StrPath, *, overwrite: bool = False) -> Path:
        """Write the sheet to a file, its paths made absolute.

        Raises
        ------
        OutputError
            If the file exists and ``overwrite`` is False, if it is the video or a song of the
            sheet, or it cannot be written.
        """
        from musify._output import check_output, finished_file  # noqa: PLC0415 - only when saving

        # Read back, relative paths would start at the folder of the plan.
        here = Path.cwd()
        settled = replace(
            self,
            video=None if self.video is None else here / self.video,
            cues=tuple(
                replace(cue, track=replace(cue.track, path=here / cue.track.path))
                for cue in self.cues
            ),
        )
        check_output(path, overwrite=overwrite, inputs=self.files)
        try:
            with finished_file(path, overwrite=overwrite) as partial:
                partial.write_text(settled.to_json(), encoding="utf-8")
        except OSError as error:
            if isinstance(error, MusifyError):
                raise
            raise OutputError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
        return Path(path)

    @classmethod
    def load(cls, path: StrPath) -> "CueSheet":
        """Read a sheet from a file; relative paths in it start at its folder.

        Raises
        ------
        ParameterError
            If the file cannot be read or does not hold a sheet.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise ParameterError(f"{str(path)!r} is no plan, but something else") from error
        except OSError as error:
            raise ParameterError(
                f"cannot read the plan {str(path)!r}: {error.strerror or error}"
            ) from error
        return cls.from_json(text, folder=path.parent)

    def _repr_html_(self) -> str:
        from musify._display import cues_html  # noqa: PLC0415 - only notebooks need it

        return cues_html(self)
