"""Samplers, each with one fault."""

from dataclasses import replace

import numpy as np

from musify import FrameSample, get_backend
from musify._ffmpeg import FFmpegProcess
from musify.notices import collect_notices
from musify.testing import FakeSampler


def endless():
    """Start an ffmpeg that stays until it is ended."""
    return FFmpegProcess(["-f", "lavfi", "-i", "testsrc2=s=16x16", "-f", "rawvideo", "pipe:1"])


class Blind(FakeSampler):
    def sample(self, video):
        for sample in super().sample(video):
            if sample.time < 0:
                yield sample


class Listed(FakeSampler):
    def sample(self, video):
        return list(super().sample(video))


class Twice(FakeSampler):
    def sample(self, video):
        for sample in super().sample(video):
            yield sample
            yield sample


class OneTooMany(FakeSampler):
    def sample(self, video):
        yield from super().sample(video)
        yield FrameSample(video.duration, np.zeros((9, 16, 3), np.uint8))


class Square(FakeSampler):
    def sample(self, video):
        for sample in super().sample(video):
            yield FrameSample(sample.time, np.resize(sample.image, (16, 16, 3)))


class Eager(FakeSampler):
    def sample(self, video):
        samples = super().sample(video)
        process = endless()

        def made():
            with process:
                yield from samples

        return made()


class NotClosed:
    """Ends what feeds it when it is dropped, and not when it is closed."""

    def __init__(self, samples):
        self.samples = samples
        self.process = None

    def __iter__(self):
        return self

    def __next__(self):
        sample = next(self.samples)
        self.process = self.process or endless()
        return sample

    def close(self):
        pass


class Deaf(FakeSampler):
    def sample(self, video):
        return NotClosed(super().sample(video))


class Hoards(FakeSampler):
    def __init__(self):
        super().__init__()
        self.all = []

    def sample(self, video):
        def made():
            with endless():
                yield from samples

        samples = super().sample(video)
        self.all.append(made())
        return self.all[-1]


class OnePlace(FakeSampler):
    def sample(self, video):
        pictures = list(super().sample(video))
        self.at = 0
        while self.at < len(pictures):
            yield pictures[self.at]
            self.at += 1


class OtherError(FakeSampler):
    def sample(self, video):
        video.path.stat()
        yield from super().sample(video)


class Quiet(FakeSampler):
    def sample(self, video):
        with collect_notices():
            yield from get_backend("frame_sampler", "keyframe", seconds=1.0).sample(
                replace(video, duration=video.duration)
            )


WRONG = {
    "there_is_a_frame": Blind,
    "it_gives_an_iterator": Listed,
    "times_ascend": Twice,
    "times_are_within_the_video": OneTooMany,
    "pictures_have_the_shape_of_the_film": Square,
    "nothing_runs_before_it_is_asked_for": Eager,
    "a_closed_iterator_ends_what_feeds_it": Deaf,
    "a_dropped_iterator_ends_what_feeds_it": Hoards,
    "no_state_is_kept": OnePlace,
    "a_video_that_is_gone_is_told": OtherError,
    "damaged_frames_are_told": Quiet,
}
