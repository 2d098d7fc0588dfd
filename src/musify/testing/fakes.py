"""Backends that do as little as their interface asks for: quick, and of known outcome.

Each keeps every rule of its interface, except for :class:`FakeMuxer`, which writes no sound, and
:class:`FakeSampler`, which sees no picture; see :data:`FAKE_MUXER_EXCEPTIONS` and
:data:`FAKE_SAMPLER_EXCEPTIONS`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from musify._ffmpeg import StrPath
from musify._output import check_output, finished_file
from musify.cues import Cue, CueSheet, Original, SourceRange
from musify.errors import EmptyLibraryError, ParameterError, VideoOpenError
from musify.interfaces import (
    AudioMuxer,
    FrameSampler,
    MoodAggregator,
    MoodClassifier,
    SongLibrary,
    TrackSelector,
)
from musify.samples import FrameSample
from musify.scores import MoodScores
from musify.shots import Shots
from musify.soundtrack import Soundtrack
from musify.timeline import MoodTimeline
from musify.tracks import Track
from musify.video import VideoInfo

__all__ = [
    "FAKE_MUXER_EXCEPTIONS",
    "FAKE_SAMPLER_EXCEPTIONS",
    "FakeAggregator",
    "FakeClassifier",
    "FakeLibrary",
    "FakeMuxer",
    "FakeSampler",
    "FakeSelector",
]


FAKE_SAMPLER_EXCEPTIONS: Final[Mapping[str, str]] = {
    "pictures_are_of_their_time": "its pictures are not those of the video",
    "colours_are_red_green_blue": "its pictures are grey",
}
"""The rules that :class:`FakeSampler` breaks, and why."""


class FakeSampler(FrameSampler):
    """Gives grey pictures that brighten from black to white; reads nothing but the length.

    Parameters
    ----------
    seconds : float, default 1
        From one picture to the next.
    """

    def __init__(self, seconds: float = 1.0) -> None:
        self.seconds = seconds

    @override
    def sample(self, video: VideoInfo) -> Iterator[FrameSample]:
        if not video.path.is_file():
            raise VideoOpenError(f"there is no file {str(video.path)!r}")
        width, height = video.fitted_size(64)
        for time in np.arange(0.0, video.duration, self.seconds).tolist():
            level = int(255 * time / video.duration)
            yield FrameSample(time, np.full((height, width, 3), level, np.uint8))


class FakeClassifier(MoodClassifier):
    """Takes bright pictures for happy and dark ones for sad.

    The score of happy is the mean of all bytes of the picture by 255, and that of sad is the rest.
    """

    @property
    @override
    def labels(self) -> tuple[str, ...]:
        return ("happy", "sad")

    @override
    def classify(self, samples: Iterable[FrameSample]) -> MoodScores:
        times, bright = [], []
        for sample in samples:
            times.append(sample.time)
            bright.append(sample.image.mean() / 255)
        return MoodScores(
            times, self.labels, [[level, 1 - level] for level in bright] or self._none
        )

    @property
    def _none(self) -> NDArray[np.float64]:
        return np.empty((0, 2))


class FakeAggregator(MoodAggregator):
    """Gives the whole video the mood whose mean score is the highest."""

    @override
    def aggregate(
        self, scores: MoodScores, shots: Shots | None, *, duration: float
    ) -> MoodTimeline:
        if not len(scores):
            raise ParameterError("no frame was scored; sample the video more densely")
        if scores.times[-1] > duration:
            raise ParameterError(
                f"a frame at {scores.times[-1]:g} s is later than the duration, {duration:g} s"
            )
        means = scores.values.mean(axis=0)
        return MoodTimeline(
            edges=[0.0, duration],
            labels=(scores.labels[int(means.argmax())],),
            confidence=[float(means.max())],
            plane=[scores.plane.mean(axis=0)],
            cuts=() if shots is None else shots.cuts,
            moods=scores.labels,
            scores=[means],
        )


class FakeSelector(TrackSelector):
    """Plays the first track of the library, again and again, under the whole video."""

    @override
    def select(self, timeline: MoodTimeline, library: SongLibrary | None) -> CueSheet:
        track = next(iter(library or ()), None)
        if track is None:
            raise EmptyLibraryError("the library holds no track; add one")
        times = int(np.ceil(timeline.duration / track.duration))
        cue = Cue(0.0, timeline.duration, track, [SourceRange(0.0, track.duration)] * times)
        return CueSheet([cue], timeline.duration, decisions=("it is the first track",))


class FakeLibrary(SongLibrary):
    """Holds the tracks that it is given.

    Parameters
    ----------
    *tracks : Track
        What it holds, in this order.
    """

    def __init__(self, *tracks: Track) -> None:
        self.tracks = tracks

    @override
    def __iter__(self) -> Iterator[Track]:
        return iter(self.tracks)


FAKE_MUXER_EXCEPTIONS: Final[Mapping[str, str]] = {
    "the_new_sound_is_the_first_and_default_one": "the output is a copy of the input",
    "a_video_may_be_silent": "the output is a copy of the input",
    "the_sound_is_in_time": "the output is a copy of the input",
    "the_own_sound_can_be_replaced": "the output is a copy of the input",
    "the_new_sound_can_be_the_last": "the output is a copy of the input",
}
"""The rules that :class:`FakeMuxer` breaks, and why."""


class FakeMuxer(AudioMuxer):
    """Copies the video as it is, and keeps the soundtrack to be looked at.

    Attributes
    ----------
    written : dict of Path to ndarray
        PCM of each output, shape ``(frames, channels)``.
    """

    def __init__(self) -> None:
        self.written: dict[Path, NDArray[np.float32]] = {}

    @override
    def mux(
        self,
        video: VideoInfo,
        soundtrack: Soundtrack,
        output: StrPath,
        *,
        original: Original = "keep",
        overwrite: bool = False,
    ) -> Path:
        path = check_output(output, overwrite=overwrite, inputs=(video.path,))
        with finished_file(path, overwrite=overwrite) as partial:
            partial.write_bytes(video.path.read_bytes())
            self.written[path] = soundtrack.render()
        return Path(output)
