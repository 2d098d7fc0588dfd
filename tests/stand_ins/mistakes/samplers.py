"""Mistakes that are easily made in a sampler."""

import contextlib
import itertools
import os
import queue
import random
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from musify import FrameSample
from stand_ins.right import RightSampler


class Changed(RightSampler):
    """Lets a subclass change each frame."""

    def sample(self, video):
        for number, sample in enumerate(super().sample(video)):
            yield self.seen(sample, number, video)

    def seen(self, sample, number, video):
        return sample


class BlueGreenRed(Changed):
    """Reads with OpenCV, and forgets its order of colours."""

    def seen(self, sample, number, video):
        return FrameSample(sample.time, sample.image[..., ::-1])


class AsStored(Changed):
    """Does not turn what was filmed with the camera turned."""

    def seen(self, sample, number, video):
        return FrameSample(sample.time, np.rot90(sample.image, round(video.rotation / 90)))


class UpsideDown(Changed):
    def seen(self, sample, number, video):
        return FrameSample(sample.time, sample.image[::-1])


class OnTheFilesClock(RightSampler):
    """Counts from where the clock of the file begins."""

    def sample(self, video):
        for sample in super().sample(video):
            if sample.time + video.start_time < video.duration:
                yield FrameSample(sample.time + video.start_time, sample.image)


class EvenFrames(Changed):
    """Divides the number of a frame by the frame rate."""

    def seen(self, sample, number, video):
        at = sample.time / video.duration * 0.5
        return FrameSample(at, sample.image)


class OneStepLate(RightSampler):
    """Gives each picture the time of the next."""

    def sample(self, video):
        for one, other in itertools.pairwise(super().sample(video)):
            yield FrameSample(other.time, one.image)
        if video.duration < 1:
            yield from super().sample(video)


class MiddlesOfSteps(RightSampler):
    """Begins in the middle of its first step, which a short video does not reach."""

    def sample(self, video):
        return (one for one in super().sample(video) if video.duration > 0.5)


class Milliseconds(Changed):
    def seen(self, sample, number, video):
        return FrameSample(1000 * sample.time, sample.image)


class UpToTheEnd(RightSampler):
    def sample(self, video):
        last = None
        for last in super().sample(video):
            yield last
        yield FrameSample(video.duration, last.image)


class Squares(Changed):
    """Gives what networks want: a square."""

    def seen(self, sample, number, video):
        return FrameSample(sample.time, np.ascontiguousarray(sample.image[:32, :32]))


class GreyPictures(Changed):
    def seen(self, sample, number, video):
        return FrameSample(sample.time, sample.image.mean(axis=2))


class ChannelsFirst(Changed):
    def seen(self, sample, number, video):
        return FrameSample(sample.time, sample.image.transpose(2, 0, 1))


class Floats(Changed):
    def seen(self, sample, number, video):
        return FrameSample(sample.time, (sample.image / 255).astype(np.float32))


class Pairs(Changed):
    def seen(self, sample, number, video):
        return (sample.time, sample.image)


class Lists(RightSampler):
    def sample(self, video):
        return list(super().sample(video))


class AllAtOnce(RightSampler):
    """Reads the whole video, and then gives it piece by piece."""

    def sample(self, video):
        yield from list(super().sample(video))


class NothingWhereNothingIs(RightSampler):
    """As OpenCV does: a file that is gone is a video without frames."""

    def sample(self, video):
        if video.path.is_file():
            yield from super().sample(video)


class Assumes(RightSampler):
    def sample(self, video):
        assert video.path.is_file()
        yield from super().sample(video)


class Backwards(RightSampler):
    def sample(self, video):
        yield from reversed(list(super().sample(video)))


class Unsorted(RightSampler):
    """Reads with several threads, and gives what is there first."""

    def sample(self, video):
        samples = list(super().sample(video))
        random.Random(1).shuffle(samples)
        yield from samples


class TwiceTheSame(RightSampler):
    def sample(self, video):
        for sample in super().sample(video):
            yield from (sample, sample)


class SharedPlace(RightSampler):
    def sample(self, video):
        self.samples = super().sample(video)
        while (sample := next(self.samples, None)) is not None:
            yield sample


