"""What plays when: the plan of a soundtrack, editable by hand.

A cue is one entrance of music. A cue sheet is all of them, with everything else that decides what
the sound will be; the same sheet renders to the same PCM, sample for sample.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from musify._checks import number
from musify._ffmpeg import StrPath
from musify.cue import GAINS_DB, TOLERANCE, Cue, SourceRange
from musify.errors import MusifyError, OutputError, ParameterError
from musify.gain_curve import GainCurve
from musify.origins import VideoOrigin
from musify.tracks import LONGEST_SECONDS, Track

__all__ = ["Cue", "CueSheet", "Original", "SourceRange"]

Original: TypeAlias = Literal["duck", "keep", "replace", "second-track"]
"""What happens to the video's own sound: kept with music that steps back under speech, kept under
steady music, replaced by music, or left as it is beside a further track with the mix."""

ORIGINALS: Final[tuple[Original, ...]] = ("duck", "keep", "replace", "second-track")
LOUDNESSES_LUFS: Final = (-60.0, -5.0)
SAMPLE_RATES: Final = (8000, 192_000)
SEEDS: Final = (0, 2**63 - 1)
STREAMS: Final = (0, 9999)


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
    original : {"duck", "keep", "replace", "second-track"}, default "keep"
        What happens to the video's own sound: it stays with music that steps back where
        ``gain_curve`` says so, or under steady music; music replaces it; or it is left as it is,
        and the mix becomes a track beside it that players do not choose by themselves.
    music_gain_db : float, default 0
        Gain of all music, in [-120, 40] dB.
    sample_rate : int, default 48000
        PCM frames a second of the soundtrack, in [8000, 192000].
    seed : int, default 0
        What chance was derived from.
    decisions : tuple of str
        What was decided, and why, for people to read.
    gain_curve : GainCurve, optional
        Gain of all music over time, on top of the others.
    loudness_lufs : float, optional
        Integrated loudness that the whole is brought to, in [-60, -5] LUFS; by default it stays as
        it is mixed.
    audio_stream : int, optional
        Number of the video's stream that is its own sound; by default the first that is marked as
        default.
    origin : VideoOrigin, optional
        Where the video came from, if it was fetched from the network.
    lead_curve : GainCurve, optional
        Gain of the melodies of composed music over time, on top of the others: under speech they
        step back first, and the rest plays on.

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
    loudness_lufs: float | None = None
    audio_stream: int | None = None
    origin: VideoOrigin | None = None
    lead_curve: GainCurve | None = None

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
            loudness_lufs: float | None = None,
            audio_stream: int | None = None,
            origin: VideoOrigin | None = None,
            lead_curve: GainCurve | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "cues", tuple(self.cues))
        object.__setattr__(self, "decisions", tuple(self.decisions))
        for cue in self.cues:
            if not isinstance(cue, Cue):
                raise ParameterError(f"cues must be Cues, got {cue!r}")
        if self.video is not None:
            object.__setattr__(self, "video", Path(self.video))
        if number("duration", self.duration, above=0) > LONGEST_SECONDS:
            raise ParameterError(f"duration must be a time, got {self.duration}")
        if self.original not in ORIGINALS:
            raise ParameterError(f"original must be one of {ORIGINALS}, got {self.original!r}")
        number("music_gain_db", self.music_gain_db, low=GAINS_DB[0], high=GAINS_DB[1])
        whole = (("sample_rate", SAMPLE_RATES), ("seed", SEEDS), ("audio_stream", STREAMS))
        for name, (low, high) in whole:
            value = getattr(self, name)
            if name == "audio_stream" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ParameterError(
                    f"{name} must be in [{low}, {high}], got {value}; give a whole number"
                )
        least, most = LOUDNESSES_LUFS
        if self.loudness_lufs is not None:
            number("loudness_lufs", self.loudness_lufs, low=least, high=most)
        for name in ("gain_curve", "lead_curve"):
            curve = getattr(self, name)
            if not (curve is None or isinstance(curve, GainCurve)):
                raise ParameterError(f"{name} must be a GainCurve, got {curve!r}")
        if not (self.origin is None or isinstance(self.origin, VideoOrigin)):
            raise ParameterError(f"origin must be a VideoOrigin, got {self.origin!r}")
        if not all(isinstance(words, str) and words.strip() for words in self.decisions):
            raise ParameterError(f"decisions must be sentences, got {self.decisions}")
        sounding: list[Cue] = []
        for index, cue in enumerate(self.cues):
            if cue.end > self.duration + TOLERANCE:
                raise ParameterError(
                    f"cue {index} ends at {cue.end:g} s, after the video ({self.duration:g} s)"
                )
            if index >= 1 and cue.start < self.cues[index - 1].start:
                raise ParameterError(f"cue {index} starts before cue {index - 1}; sort them")
            sounding = [other for other in sounding if other.end > cue.start + TOLERANCE]
            if len(sounding) > 1:
                raise ParameterError(f"at {cue.start:g} s three cues sound at once; two may")
            sounding.append(cue)

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Tracks in the order of their first entrance, each file once."""
        return tuple({cue.track.path: cue.track for cue in self.cues}.values())

    @property
    def joints(self) -> tuple[float, ...]:
        """Seconds at which musify joined a source range to the one before it, ascending."""
        return tuple(
            sorted(joint for cue in self.cues if cue.joined_by == "musify" for joint in cue.joints)
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """The video, if it is known, songs and SoundFonts: what the sheet is rendered from."""
        video = () if self.video is None else (self.video,)
        return (*video, *(path for track in self.tracks for path in track.files))

    def credits(self) -> str:
        """Name every track, its maker and its licence, a line each, and where the video came from.

        Returns
        -------
        str
            Ready to stand under the video; empty when no music plays and the video is your own.
        """
        video = [] if self.origin is None else [f"Video: {self.origin.credit}"]
        return "\n".join([*(track.credit for track in self.tracks), *video])

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
            cues=tuple(replace(cue, track=cue.track.settled_in(here)) for cue in self.cues),
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
        try:
            return cls.from_json(text, folder=path.parent)
        except ParameterError as error:
            raise ParameterError(f"{str(path)!r}: {error}") from error

    def plot(self, ax: Any = None) -> Any:
        """Draw what plays when: cues with their fades and joints, and the gain of all music.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default on a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from musify._sound_plot import draw_cues  # noqa: PLC0415 - the extra "plot"

        return draw_cues(self, ax)

    def _repr_html_(self) -> str:
        from musify._display import cues_html  # noqa: PLC0415 - only notebooks need it

        return cues_html(self)
