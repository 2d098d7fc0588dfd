"""The sound of a file, be it a video or sound alone, in time with what is seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import StrPath
from musify._media_info import StreamInfo
from musify.audio.pcm import decode_as_played, decode_own_sound
from musify.errors import AudioDecodeError
from musify.video import VideoInfo, probe, read_media

__all__ = ["HeardFile"]


@dataclass(frozen=True, slots=True)
class HeardFile:
    """A file whose sound can be decoded.

    Parameters
    ----------
    path : Path
        The file.
    stream : StreamInfo or None
        Its sound; None for a video without.
    video : VideoInfo or None
        What is seen; None for sound alone, which may have cover art.
    """

    path: Path
    stream: StreamInfo | None
    video: VideoInfo | None

    @classmethod
    def of(cls, source: VideoInfo | StrPath) -> Self:
        """Find the sound of a video, or of a file of sound.

        Raises
        ------
        AudioDecodeError
            If the file is missing or no media, or holds neither a film nor sound.
        VideoOpenError
            If it is a video that cannot be read.
        """
        if not isinstance(source, VideoInfo):
            path = Path(source)
            info = read_media(path, AudioDecodeError, "audio")
            if not any(s.kind == "video" and not s.is_cover for s in info.streams):
                sound = [stream for stream in info.streams if stream.kind == "audio"]
                if not sound:
                    raise AudioDecodeError(f"{str(path)!r} has no sound")
                sound.sort(key=lambda stream: "default" not in stream.disposition)
                return cls(path, sound[0], None)
            source = probe(path)
        own = None if source.audio_index is None else source.stream(source.audio_index)
        return cls(source.path, own, source)

    @property
    def duration(self) -> float | None:
        """Seconds that will be heard, if the file says so."""
        if self.video is not None:
            return self.video.duration
        return read_media(self.path, AudioDecodeError, "audio").duration

    def blocks(self, sample_rate: int) -> Iterator[NDArray[np.float32]]:
        """Decode the sound.

        Yields
        ------
        ndarray of float32, shape (n, 2)
            The first frame sounds when the first picture is presented; without a film it is the
            first of the file. Nothing for a video without sound.
        """
        if self.stream is None:
            return
        if self.video is None:
            yield from decode_as_played(self.path, self.stream, sample_rate)
        else:
            yield from decode_own_sound(self.video, sample_rate)
