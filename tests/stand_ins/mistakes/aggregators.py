"""Mistakes that are easily made in an aggregator."""

import os
import random
from dataclasses import replace

import numpy as np

from musify import Mood, MoodTimeline, ParameterError
from musify.testing import FakeAggregator

_PER_SECOND = 25


class Plain(FakeAggregator):
    """Lets a subclass change what comes in, or what comes out."""

    def aggregate(self, scores, shots, *, duration):
        scores = self.before(scores, shots, duration)
        return self.after(super().aggregate(scores, shots, duration=duration), scores, duration)

    def before(self, scores, shots, duration):
        return scores

    def after(self, timeline, scores, duration):
        return timeline


class EndsAtTheLastFrame(Plain):
    def after(self, timeline, scores, duration):
        return replace(timeline, edges=[0, scores.times[-1] or duration])


class BeginsAtTheFirstFrame(Plain):
    def after(self, timeline, scores, duration):
        first = scores.times[0]
        return replace(timeline, edges=[first, duration]) if first else timeline


class SinglePrecision(Plain):
    def after(self, timeline, scores, duration):
        return replace(timeline, edges=timeline.edges.astype(np.float32))


class RoundsToFrames(Plain):
    """Counts the video in frames of 25 a second."""

    def after(self, timeline, scores, duration):
        return replace(timeline, edges=[0, round(duration * _PER_SECOND) / _PER_SECOND + 0.02])


class WholeSeconds(Plain):
    def after(self, timeline, scores, duration):
        return replace(timeline, edges=[0, max(1, int(duration))])


class Drifts(Plain):
    """Adds up steps until it is past the end."""

    def after(self, timeline, scores, duration):
        end = 0.0
        while end < duration - 0.05:
            end += 0.1
        return replace(timeline, edges=[0, end])


class DividesBySum(Plain):
    """Makes shares of scores, also where there is none."""

    def after(self, timeline, scores, duration):
        with np.errstate(invalid="ignore"):
            shares = scores.values / scores.values.sum(axis=1, keepdims=True)
        return replace(timeline, confidence=[shares.mean(axis=0).max()])


class NeedsARunnerUp(Plain):
    def before(self, scores, shots, duration):
        if len(scores):
            np.sort(scores.values, axis=1)[:, -2]
        return scores


class KnowsNamesAlone(Plain):
    """Asks for the points of names, where the scores hold points."""

    def after(self, timeline, scores, duration):
        return replace(timeline, plane=[Mood.named(timeline.labels[0]).point])


class AlwaysFourMoods(Plain):
    """Speaks the words of 2016, whatever it was given."""

    def after(self, timeline, scores, duration):
        return replace(timeline, labels=("happy",), moods=("action", "happy", "sad", "calm"),
                       scores=[[0, 1, 0, 0]])  # fmt: skip


class NeedsACut(Plain):
    def before(self, scores, shots, duration):
        if shots is not None:
            shots.strength.max()
        return scores


class CutsAreThere(Plain):
    def before(self, scores, shots, duration):
        return scores if len(shots.edges) else None


class NeedsFiveSeconds(Plain):
    """Votes in windows of five seconds, of which a short video has none."""

    def before(self, scores, shots, duration):
        windows = np.arange(0, duration - 2.5, 5.0)
        if len(scores):
            windows[0]
        return scores


class NeedsAStep(Plain):
    """Takes the step between frames for their length."""

    def before(self, scores, shots, duration):
        if len(scores):
            np.diff(scores.times)[0]
        return scores


class LateFramesAreLeftOut(Plain):
    def before(self, scores, shots, duration):
        kept = scores.times <= duration
        return type(scores)(
            scores.times[kept], scores.labels, scores.values[kept], scores.plane[kept]
        )


