"""A short video of four visibly different scenes, made on the spot."""

from pathlib import Path
from typing import Final

import numpy as np

from musify import _ffmpeg
from musify._demo_scenes import HEIGHT, SCENES, WIDTH
from musify._ffmpeg import StrPath, file_url
from musify._output import finished_file
from musify.errors import ParameterError
from musify.progress import ProgressCallback, tell

__all__ = ["make_demo_video"]

_RATE: Final = 25
# Key frames no further apart than so many frames.
_KEY_FRAMES: Final = 65
# Drawn small and scaled up, since drawing is what takes the time.
_SIZE: Final = "640:360"


def make_demo_video(
    path: StrPath,
    *,
    seconds: int = 12,
    overwrite: bool = False,
    on_progress: ProgressCallback | None = None,
) -> Path:
    """Make a video of four scenes to try musify on.

    Parameters
    ----------
    path : path-like
        Where to write it, as .mp4.
    seconds : int, default 12
        Length of each scene, at least 1. Scenes that are shorter than some 8 s hold too few key
        frames to be told apart.
    overwrite : bool, default False
        Whether a file that stands there may be replaced.
    on_progress : callable, optional
        Called with :class:`musify.Progress`, stage ``"render"``.

    Returns
    -------
    Path
        The video: four scenes, H.264, 640x360, without sound.

    Raises
    ------
    ParameterError
        If a scene would last less than a second.
    OutputError
        If it cannot be written.
    FFmpegError
        If ffmpeg is missing or cannot encode H.264.
    """
    if seconds < 1:
        raise ParameterError(f"seconds must be at least 1, got {seconds}")
    args = ["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    args += ["-s", f"{WIDTH}x{HEIGHT}", "-r", f"{_RATE}", "-i", "pipe:0"]
    args += ["-vf", f"scale={_SIZE}:flags=bicubic,format=yuv420p"]
    # Key frames on the cuts, where an encoder that is left alone would put them, and at a distance
    # that does not meet the cuts by itself: else none of them told that anything is cut.
    cuts = ",".join(str(seconds * scene) for scene in range(1, len(SCENES)))
    args += ["-c:v", "libx264", "-preset", "superfast", "-g", f"{_KEY_FRAMES}"]
    args += ["-sc_threshold", "0", "-force_key_frames", cuts]
    args += ["-metadata", "title=musify demo"]
    times = [frame / _RATE for frame in range(seconds * _RATE)]
    with (
        finished_file(path, overwrite=overwrite) as partial,
        _ffmpeg.FFmpegProcess([*args, file_url(partial)], stdin=True) as process,
    ):
        for place, scene in enumerate(SCENES):
            for time, picture in zip(times, scene(times), strict=True):
                process.write(np.clip(picture, 0, 255).astype(np.uint8).tobytes())
                tell(on_progress, "render", place * seconds + time, len(SCENES) * seconds)
        process.finish()
        tell(on_progress, "render", len(SCENES) * seconds, len(SCENES) * seconds)
    return Path(path)
