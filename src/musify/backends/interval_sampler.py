"""A frame every few seconds, at exact times."""

from collections.abc import Iterator

import numpy as np
from typing_extensions import override

from musify._checks import number, whole_number
from musify.interfaces import FrameSampler
from musify.samples import FrameSample
from musify.video import VideoInfo
from musify.vision.exact import SHORTEST_STEP, Decoder, check_decoder, exact_frames
from musify.vision.frames import read_index

__all__ = ["IntervalSampler"]


class IntervalSampler(FrameSampler):
    """Gives the first frame at or after 0, T, 2T, ... seconds.

    Only the packets from the key frame before a wanted frame up to it are decoded. For each
    multiple of T it is the frame presented then or, with a variable frame rate, the next one; no
    frame is given twice. Damaged frames are left out and counted in a notice.

    Parameters
    ----------
    seconds : float, default 5
        The time T from one frame to the next. The script of 2016 used 5.
    longest_side : int, default 320
        Pixels that the longest side of the picture is scaled down to; never up.
    decoder : {"ffmpeg", "pyav"}, default "ffmpeg"
        What decodes. PyAV gives the same frames at the same times, two to three times as fast;
        it needs ``pip install 'musify-video[fast]'``.

    Raises
    ------
    ParameterError
        If ``seconds`` is below 0.001, ``longest_side`` below 1, or ``decoder`` unknown.
    MissingExtraError
        If ``decoder`` is ``"pyav"`` and PyAV is not installed.
    """

    def __init__(
        self, seconds: float = 5.0, longest_side: int = 320, decoder: Decoder = "ffmpeg"
    ) -> None:
        self.seconds = number("seconds", seconds, low=SHORTEST_STEP)
        self.longest_side = whole_number("longest_side", longest_side, low=1)
        self.decoder = check_decoder(decoder)

    def __repr__(self) -> str:
        return (
            f"IntervalSampler(seconds={self.seconds}, longest_side={self.longest_side}, "
            f"decoder={self.decoder!r})"
        )

    @override
    def sample(self, video: VideoInfo) -> Iterator[FrameSample]:
        index = read_index(video)
        wanted = np.arange(0.0, video.duration, self.seconds)
        times = [float(time) for time in index.first_at_or_after(wanted)]
        yield from exact_frames(
            video, times, index, self.longest_side, grid=self.seconds, decoder=self.decoder
        )
