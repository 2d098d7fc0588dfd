"""One key frame every few seconds."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from musify._checks import number, whole_number
from musify._ffmpeg_words import InputFilterError
from musify.interfaces import FrameSampler
from musify.samples import FrameSample
from musify.video import VideoInfo
from musify.vision.exact import (
    SHORTEST_STEP,
    Damage,
    Decoder,
    check_decoder,
    exact_frames,
)
from musify.vision.frames import (
    EARLY,
    FrameIndex,
    FrameStream,
    all_but_first_keys,
    is_damaged,
    read_index,
)

__all__ = ["KeyframeSampler"]

_LONGEST_GAP: Final = 10.0


class KeyframeSampler(FrameSampler):
    """Gives the first key frame in each T seconds.

    A key frame needs no other frame to be decoded, so ffmpeg is given those packets alone: a
    hundred times less work than decoding the film. The times reported are true; they are up to T
    away from multiples of T. Where two key frames are more than ``longest_gap`` apart, frames at
    multiples of half of that are decoded exactly in between, as :class:`.IntervalSampler` does.

    Parameters
    ----------
    seconds : float, default 2.5
        The time T that one frame stands for.
    longest_gap : float, optional
        Seconds; at least T, and by default 10 or T, whichever is more. Encoders that leave it to
        their defaults put key frames up to ten seconds apart (x264: 250 frames), and filling those
        gaps would decode most of the film.
    longest_side : int, default 320
        Pixels that the longest side of the picture is scaled down to; never up.
    decoder : {"ffmpeg", "pyav"}, default "ffmpeg"
        What decodes the frames in between, as in :class:`.IntervalSampler`.

    Raises
    ------
    ParameterError
        If ``seconds`` is below 0.001, ``longest_side`` below 1, ``longest_gap`` below
        ``seconds``, or ``decoder`` unknown.
    MissingExtraError
        If ``decoder`` is ``"pyav"`` and PyAV is not installed.
    """

    def __init__(
        self,
        seconds: float = 2.5,
        longest_side: int = 320,
        longest_gap: float | None = None,
        decoder: Decoder = "ffmpeg",
    ) -> None:
        self.seconds = number("seconds", seconds, low=SHORTEST_STEP)
        self.longest_side = whole_number("longest_side", longest_side, low=1)
        gap = max(_LONGEST_GAP, self.seconds) if longest_gap is None else longest_gap
        self.longest_gap = number("longest_gap", gap, low=self.seconds)
        self.decoder = check_decoder(decoder)

    def __repr__(self) -> str:
        return (
            f"KeyframeSampler(seconds={self.seconds}, longest_side={self.longest_side}, "
            f"longest_gap={self.longest_gap}, decoder={self.decoder!r})"
        )

    @override
    def sample(self, video: VideoInfo) -> Iterator[FrameSample]:
        step = self.longest_gap / 2
        last: float | None = None
        index: FrameIndex | None = None
        damage = Damage()
        for sample in self._key_frames(video, damage):
            gap_start = -step if last is None else last
            if sample.time - gap_start > self.longest_gap:
                index = index or read_index(video)
                yield from self._fill(video, gap_start, sample.time, index, damage)
            yield sample
            last = sample.time
        gap_start = -step if last is None else last
        if last is None or video.duration - gap_start > self.longest_gap:
            index = index or read_index(video)
            yield from self._fill(video, gap_start, video.duration, index, damage)
        damage.tell(video)

    def _key_frames(self, video: VideoInfo, damage: Damage) -> Iterator[FrameSample]:
        given: list[float] = []
        with FrameStream(
            video,
            self.longest_side,
            # Deblocking changes nothing that is visible at this size and costs a tenth.
            before=["-skip_loop_filter", "all"],
            drop=all_but_first_keys(video, self.seconds),
        ) as stream:
            try:
                for frame in stream:
                    if frame.time <= given[-1] if given else frame.time > self.seconds:
                        # Without the frames between them, a decoder may misread the order of key
                        # frames that are not random access points (H.264 with open groups).
                        break
                    if frame.suspect and is_damaged(video, frame.time, self.longest_side):
                        continue
                    given.append(frame.time)
                    yield FrameSample(frame.time, frame.image)
                else:
                    if stream.complained:
                        index = read_index(video)
                        damage.in_part = index.complained
                        missing = np.setdiff1d(self._first_keys(index), given)
                        damage.times.extend(float(time) for time in missing)
                    return
            except InputFilterError:
                pass  # packets cannot be dropped: frames are decoded exactly instead
        index = read_index(video)
        times = [float(key) for key in self._first_keys(index) if not given or key > given[-1]]
        yield from exact_frames(
            video,
            times,
            index,
            self.longest_side,
            grid=None,
            decoder=self.decoder,
            damage=damage,
        )

    def _first_keys(self, index: FrameIndex) -> NDArray[np.float64]:
        """Return the time of the first key frame in each step."""
        steps = np.floor((index.keys + EARLY) / self.seconds)
        return index.keys[np.unique(steps, return_index=True)[1]]

    def _fill(
        self,
        video: VideoInfo,
        start: float,
        end: float,
        index: FrameIndex,
        damage: Damage,
    ) -> Iterator[FrameSample]:
        """Give exact frames between two times, both left out."""
        step = self.longest_gap / 2
        multiples = np.arange(0.0, video.duration, step)
        inside = (multiples > start + step / 2) & (multiples < end - step / 2)
        found = index.first_at_or_after(multiples[inside])
        times = [float(time) for time in found if start < time < end]
        yield from exact_frames(
            video,
            times,
            index,
            self.longest_side,
            grid=step,
            decoder=self.decoder,
            damage=damage,
        )
