"""What each container can carry when streams are copied, as ffmpeg writes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from musify._media_info import StreamInfo
from musify.errors import OutputError

__all__ = ["CONTAINERS", "Container", "container_of", "is_written_anew", "refuse_stuck"]


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file that musify writes.

    Parameters
    ----------
    format : str
        Name of ffmpeg's muxer.
    encoder, bitrate : str
        The sound that common players play in it.
    video, audio, subtitles : frozenset of str or None
        Codecs it carries; None means ffmpeg decides when it writes the header.
    covers, attachments, data : bool
        Whether it carries cover art, attachments such as fonts, and data streams.
    """

    format: str
    encoder: str
    bitrate: str
    video: frozenset[str] | None
    audio: frozenset[str] | None
    subtitles: frozenset[str]
    covers: bool
    attachments: bool
    data: bool

    @property
    def is_mp4_like(self) -> bool:
        """Whether it is of the family of QuickTime."""
        return self.format in ("mp4", "mov")

    def carries(self, stream: StreamInfo) -> bool:
        """Whether a stream can be copied into it."""
        if stream.kind == "attachment":
            return self.attachments
        if stream.kind == "data":
            return self.data and stream.codec != "none"
        if stream.is_cover:
            return self.covers
        if stream.is_dolby_vision and self.format == "mov":
            return False  # ffmpeg writes how it is configured into MP4 and Matroska only
        known = {"video": self.video, "audio": self.audio, "subtitle": self.subtitles}[stream.kind]
        return known is None or stream.codec in known


_AAC: Final = ("aac", "192k")
_OPUS: Final = ("libopus", "160k")
_TEXT: Final = frozenset({"mov_text"})
_MKV_SUBTITLES: Final = frozenset(
    {
        "arib_caption",
        "ass",
        "dvb_subtitle",
        "dvd_subtitle",
        "hdmv_pgs_subtitle",
        "hdmv_text_subtitle",
        "ssa",
        "subrip",
        "text",
        "webvtt",
    }
)
_MP4: Final = Container("mp4", *_AAC, None, None, _TEXT, covers=True, attachments=False, data=True)
CONTAINERS: Final[dict[str, Container]] = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    # ffmpeg drops cover art from QuickTime files without a word.
    ".mov": Container("mov", *_AAC, None, None, _TEXT, covers=False, attachments=False, data=True),
    ".mkv": Container(
        "matroska", *_AAC, None, None, _MKV_SUBTITLES, covers=True, attachments=True, data=False
    ),
    ".webm": Container(
        "webm",
        *_OPUS,
        frozenset({"vp8", "vp9", "av1"}),
        frozenset({"vorbis", "opus"}),
        frozenset({"webvtt"}),
        covers=False,
        attachments=False,
        data=False,
    ),
}


def container_of(path: Path) -> Container:
    """Choose the container by the name of the output.

    Raises
    ------
    OutputError
        If the ending is not known.
    """
    container = CONTAINERS.get(path.suffix.lower())
    if container is None:
        raise OutputError(
            f"cannot write {path.name!r}: musify writes {', '.join(CONTAINERS)}; "
            "name the output with one of these endings"
        )
    return container


def is_written_anew(stream: StreamInfo, chapters: int, container: Container) -> bool:
    """Whether ffmpeg makes a stream from chapters or tags instead of copying it.

    Parameters
    ----------
    stream : StreamInfo
        A stream of the input.
    chapters : int
        How many the input has.
    container : Container
        Kind of the output.
    """
    if stream.kind != "data":
        return False
    # How MP4 keeps chapters, which ffmpeg copies as such.
    is_chapters = stream.tag == "text" and chapters > 0
    return is_chapters or (container.is_mp4_like and stream.tag == "tmcd")


def refuse_stuck(
    copied: Callable[[Container], Sequence[StreamInfo]], path: Path, container: Container
) -> None:
    """See that a container carries all streams as they are.

    Parameters
    ----------
    copied : callable
        Gives the streams that are copied into a container; others of the file are made anew in it.
    path : Path
        The output.
    container : Container
        Its kind.

    Raises
    ------
    OutputError
        If it does not; the message names the endings that carry them all.
    """
    stuck = [stream for stream in copied(container) if not container.carries(stream)]
    if not stuck:
        return
    named = ", ".join(
        f"{stream.index} ({'cover art' if stream.is_cover else stream.kind}, {stream.codec})"
        for stream in stuck
    )
    others = [
        other
        for other, candidate in CONTAINERS.items()
        if all(candidate.carries(stream) for stream in copied(candidate))
    ]
    raise OutputError(
        f"{path.suffix} cannot carry the streams {named} as they are, and musify neither converts "
        "nor drops what it was not asked to; "
        + (f"name the output {' or '.join(others)}" if others else "no ending carries them all")
    )