class NothingIsCalm(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        if not len(scores):
            return MoodTimeline([0, duration], ("calm",), [0], [[0.4, -0.6]])
        return super().aggregate(scores, shots, duration=duration)


class Crashes(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        if not len(scores):
            raise IndexError("index 0 is out of bounds for axis 0 with size 0")
        return super().aggregate(scores, shots, duration=duration)


class GivesNone(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        return super().aggregate(scores, shots, duration=duration) if len(scores) else None


class GivesPairs(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        timeline = super().aggregate(scores, shots, duration=duration)
        return list(zip(timeline.edges, timeline.labels, strict=False))


class Guesses(Plain):
    def after(self, timeline, scores, duration):
        return replace(timeline, confidence=[random.random()])


class Carries(Plain):
    """Begins where the last video ended."""

    last = None

    def after(self, timeline, scores, duration):
        before, self.last = self.last, timeline.plane
        return (
            timeline if before is None else replace(timeline, plane=(timeline.plane + before) / 2)
        )


class NormalisesInPlace(Plain):
    def before(self, scores, shots, duration):
        scores.values /= scores.values.max()
        return scores


class NeedsManyFrames(Plain):
    """Smooths over seven frames."""

    def before(self, scores, shots, duration):
        if len(scores):
            np.lib.stride_tricks.sliding_window_view(scores.values, 7, axis=0)
        return scores


class NoFrameAtTheEnd(Plain):
    def before(self, scores, shots, duration):
        if len(scores) and scores.times[-1] >= duration:
            raise ParameterError("a frame is late")
        return scores


class Talks(Plain):
    def after(self, timeline, scores, duration):
        print(timeline.labels)
        return timeline


class WritesATable(Plain):
    """Leaves a table for its author in the working folder's temporary place."""

    def after(self, timeline, scores, duration):
        import tempfile

        file, _ = tempfile.mkstemp(".csv")
        os.close(file)
        return timeline


class Seeds(Plain):
    def after(self, timeline, scores, duration):
        np.random.seed(1)  # noqa: NPY002 - the fault
        return timeline


class IgnoresWarnings(Plain):
    def after(self, timeline, scores, duration):
        import warnings

        warnings.filterwarnings("ignore", message="of this classifier alone")
        return timeline


class SetsUpLogging(Plain):
    def after(self, timeline, scores, duration):
        import logging

        logging.getLogger().addHandler(logging.NullHandler())
        return timeline


class ShotsDecide(Plain):
    """Takes the shots for the segments."""

    def after(self, timeline, scores, duration):
        return timeline

    def before(self, scores, shots, duration):
        return scores if shots.edges[-1] == duration else None


MISTAKES = {
    EndsAtTheLastFrame: "the_whole_video_is_covered",
    BeginsAtTheFirstFrame: "the_whole_video_is_covered",
    SinglePrecision: "the_whole_video_is_covered",
    RoundsToFrames: "the_whole_video_is_covered",
    WholeSeconds: "the_whole_video_is_covered",
    Drifts: "the_whole_video_is_covered",
    DividesBySum: "scores_may_be_zero",
    NeedsARunnerUp: "one_mood_is_enough",
    KnowsNamesAlone: "moods_may_have_any_name",
    AlwaysFourMoods: "moods_may_have_any_name",
    NeedsACut: "there_may_be_no_cut",
    CutsAreThere: "cuts_may_be_unknown",
    NeedsFiveSeconds: "a_video_may_be_short",
    NeedsAStep: "one_frame_is_enough",
    LateFramesAreLeftOut: "late_frames_are_refused",
    NothingIsCalm: "no_frame_is_refused",
    Crashes: "no_frame_is_refused",
    GivesNone: "no_frame_is_refused",
    GivesPairs: "the_whole_video_is_covered",
    Guesses: "timelines_are_the_same_each_time",
    Carries: "timelines_are_the_same_each_time",
    NormalisesInPlace: "the_whole_video_is_covered",
    NeedsManyFrames: "one_frame_is_enough",
    NoFrameAtTheEnd: "frames_may_stand_at_the_ends",
    Talks: "nothing_else_changes",
    WritesATable: "nothing_else_changes",
    Seeds: "nothing_else_changes",
    IgnoresWarnings: "nothing_else_changes",
    SetsUpLogging: "nothing_else_changes",
    ShotsDecide: "cuts_may_be_unknown",
}
