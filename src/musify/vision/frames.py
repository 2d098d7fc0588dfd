"""Small frames out of ffmpeg, each with the time it is presented at.

ffmpeg scales and converts; the pixels come through a pipe and the times through its log, in the
same order. Times are the decoder's own, so variable frame rates and late starts are right.

Pictures are as a viewer sees them: turned upright, pixels square, HDR brought to SDR, what is
transparent on black. Interlaced film is not taken apart: averaging mixes its fields.
"""

import queue
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import FFmpegProcess, file_url
from musify._packets import read_packets
from musify.errors import FFmpegError, VideoOpenError
from musify.video import VideoInfo
from musify.vision.hdr import is_hdr, to_sdr

__all__ = [
    "EARLY",
    "INDEXED_FORMATS",
    "DecodedFrame",
    "FrameIndex",
    "FrameStream",
    "all_but_first_keys",
    "has_alpha",
    "is_damaged",
    "read_index",
]

EARLY: Final = 0.0005
"""Seconds by which a frame may come before a wanted time and still be it: containers round."""

# Only lines of ffmpeg's own parts are read: names and tags of the file stand in the log too, and
# may say anything. With "level" each line carries its level: "[h264 @ 0x55d] [error] words".
_LINE = re.compile(r"^(?:\[(?P<part>\S+) @ 0x[0-9a-f]+\] )+\[(?P<level>\w+)\] (?P<words>.*)$")
_SHOWINFO: Final = "Parsed_showinfo"
_TIME_BASE = re.compile(r"config in time_base: (\d+)/(\d+)")
_PTS = re.compile(r"n: *\d+ pts: *(-?\d+) ")
_OPENED: Final = "[info] Input #0"
# Words of a decoder that mends a picture. With several threads "corrupt decoded frame" is not
# always said, so any error makes the frames after it suspect, to be looked at alone.
_MENDED: Final = ("corrupt decoded frame", "concealing")
# Words of a demuxer that has found a hole, where it goes on as if nothing were wrong.
_LOST: Final = ("Packet corrupt", "corrupt input packet")
# Builds before ffmpeg 7 say it without naming the part.
_MENDED_BEFORE_7 = re.compile(r"^\[warning\] .*: corrupt decoded frame in stream \d+$")
# So many frames may be on their way through ffmpeg when the decoder complains of one of them.
_ON_THEIR_WAY: Final = 16
_PATIENCE_SECONDS: Final = 30.0
INDEXED_FORMATS: Final = ("mov", "matroska", "avi", "flv", "asf", "ogg")
"""Containers with an index. Others are searched by time and may land behind the key frame."""

_MARKED_FORMAT: Final = "mov"
_UNINDEXED_MARGIN: Final = 1.0
# Formats of pixels that carry how opaque each is.
_ALPHA = re.compile(r"yuva|gbrap|rgba|bgra|argb|abgr|ya\d|ayuv|vuya|pal8")


def has_alpha(video: VideoInfo) -> bool:
    """Whether pixels may be transparent."""
    return bool(_ALPHA.match(video.video_stream.pixel_format or ""))


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """A frame as it came: its time, its pixels, and whether the decoder complained before it."""

    time: float
    image: NDArray[np.uint8]
    suspect: bool


