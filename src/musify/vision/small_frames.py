"""Streams of very small frames, had as cheaply as can be."""

from collections.abc import Generator
from typing import Final

import numpy as np

from musify.vision.cuts import Cut
from musify.vision.differences import Bytes, Floats
from musify.vision.frames import FrameStream

__all__ = ["CHEAP", "CHEAPER", "batches", "placed"]

# Threads that scale a picture to 32 pixels cost more than the scaling.
CHEAP: Final = ("-filter_threads", "1", "-skip_loop_filter", "all")
"""Options of ffmpeg: deblocking cannot be seen at 32 pixels."""

CHEAPER: Final = ("-skip_frame", "noref", *CHEAP)
"""The same, and without frames that no other is made from, where a codec has such."""

_BATCH: Final = 128


def batches(stream: FrameStream, *, in_order: bool = True) -> Generator[tuple[Floats, Bytes]]:
    """Gather frames of a stream, but for those that damage has spoilt."""
    times: list[float] = []
    images: list[Bytes] = []
    last = -1.0
    with stream:
        for frame in stream:
            # Damage may bring frames out of order too.
            if frame.suspect or (in_order and frame.time <= last):
                continue
            last = frame.time
            times.append(last)
            images.append(frame.image)
            if len(times) == _BATCH:
                yield np.array(times), np.stack(images)
                times, images = [], []
    if times:
        yield np.array(times), np.stack(images)


def placed(cut: Cut, seen: Floats, shown: Floats) -> Cut:
    """Move a cut to the middle of the frames that it may begin at.

    Frames that were not decoded may belong to either shot. Of one or two such frames the middle is
    never more than one frame off.
    """
    if cut.kind != "cut":
        return cut
    place = int(np.searchsorted(seen, cut.time - 1e-6))
    if place == 0:
        return cut
    candidates = shown[(shown > seen[place - 1] + 1e-6) & (shown <= seen[place] + 1e-6)]
    if len(candidates) < 2:
        return cut
    time = float(candidates[len(candidates) // 2])
    return Cut(time, cut.kind, cut.strength, time, time)
