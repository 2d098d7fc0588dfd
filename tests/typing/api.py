"""What users write, checked by mypy --strict; nothing here runs."""

import pickle
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any, Literal, assert_type

import numpy as np
import pytest
from numpy.typing import NDArray
from typing_extensions import override

import musify
from musify import (
    Analysis,
    AudioMuxer,
    BackendInfo,
    BackendSpec,
    Cue,
    CueSheet,
    EmptyLibraryError,
    FrameSample,
    FrameSampler,
    MoodAggregator,
    MoodClassifier,
    MoodScores,
    MoodSegment,
    MoodTimeline,
    Pipeline,
    Progress,
    RunResult,
    Score,
    Shots,
    SongLibrary,
    Soundtrack,
    Track,
    TrackSelector,
    VideoInfo,
)
from musify.testing import (
    FAKE_MUXER_EXCEPTIONS,
    RULES,
    FakeLibrary,
    FakeMuxer,
    MoodClassifierContract,
    Plugins,
    Rule,
    SongLibraryContract,
    check_audio_muxer,
    check_frame_sampler,
    check_mood_aggregator,
    check_mood_classifier,
    check_song_library,
    check_track_selector,
    new_plugin,
    only_builtin_plugins,
    tiny_video,
    tone,
)


def add_music(path: PathLike[str]) -> None:
    assert_type(musify.add_music("in.mp4", Path("out.mp4")), RunResult)
    musify.add_music(path, path, library=path, original="replace", overwrite=True)
    musify.add_music("in.mp4", "out.mp4", on_progress=musify.print_progress)
    musify.add_music("in.mp4", "out.mp4", original="mute")  # type: ignore[arg-type]


def results(result: RunResult) -> None:
    assert_type(result.video, VideoInfo)
    assert_type(result.output, Path)
    assert_type(result.cues, CueSheet)
    assert_type(result.timeline, MoodTimeline | None)
    assert_type(result.warnings, tuple[str, ...])
    assert_type(result.seconds, dict[str, float])
    assert_type(result.soundtrack.render(), NDArray[np.float32])
    result.output = Path()  # type: ignore[misc]


def backends() -> None:
    assert_type(musify.get_backend("frame_sampler", "interval", seconds=2.0), FrameSampler)
    assert_type(musify.get_backend("mood_classifier", "palette"), MoodClassifier)
    assert_type(musify.get_backend("mood_aggregator", "scenes"), MoodAggregator)
    assert_type(musify.get_backend("track_selector", "nearest"), TrackSelector)
    assert_type(musify.get_backend("song_library", "folder", path="songs"), SongLibrary)
    assert_type(musify.get_backend("audio_muxer", "ffmpeg"), AudioMuxer)
    musify.get_backend("muxer", "ffmpeg")  # type: ignore[call-overload]
    assert_type(musify.list_backends("song_library"), tuple[BackendInfo, ...])


def timelines(timeline: MoodTimeline) -> None:
    for segment in timeline:
        assert_type(segment, MoodSegment)
        assert_type(segment.label, str)
        assert_type(segment.duration, float)
    assert_type(timeline.at(3), MoodSegment)
    assert_type(timeline.intervals, NDArray[np.float64])


def stages(video: VideoInfo) -> None:
    assert_type(musify.probe("in.mp4"), VideoInfo)
    pipeline = Pipeline(
        frame_sampler="interval", mood_classifier=Hue(), library="songs", music_gain_db=-12.0
    )
    assert_type(pipeline.analyze("in.mp4"), Analysis)
    plan = pipeline.plan(Path("in.mp4"))
    assert_type(plan, CueSheet)
    assert_type(pipeline.render(plan, "out.mp4", video="in.mp4"), RunResult)
    assert_type(musify.mix(plan, video), Soundtrack)