class OpensAtOnce(RightSampler):
    def sample(self, video):
        file = os.open(video.path, os.O_RDONLY) if video.path.is_file() else None
        samples = super().sample(video)

        def made():
            yield from samples
            os.close(file)

        return made()


class KeepsOpen(RightSampler):
    """Opens a video, and closes none."""

    def __init__(self):
        super().__init__()
        self.files = []

    def sample(self, video):
        if video.path.is_file():
            self.files.append(os.open(video.path, os.O_RDONLY))
        yield from super().sample(video)


class ReadsAhead(RightSampler):
    """Reads ahead on a thread, which waits for ever where nobody takes what it read."""

    def sample(self, video):
        ready = queue.Queue(maxsize=1)

        def read():
            with contextlib.suppress(Exception):
                for sample in RightSampler.sample(self, video):
                    ready.put(sample, timeout=3)
            with contextlib.suppress(queue.Full):
                ready.put(None, timeout=3)

        threading.Thread(target=read, daemon=True).start()
        while (sample := ready.get()) is not None:
            yield sample


class Patterns(RightSampler):
    """Hands a name to a program that reads % as the number of a picture."""

    def sample(self, video):
        path = Path(str(video.path).replace("%03d", "001"))
        yield from super().sample(replace(video, path=path))


class Quotes(RightSampler):
    """Puts a name between quotes, and calls the shell."""

    def sample(self, video):
        path = Path(str(video.path).replace("'", ""))
        yield from super().sample(replace(video, path=path))


class Talks(RightSampler):
    def sample(self, video):
        for sample in super().sample(video):
            print(f"\r{sample.time:.1f} s", end="")
            yield sample


class Seeds(RightSampler):
    def sample(self, video):
        random.seed(0)
        yield from super().sample(video)


class LeavesPictures(RightSampler):
    """Lets ffmpeg write pictures, and leaves them."""

    def sample(self, video):
        folder = Path(tempfile.mkdtemp())
        for sample in super().sample(video):
            (folder / f"{sample.time}.rgb").write_bytes(sample.image.tobytes())
            yield sample


class Wanders(RightSampler):
    def sample(self, video):
        if video.path.is_file():
            os.chdir(video.path.parent)
        yield from super().sample(video)


class Sleeps(RightSampler):
    """Leaves a thread that watches it."""

    def sample(self, video):
        threading.Thread(target=time.sleep, args=(4,), daemon=True).start()
        yield from super().sample(video)


MISTAKES = {
    BlueGreenRed: "colours_are_red_green_blue",
    AsStored: "pictures_stand_upright",
    UpsideDown: "pictures_stand_upright",
    OnTheFilesClock: "pictures_are_of_their_time",
    EvenFrames: "pictures_are_of_their_time",
    OneStepLate: "pictures_are_of_their_time",
    MiddlesOfSteps: "a_single_frame_is_enough",
    Milliseconds: "times_are_within_the_video",
    UpToTheEnd: "times_are_within_the_video",
    Squares: "pictures_have_the_shape_of_the_film",
    GreyPictures: "there_is_a_frame",
    ChannelsFirst: "there_is_a_frame",
    Floats: "there_is_a_frame",
    Pairs: "there_is_a_frame",
    Lists: "it_gives_an_iterator",
    AllAtOnce: "frames_are_not_kept",
    NothingWhereNothingIs: "a_video_that_is_gone_is_told",
    Assumes: "a_video_that_is_gone_is_told",
    Backwards: "times_ascend",
    Unsorted: "times_ascend",
    TwiceTheSame: "times_ascend",
    SharedPlace: "no_state_is_kept",
    OpensAtOnce: "nothing_runs_before_it_is_asked_for",
    KeepsOpen: "a_closed_iterator_ends_what_feeds_it",
    ReadsAhead: "a_closed_iterator_ends_what_feeds_it",
    Patterns: "names_may_be_odd",
    Quotes: "names_may_be_odd",
    Talks: "nothing_else_changes",
    Seeds: "nothing_else_changes",
    LeavesPictures: "nothing_else_changes",
    Wanders: "nothing_else_changes",
    Sleeps: "nothing_else_changes",
}
