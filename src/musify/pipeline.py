"""The whole job: from a video to the same video with music."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from musify._ffmpeg import StrPath
from musify._look import Dynamics, Look, Looked, check_dynamics
from musify._output import check_output
from musify._registry import observe
from musify._run import Run, brief
from musify._selecting import select_for, speech_finder, suggester
from musify.audio.mix import mix
from musify.choosing import Candidate
from musify.cues import CueSheet, Original
from musify.errors import BackendError, ParameterError
from musify.interfaces import (
    AudioMuxer,
    FrameSampler,
    MoodAggregator,
    MoodClassifier,
    SongLibrary,
    TrackSelector,
)
from musify.libraries import default_library, open_library
from musify.plugins import DEFAULTS, INTERFACES, get_backend, provider_of
from musify.progress import ProgressCallback
from musify.results import Analysis, RunResult
from musify.timeline import MoodTimeline
from musify.video import VideoInfo, probe

__all__ = ["Pipeline", "add_music"]

T = TypeVar("T")

# Music stays this far under the video's own sound: the least that expert listeners ask for between
# speech and music (Torcoli et al., J. Audio Eng. Soc. 67(12), 2019), given own sound at about the
# -16 LUFS that songs are brought to.
UNDER_ORIGINAL_DB: Final = -10.0
_TIME_TOLERANCE: Final = 1e-9


class Pipeline:
    """The flow from video to video, each stage a part that can be swapped.

    Parameters
    ----------
    frame_sampler : FrameSampler or str, default "keyframe"
        Takes pictures out of the video.
    mood_classifier : MoodClassifier or str, default "local"
        Sees their mood.
    mood_aggregator : MoodAggregator or str, default "scenes"
        Follows it over time.
    track_selector : TrackSelector or str, default "nearest"
        Decides what plays when.
    audio_muxer : AudioMuxer or str, default "ffmpeg"
        Writes the output.
    library : SongLibrary, path-like or str, optional
        What music to choose from: a library, its name, or a folder of songs. By default the
        installed pack of songs.
    original : {"keep", "replace"}, default "keep"
        Whether the video's own sound stays under the music.
    music_gain_db : float, optional
        Gain of the music, whose songs are brought to -16 LUFS; by default -10 dB where own sound
        stays, else 0.
    sample_rate : int, default 48000
        PCM frames a second of the new sound.
    dynamics : {"index", "fast", "exact"} or None, default "index"
        How cuts and motion are found, as in :func:`find_shots`. They, and how loud the video's own
        sound is, raise and lower arousal, and moods change on cuts. None leaves it to the pictures.
    on_progress : callable, optional
        Called with :class:`Progress` now and then.

    Raises
    ------
    BackendError
        If a part cannot be made.
    ParameterError
        If a part is of the wrong kind, or a value leaves its range.

    Examples
    --------
    >>> pipeline = Pipeline(mood_aggregator="majority", frame_sampler="interval")
    >>> pipeline.mood_aggregator
    MajorityAggregator()
    """

    def __init__(
        self,
        *,
        frame_sampler: FrameSampler | str = DEFAULTS["frame_sampler"],
        mood_classifier: MoodClassifier | str = DEFAULTS["mood_classifier"],
        mood_aggregator: MoodAggregator | str = DEFAULTS["mood_aggregator"],
        track_selector: TrackSelector | str = DEFAULTS["track_selector"],
        audio_muxer: AudioMuxer | str = DEFAULTS["audio_muxer"],
        library: SongLibrary | StrPath | None = None,
        original: Original = "keep",
        music_gain_db: float | None = None,
        sample_rate: int = 48_000,
        dynamics: Dynamics = "index",
        on_progress: ProgressCallback | None = None,
    ) -> None:
        def made(part: T | str, make: Callable[[str], T]) -> T:
            return make(part) if isinstance(part, str) else part

        self.frame_sampler = made(frame_sampler, lambda name: get_backend("frame_sampler", name))
        self.mood_classifier = made(
            mood_classifier, lambda name: get_backend("mood_classifier", name)
        )
        self.mood_aggregator = made(
            mood_aggregator, lambda name: get_backend("mood_aggregator", name)
        )
        self.track_selector = made(track_selector, lambda name: get_backend("track_selector", name))
        self.audio_muxer = made(audio_muxer, lambda name: get_backend("audio_muxer", name))
        for kind, interface in INTERFACES.items():
            part = getattr(self, kind, None)
            if kind != "song_library" and not isinstance(part, interface):
                forgotten = "; have you forgotten the ()?" if isinstance(part, type) else ""
                raise ParameterError(
                    f"{kind} must be a {interface.__name__} or a name, got {part!r}{forgotten}"
                )
        if on_progress is not None and not callable(on_progress):
            raise ParameterError(
                "on_progress must be a callable that takes a Progress, or None, got "
                f"{on_progress!r}"
            )
        check_dynamics(dynamics)
        self.library = None if library is None else open_library(library)
        # The sheet knows the rules of these values; a wrong one shows now, not after a long run.
        CueSheet(
            (), 1.0, original=original, music_gain_db=music_gain_db or 0.0, sample_rate=sample_rate
        )
        self.original: Original = original
        self.music_gain_db = music_gain_db
        self.sample_rate = sample_rate
        self.dynamics: Dynamics = dynamics
        self.on_progress = on_progress

    def __repr__(self) -> str:
        parts = (
            self.frame_sampler,
            self.mood_classifier,
            self.mood_aggregator,
            self.track_selector,
            self.audio_muxer,
        )
        return f"Pipeline({', '.join(map(repr, parts))}, library={self.library!r})"

    def run(self, video: StrPath, output: StrPath, *, overwrite: bool = False) -> RunResult:
        """Add music to a video.

        Parameters
        ----------
        video : path-like
            The input; it is never changed.
        output : path-like
            What to write; its ending (.mp4, .m4v, .mov, .mkv, .webm) chooses the container.
        overwrite : bool, default False
            Whether a file that stands there may be replaced.

        Returns
        -------
        RunResult
            Everything found and decided on the way.

        Raises
        ------
        MusifyError
            Whatever goes wrong; then no part of the output is left.
        """
        with Run(self.on_progress) as run:
            check_output(output, overwrite=overwrite, inputs=(video,))
            self._find_library()
            info, looked = self._look(run, video, output)
            sheet = self._plan(run, info, looked.timeline)
            result = self._finish(run, info, sheet, output, overwrite=overwrite)
        return replace(result, timeline=looked.timeline, scores=looked.scores, shots=looked.shots)

    def analyze(self, video: StrPath) -> Analysis:
        """Look at a video and follow its mood, without choosing music."""
        with Run(self.on_progress) as run:
            info, looked = self._look(run, video)
        return Analysis(
            info, looked.scores, looked.timeline, tuple(run.notices), run.seconds, looked.shots
        )

    def plan(self, video: StrPath) -> CueSheet:
        """Decide what would play when, without rendering it."""
        with Run(self.on_progress) as run:
            self._find_library()
            info, looked = self._look(run, video)
            return self._plan(run, info, looked.timeline)

    def suggest(self, video: StrPath, *, count: int = 5) -> tuple[Candidate, ...]:
        """Name the songs that would fit best, each alone under the whole video.

        Parameters
        ----------
        video : path-like
            The input; it is never changed.
        count : int, default 5
            The most songs to name.

        Raises
        ------
        ParameterError
            If the track selector cannot name several.
        """
        with Run(self.on_progress) as run:
            ask = suggester(self.track_selector)
            self._find_library()
            info, looked = self._look(run, video)
            with run.blamed("track_selector", self.track_selector):
                speech = speech_finder(info, self.original)
                found = ask(looked.timeline, self.library, count=count, speech=speech)
        return tuple(found)

    def render(
        self,
        plan: CueSheet | StrPath,
        output: StrPath,
        *,
        video: StrPath | None = None,
        overwrite: bool = False,
    ) -> RunResult:
        """Write a video with the music of a plan; the video is not looked at again.

        Parameters
        ----------
        plan : CueSheet or path-like
            What plays when, or the file it was saved to.
        output : path-like
            What to write.
        video : path-like, optional
            The input; by default the one the plan names.
        overwrite : bool, default False
            Whether a file that stands there may be replaced.

        Raises
        ------
        ParameterError
            If no video is named, or its length is not the plan's.
        """
        plan = plan if isinstance(plan, CueSheet) else CueSheet.load(plan)
        source = plan.video if video is None else Path(video)
        if source is None:
            raise ParameterError("the plan names no video; pass video=...")
        with Run(self.on_progress) as run:
            check_output(output, overwrite=overwrite, inputs=(source,))
            with run.stage("probe") as finish:
                info = finish(probe(source))
                run.report("probe", info.duration, info.duration)
            self.audio_muxer.check(info, output, original=plan.original)
            observe("musify_run_started", video=info, output=Path(output))
            return self._finish(run, info, plan, output, overwrite=overwrite)

    def _find_library(self) -> None:
        """Find the default songs before the video is looked at, since they may be missing."""
        if self.library is None and self.track_selector.needs_library:
            self.library = default_library()

    def _look(
        self, run: Run, video: StrPath, output: StrPath | None = None
    ) -> tuple[VideoInfo, Looked]:
        with run.stage("probe") as finish:
            info = finish(probe(video))
            run.report("probe", info.duration, info.duration)
        if output is not None:
            self.audio_muxer.check(info, output, original=self.original)
            observe("musify_run_started", video=info, output=Path(output))
        look = Look(self.frame_sampler, self.mood_classifier, self.mood_aggregator, self.dynamics)
        return info, look.at(run, info)

    def _plan(self, run: Run, info: VideoInfo, timeline: MoodTimeline) -> CueSheet:
        with run.stage("select") as finish:
            with run.blamed("track_selector", self.track_selector):
                sheet = select_for(self.track_selector, timeline, self.library, info, self.original)
            if not isinstance(sheet, CueSheet) or abs(sheet.duration - info.duration) > 1e-3:
                raise BackendError(
                    f"the track_selector {provider_of(self.track_selector)} returned "
                    f"{brief(sheet)} instead of a CueSheet of {info.duration:g} s"
                )
            keeps = self.original == "keep" and info.has_audio
            gain, decisions = self.music_gain_db, sheet.decisions
            if gain is None:
                gain = UNDER_ORIGINAL_DB if keeps else 0.0
                if keeps:
                    decisions += (f"music is {-gain:g} dB lower, under the video's own sound",)
            sheet = replace(
                sheet,
                video=info.path.absolute(),
                original=self.original,
                music_gain_db=sheet.music_gain_db + gain,
                sample_rate=self.sample_rate,
                decisions=decisions,
            )
            finish(sheet)
            run.report("select", info.duration, info.duration)
        return sheet

    def _finish(
        self, run: Run, info: VideoInfo, sheet: CueSheet, output: StrPath, *, overwrite: bool
    ) -> RunResult:
        with run.stage("mux") as finish:
            songs = tuple(track.path for track in sheet.tracks)
            check_output(output, overwrite=overwrite, inputs=songs)
            soundtrack = mix(sheet, info)
            with run.blamed("audio_muxer", self.audio_muxer):
                written = self.audio_muxer.mux(
                    info,
                    run.watched(soundtrack),
                    output,
                    original=sheet.original,
                    overwrite=overwrite,
                )
            if not Path(written).is_file():
                raise BackendError(
                    f"the audio_muxer {provider_of(self.audio_muxer)} returned {written!r}, "
                    "where no file stands"
                )
            finish(Path(written))
        return RunResult(
            video=info,
            output=Path(written),
            cues=sheet,
            soundtrack=soundtrack,
            warnings=tuple(run.notices),
            seconds=run.seconds,
            pcm_sha256=run.pcm_sha256,
        )


def add_music(
    video: StrPath,
    output: StrPath,
    *,
    library: SongLibrary | StrPath | None = None,
    original: Original = "keep",
    overwrite: bool = False,
    on_progress: ProgressCallback | None = None,
) -> RunResult:
    """Give a video the music that fits it.

    Parameters
    ----------
    video : path-like
        The input; it is never changed.
    output : path-like
        What to write; its ending (.mp4, .m4v, .mov, .mkv, .webm) chooses the container.
    library : SongLibrary, path-like or str, optional
        What music to choose from: a library, its name, or a folder of songs. By default the
        installed pack of songs.
    original : {"keep", "replace"}, default "keep"
        Whether the video's own sound stays under the music.
    overwrite : bool, default False
        Whether a file that stands there may be replaced.
    on_progress : callable, optional
        Called with :class:`Progress` now and then.

    Returns
    -------
    RunResult
        The timeline, the cues, and where the file is. It shows itself in Jupyter.

    Raises
    ------
    MusifyError
        Whatever goes wrong; then no part of the output is left.

    See Also
    --------
    Pipeline : the same, with parts to swap.
    """
    pipeline = Pipeline(library=library, original=original, on_progress=on_progress)
    return pipeline.run(video, output, overwrite=overwrite)
