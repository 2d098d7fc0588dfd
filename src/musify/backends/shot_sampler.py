"""One to three frames of every shot."""

from collections.abc import Callable, Iterator
from typing import Final, Literal

import numpy as np
from typing_extensions import override

from musify._checks import number, whole_number
from musify.errors import ParameterError
from musify.interfaces import FrameSampler
from musify.progress import listener
from musify.samples import FrameSample
from musify.shots import Shots
from musify.video import VideoInfo
from musify.vision.exact import SHORTEST_STEP, Decoder, check_decoder, exact_frames
from musify.vision.frames import FrameIndex, read_index

__all__ = ["ShotSampler"]

_MOST_FRAMES: Final = 3


class ShotSampler(FrameSampler):
    """Gives one to three frames of each shot, away from the cuts.

    What a shot shows changes little while it lasts; it changes at cuts. So few frames say more than
    those of a grid, of which some fall on dissolves, and none into short shots. A shot is divided
    into as many equal parts as there are frames, and the frame at the middle of each is taken: at
    1/2, or at 1/4 and 3/4, or at 1/6, 1/2 and 5/6. Times are exact, as those of
    :class:`.IntervalSampler`. In a shot that is shorter than a frame for each, every frame is given
    once. Damaged frames are left out and counted in a notice.

    Parameters
    ----------
    frames : int, default 1
        How many a shot: 1, 2 or 3.
    longest_gap : float, default 10
        Seconds. No part of a shot is longer: a long one is divided into as many more.
    longest_side : int, default 320
        Pixels that the longest side of the picture is scaled down to; never up.
    mode : {"exact", "fast", "index"}, default "fast"
        How cuts are looked for, as in :func:`musify.find_shots`.
    decoder : {"ffmpeg", "pyav"}, default "ffmpeg"
        What decodes, as in :class:`.IntervalSampler`.
    find_shots : callable, optional
        Takes a :class:`.VideoInfo` and gives its :class:`.Shots`; used instead of ``mode``, for
        cuts that are known already.

    Raises
    ------
    ParameterError
        If ``frames`` is not 1, 2 or 3, ``longest_gap`` is below 0.001, ``longest_side`` below 1,
        or ``mode`` or ``decoder`` unknown.
    MissingExtraError
        If ``decoder`` is ``"pyav"`` and PyAV is not installed.
    """

    def __init__(
        self,
        frames: int = 1,
        longest_gap: float = 10.0,
        longest_side: int = 320,
        mode: Literal["exact", "fast", "index"] = "fast",
        decoder: Decoder = "ffmpeg",
        find_shots: Callable[[VideoInfo], Shots] | None = None,
    ) -> None:
        self.frames = whole_number("frames", frames, low=1)
        if self.frames > _MOST_FRAMES:
            raise ParameterError(f"frames must be 1, 2 or 3, got {frames!r}")
        self.longest_gap = number("longest_gap", longest_gap, low=SHORTEST_STEP)
        self.longest_side = whole_number("longest_side", longest_side, low=1)
        if mode not in ("exact", "fast", "index"):
            raise ParameterError(f"mode must be 'exact', 'fast' or 'index', got {mode!r}")
        self.mode: Literal["exact", "fast", "index"] = mode
        self.decoder = check_decoder(decoder)
        self._find_shots = find_shots

    def __repr__(self) -> str:
        return (
            f"ShotSampler(frames={self.frames}, longest_gap={self.longest_gap}, "
            f"longest_side={self.longest_side}, mode={self.mode!r}, decoder={self.decoder!r})"
        )

    @override
    def sample(self, video: VideoInfo) -> Iterator[FrameSample]:
        shots = self._find_shots(video) if self._find_shots else self._look_for_shots(video)
        index = read_index(video)
        times = self._times(shots, index)
        yield from exact_frames(
            video, times, index, self.longest_side, grid=None, together=True, decoder=self.decoder
        )

    def _look_for_shots(self, video: VideoInfo) -> Shots:
        from musify.vision.find_shots import (  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
            find_shots,
        )

        shots: Shots = find_shots(video, mode=self.mode, on_progress=listener())
        return shots

    def _times(self, shots: Shots, index: FrameIndex) -> list[float]:
        """Choose the frames: each the last that is presented at a wanted time."""
        chosen: list[float] = []
        for start, end in zip(shots.edges[:-1], shots.edges[1:], strict=True):
            count = max(self.frames, int(np.ceil((end - start) / self.longest_gap)))
            wanted = start + (end - start) * (np.arange(count) + 0.5) / count
            shown = index.shown_at(wanted)
            # Of a shot of a frame or two, the one that is shown began in the shot before.
            chosen += [float(time) for time in shown if time >= start]
        return sorted(set(chosen))
