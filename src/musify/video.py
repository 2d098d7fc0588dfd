"""What a video file holds, found without decoding it."""

import logging
import math
import os
import stat
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from musify import _ffmpeg
from musify._ffmpeg import StrPath, file_url, own_words
from musify._media_info import MediaInfo, StreamInfo, parse_media_info
from musify._packets import Packets, read_packets
from musify.errors import ParameterError, VideoOpenError
from musify.notices import notify

__all__ = ["StreamInfo", "VideoInfo", "probe"]

log = logging.getLogger(__name__)

# Enough packets to see the first presented frame: they are stored in decoding order, and no codec
# reorders over more than 16 frames.
_HEAD_PACKETS: Final = 64
_TAIL_SECONDS: Final = 5.0
# MPEG streams can be put together by joining files, and then their clock starts again.
_JOINABLE_FORMATS: Final = ("mpegts", "mpeg")
_STEP_BACK: Final = 1.0
_JUMP: Final = 10.0
_HELD_FRAMES: Final = 6
# ffmpeg writes as their length when they end on the clock of the file, which may begin late; others
# write how long they last.
_LENGTH_IS_END: Final = ("matroska,webm", "asf", "nut")
# A header may be off by so many seconds before the user is told.
_SHORTER_THAN_SAID: Final = 1.0
# Demuxers that turn text into a "video", or play other files than the one that is named.
_NO_VIDEO_FORMATS: Final = ("tty", "lavfi", "concat", "hls", "dash", "imf", "sdp", "rtsp")
# How ffmpeg says that it has found nothing that it can read.
_NO_MEDIA: Final = "Invalid data found when processing input"


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """A video file and its streams.

    Parameters
    ----------
    path : Path
        The file.
    duration : float
        Seconds from the first presented frame to the end of the last one, of the picture. The
        container's own figure may differ: sound may be longer, and a header may lie.
    start_time : float
        When the first frame is presented, in seconds of the file's own clock.
    frame_rate : Fraction
        Frames a second; an average where it varies.
    width, height : int
        Pixels as a viewer sees them, after rotation.
    rotation : float
        Degrees counter-clockwise that a player turns the stored picture by.
    streams : tuple of StreamInfo
        Every stream, in the order of the file.
    video_index : int
        Index of the stream that is the film.
    audio_index : int or None
        Index of the video's own sound: the default audio stream, or the first.
    chapters : int, default 0
        How many chapters there are.
    format : str, default ""
        Container, as ffmpeg names it, such as ``"mov,mp4,m4a,3gp,3g2,mj2"``.
    tags : tuple of (str, str), default ()
        Tags of the whole file.
    container_start : float, default 0
        Where the container begins, in seconds of its own clock; sound may begin before picture.
    """

    path: Path
    duration: float
    start_time: float
    frame_rate: Fraction
    width: int
    height: int
    rotation: float
    streams: tuple[StreamInfo, ...]
    video_index: int
    audio_index: int | None
    chapters: int = 0
    format: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    container_start: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))
        if not (math.isfinite(self.duration) and self.duration > 0):
            raise ParameterError(f"duration must be above 0 s, got {self.duration}")
        if self.width < 1 or self.height < 1:
            raise ParameterError(f"a picture is at least 1x1, got {self.width}x{self.height}")

    @property
    def has_audio(self) -> bool:
        """Whether the video has sound of its own."""
        return self.audio_index is not None

    @property
    def video_stream(self) -> StreamInfo:
        """The stream that is the film."""
        return self.stream(self.video_index)

    def stream(self, index: int) -> StreamInfo:
        """Return the stream with this index.

        Raises
        ------
        ParameterError
            If there is none.
        """
        for stream in self.streams:
            if stream.index == index:
                return stream
        raise ParameterError(f"{self.path} has no stream {index}; it has {len(self.streams)}")

    def with_sound(self, index: int | None) -> "VideoInfo":
        """Take another stream for the video's own sound.

        Parameters
        ----------
        index : int or None
            Its number; None leaves what there is.

        Raises
        ------
        ParameterError
            If it is no sound.
        """
        if index is None or index == self.audio_index:
            return self
        sounds = [stream.index for stream in self.streams if stream.kind == "audio"]
        if index not in sounds:
            raise ParameterError(
                f"stream {index} of {self.path.name} is no sound; those are "
                f"{', '.join(map(str, sounds)) or 'none'}"
            )
        return replace(self, audio_index=index)

    def _repr_html_(self) -> str:
        from musify._html_tables import video_html  # noqa: PLC0415 - only notebooks need it

        return video_html(self)

    def fitted_size(self, longest: int) -> tuple[int, int]:
        """Size of the picture scaled down so that its longest side is ``longest``.

        Parameters
        ----------
        longest : int
            Pixels. A smaller picture keeps its size.

        Returns
        -------
        width, height : int
            At least 1 each, pixels square.
        """
        aspect = self.video_stream.aspect
        # Pixels that are not square lie along the stored width, which rotation may turn upright.
        turned = round(self.rotation / 90) % 2 == 1
        width = self.width * (1 if turned else aspect)
        height = self.height * (aspect if turned else 1)
        scale = min(Fraction(1), Fraction(longest) / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))


