"""What users write, checked by mypy --strict; nothing here runs."""

from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import assert_type

import numpy as np
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
    SongLibrary,
    Soundtrack,
    Track,
    TrackSelector,
    VideoInfo,
)
from musify.testing import (
    MoodClassifierContract,
    Plugins,
    check_frame_sampler,
    check_mood_classifier,
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
