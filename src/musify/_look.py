"""Looking at a video: from samples to a timeline, every hand-over checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from musify._ffmpeg_words import InputFilterError
from musify._frames import packages_of
from musify._iterators import ended
from musify._run import Run, WatchedSamples, brief
from musify.audio.level import sound_levels
from musify.dynamics import Curve, with_dynamics
from musify.errors import (
    AudioDecodeError,
    BackendError,
    MusifyError,
    ParameterError,
    VideoOpenError,
)
from musify.interfaces import FrameSampler, MoodAggregator, MoodClassifier
from musify.notices import notify
from musify.plugins import provider_of
from musify.progress import listener
from musify.scores import MoodScores
from musify.shots import Shots
from musify.timeline import MoodTimeline
from musify.video import VideoInfo
from musify.vision.find_shots import ShotFinder, ShotMode

__all__ = ["Dynamics", "Look", "Looked", "check_dynamics"]

Dynamics: TypeAlias = Literal["index", "fast", "exact"] | None
"""How cuts and motion are found; None leaves cuts, motion and sound out of it."""

_TIME_TOLERANCE: Final = 1e-9
_A_FRAME: Final = 0.05
# How much is decoded to find where exactly moods change, in seconds of processor time: so many, and
# a part of the film's length. One decodes about so many pixels (H.264, without what no other frame
# is made from).
_LOOK_AGAIN: Final = (1.0, 0.001)
_PIXELS_A_SECOND: Final = 9e8


def check_dynamics(dynamics: Dynamics) -> None:
    """Refuse another word.

    Raises
    ------
    ParameterError
        If it is none of :data:`Dynamics`.
    """
    modes = get_args(ShotMode)
    if dynamics is not None and dynamics not in modes:
        raise ParameterError(
            f"dynamics must be one of {', '.join(map(repr, modes))} or None, got {dynamics!r}"
        )


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen.

    Parameters
    ----------
    scores : MoodScores
        Of each frame, with what motion, cuts and sound do to it.
    shots : Shots or None
        None where nobody asked for them.
    timeline : MoodTimeline
        Of the whole video.
    """

    scores: MoodScores
    shots: Shots | None
    timeline: MoodTimeline