def probe(path: StrPath) -> VideoInfo:
    """Find out what a video file holds.

    No frame is decoded. The ends of the film are read from its packets, so the duration is true
    even where the container gives none or a wrong one; only a file whose end cannot be found by
    seeking is read through.

    Parameters
    ----------
    path : path-like
        A local file with a video stream.

    Returns
    -------
    VideoInfo
        Every stream, the true duration and the size after rotation.

    Raises
    ------
    VideoOpenError
        If the file is missing, empty, a folder, damaged, or has no film.
    FFmpegError
        If ffmpeg is missing.
    """
    path = Path(path)
    info = read_media(path, VideoOpenError, "video")
    film = _choose_film(path, info)
    first, rate = _first_frame(path, film)
    end = _last_frame_end(path, film, info, first, rate)
    assert film.width is not None
    assert film.height is not None
    turned = round(film.rotation / 90) % 2 == 1
    audio = [stream for stream in info.streams if stream.kind == "audio" and stream.codec != "none"]
    audio.sort(key=lambda stream: "default" not in stream.disposition)
    return VideoInfo(
        path=path,
        duration=end - first,
        start_time=first,
        frame_rate=rate,
        width=film.height if turned else film.width,
        height=film.width if turned else film.height,
        rotation=film.rotation,
        streams=tuple(info.streams),
        video_index=film.index,
        audio_index=audio[0].index if audio else None,
        chapters=info.chapters,
        format=info.format,
        tags=tuple(info.tags.items()),
        container_start=info.start,
    )