def plans(path: PathLike[str]) -> None:
    sheet = CueSheet.load(path)
    assert_type(sheet, CueSheet)
    assert_type(sheet.cues, tuple[Cue, ...])
    assert_type(sheet.cues[0].track, Track)
    assert_type(sheet.save("plan.json", overwrite=True), Path)
    assert_type(CueSheet.from_json(sheet.to_json(), folder=path), CueSheet)
    assert_type(sheet.credits(), str)


def show(progress: Progress) -> None:
    assert_type(progress.fraction, float)


def pipelines() -> None:
    Pipeline(on_progress=show)
    Pipeline(mood_classifier=Hue)  # type: ignore[arg-type] # the () is forgotten


class Hue(MoodClassifier):
    """An own classifier."""

    def __init__(self, strength: float = 1.0) -> None:
        self.strength = strength

    @property
    @override
    def labels(self) -> tuple[str, ...]:
        return ("calm", "tense")

    @override
    def classify(self, samples: Iterable[FrameSample]) -> MoodScores:
        times, values = [], []
        for sample in samples:
            assert_type(sample.image, NDArray[np.uint8])
            redness = float(sample.image[..., 0].mean()) / 255
            times.append(sample.time)
            values.append([1 - redness, redness])
        return MoodScores(np.array(times), self.labels, np.array(values))


class EveryFrame(FrameSampler):
    """An own sampler."""

    @override
    def sample(self, video: VideoInfo) -> Iterator[FrameSample]:
        yield FrameSample(0.0, np.zeros((video.height, video.width, 3), np.uint8))


@musify.hookimpl
def musify_mood_classifiers() -> Iterator[BackendSpec[MoodClassifier]]:
    """Offer the classifier, by its class and by its name."""
    yield BackendSpec("hue", Hue, "by hue")
    yield BackendSpec("hue-later", "musify_hue:Hue", install="musify-hue[all]")


@musify.hookimpl
def musify_frame_samplers() -> Iterable[BackendSpec[FrameSampler]]:
    """Offer the sampler."""
    return [BackendSpec("every-frame", EveryFrame)]


@musify.hookimpl
def musify_stage_finished(stage: str, seconds: float) -> None:
    """Observe with some of the arguments."""


def lists_and_arrays_will_do(folder: PathLike[str]) -> None:
    scores = MoodScores([0, 5], ["calm", "tense"], [[0.9, 0.1], [0.2, 0.8]])
    assert_type(scores.times, NDArray[np.float64])
    MoodTimeline([0, 8], ["calm"], [0.5], [[0.4, -0.6]])
    song = Track("a.wav", 12, beats=[0.5, 1.0])
    cue = Cue(0, 10, song, [musify.SourceRange(0, 12)])
    assert_type(CueSheet([cue], 10, video=folder).cues, tuple[Cue, ...])


def compose(timeline: MoodTimeline) -> None:
    score = musify.compose(timeline, style="piano", tempo=90, key="D minor", seed=7)
    assert_type(score, Score)
    assert_type(score.soundtrack(), Soundtrack)
    assert_type(musify.compose("calm", "0:45").rewritten(0, seed=2), Score)
    assert_type(score.to_midi("song.mid"), Path)
    assert_type(Track.of_score(score), Track)


class TestAlways(MoodClassifierContract):
    exceptions = {"mood_temperature_is_above_zero": "its moods are points"}  # noqa: RUF012 - as users write it


def check_a_backend(classifier: MoodClassifier, sampler: FrameSampler) -> None:
    check_mood_classifier(classifier, exceptions={"labels_are_names": "they are numbers"})
    check_frame_sampler(sampler, video="in.mp4")
    assert_type(tiny_video("in.mp4"), Path)
    assert_type(tone(440.0), Soundtrack)
    assert_type(new_plugin("hue", "mood_classifier"), Path)
    with only_builtin_plugins() as plugins:
        assert_type(plugins, Plugins)
        plugins.register(object())


