"""The rules of :class:`musify.FrameSampler`."""

import gc
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from musify._iterators import ended
from musify.errors import MissingExtraError, MusifyError, VideoOpenError
from musify.interfaces import FrameSampler
from musify.notices import collect_notices
from musify.samples import FrameSample
from musify.testing.clips import FRAME_TIMES, SHADES, long_video, odd_video, short_video
from musify.testing.rules import Bench, Rule, held, odd_name, require, rule
from musify.testing.surroundings import open_files, require_nothing_else_changes
from musify.video import VideoInfo

if TYPE_CHECKING:
    import psutil

__all__ = ["SAMPLER_RULES"]

SAMPLER_RULES: Final[dict[str, Rule]] = {}
# A picture of whole pixels is not quite of the shape of the film.
_SHAPE_TOLERANCE: Final = 0.02
# A sampler may take the frame that is nearest to a time of its own; the frames are further apart.
_NEAR: Final = 0.06
# What was told to end may need a moment.
_GRACE: Final = 1.0


def _feeding() -> "_Feeding":
    """Say what may feed an iterator: processes, threads, and files that are open."""
    return _Feeding(_children(), set(threading.enumerate()), open_files())


@dataclass(frozen=True, slots=True)
class _Feeding:
    processes: "set[psutil.Process]"
    threads: set[threading.Thread]
    files: set[tuple[str, int, int]]

    def since(self, before: "_Feeding") -> str:
        """Name what is there and was not there before."""
        counts = {
            "process(es)": len(self.processes - before.processes),
            "thread(s)": len(self.threads - before.threads),
            "open file(s)": len(self.files - before.files),
        }
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def _left(before: _Feeding) -> str:
    """Name what still feeds an iterator after a moment."""
    until = time.monotonic() + _GRACE
    while (left := _feeding().since(before)) and time.monotonic() < until:
        time.sleep(0.02)
    return left


def _children() -> "set[psutil.Process]":
    try:
        import psutil  # noqa: PLC0415 - an extra, which only these rules need
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "the rules of frame_sampler need the module 'psutil', which is not installed;\n"
            "install it with: pip install 'musify-video[testing]'"
        ) from error
    return {
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE
    }


def _frames(sampler: FrameSampler, video: VideoInfo, most: int | None = None) -> list[FrameSample]:
    with ended(sampler.sample(video)) as samples:
        return list(islice(samples, most))


def _times(sampler: FrameSampler, video: VideoInfo) -> list[float]:
    with ended(sampler.sample(video)) as samples:
        return [sample.time for sample in samples]


@rule(SAMPLER_RULES)
def there_is_a_frame(sampler: FrameSampler, bench: Bench) -> None:
    """A video of a few seconds gives at least one FrameSample."""
    frames = _frames(sampler, bench.video, 1)
    require(frames, f"a video of {bench.video.duration:g} s gave none")
    require(isinstance(frames[0], FrameSample), f"it gave a {type(frames[0]).__name__}")


@rule(SAMPLER_RULES)
def it_gives_an_iterator(sampler: FrameSampler, bench: Bench) -> None:
    """What is given is an iterator, which makes one frame after the other."""
    samples = sampler.sample(bench.video)
    with ended(samples):
        require(isinstance(samples, Iterator), f"it gave a {type(samples).__name__}")


@rule(SAMPLER_RULES)
def a_single_frame_is_enough(sampler: FrameSampler, bench: Bench) -> None:
    """A video of a single frame gives it."""
    require(_times(sampler, short_video()), "a video of a single frame gave none")


