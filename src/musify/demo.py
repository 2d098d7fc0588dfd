"""A short video of four visibly different scenes, made on the spot."""

from pathlib import Path
from typing import Final

from musify import _ffmpeg
from musify._ffmpeg import StrPath, file_url
from musify._output import finished_file

__all__ = ["make_demo_video"]

_SECONDS: Final = 12
# Drawn small and scaled up, since drawing is what takes the time.
_DRAWN: Final = "320x180"
_SIZE: Final = "640:360"
# Two colours and the speed of their swirl: a dark grey night, vivid daylight, a fast dark red, and
# a pale morning. The default classifier sees brightness and saturation.
_SCENES: Final = (
    ("0x1c1c22", "0x34323a", 0.01),
    ("0xffc400", "0xff3c00", 0.05),
    ("0x640000", "0x300048", 0.6),
    ("0xf2efe6", "0xd9e6ee", 0.01),
)


def make_demo_video(path: StrPath, *, overwrite: bool = False) -> Path:
    """Make a video of 48 s to try musify on.

    Parameters
    ----------
    path : path-like
        Where to write it, as .mp4.
    overwrite : bool, default False
        Whether a file that stands there may be replaced.

    Returns
    -------
    Path
        The video: four scenes of 12 s, H.264, 640x360, without sound.

    Raises
    ------
    OutputError
        If it cannot be written.
    FFmpegError
        If ffmpeg is missing or cannot encode H.264.
    """
    args = ["-v", "error", "-y"]
    for first, second, speed in _SCENES:
        source = f"gradients=s={_DRAWN}:r=25:d={_SECONDS}:n=2:c0={first}:c1={second}:speed={speed}"
        # Without a seed ffmpeg draws one, and no two demos would be alike.
        args += ["-f", "lavfi", "-i", f"{source}:seed=2016:type=spiral"]
    joined = "".join(f"[{place}:v]" for place in range(len(_SCENES)))
    joined += f"concat=n={len(_SCENES)}:v=1,scale={_SIZE},format=yuv420p"
    args += ["-filter_complex", joined]
    # A key frame every two seconds, as cameras and phones make them.
    args += ["-c:v", "libx264", "-preset", "veryfast", "-g", "50"]
    args += ["-metadata", "title=musify demo"]
    with finished_file(path, overwrite=overwrite) as partial:
        _ffmpeg.run([*args, file_url(partial)])
    return Path(path)
