"""Decoding some packets of a film and none of the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from musify._ffmpeg_words import InputFilterError
from musify._packets import Packets
from musify.video import VideoInfo
from musify.vision.differences import SMALL, Bytes, Floats
from musify.vision.frames import EARLY, FrameStream
from musify.vision.small_frames import CHEAPER, batches

__all__ = ["Run", "decode_runs", "runs_between", "selected"]

_RUNS: Final = 300  # in one process: a command line holds 32,767 letters on Windows


@dataclass(frozen=True, slots=True)
class Run:
    """Packets that are decoded in one go, and the frames that are shown by them."""

    first: int
    end: int
    start: float
    stop: float


def runs_between(
    packets: Packets, times: Floats, spans: Sequence[tuple[float, float]]
) -> list[Run]:
    """Find the packets from the last key frame at or before each span up to its end.

    Parameters
    ----------
    packets : Packets
        Of the film.
    times : ndarray of shape (n,)
        When each is presented, in seconds from the first frame.
    spans : sequence of (float, float)
        Seconds.

    Returns
    -------
    list of Run
        In order; spans that share packets share a run. Spans before the first key frame, or without
        a frame, have none.
    """
    runs: list[Run] = []
    for start, stop in sorted(spans):
        keys = np.flatnonzero(packets.is_key & (times <= start + EARLY))
        shown = np.flatnonzero((times > start + EARLY) & (times <= stop + EARLY))
        if not len(keys) or not len(shown):
            continue
        first, end = int(keys[np.argmax(times[keys])]), int(shown.max()) + 1
        if runs and first < runs[-1].end:
            last = runs[-1]
            runs[-1] = Run(last.first, max(end, last.end), last.start, max(stop, last.stop))
        elif first < end:
            runs.append(Run(first, end, float(times[first]), stop))
    return runs


def selected(
    video: VideoInfo, drop: str, options: Sequence[str], *, in_order: bool = True
) -> Iterator[tuple[Floats, Bytes]]:
    """Decode the packets that are not dropped."""
    # Several threads would cost a fifth more for frames that are few.
    stream = FrameStream(video, SMALL, before=["-threads", "1", *options], drop=drop)
    try:
        yield from batches(stream, in_order=in_order)
    except InputFilterError as error:
        raise InputFilterError(
            "this ffmpeg cannot leave packets out before they are decoded, as builds before 7.0 "
            "cannot: update imageio-ffmpeg, or find shots with mode='exact'",
            command=error.command,
            returncode=error.returncode,
            stderr_tail=error.stderr_tail,
        ) from error


def decode_runs(
    video: VideoInfo, packets: Packets, runs: list[Run]
) -> Iterator[tuple[Run, tuple[Floats, Bytes]]]:
    """Decode runs of packets, several hundred in one process.

    A run that does not come out from its first frame on is decoded once more alone: decoders of
    HEVC with open groups may give up the frames of one run for those of the next.
    """
    for start in range(0, len(runs), _RUNS):
        for run, times, images in _together(video, packets, runs[start : start + _RUNS]):
            if times and times[0] <= run.start + EARLY:
                yield run, (np.array(times), np.stack(images))
                continue
            for _, times_alone, images_alone in _together(video, packets, [run]):
                if times_alone:
                    yield run, (np.array(times_alone), np.stack(images_alone))


def _together(
    video: VideoInfo, packets: Packets, some: list[Run]
) -> Iterator[tuple[Run, list[float], list[Bytes]]]:
    """Decode runs in one process; each comes, with whatever frames it has."""
    if some:
        # Decoding times ascend in the order of the file, whatever the order of presentation.
        spans = [
            (packets.decoded[run.first] - EARLY / 4, packets.decoded[run.end - 1] + EARLY / 4)
            for run in some
        ]
        times: list[float] = []
        images: list[Bytes] = []
        waiting = list(reversed(some))
        for at, pictures in selected(video, f"not({_within(spans)})", CHEAPER):
            for time, image in zip(at.tolist(), pictures, strict=True):
                while waiting and time > waiting[-1].stop + EARLY:
                    yield waiting.pop(), times, images
                    times, images = [], []
                # Frames before a key frame may need what was not decoded.
                if waiting and time >= waiting[-1].start - EARLY:
                    times.append(time)
                    images.append(image)
        while waiting:
            yield waiting.pop(), times, images
            times, images = [], []


def _within(spans: list[tuple[float, float]]) -> str:
    """Write an expression that is 1 within any of these spans of decoding time.

    It halves them until one is left: ffmpeg refuses sums of more than a hundred terms.
    """
    if len(spans) == 1:
        return f"between(dts*tb,{spans[0][0]:.6f},{spans[0][1]:.6f})"
    middle = len(spans) // 2
    early, late = _within(spans[:middle]), _within(spans[middle:])
    return f"if(lt(dts*tb,{spans[middle][0]:.6f}),{early},{late})"
