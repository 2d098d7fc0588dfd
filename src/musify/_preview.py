"""The beginning of a soundtrack, small enough to stand in a page."""

import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from musify._ffmpeg import FFmpegProcess, file_url
from musify._iterators import ended
from musify.soundtrack import Soundtrack

__all__ = ["PREVIEW_SECONDS", "preview_mp3"]

PREVIEW_SECONDS: Final = 8.0
# 8 s are 64 kB, and 85 kB as base64.
_BITRATE: Final = "64k"


def preview_mp3(soundtrack: Soundtrack) -> bytes:
    """Encode the first eight seconds as mono MP3, which every browser plays.

    Raises
    ------
    MusifyError
        If the sound cannot be rendered or encoded.
    """
    left = round(PREVIEW_SECONDS * soundtrack.sample_rate)
    # Through a file: with a pipe on both sides each could wait for the other.
    with tempfile.TemporaryDirectory(prefix="musify-") as folder:
        target = Path(folder) / "preview.mp3"
        args = ["-v", "error", "-f", "f32le", "-ar", str(soundtrack.sample_rate)]
        args += ["-ac", str(soundtrack.channels), "-i", "pipe:0", "-ac", "1", "-b:a", _BITRATE]
        with (
            FFmpegProcess([*args, file_url(target)], stdin=True) as process,
            ended(soundtrack.blocks()) as blocks,
        ):
            for block in blocks:
                process.write(np.ascontiguousarray(block[:left], np.dtype("<f4")).tobytes())
                left -= min(left, len(block))
                if not left:
                    break
            process.finish()
        return target.read_bytes()
