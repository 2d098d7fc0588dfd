"""Clips on which rules see what a part makes of odd videos; each is made once."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify import _ffmpeg
from musify._ffmpeg import file_url
from musify.testing.media import tiny_video
from musify.video import VideoInfo, probe

__all__ = [
    "COLOURFUL",
    "FRAME_TIMES",
    "SHADES",
    "long_video",
    "odd_video",
    "rich_video",
    "short_video",
    "usual_video",
]

# Slow motion at first: who divides the number of a frame by the frame rate finds other times.
FRAME_TIMES: Final = np.concatenate([np.arange(10) * 0.1, 1.0 + np.arange(11) * 0.3])
SHADES: Final = np.linspace(20, 230, len(FRAME_TIMES))
"""How bright the middle of each frame of :func:`odd_video` is, of 255."""
COLOURFUL: Final = slice(0, 24), slice(0, 24)
"""Where the corner of :func:`odd_video` that is red stands, of 96 rows by 64 columns."""
_LATE: Final = 1.5
_SUBTITLES: Final = "1\n00:00:00,200 --> 00:00:01,000\nHello\n\n"
_NOTES: Final = """;FFMETADATA1
title=A film
comment=Of a summer
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1000
title=Before
[CHAPTER]
TIMEBASE=1/1000
START=1000
END=2000
title=After
"""
_ENCODED: Final = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@functools.cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="musify-testing-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@functools.cache
def usual_video() -> VideoInfo:
    """Make a video of 12 s, with sound of its own."""
    return probe(tiny_video(_folder() / "tiny.mp4"))


@functools.cache
def short_video() -> VideoInfo:
    """Make a video of a single frame."""
    path = _folder() / "frame.mp4"
    return probe(tiny_video(path, seconds=0.04, size=(64, 36), sound_hertz=None))


@functools.cache
def long_video() -> VideoInfo:
    """Make a video of two minutes with a frame a second, each a key frame."""
    path = _folder() / "long.mp4"
    return probe(tiny_video(path, seconds=120, size=(64, 36), frame_rate=1, sound_hertz=None))


def _picture(shade: float) -> NDArray[np.uint8]:
    picture = np.full((96, 64, 3), shade, np.uint8)
    picture[COLOURFUL] = (200, 20, 20)
    return picture


@functools.cache
def odd_video() -> VideoInfo:
    """Make a silent video of 4 s that was filmed upright and begins late, with uneven times."""
    raw, flat, path = (_folder() / name for name in ("odd.rgb", "flat.mp4", "odd.mp4"))
    raw.write_bytes(b"".join(np.rot90(_picture(shade)).tobytes() for shade in SHADES))
    times = "if(lt(N,10),0.1*N,1+0.3*(N-10))"
    args = ["-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "96x64", "-r", "10"]
    args += ["-i", file_url(raw), "-vf", f"setpts='round(({times})/TB)'", "-fps_mode", "vfr"]
    _ffmpeg.run([*args, *_ENCODED, "-g", "5", "-bf", "0", file_url(flat)])
    raw.unlink()
    args = ["-v", "error", "-display_rotation", "-90", "-i", file_url(flat), "-c", "copy"]
    _ffmpeg.run([*args, "-output_ts_offset", f"{_LATE}", file_url(path)])
    return probe(path)


@functools.cache
def rich_video() -> VideoInfo:
    """Make a video of 2 s with all that may stand beside picture and sound."""
    notes, words, path = (_folder() / name for name in ("notes.txt", "words.srt", "rich.mp4"))
    notes.write_text(_NOTES, encoding="utf-8")
    words.write_text(_SUBTITLES, encoding="utf-8")
    args = ["-v", "error", "-i", file_url(usual_video().path), "-i", file_url(words)]
    args += ["-f", "lavfi", "-i", "sine=330:d=2:r=48000", "-i", file_url(notes)]
    args += ["-map", "0:v", "-map", "0:a", "-map", "2", "-map", "1", "-map_metadata", "3"]
    args += ["-map_chapters", "3", "-t", "2", "-c:v", "copy", "-c:a", "aac", "-c:s", "mov_text"]
    args += ["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra"]
    args += ["-metadata:s:s:0", "language=deu", "-disposition:a:1", "0"]
    _ffmpeg.run([*args, file_url(path)])
    return probe(path)