class FrameStream:
    """Frames from one ffmpeg process, started at once; use it in a ``with`` block.

    Parameters
    ----------
    video : VideoInfo
        What to decode.
    longest_side : int or (int, int)
        Pixels that the longest side is scaled down to; or a width and a height, whatever the shape
        of the picture.
    before : sequence of str
        Options of the input.
    drop : str, optional
        Expression of ffmpeg's ``noise`` filter, true of packets that are left out undecoded.
        Builds before 7.0 refuse it with an :class:`InputFilterError`.
    seek : float, optional
        Seconds to start decoding at, or at the last key frame before.
    select : str, optional
        Expression of ffmpeg's ``select`` filter; ``t`` counts in the file's own clock.
    limit : int, optional
        Stop after this many frames.

    Attributes
    ----------
    complained : bool
        Whether the decoder has reported anything wrong so far.
    mended : bool
        Whether the decoder has had to make up part of a picture so far.
    """

    def __init__(
        self,
        video: VideoInfo,
        longest_side: int | tuple[int, int],
        *,
        before: Sequence[str] = (),
        drop: str | None = None,
        seek: float | None = None,
        select: str | None = None,
        limit: int | None = None,
    ) -> None:
        self._video = video
        self._size = (
            video.fitted_size(longest_side) if isinstance(longest_side, int) else longest_side
        )
        self._is_hdr = is_hdr(video.video_stream)
        self._unit = (0, 1)
        self._times: queue.SimpleQueue[tuple[float, bool]] = queue.SimpleQueue()
        self._opened = False
        self._is_from_start = seek is None
        self._suspects = 0
        self.complained = False
        self.mended = False
        width, height = self._size
        filters = [f"select='{select}'"] if select else []
        if has_alpha(video):  # by itself, ffmpeg would show what stands below transparent pixels
            filters += ["format=gbrap", "premultiply=inplace=1"]
        pixels = "rgb48le" if self._is_hdr else "rgb24"
        filters += [f"scale={width}:{height}:flags=area", f"format={pixels}"]
        # showinfo writes out what stands beside a picture, byte by byte: x265 leaves 3 KB of notes
        # in each, which cost more than decoding it.
        filters += ["sidedata=delete", "showinfo=checksum=0"]
        # Of the few packets that are decoded most may be damaged, which is told of and no failure.
        args = ["-max_error_rate", "1", "-v", "level+info", "-nostats", "-copyts", *before]
        if drop is not None:
            args += ["-bsf:v", f"noise=drop='{drop}'"]
        if seek is not None:
            args += ["-noaccurate_seek", "-ss", f"{self._seek_position(seek):.6f}"]
        args += ["-i", file_url(video.path), "-map", f"0:{video.video_index}"]
        args += ["-vf", ",".join(filters), "-fps_mode", "passthrough"]
        args += [] if limit is None else ["-frames:v", str(limit)]
        self._process = FFmpegProcess(
            [*args, "-c:v", "rawvideo", "-f", "rawvideo", "pipe:1"], on_line=self._read_line
        )

    def _seek_position(self, time: float) -> float:
        # ffmpeg counts -ss from the start of the container, not of its clock.
        position = time + self._video.start_time - self._video.container_start
        if self._video.format.split(",")[0] not in INDEXED_FORMATS:
            position -= _UNINDEXED_MARGIN
        return max(0.0, position)

    def _read_line(self, line: str) -> None:
        if not self._opened:
            # To find out what the streams are, ffmpeg reads and decodes the beginning, wherever it
            # seeks later. What it stumbles over there it decodes, and says, once more; but a packet
            # that it reads then is not read again.
            self._opened = line.startswith(_OPENED)
            self.complained |= self._is_from_start and _is_complaint(_LINE.match(line))
            return
        match = _LINE.match(line)
        if match is None:
            if _MENDED_BEFORE_7.match(line):
                self._complain(mended=True)
            return
        words = match["words"]
        if match["part"].startswith(_SHOWINFO):
            if found := _PTS.match(words):
                time = int(found[1]) * self._unit[0] / self._unit[1]
                self._times.put((time, self._suspects > 0))
                self._suspects -= self._suspects > 0
            elif found := _TIME_BASE.match(words):
                # Kept apart, so that times come out equal to those of the packets, bit for bit.
                self._unit = (int(found[1]), int(found[2]))
        elif words.startswith(_MENDED):
            self._complain(mended=True)
        elif _is_complaint(match):
            self._complain(mended=False)

    def _complain(self, *, mended: bool) -> None:
        self.complained = True
        self.mended = self.mended or mended
        self._suspects = _ON_THEIR_WAY

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[DecodedFrame]:
        width, height = self._size
        size = width * height * 3 * (2 if self._is_hdr else 1)
        while len(data := self._process.read_exactly(size)) == size:
            try:
                # The line was written before the pixels: it is there or a moment away.
                time, suspect = self._times.get(timeout=_PATIENCE_SECONDS)
            except queue.Empty:
                raise FFmpegError(
                    f"ffmpeg gave a frame of {self._video.path.name} without its time",
                    command=self._process.command,
                    stderr_tail=list(self._process.tail),
                ) from None
            if self._is_hdr:
                codes = np.frombuffer(data, "<u2").reshape(height, width, 3)
                image = to_sdr(codes, self._video.video_stream)
            else:
                image = np.frombuffer(data, np.uint8).reshape(height, width, 3)
            # Rounding of time bases may put the first frame a hair before zero.
            yield DecodedFrame(max(0.0, time - self._video.start_time), image, suspect)
        try:
            self._process.finish()
        except FFmpegError as error:
            if self._video.path.exists():
                raise
            raise VideoOpenError(
                f"{str(self._video.path)!r} was removed while it was read"
            ) from error

    def close(self) -> None:
        """End ffmpeg."""
        self._process.close()


