"""Finding the streams of an input again in the output, by what their packets hold."""

from dataclasses import dataclass
from typing import Final

from musify._media_info import StreamInfo
from musify._packet_hashes import StreamPrint, stream_prints
from musify.progress import ProgressCallback, share
from musify.video import VideoInfo

__all__ = ["Matched", "match_streams"]

# Between MPEG-TS and the others the way packets are framed changes, and with it where parameter
# sets stand: pictures are compared by their slices (NAL units 1 to 5 of H.264, 0 to 31 of HEVC),
# and AAC without the headers of ADTS.
_ESSENCE: Final = {
    "h264": "h264_mp4toannexb,filter_units=pass_types=1-5",
    "hevc": "hevc_mp4toannexb,filter_units=pass_types=0-31",
    "aac": "aac_adtstoasc",
}


@dataclass(frozen=True, slots=True)
class Matched:
    """Which stream is which.

    Parameters
    ----------
    before, after : dict of int to StreamPrint
        Fingerprints of the streams of either file, by their numbers.
    came_from : dict of int to int
        For each stream of the output that is one of the input, the number of that.
    lost : tuple of StreamInfo
        Streams of the input that were not found.
    """

    before: dict[int, StreamPrint]
    after: dict[int, StreamPrint]
    came_from: dict[int, int]
    lost: tuple[StreamInfo, ...]


def match_streams(
    source: VideoInfo, video: VideoInfo, *, on_progress: ProgressCallback | None = None
) -> Matched:
    """Find each stream of one file in another.

    Parameters
    ----------
    source, video : VideoInfo
        The one and the other.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"audit"``.

    Raises
    ------
    FFmpegError
        If ffmpeg is missing or was killed.
    """
    seconds = source.duration
    before = stream_prints(source.path, on_progress=share(on_progress, 0.0, 0.5), seconds=seconds)
    after = stream_prints(video.path, on_progress=share(on_progress, 0.5, 1.0), seconds=seconds)
    came_from: dict[int, int] = {}
    lost = _look(source, before, video, after, came_from)
    if any(stream.codec in _ESSENCE for stream in lost):
        own = stream_prints(source.path, _filters(source))
        others = stream_prints(video.path, _filters(video))
        lost = _look(source, own, video, others, came_from)
    return Matched(before, after, came_from, tuple(lost))


def _filters(video: VideoInfo) -> dict[int, str]:
    return {
        stream.index: _ESSENCE[stream.codec] for stream in video.streams if stream.codec in _ESSENCE
    }


def _look(
    source: VideoInfo,
    before: dict[int, StreamPrint],
    video: VideoInfo,
    after: dict[int, StreamPrint],
    came_from: dict[int, int],
) -> list[StreamInfo]:
    """Add what is found to ``came_from``; return what is not."""
    lost = []
    for old in source.streams:
        if old.index in came_from.values():
            continue
        wanted = before.get(old.index)
        for new in video.streams:
            free = new.kind == old.kind and new.index not in came_from
            have = after.get(new.index)
            if free and wanted is not None and have is not None and have.sha256 == wanted.sha256:
                came_from[new.index] = old.index
                break
        else:
            lost.append(old)
    return lost