@rule(SAMPLER_RULES)
def pictures_are_of_their_time(sampler: FrameSampler, bench: Bench) -> None:
    """A frame is what is seen at its time, in seconds from the first frame that is shown."""
    for frame in _frames(sampler, odd_video()):
        height, width, _ = frame.image.shape
        shade = float(frame.image[height // 2, width // 2].mean())
        shown = int(np.abs(SHADES - shade).argmin())
        begins, ends = (*FRAME_TIMES, np.inf)[shown : shown + 2]
        near = begins - _NEAR <= frame.time <= ends + _NEAR
        require(
            near,
            f"what is seen from {begins:g} to {ends:g} s came as {frame.time:g} s; give "
            "times of the decoder, less video.start_time, and divide no numbers of frames",
        )


@rule(SAMPLER_RULES)
def colours_are_red_green_blue(sampler: FrameSampler, bench: Bench) -> None:
    """Colours are in the order red, green, blue."""
    for frame in _frames(sampler, odd_video(), 1):
        red, _, blue = _most_colourful(frame)[1]
        require(
            red > blue,
            f"what is red came with red at {red} and blue at {blue}; is it blue, green, red, as "
            "OpenCV reads? Reverse the last axis",
        )


@rule(SAMPLER_RULES)
def pictures_stand_upright(sampler: FrameSampler, bench: Bench) -> None:
    """A video that was filmed with the camera turned stands upright."""
    for frame in _frames(sampler, odd_video(), 1):
        (row, column), _ = _most_colourful(frame)
        height, width, _ = frame.image.shape
        found = f"{width}x{height}, with its upper left corner at ({column}, {row})"
        upright = height > width and row < height / 2 and column < width / 2
        require(upright, f"a picture that is higher than wide came as {found}")


def _most_colourful(frame: FrameSample) -> tuple[tuple[int, int], list[int]]:
    """Find the point that is least grey: its row and column, and its colour."""
    spread = np.ptp(frame.image.astype(int), axis=2)
    row, column = np.unravel_index(spread.argmax(), spread.shape)
    return (int(row), int(column)), frame.image[row, column].tolist()


@rule(SAMPLER_RULES)
def frames_are_not_kept(sampler: FrameSampler, bench: Bench) -> None:
    """Frames are made one after the other: no more than half of those of a long video at a time."""
    before, most, count = _alive(), 0, 0
    made: object = sampler.sample(long_video())
    if not isinstance(made, Iterator):
        return  # which breaks another rule
    with ended(made) as samples:
        for frame in samples:
            count += 1
            if count == 1:
                most = _alive() - before
            del frame
    require(most <= max(2, count // 2), f"of {count} frames {most} were made before the first came")


def _alive() -> int:
    return sum(isinstance(one, FrameSample) for one in gc.get_objects())


@rule(SAMPLER_RULES)
def names_may_be_odd(sampler: FrameSampler, bench: Bench) -> None:
    """The name of a file may hold spaces, quotes, brackets and signs."""
    plain = bench.video
    odd = replace(plain, path=Path(shutil.copy(plain.path, bench.folder / odd_name(plain.path))))
    found, wanted = len(_times(sampler, odd)), len(_times(sampler, plain))
    require(found == wanted, f"called {odd.path.name} it gave {found} frames, not {wanted}")


@rule(SAMPLER_RULES)
def nothing_else_changes(sampler: FrameSampler, bench: Bench) -> None:
    """Nothing is printed, changed for others, or left: settings, random numbers, files, threads."""
    require_nothing_else_changes(lambda: _times(sampler, odd_video()), bench)


@rule(SAMPLER_RULES)
def times_ascend(sampler: FrameSampler, bench: Bench) -> None:
    """The times of the frames ascend strictly."""
    times = _times(sampler, bench.video)
    require((np.diff(times) > 0).all(), f"times are {times}")


@rule(SAMPLER_RULES)
def times_are_within_the_video(sampler: FrameSampler, bench: Bench) -> None:
    """Every time is below the duration of the video."""
    times = _times(sampler, bench.video)
    last = max(times, default=0.0)
    require(last < bench.video.duration, f"{last:g} s in {bench.video.duration:g} s of video")


@rule(SAMPLER_RULES)
def pictures_have_the_shape_of_the_film(sampler: FrameSampler, bench: Bench) -> None:
    """A picture is as wide, for its height, as a viewer sees the film."""
    for frame in _frames(sampler, bench.video, 1):
        height, width, _ = frame.image.shape
        seen = bench.video.width / bench.video.height
        require(
            abs(width / height - seen) <= _SHAPE_TOLERANCE * seen,
            f"pictures are {width}x{height}, the film is {bench.video.width}x{bench.video.height}",
        )


@rule(SAMPLER_RULES)
def nothing_runs_before_it_is_asked_for(sampler: FrameSampler, bench: Bench) -> None:
    """Nothing is started or opened before the first frame is asked for."""
    video = bench.video
    before = _feeding()
    with ended(sampler.sample(video)):
        started = _feeding().since(before)
    require(not started, f"before anything was asked for there were {started}")


@rule(SAMPLER_RULES)
def a_closed_iterator_ends_what_feeds_it(sampler: FrameSampler, bench: Bench) -> None:
    """When the iterator is closed, whatever feeds it ends."""
    video = bench.video
    before = _feeding()
    samples: Any = iter(sampler.sample(video))
    next(samples, None)
    if hasattr(samples, "close"):
        samples.close()
    left = _left(before)
    require(not left, f"closed, and there still are {left}")


@rule(SAMPLER_RULES)
def a_dropped_iterator_ends_what_feeds_it(sampler: FrameSampler, bench: Bench) -> None:
    """When the iterator is dropped, whatever feeds it ends."""
    video = bench.video
    before = _feeding()
    samples = iter(sampler.sample(video))
    next(samples, None)
    del samples
    left = _left(before)
    require(not left, f"dropped, and there still are {left}")


@rule(SAMPLER_RULES)
def no_state_is_kept(sampler: FrameSampler, bench: Bench) -> None:
    """One video can be read twice at once, and both readers see the same frames."""
    with ended(sampler.sample(bench.video)) as one, ended(sampler.sample(bench.video)) as other:
        pairs = list(zip(one, other, strict=False))
        require(next(one, None) is next(other, None), "one reader got more frames")
    for first, second in pairs:
        require(first.time == second.time, f"{first.time:g} s for one, {second.time:g} s for two")
        same = np.array_equal(first.image, second.image)
        require(same, f"the pictures at {first.time:g} s differ")


@rule(SAMPLER_RULES)
def a_video_that_is_gone_is_told(sampler: FrameSampler, bench: Bench) -> None:
    """A video that cannot be read any more raises VideoOpenError."""
    gone = replace(bench.video, path=bench.folder / "gone.mp4")
    with held(VideoOpenError, "where the file is gone"):
        _frames(sampler, gone)


@rule(SAMPLER_RULES)
def damaged_frames_are_told(sampler: FrameSampler, bench: Bench) -> None:
    """Frames that cannot be decoded are left out, and ``musify.notify`` tells so."""
    video = bench.video
    damaged = replace(video, path=_damaged(video.path, bench.folder))
    with collect_notices() as notices:
        try:
            left = len(_frames(sampler, damaged))
        except MusifyError:  # too damaged to be read, and the caller knows
            return
    whole = len(_frames(sampler, video))
    require(left >= whole or notices, f"of {whole} frames it left out {whole - left}, and was mute")


def _damaged(path: Path, folder: Path) -> Path:
    """Copy a video, and wipe out a sixth of it in the middle."""
    copy = Path(shutil.copy(path, folder / f"damaged{path.suffix}"))
    content = bytearray(copy.read_bytes())
    middle, length = len(content) // 2, len(content) // 6
    content[middle : middle + length] = bytes(length)
    copy.write_bytes(content)
    return copy