def read_media(path: Path, error: type[OSError], what: str) -> MediaInfo:
    """Ask ffmpeg what a file is.

    Raises
    ------
    OSError
        Of the given class, if it is missing, a folder, empty or not media.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise error(f"there is no file {str(path)!r}; check the name and the folder") from None
    except (OSError, ValueError) as bad:
        raise error(f"{str(path)!r} cannot be opened: {bad}") from bad
    if stat.S_ISDIR(status.st_mode):
        raise error(f"{str(path)!r} is a folder; give a {what} file in it")
    if not stat.S_ISREG(status.st_mode):
        raise error(f"{str(path)!r} is a pipe or a device; save it to a file first")
    if not os.access(path, os.R_OK):
        raise error(f"{str(path)!r} may not be read; check its permissions")
    if status.st_size == 0:
        raise error(f"{str(path)!r} is empty (0 bytes); was it fully copied?")
    # Only so much is said of the streams of a group, such as those of immersive sound.
    _, lines = _ffmpeg.run(["-v", "verbose", "-i", file_url(path)], check=False)
    info = parse_media_info(lines, file_url(path))
    if info is None or info.format.split(",")[0] in _NO_VIDEO_FORMATS:
        said = own_words(lines, 2)
        if not said or _NO_MEDIA in said:
            said = "it holds no sound or picture that ffmpeg knows, or its beginning is damaged"
        raise error(f"{str(path)!r} cannot be read as {what}: {said}")
    if info.unread:
        # A stream that is not understood would be lost without a word.
        raise error(
            f"{str(path)!r} describes a stream that makes no sense ({info.unread!r}); mend its "
            "language tag first"
        )
    return info


def _choose_film(path: Path, info: MediaInfo) -> StreamInfo:
    films = [stream for stream in info.streams if stream.kind == "video" and not stream.is_cover]
    if not films:
        kinds = ", ".join(
            f"cover art ({stream.codec})" if stream.is_cover else f"{stream.kind} ({stream.codec})"
            for stream in info.streams
        )
        raise VideoOpenError(f"{str(path)!r} has no film to look at; it holds {kinds or 'nothing'}")
    films.sort(key=lambda stream: "default" not in stream.disposition)
    film = films[0]
    if film.codec == "none" or film.width is None:
        raise VideoOpenError(
            f"{str(path)!r} has a video stream that this ffmpeg cannot read ({film.codec}, "
            f"{film.tag}); convert it first"
        )
    return film


def _first_frame(path: Path, film: StreamInfo) -> tuple[float, Fraction]:
    head = read_packets(path, film.index, after=["-frames:v", str(_HEAD_PACKETS)])
    if not len(head):
        raise VideoOpenError(f"{str(path)!r} holds no picture that can be read; it is damaged")
    return float(head.starts.min()), film.frame_rate or Fraction(25)


def _last_frame_end(
    path: Path, film: StreamInfo, info: MediaInfo, first: float, rate: Fraction
) -> float:
    said = info.duration or 0.0
    tail = None
    if said > 2 * _TAIL_SECONDS:
        tail = read_packets(path, film.index, before=["-sseof", f"-{_TAIL_SECONDS:g}"])
    if not tail or tail.guessed or info.format in _JOINABLE_FORMATS:
        log.debug("reading through %s to find its end", path)
        tail = read_packets(path, film.index)
    if not tail:
        raise VideoOpenError(f"{str(path)!r} holds no picture that can be read; it is damaged")
    if info.format in _JOINABLE_FORMATS:
        _refuse_jumps(path, tail)
    one_frame = float(1 / rate)
    lengths = np.where(tail.lengths > 0, tail.lengths, one_frame)
    # Where times are missing, frames follow each other without gaps.
    end = first + float(lengths.sum()) if tail.guessed else float((tail.starts + lengths).max())
    begin = 0.0 if info.format in _LENGTH_IS_END else info.start
    if begin + said - end > _SHORTER_THAN_SAID and not _lasts(path, info, begin + said):
        notify(
            f"{path.name} says it lasts {said:.2f} s, but its picture ends after "
            f"{end - first:.2f} s and nothing goes on; it may be cut off"
        )
    return end


def _lasts(path: Path, info: MediaInfo, end: float) -> bool:
    """Whether any sound goes on until the end that the header promises, on the file's clock."""
    for stream in info.streams:
        if stream.kind == "audio":
            packets = read_packets(path, stream.index)
            if len(packets) and packets.starts.max() > end - _SHORTER_THAN_SAID:
                return True
    return False


def _refuse_jumps(path: Path, packets: Packets) -> None:
    """See that the clock of a film runs through."""
    steps = np.diff(packets.starts)
    # Where the clock is set back, ffmpeg holds it until it has caught up again.
    held = np.convolve(steps == 0, np.ones(_HELD_FRAMES), mode="valid") == _HELD_FRAMES
    jumps = np.flatnonzero((steps < -_STEP_BACK) | (steps > _JUMP))
    if held.any():
        jumps = np.append(jumps, np.flatnonzero(held)[0])
    if len(jumps):
        at = packets.starts[jumps.min()] - packets.starts[0]
        raise VideoOpenError(
            f"the clock of {str(path)!r} jumps after {at:.2f} s, as in files that were put "
            f"together; mend it first with: ffmpeg -i {path.name} -c copy mended{path.suffix}"
        )
