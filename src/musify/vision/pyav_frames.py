"""Frames at exact times through PyAV: the only module that imports it.

Where ffmpeg is started anew for each far place, PyAV keeps the file open and seeks. It also decodes
less: frames that no other frame refers to are skipped unless they are wanted, and what is wanted is
given out as soon as its packet is in. Two threads decode, each with a container and a decoder of
one thread; PyAV lets go of the interpreter while it works.
"""

import queue
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import av  # type: ignore[import-not-found,unused-ignore] # an extra
import numpy as np
from av.video.reformatter import (  # type: ignore[import-not-found,unused-ignore]
    VideoReformatter,
)
from numpy.typing import NDArray

from musify._ffmpeg import file_url
from musify.errors import VideoOpenError
from musify.samples import FrameSample
from musify.video import VideoInfo
from musify.vision.frames import (
    EARLY,
    INDEXED_FORMATS,
    DecodedFrame,
    FrameIndex,
    has_alpha,
    is_damaged,
)
from musify.vision.hdr import is_hdr, to_sdr

__all__ = ["pyav_frames"]

_THREADS: Final = 2
# Frames that each thread may decode ahead of the one that is asked for.
_AHEAD: Final = 32
_LOOK_SECONDS: Final = 0.1  # how often a thread that waits looks whether it is still wanted
# How far before a key frame to search for it, in seconds; at last, all is read from the start.
_MARGINS: Final = (0.0, 1.0, 5.0, 30.0)
# A packet of these holds one frame and says truly when it is presented. Others are decoded whole.
_TIMELY: Final = ("h264", "hevc", "vp8", "vp9", "av1")
# Decoders that can be told from packet to packet what to skip.
_SKIPPING: Final = ("h264", "hevc", "vp8")
# Tags may be in any encoding; nobody reads them here. From PyAV 19 on nobody need say so.
_TAKES_ANY_TAGS: Final = 19
_ANY_TAGS: Final[dict[str, Any]] = (
    {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < _TAKES_ANY_TAGS else {}
)


@dataclass(frozen=True, slots=True)
class _Run:
    """Frames that are decoded in one go, from the key frame before them; None is the start."""

    times: list[float]
    key: float | None


def pyav_frames(
    video: VideoInfo, times: list[float], index: FrameIndex, longest_side: int, damaged: list[float]
) -> Iterator[FrameSample]:
    """Decode the frames presented at these times.

    Parameters
    ----------
    video : VideoInfo
        What to decode.
    times : list of float
        Times of frames, ascending.
    index : FrameIndex
        Of the video.
    longest_side : int
        Pixels.
    damaged : list of float
        Times of frames that were left out are added to it.

    Yields
    ------
    FrameSample
        One for each time, but for damaged frames.

    Raises
    ------
    VideoOpenError
        If the file cannot be opened any more.
    """
    runs = _runs(times, index)
    workers = [_Worker(video, longest_side, runs[place::_THREADS]) for place in range(_THREADS)]
    workers = [worker for worker in workers if worker.runs]
    try:
        for worker in workers:
            worker.start()
        for place, run in enumerate(runs):
            missing = list(run.times)
            for frame in workers[place % _THREADS].frames():
                # Whether a frame that looks suspect is whole is left to one judge.
                if frame.suspect and is_damaged(video, frame.time, longest_side):
                    continue
                missing.remove(frame.time)
                sample = FrameSample(frame.time, frame.image)
                del frame
                yield sample
                del sample
            damaged += missing
    finally:
        for worker in workers:
            worker.stop()


def _runs(times: list[float], index: FrameIndex) -> list[_Run]:
    """Group times by the key frame they are decoded from."""
    runs: list[_Run] = []
    for time in times:
        key = index.key_before(time)
        start = None if not len(index.keys) or key < index.keys[0] + EARLY else key
        if runs and runs[-1].key == start:
            runs[-1].times.append(time)
        else:
            runs.append(_Run([time], start))
    return runs


class _Worker:
    """A thread that decodes one run after the other."""

    def __init__(self, video: VideoInfo, longest_side: int, runs: list[_Run]) -> None:
        self.runs = runs
        self._video = video
        self._longest_side = longest_side
        self._is_over = threading.Event()
        self._results: queue.Queue[DecodedFrame | Exception | None] = queue.Queue(_AHEAD)
        self._thread = threading.Thread(target=self._work, name="musify-pyav", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and let go of the file."""
        self._is_over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def frames(self) -> Iterator[DecodedFrame]:
        """Give the frames of the next run."""
        while (result := self._results.get()) is not None:
            if isinstance(result, Exception):
                raise result
            yield result
            del result

    def _give(self, result: DecodedFrame | Exception | None) -> bool:
        while not self._is_over.is_set():
            with suppress(queue.Full):
                self._results.put(result, timeout=_LOOK_SECONDS)
                return True
        return False

    def _work(self) -> None:
        reader = None
        try:
            reader = _Reader(self._video, self._longest_side)
            for run in self.runs:
                for frame in reader.decode(run):
                    if not self._give(frame):
                        return
                    del frame
                if not self._give(None):
                    return
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits for it
            self._give(error)
        finally:
            if reader is not None:
                reader.close()


class _Reader:
    """An open file, its decoder and a scaler."""

    def __init__(self, video: VideoInfo, longest_side: int) -> None:
        self._video = video
        self._is_hdr = is_hdr(video.video_stream)
        self._has_alpha = has_alpha(video)
        self._is_timely = video.video_stream.codec in _TIMELY and not video.video_stream.interlaced
        self._can_skip = self._is_timely and video.video_stream.codec in _SKIPPING
        self._size = video.fitted_size(longest_side)
        self._scaler, self._converter = VideoReformatter(), VideoReformatter()
        self._matrix: NDArray[np.int32] | None = None
        self._is_matrix_known = False
        self._container: Any = None
        self._open()

    def _open(self) -> None:
        self.close()
        try:
            self._container = av.open(file_url(self._video.path), **_ANY_TAGS)
            stream = self._container.streams[self._video.video_index]
            if stream.type != "video":
                raise VideoOpenError(
                    f"PyAV finds other streams in {str(self._video.path)!r} than ffmpeg; "
                    "use decoder='ffmpeg'"
                )
        except (OSError, IndexError, ValueError) as error:
            if isinstance(error, VideoOpenError):
                raise
            if not self._video.path.exists():
                reason = "was removed while it was read"
            else:
                reason = f"cannot be opened by PyAV: {error}; use decoder='ffmpeg'"
            raise VideoOpenError(f"{str(self._video.path)!r} {reason}") from error
        for other in self._container.streams:
            if other is not stream:
                other.discard = av.stream.Discard.all
        self._stream = stream
        self._decoder = stream.codec_context
        self._decoder.thread_count = 1
        self._decoder.thread_type = "SLICE"
        # Deblocking shows in the frames that refer to this one; here it would be scaled away.
        self._decoder.options = {"skip_loop_filter": "noref"}

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def _time(self, ticks: int | None) -> float | None:
        if ticks is None:
            return None
        unit = self._stream.time_base
        time = float(ticks * unit.numerator / unit.denominator)
        return max(0.0, time - self._video.start_time)

    def _packets(self, key: float | None) -> Iterator[Any]:
        """Read packets of the film, from a key frame on."""
        if key is not None:
            unit = self._stream.time_base
            has_index = self._video.format.split(",")[0] in INDEXED_FORMATS
            for margin in _MARGINS[0 if has_index else 1 :]:
                position = (key + self._video.start_time - margin) / unit
                with suppress(av.FFmpegError):
                    self._container.seek(round(position), stream=self._stream)
                    packets = self._container.demux(self._stream)
                    for packet in packets:
                        time = self._time(packet.pts if packet.pts is not None else packet.dts)
                        if not packet.is_keyframe or time is None:
                            continue
                        if abs(time - key) < EARLY:
                            yield packet
                            yield from packets
                            return
                        if time > key:
                            break
        self._open()
        yield from self._container.demux(self._stream)

    def decode(self, run: _Run) -> Iterator[DecodedFrame]:
        """Decode the frames of a run that can be had."""
        missing = list(run.times)
        first = (run.key or 0.0) - EARLY
        suspect = False
        sent = -1.0  # the latest time of a packet that went into the decoder
        needs: dict[float, float] = {}  # of a wanted time, what was sent before its packet
        held: list[DecodedFrame] = []
        packets = self._packets(run.key)
        while missing:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                packet = None
            if packet is not None and packet.size == 0:
                packet = None  # the mark of the end
            if packet is not None:
                time = self._time(packet.pts)
                wanted = None if time is None else _near(time, run.times)
                suspect = suspect or packet.is_corrupt
                skip = self._can_skip and time is not None and wanted is None
                self._decoder.skip_frame = "NONREF" if skip else "DEFAULT"
                sent = max(sent, -1.0 if time is None else time)
                if wanted is not None:
                    needs[wanted] = sent
            frames, failed = self._feed(packet)
            suspect = suspect or failed
            is_last = packet is None
            if packet is not None and self._is_timely and needs.keys() >= set(missing):
                # All that is wanted is in: nothing that comes later is needed to give it out.
                late, failed = self._feed(None)
                frames += late
                suspect, is_last = suspect or failed, True
            reached = -1.0
            for frame in frames:
                time = self._time(frame.pts if frame.pts is not None else frame.dts)
                if time is None or time < first:
                    continue
                reached = max(reached, time)
                suspect = suspect or frame.is_corrupt
                wanted = _near(time, missing)
                if wanted is not None:
                    missing.remove(wanted)
                    held.append(DecodedFrame(wanted, self._picture(frame), False))
            # A frame is given out when all that was decoded before it has been seen to be whole.
            while held and (is_last or reached >= needs.get(held[0].time, sent) - EARLY):
                frame = held.pop(0)
                yield DecodedFrame(frame.time, frame.image, suspect)
                del frame
            if is_last or (missing and reached > missing[-1] + EARLY and not self._is_timely):
                break
        yield from (DecodedFrame(frame.time, frame.image, suspect) for frame in held)
        self._decoder.flush_buffers()

    def _feed(self, packet: Any) -> tuple[list[Any], bool]:
        """Decode a packet, or what is left; and tell whether that failed."""
        try:
            return list(self._decoder.decode(packet)), False
        except EOFError:
            return [], False
        except av.FFmpegError:
            return [], True

    def _picture(self, frame: Any) -> NDArray[np.uint8]:
        """Scale a frame and turn it upright."""
        if not self._is_matrix_known:
            # Asked once: side data and frame hold each other, and a frame is large.
            self._matrix, self._is_matrix_known = _display_matrix(frame), True
        matrix = self._matrix
        is_turned = matrix is not None and matrix[0] == 0
        width, height = self._size[::-1] if is_turned else self._size
        pixels = "rgb48le" if self._is_hdr else "rgb24"
        if self._has_alpha:
            rgba = self._converter.reformat(frame, format="rgba", threads=1).to_ndarray()
            opaque = rgba[..., 3:].astype(np.uint16)
            over_black = ((rgba[..., :3] * opaque + 127) // 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(over_black, "rgb24")
        elif frame.interlaced_frame:
            # As it is, the fields would be scaled apart and woven together again: combs stay.
            full = self._converter.reformat(frame, format=pixels, threads=1).to_ndarray()
            frame = av.VideoFrame.from_ndarray(full, pixels)
        small: Any = self._scaler.reformat(
            frame, width, height, pixels, interpolation="AREA", threads=1
        ).to_ndarray()
        if matrix is not None:
            small = _turned(small, matrix)
        image: NDArray[np.uint8] = np.ascontiguousarray(
            to_sdr(small, self._video.video_stream) if self._is_hdr else small
        )
        image.setflags(write=False)
        return image


def _near(time: float, times: list[float]) -> float | None:
    # Few are wanted of one group of pictures; those that come first are taken off the list.
    return next((wanted for wanted in times if abs(wanted - time) < EARLY), None)


def _display_matrix(frame: Any) -> NDArray[np.int32] | None:
    """Give the four numbers that turn or mirror a picture, if they do; rows of a matrix."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return None
    a, b, _, c, d = np.frombuffer(data, np.int32)[:5]
    return np.array([a, b, c, d], np.int32)


def _turned(image: NDArray[Any], matrix: NDArray[np.int32]) -> NDArray[Any]:
    """Turn a picture as players do: x' = a x + c y, y' = b x + d y."""
    a, b, c, d = (int(value) for value in matrix)
    if a == 0 and d == 0:
        image, mirror_x, mirror_y = image.swapaxes(0, 1), c < 0, b < 0
    else:
        mirror_x, mirror_y = a < 0, d < 0
    if mirror_x:
        image = image[:, ::-1]
    return image[::-1] if mirror_y else image
