"""The rules of :class:`musify.FrameSampler`."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from musify._iterators import ended
from musify.errors import MissingExtraError, MusifyError, VideoOpenError
from musify.interfaces import FrameSampler
from musify.notices import collect_notices
from musify.samples import FrameSample
from musify.testing.rules import Bench, Rule, held, require, rule
from musify.video import VideoInfo

if TYPE_CHECKING:
    import psutil

__all__ = ["SAMPLER_RULES"]

SAMPLER_RULES: Final[dict[str, Rule]] = {}
# A picture of whole pixels is not quite of the shape of the film.
_SHAPE_TOLERANCE: Final = 0.02


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
    """No process is started before the first frame is asked for."""
    video = bench.video
    before = _children()
    with ended(sampler.sample(video)):
        started = _children() - before
    require(not started, f"it started {len(started)} before anything was asked for")


@rule(SAMPLER_RULES)
def a_closed_iterator_ends_what_feeds_it(sampler: FrameSampler, bench: Bench) -> None:
    """When the iterator is closed, whatever feeds it ends."""
    video = bench.video
    before = _children()
    samples: Any = iter(sampler.sample(video))
    next(samples, None)
    if hasattr(samples, "close"):
        samples.close()
    left = _children() - before
    require(not left, f"closed, and {len(left)} process(es) still run")


@rule(SAMPLER_RULES)
def a_dropped_iterator_ends_what_feeds_it(sampler: FrameSampler, bench: Bench) -> None:
    """When the iterator is dropped, whatever feeds it ends."""
    video = bench.video
    before = _children()
    samples = iter(sampler.sample(video))
    next(samples, None)
    del samples
    left = _children() - before
    require(not left, f"dropped, and {len(left)} process(es) still run")


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
