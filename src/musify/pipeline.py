"""The whole job: from a video to the same video with music."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from musify._classic import CLASSIC_RATIO, CLASSIC_SECONDS, classic_parts
from musify._ffmpeg import StrPath
from musify._finishing import finished, muxed_original
from musify._how_to import no_video
from musify._look import Dynamics, Look, Looked, check_dynamics
from musify._output import check_output
from musify._own_sound import HeardVideo, SoundWishes
from musify._registry import observe
from musify._run import Run
from musify._selecting import library_for, planned, speech_finder, suggester
from musify.audio.ducking import Ducking, Preset
from musify.audio.speech import Detector
from musify.audio.speech_report import SpeechReport
from musify.choosing import Candidate
from musify.cues import CueSheet, Original
from musify.errors import ParameterError
from musify.interfaces import (
    AudioMuxer,
    FrameSampler,
    MoodAggregator,
    MoodClassifier,
    SongLibrary,
    TrackSelector,
)
from musify.libraries import default_library, open_library
from musify.online.fetch_video import temporarily_fetched
from musify.online.video_address import is_url
from musify.origins import VideoOrigin, origin_of
from musify.plugins import DEFAULTS, INTERFACES, WITH_LIBRARY, get_backend, how_to_be
from musify.progress import ProgressCallback
from musify.results import Analysis, RunResult
from musify.video import VideoInfo, probe

__all__ = ["Pipeline"]

T = TypeVar("T")

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
    track_selector : TrackSelector or str, optional
        Decides what plays when. By default music is composed (``"composer"``), and where a library
        is given chosen from it (``"nearest"``).
    audio_muxer : AudioMuxer or str, default "ffmpeg"
        Writes the output.
    library : SongLibrary, path-like or str, optional
        What music to choose from: a library, its name, or a folder of songs. A selector that needs
        one takes the installed pack of songs by default.
    original : {"duck", "keep", "replace", "second-track"}, optional
        What happens to the video's own sound: it stays, and music steps back where somebody speaks;
        it stays with music that never moves; music replaces it; or it stays as it is, and the mix
        becomes a track of its own behind it. By default ``"duck"`` where somebody speaks, else
        ``"keep"``.
    music_gain_db : float, optional
        Gain of the music, whose songs are brought to -16 LUFS; by default it follows from how loud
        own sound is that stays.
    sample_rate : int, optional
        PCM frames a second of the new sound; by default those of own sound that stays, where they
        are from 32000 to 96000, else 48000.
    loudness : float, str or None, default "web"
        Integrated loudness of the whole: LUFS, or ``"web"`` (-14), ``"podcast"`` and ``"apple"``
        (-16), ``"ebu"`` (-23) or ``"atsc"`` (-24). None leaves it as it is mixed.
    ducking : {"balanced", "music-forward", "accessible"}, default "balanced"
        Music 15, 10 or 20 dB under speech.
    accessible : bool, default False
        Music at least 20 dB under speech (WCAG 1.4.7), whatever ``ducking`` says.
    step_aside : bool, default False
        Whether music is silent where the video has music of its own.
    speech_detector : {"silero", "energy"}, default "silero"
        How speech is found.
    ducking_options : mapping, optional
        More options of :func:`musify.duck`, such as ``{"release": 2.0}``.
    audio_stream : int, optional
        Number of the stream that is the video's own sound; by default the one marked as default.
    audited : bool, default True
        Whether what was written is measured, and refused if it is not as it should be.
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
        track_selector: TrackSelector | str | None = None,
        audio_muxer: AudioMuxer | str = DEFAULTS["audio_muxer"],
        library: SongLibrary | StrPath | None = None,
        original: Original | None = None,
        music_gain_db: float | None = None,
        sample_rate: int | None = None,
        loudness: float | str | None = "web",
        ducking: Preset = "balanced",
        accessible: bool = False,
        step_aside: bool = False,
        speech_detector: Detector = "silero",
        ducking_options: Mapping[str, Any] | None = None,
        audio_stream: int | None = None,
        audited: bool = True,
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
        self._is_selector_chosen = track_selector is not None
        if track_selector is None:
            track_selector = DEFAULTS["track_selector"] if library is None else WITH_LIBRARY
        self.track_selector = made(track_selector, lambda name: get_backend("track_selector", name))
        self.audio_muxer = made(audio_muxer, lambda name: get_backend("audio_muxer", name))
        for kind, interface in INTERFACES.items():
            part = getattr(self, kind, None)
            if kind != "song_library" and not isinstance(part, interface):
                raise ParameterError(
                    f"{kind} must be a {interface.__name__} or a name, got {part!r}; "
                    f"{how_to_be(part, interface)}"
                )
        if on_progress is not None and not callable(on_progress):
            raise ParameterError(
                "on_progress must be a callable that takes a Progress, or None, got "
                f"{on_progress!r}"
            )
        check_dynamics(dynamics)
        self.library = None if library is None else open_library(library)
        self.sound = SoundWishes(
            original=original,
            music_gain_db=music_gain_db,
            sample_rate=sample_rate,
            loudness=loudness,
            ducking=ducking,
            accessible=accessible,
            step_aside=step_aside,
            detector=speech_detector,
            audio_stream=audio_stream,
            options=dict(ducking_options or {}),
        )
        self.audited = audited
        self.dynamics: Dynamics = dynamics
        self.on_progress = on_progress

    @classmethod
    def classic(
        cls,
        library: SongLibrary | StrPath,
        *,
        seconds: float = CLASSIC_SECONDS,
        ratio: float = CLASSIC_RATIO,
        mood_classifier: MoodClassifier | str = "clarifai",
        **options: Any,
    ) -> "Pipeline":
        """Make the program of 2016, step by step.

        A frame every 5 s, seen by a model on Clarifai; the mood with the most votes; the song named
        by two letters, which pydub repeats and cuts off; in place of the video's own sound.

        Parameters
        ----------
        library : SongLibrary, path-like or str
            Songs named AA, HH, SS, CC, CH, AH, CS and AS.
        seconds : float, default 5
            Seconds between frames.
        ratio : float, default 2
            How many times another's score a second mood needs to be in the song's name.
        mood_classifier : MoodClassifier or str, default "clarifai"
            It must tell action, happy, sad and calm apart. ``"local"`` does without an account.
        **options
            As of :class:`Pipeline`; they win over what was done in 2016.
        """
        parts = classic_parts(seconds, ratio)
        return cls(**{**parts, "mood_classifier": mood_classifier, "library": library, **options})

    def __repr__(self) -> str:
        parts = (
            self.frame_sampler,
            self.mood_classifier,
            self.mood_aggregator,
            self.track_selector,
            self.audio_muxer,
        )
        return f"Pipeline({', '.join(map(repr, parts))}, library={self.library!r})"

    def _repr_html_(self) -> str:
        from musify._html_tables import pipeline_html  # noqa: PLC0415 - only notebooks need it

        return pipeline_html(self)

    def run(self, video: StrPath, output: StrPath, *, overwrite: bool = False) -> RunResult:
        """Add music to a video.

        Parameters
        ----------
        video : path-like
            The input; it is never changed. The address of a video (http or https) is fetched
            first, with what :func:`fetch_video` takes by default, and removed afterwards; what
            that function returns is taken too.
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
        if is_url(video):
            with temporarily_fetched(
                str(video), output, overwrite=overwrite, on_progress=self.on_progress
            ) as fetched:
                result = self.run(fetched, output, overwrite=overwrite)
                return replace(result, cues=replace(result.cues, video=None))
        with Run(self.on_progress) as run:
            check_output(output, overwrite=overwrite, inputs=(video,))
            self._find_library(run)
            info, looked = self._look(run, video, output)
            sheet, ducking = self._plan(run, info, looked, origin_of(video))
            report = None if ducking is None else ducking.report
            result = self._finish(run, info, sheet, output, overwrite=overwrite, report=report)
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
            self._find_library(run)
            info, looked = self._look(run, video)
            return self._plan(run, info, looked, origin_of(video))[0]

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
            selector = self.track_selector
            if not self._is_selector_chosen:  # what composes by default has nothing to suggest
                selector = get_backend("track_selector", WITH_LIBRARY)
            ask = suggester(selector)
            library = self._needed_library(run, selector)
            info, looked = self._look(run, video)
            with run.blamed("track_selector", selector):
                speech = speech_finder(HeardVideo(info, self.sound), run)
                library = library_for(run, looked.timeline, library)
                found = ask(looked.timeline, library, count=count, speech=speech)
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
            raise no_video()
        with Run(self.on_progress) as run:
            check_output(output, overwrite=overwrite, inputs=(source,))
            with run.stage("probe") as finish:
                info = finish(probe(source))
                run.report("probe", info.duration, info.duration)
            original = muxed_original(plan.original)
            with run.blamed("audio_muxer", self.audio_muxer):
                self.audio_muxer.check(info, output, original=original)
            observe("musify_run_started", video=info, output=Path(output))
            return self._finish(run, info, plan, output, overwrite=overwrite, report=None)

    def _find_library(self, run: Run) -> None:
        """Find the default songs before the video is looked at, since they may be missing."""
        self.library = self._needed_library(run, self.track_selector)

    def _needed_library(self, run: Run, selector: TrackSelector) -> SongLibrary | None:
        with run.blamed("track_selector", selector):
            is_missing = self.library is None and selector.needs_library
        return default_library() if is_missing else self.library

    def _look(
        self, run: Run, video: StrPath, output: StrPath | None = None
    ) -> tuple[VideoInfo, Looked]:
        with run.stage("probe") as finish:
            info = finish(probe(video).with_sound(self.sound.audio_stream))
            run.report("probe", info.duration, info.duration)
        if output is not None:
            original = muxed_original(self.sound.original or "keep")
            with run.blamed("audio_muxer", self.audio_muxer):
                self.audio_muxer.check(info, output, original=original)
            observe("musify_run_started", video=info, output=Path(output))
        look = Look(self.frame_sampler, self.mood_classifier, self.mood_aggregator, self.dynamics)
        return info, look.at(run, info)

    def _plan(
        self, run: Run, info: VideoInfo, looked: Looked, origin: VideoOrigin | None
    ) -> tuple[CueSheet, Ducking | None]:
        heard = HeardVideo(info, self.sound)
        return planned(run, self.track_selector, self.library, heard, looked, origin)

    def _finish(
        self,
        run: Run,
        info: VideoInfo,
        sheet: CueSheet,
        output: StrPath,
        *,
        overwrite: bool,
        report: SpeechReport | None,
    ) -> RunResult:
        return finished(
            run,
            self.audio_muxer,
            info,
            sheet,
            output,
            overwrite=overwrite,
            audited=self.audited,
            report=report,
        )