@dataclass(frozen=True, slots=True)
class Look:
    """The three parts that look at a video, and how closely they do.

    Parameters
    ----------
    sampler : FrameSampler
    classifier : MoodClassifier
    aggregator : MoodAggregator
    dynamics : {"index", "fast", "exact"} or None
        See :class:`musify.Pipeline`.

    """

    sampler: FrameSampler
    classifier: MoodClassifier
    aggregator: MoodAggregator
    dynamics: Dynamics

    def at(self, run: Run, video: VideoInfo) -> Looked:
        """Look at a video.

        Raises
        ------
        BackendError
            If a part breaks the rules of its interface.
        MediaError
            If the video cannot be decoded.
        """
        finder = None if self.dynamics is None else ShotFinder(video, self.dynamics)
        with run.stage("classify") as finish:
            seen = finish(self._classify(run, video, finder))
        if finder is None:
            return Looked(seen, None, self._aggregate(run, video, seen, None))
        with run.stage("shots") as finish:
            shots = finish(finder.finish(on_progress=listener()))
            sound = _sound_of(video)
            run.report("shots", video.duration, video.duration)
        scores = self._moved(run, seen, shots, sound)
        timeline = self._aggregate(run, video, scores, shots)
        spans = _unsettled(video, timeline, scores, shots) if self.dynamics == "index" else []
        if spans:
            with run.stage("shots") as finish:
                settled = finish(_settled(finder, shots, spans))
            if not np.array_equal(settled.cuts, shots.cuts):
                shots = settled
                scores = self._moved(run, seen, shots, sound)
                timeline = self._aggregate(run, video, scores, shots)
        return Looked(scores, shots, timeline)

    def _moved(self, run: Run, seen: MoodScores, shots: Shots, sound: Curve | None) -> MoodScores:
        with run.blamed("mood_classifier", self.classifier):
            space = self.classifier.mood_space
            temperature = self.classifier.mood_temperature
        if space is not None and space.names != seen.labels:
            raise BackendError(
                f"the mood_classifier {provider_of(self.classifier)} has a mood_space of "
                f"{space.names}, but its labels are {seen.labels}"
            )
        return with_dynamics(seen, shots, sound, space=space, temperature=temperature)

    def _aggregate(
        self, run: Run, video: VideoInfo, scores: MoodScores, shots: Shots | None
    ) -> MoodTimeline:
        with run.stage("aggregate") as finish:
            with run.blamed("mood_aggregator", self.aggregator):
                timeline = self.aggregator.aggregate(scores, shots, duration=video.duration)
            self._check_timeline(finish(timeline), video)
            run.report("aggregate", video.duration, video.duration)
        return timeline

    def _classify(self, run: Run, video: VideoInfo, finder: ShotFinder | None) -> MoodScores:
        watched = WatchedSamples(self.sampler, video, run)
        with run.blamed("mood_classifier", self.classifier), ended(watched) as samples:
            given = samples if finder is None else finder.watch(samples)
            scores = self.classifier.classify(run.given(given))
            labels = self.classifier.labels
        if not watched.exhausted:
            raise BackendError(
                f"the mood_classifier {provider_of(self.classifier)} stopped after "
                f"{len(watched.times)} samples; it must read them all"
            )
        self._check_scores(scores, labels, watched, video)
        return scores

    def _check_scores(
        self,
        scores: MoodScores,
        labels: object,
        watched: WatchedSamples,
        video: VideoInfo,
    ) -> None:
        who = f"the mood_classifier {provider_of(self.classifier)}"
        if not isinstance(scores, MoodScores):
            raise BackendError(f"{who} returned {brief(scores)} instead of MoodScores")
        times = watched.times
        if len(scores) != len(times):
            rows = "1 row" if len(scores) == 1 else f"{len(scores)} rows"
            samples = "1 sample" if len(times) == 1 else f"{len(times)} samples"
            raise BackendError(f"{who} returned {rows} for {samples}")
        if not times:
            raise self._nothing_seen(video)
        if np.abs(scores.times - times).max() > _TIME_TOLERANCE:
            raise BackendError(f"{who} returned rows whose times are not those of the samples")
        if isinstance(labels, str):
            raise BackendError(f"{who} has the labels {labels!r}; write ({labels!r},) for one")
        if not isinstance(labels, Iterable) or scores.labels != tuple(labels):
            raise BackendError(f"{who} scored {scores.labels}, but its labels are {labels}")

    def _nothing_seen(self, video: VideoInfo) -> MusifyError:
        if not packages_of(self.sampler):
            return VideoOpenError(f"no frame of {str(video.path)!r} could be decoded")
        # Whoever wrote a sampler looks for the fault there first; users can find out.
        return BackendError(
            f"the frame_sampler {provider_of(self.sampler)} gave no frame of {str(video.path)!r}; "
            "if the frame_sampler 'keyframe' finds none either, the video cannot be decoded"
        )

    def _check_timeline(self, timeline: MoodTimeline, video: VideoInfo) -> None:
        who = f"the mood_aggregator {provider_of(self.aggregator)}"
        if not isinstance(timeline, MoodTimeline):
            raise BackendError(f"{who} returned {brief(timeline)} instead of a MoodTimeline")
        if abs(timeline.duration - video.duration) > _TIME_TOLERANCE:
            raise BackendError(
                f"{who} returned a timeline of {timeline.duration:g} s for a video of "
                f"{video.duration:g} s"
            )
        stray = sorted(set(timeline.labels) - set(self.classifier.labels))
        if stray:
            raise BackendError(f"{who} used labels the classifier does not know: {stray}")


def _unsettled(
    video: VideoInfo, timeline: MoodTimeline, scores: MoodScores, shots: Shots
) -> list[tuple[float, float]]:
    """Between which frames the mood changes: where no cut is known first, the widest apart first.

    So many that looking there costs a small part of the whole. Where a cut stands on the very frame
    that is the first of the new mood, nothing is left to look for.
    """
    spans = []
    for edge in timeline.edges[1:-1]:
        after = int(np.searchsorted(scores.times, edge + _A_FRAME, side="right"))
        if edge - scores.times[after - 1] <= _A_FRAME:  # the edge is on a frame
            after -= 1
        if not 0 < after < len(scores):
            continue
        early, late = float(scores.times[after - 1]), float(scores.times[after])
        if np.abs(shots.cuts - late).min(initial=np.inf) > _A_FRAME:
            guessed = bool(((shots.cuts > early) & (shots.cuts < late)).any())
            spans.append((guessed, early - late, (early, late)))
    pixels = video.width * video.height * float(video.frame_rate)
    left = (_LOOK_AGAIN[0] + _LOOK_AGAIN[1] * video.duration) * _PIXELS_A_SECOND / pixels
    chosen = []
    for _, _, (early, late) in sorted(spans):
        if late - early <= left:
            chosen.append((early, late))
            left -= late - early
    return chosen


def _settled(finder: ShotFinder, shots: Shots, spans: list[tuple[float, float]]) -> Shots:
    try:
        return finder.settle(shots, spans, on_progress=listener())
    except InputFilterError:
        notify(
            "moods change between two frames rather than on cuts: builds of ffmpeg before 7.0 "
            "cannot decode single packets; update imageio-ffmpeg"
        )
        return shots


def _sound_of(video: VideoInfo) -> Curve | None:
    """Measure the video's own sound, if it can be heard at all."""
    try:
        return sound_levels(video)
    except AudioDecodeError as error:
        notify(f"how loud it is was left out of the mood: {error}")
        return None