def all_but_first_keys(video: VideoInfo, seconds: float) -> str:
    """Write which packets to drop so that the first key frame in each so many seconds is left.

    Register 0 holds the number of the last step that had one, plus 1.
    """
    step = f"floor((pts*tb-{video.start_time - EARLY:.6f})/{seconds!r})"
    return f"if(not(key),1,if(eq({step},ld(0)-1),1,st(0,{step}+1)*0))"


def _is_complaint(line: re.Match[str] | None) -> bool:
    """Whether a line of the log says that something is wrong with the file."""
    return line is not None and (
        line["level"] in ("error", "fatal") or line["words"].startswith(_LOST)
    )


def is_damaged(video: VideoInfo, time: float, longest_side: int) -> bool:
    """Decode one frame alone, to see whether it is whole."""
    wanted = f"gte(t,{time + video.start_time - EARLY:.6f})"
    with FrameStream(
        video, longest_side, before=["-threads", "1"], seek=time, select=wanted, limit=1
    ) as stream:
        frame = next(iter(stream), None)
        mended = stream.mended
    return frame is None or mended or abs(frame.time - time) > 2 * EARLY


@dataclass(frozen=True, slots=True, eq=False)
class FrameIndex:
    """When the frames of a video are presented.

    Parameters
    ----------
    times : ndarray of shape (n,)
        Seconds from the first frame, ascending.
    keys : ndarray of shape (k,)
        Those of the key frames, ascending; also of damaged ones, where the container marks them.
    complained : bool
        Whether ffmpeg found anything wrong with the file while it read them, but for one that
        begins between two key frames.
    """

    times: NDArray[np.float64]
    keys: NDArray[np.float64]
    complained: bool = False

    def first_at_or_after(self, wanted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the first frame at or after each wanted time, each frame once."""
        places = np.searchsorted(self.times, wanted - EARLY)
        return np.unique(self.times[places[places < len(self.times)]])

    def shown_at(self, wanted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the frame that is on the screen at each wanted time, each frame once."""
        places = np.searchsorted(self.times, wanted + EARLY, side="right") - 1
        return np.unique(self.times[places[places >= 0]])

    def key_before(self, time: float) -> float:
        """Return the last key frame at or before a time; 0 if there is none."""
        place = int(np.searchsorted(self.keys, time, side="right")) - 1
        return float(self.keys[place]) if place >= 0 else 0.0


def read_index(video: VideoInfo) -> FrameIndex:
    """Read when every frame is presented, from the packets alone.

    Nothing is decoded: this costs about as much as reading the file.

    Raises
    ------
    VideoOpenError
        If the file holds no packet of the film that can be read.
    """
    packets = read_packets(video.path, video.video_index)
    if not len(packets):
        raise VideoOpenError(f"{str(video.path)!r} holds no picture that can be read any more")
    times = np.maximum(0, packets.starts - video.start_time)
    keys = times[packets.is_key]
    if packets.complained and video.format.startswith(_MARKED_FORMAT):
        # What ffmpeg cannot parse loses its mark as a key frame, which the container gives apart.
        marked = read_packets(video.path, video.video_index, before=["-fflags", "+noparse"])
        keys = np.maximum(0, marked.starts[marked.is_key] - video.start_time)
    complained = packets.complained and not _begins_between_keys(video)
    return FrameIndex(np.sort(times), np.sort(keys), complained)


def _begins_between_keys(video: VideoInfo) -> bool:
    """Tell a recording of a running broadcast: of its first frames ffmpeg complains rightly."""
    first = read_packets(video.path, video.video_index, after=["-copyinkf", "-frames:v", "1"])
    return not first.is_key.all()
