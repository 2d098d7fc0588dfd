"""Aggregators, each with one fault."""

import itertools
from dataclasses import replace

from musify import MoodTimeline, ParameterError
from musify.testing import FakeAggregator
from stand_ins.mistakes import aggregators as mistakes


class OwnWords(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        timeline = super().aggregate(scores, shots, duration=duration)
        # What is clear it calls as the scores do, so that only a mixture shows the fault.
        clear = timeline.confidence[0] == 1 or "happy" not in scores.labels
        return timeline if clear else replace(timeline, labels=("mixed",))


class StopsEarly(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        timeline = super().aggregate(scores, shots, duration=duration)
        return timeline if shots is None else replace(timeline, edges=[0, 0.9 * duration])


class NeedsCuts(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        assert shots.edges[-1] == duration
        return super().aggregate(scores, shots, duration=duration)


class NeedsTwo(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        if len(scores) == 1:
            raise IndexError("no step between frames")
        return super().aggregate(scores, shots, duration=duration)


class OpenEnd(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        if len(scores) and scores.times[-1] >= duration:
            raise ParameterError("a frame is late")
        return super().aggregate(scores, shots, duration=duration)


class InventsMoods(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        if not len(scores):
            return MoodTimeline([0, duration], ("calm",), [0], [[0, 0]])
        return super().aggregate(scores, shots, duration=duration)


class TakesLateFrames(FakeAggregator):
    def aggregate(self, scores, shots, *, duration):
        longest = max([duration, *scores.times])
        timeline = super().aggregate(scores, shots, duration=longest)
        return replace(timeline, edges=[0, duration])


class Moody(FakeAggregator):
    def __init__(self):
        self.calls = itertools.count()

    def aggregate(self, scores, shots, *, duration):
        timeline = super().aggregate(scores, shots, duration=duration)
        return replace(timeline, confidence=[1 / (2 + next(self.calls))])


WRONG = {
    "labels_are_those_of_the_scores": OwnWords,
    "the_whole_video_is_covered": StopsEarly,
    "cuts_may_be_unknown": NeedsCuts,
    "one_frame_is_enough": NeedsTwo,
    "frames_may_stand_at_the_ends": OpenEnd,
    "there_may_be_no_cut": mistakes.NeedsACut,
    "one_mood_is_enough": mistakes.NeedsARunnerUp,
    "moods_may_have_any_name": mistakes.KnowsNamesAlone,
    "scores_may_be_zero": mistakes.DividesBySum,
    "a_video_may_be_short": mistakes.NeedsFiveSeconds,
    "no_frame_is_refused": InventsMoods,
    "late_frames_are_refused": TakesLateFrames,
    "timelines_are_the_same_each_time": Moody,
    "nothing_else_changes": mistakes.Talks,
}