class Loudest(MoodAggregator):
    """An own aggregator."""

    @override
    def aggregate(
        self, scores: MoodScores, shots: Shots | None, *, duration: float
    ) -> MoodTimeline:
        cuts = () if shots is None else shots.cuts
        means = scores.values.mean(axis=0)
        label = scores.labels[int(means.argmax())]
        point = scores.plane.mean(axis=0)
        return MoodTimeline([0, duration], [label], [means.max()], [point], cuts=cuts)


class Shelf(SongLibrary):
    """An own library."""

    def __init__(self, *paths: str) -> None:
        self.paths = paths

    @override
    def __iter__(self) -> Iterator[Track]:
        for path in self.paths:
            musify.notify(f"{path} is here")
            yield Track(path, 12.0)

    @override
    def suited_to(self, timeline: MoodTimeline) -> SongLibrary:
        return Shelf(*self.paths[: len(timeline)])


class Always(TrackSelector):
    """An own selector, which listens for speech and knows the cuts."""

    @override
    def select(
        self,
        timeline: MoodTimeline,
        library: SongLibrary | None,
        *,
        speech: object = None,
        shots: Shots | None = None,
    ) -> CueSheet:
        song = next(iter(library or ()), None)
        if song is None:
            raise EmptyLibraryError("add a song")
        cue = Cue(0, timeline.duration, song, [musify.SourceRange(0, song.duration)])
        return CueSheet([cue], timeline.duration, decisions=["it is the first"])


class Careful(AudioMuxer):
    """An own muxer."""

    @override
    def mux(
        self,
        video: VideoInfo,
        soundtrack: Soundtrack,
        output: str | PathLike[str],
        *,
        original: Literal["duck", "keep", "replace", "second-track"] = "keep",
        overwrite: bool = False,
    ) -> Path:
        for block in soundtrack.blocks():
            assert_type(block, NDArray[np.float32])
        return Path(output)


def swapped(path: PathLike[str]) -> None:
    Pipeline(
        frame_sampler=EveryFrame(),
        mood_classifier="palette",
        mood_aggregator=Loudest(),
        track_selector=Always(),
        audio_muxer=Careful(),
        library=Shelf("a.wav"),
        on_progress=print,
    )
    Pipeline(track_selector=Shelf("a.wav"))  # type: ignore[arg-type] # a part of another kind


def pictures(result: RunResult, scores: MoodScores, timeline: MoodTimeline, ax: Any) -> None:
    scores.plot()
    timeline.plot(ax=ax)
    result.cues.plot(ax)
    result.soundtrack.plot(ax=ax)


def kept(result: RunResult) -> None:
    copied = pickle.loads(pickle.dumps(result.cues))
    assert_type(pickle.dumps(copied), bytes)


def cancelled() -> None:
    token = musify.CancelToken()
    with token:
        try:
            musify.add_music("in.mp4", "out.mp4", on_progress=lambda one: token.cancel())
        except musify.CancelledError as error:
            assert_type(error, musify.CancelledError)
        except (musify.MediaError, OSError) as failure:
            raise SystemExit(str(failure)) from failure
    assert_type(token.cancelled, bool)


@musify.hookimpl
def musify_song_libraries() -> Iterator[BackendSpec[SongLibrary]]:
    """Offer a library."""
    yield BackendSpec("shelf", Shelf)


@musify.hookimpl
def musify_run_failed(stage: str, error: BaseException) -> None:
    """Observe what goes wrong."""


def fakes() -> None:
    assert_type(RULES["audio_muxer"]["the_length_stays"], Rule)
    check_track_selector(Always())
    check_song_library(FakeLibrary(Track("a.wav", 1.0)))
    check_audio_muxer(FakeMuxer(), exceptions=FAKE_MUXER_EXCEPTIONS)
    check_mood_aggregator(Always())  # type: ignore[arg-type] # of another kind


class TestShelf(SongLibraryContract):
    @pytest.fixture
    def backend(self, tmp_path: Path) -> Shelf:
        return Shelf(str(tmp_path / "a.wav"))
