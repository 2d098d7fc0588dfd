"""One key frame every few seconds."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from typing_extensions import override

from musify.backends.interval_sampler import check_sampling, exact_frames, tell_damaged
from musify.errors import FFmpegError
from musify.interfaces import FrameSampler
from musify.samples import FrameSample
from musify.video import VideoInfo
from musify.vision.frames import FrameIndex, FrameStream, is_damaged, read_index

__all__ = ["KeyframeSampler"]

# Where key frames are further apart than this many steps, exact frames fill the gap.
_LONGEST_GAP: Final = 2.0


class KeyframeSampler(FrameSampler):
    """Gives the first key frame in each T seconds.

    A key frame needs no other frame to be decoded, so ffmpeg is given those packets alone: a
    hundred times less work than decoding the film. The times reported are true; they are up to T
    away from multiples of T. Where two key frames are more than 2 T apart, the frames at multiples
    of T between them are decoded exactly, as :class:`IntervalSampler` does.

    Parameters
    ----------
    seconds : float, default 5
        T.
    longest_side : int, default 320
        Pixels that the longest side of the picture is scaled down to; never up.

    Raises
    ------
    ParameterError
        If a number is not above 0.
    """

    def __init__(self, seconds: float = 5.0, longest_side: int = 320) -> None:
        check_sampling(seconds, longest_side)
        self.seconds = seconds
        self.longest_side = longest_side

    def __repr__(self) -> str:
        return f"KeyframeSampler(seconds={self.seconds}, longest_side={self.longest_side})"

    @override
    def sample(self, video: VideoInfo) -> Iterator[FrameSample]:
        longest_gap = _LONGEST_GAP * self.seconds
        damaged: list[float] = []
        last = None
        index: FrameIndex | None = None
        try:
            for sample in self._key_frames(video, damaged):
                gap_start = -self.seconds if last is None else last
                if sample.time - gap_start > longest_gap:
                    index = index or read_index(video)
                    yield from self._fill(video, gap_start, sample.time, index)
                yield sample
                last = sample.time
            gap_start = -self.seconds if last is None else last
            if video.duration - gap_start > longest_gap:
                yield from self._fill(video, gap_start, video.duration, index or read_index(video))
        finally:
            tell_damaged(video, damaged)

    def _key_frames(self, video: VideoInfo, damaged: list[float]) -> Iterator[FrameSample]:
        # The filter numbers the steps of the film and drops all packets but the first key of each;
        # register 0 holds the number of the last step that had one, plus 1.
        step = f"floor((pts*tb-{video.start_time:.6f})/{self.seconds!r})"
        drop = f"if(not(key),1,if(eq({step},ld(0)-1),1,st(0,{step}+1)*0))"
        last = -1.0
        with FrameStream(
            video,
            self.longest_side,
            # Deblocking changes nothing that is visible at this size and costs a tenth.
            before=["-skip_loop_filter", "all", "-bsf:v", f"noise=drop='{drop}'"],
        ) as stream:
            try:
                for frame in stream:
                    if frame.time <= last:
                        continue  # open groups of pictures may come out of order
                    last = frame.time
                    if frame.suspect and is_damaged(video, frame.time, self.longest_side):
                        damaged.append(frame.time)
                        continue
                    yield FrameSample(frame.time, frame.image)
            except FFmpegError:
                # Builds before ffmpeg 7 take no such filter on an input: they refuse at once.
                if last >= 0 or not any("bsf" in line for line in stream.log_tail):
                    raise
                yield from self._seek_key_frames(video)

    def _seek_key_frames(self, video: VideoInfo) -> Iterator[FrameSample]:
        index = read_index(video)
        steps = np.floor(index.keys / self.seconds)
        _, first = np.unique(steps, return_index=True)
        times = [float(time) for time in index.keys[first]]
        yield from exact_frames(video, times, index, self.seconds, self.longest_side)

    def _fill(
        self, video: VideoInfo, start: float, end: float, index: FrameIndex
    ) -> Iterator[FrameSample]:
        """Give exact frames between two times, both left out."""
        multiples = np.arange(0.0, video.duration, self.seconds)
        inside = (multiples > start + self.seconds / 2) & (multiples < end - self.seconds / 2)
        found = index.first_at_or_after(multiples[inside])
        times = [float(time) for time in found if start < time < end]
        yield from exact_frames(video, times, index, self.seconds, self.longest_side)
