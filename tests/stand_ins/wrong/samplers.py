"""Samplers, each with one fault."""

from dataclasses import replace

from musify import FrameSample, get_backend
from musify._ffmpeg import FFmpegProcess
from musify.notices import collect_notices
from stand_ins.mistakes import samplers as mistakes
from stand_ins.right import RightSampler


def endless():
    """Start an ffmpeg that stays until it is ended."""
    return FFmpegProcess(["-f", "lavfi", "-i", "testsrc2=s=16x16", "-f", "rawvideo", "pipe:1"])


class Blind(RightSampler):
    def sample(self, video):
        for sample in super().sample(video):
            if not video.has_audio:  # other rules look at videos without
                yield sample


class Listed(RightSampler):
    def sample(self, video):
        return list(super().sample(video))


class Twice(RightSampler):
    def sample(self, video):
        for sample in super().sample(video):
            yield sample
            yield sample


class OneTooMany(RightSampler):
    def sample(self, video):
        for sample in super().sample(video):
            yield sample
        yield FrameSample(video.duration, sample.image)


class Square(RightSampler):
    def sample(self, video):
        for sample in super().sample(video):
            height, width, _ = sample.image.shape
            wide = width > height  # other rules look at one that is high
            yield FrameSample(sample.time, sample.image[:, :height] if wide else sample.image)


class Eager(RightSampler):
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


class Deaf(RightSampler):
    def sample(self, video):
        return NotClosed(super().sample(video))


class Hoards(RightSampler):
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


class OtherError(RightSampler):
    def sample(self, video):
        video.path.stat()
        yield from super().sample(video)


class Quiet(RightSampler):
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
    "no_state_is_kept": mistakes.SharedPlace,
    "a_video_that_is_gone_is_told": OtherError,
    "damaged_frames_are_told": Quiet,
    "a_single_frame_is_enough": mistakes.MiddlesOfSteps,
    "pictures_are_of_their_time": mistakes.OneStepLate,
    "colours_are_red_green_blue": mistakes.BlueGreenRed,
    "pictures_stand_upright": mistakes.AsStored,
    "frames_are_not_kept": mistakes.AllAtOnce,
    "names_may_be_odd": mistakes.Quotes,
    "nothing_else_changes": mistakes.Talks,
}
