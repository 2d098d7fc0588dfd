"""When a sound begins, as a player would hear it."""

import re
from pathlib import Path
from typing import Final

from musify import _ffmpeg
from musify._ffmpeg import file_url
from musify.errors import AudioDecodeError

__all__ = ["first_sound"]

_TIME: Final = re.compile(r"pts_time:(-?[\d.]+)")


def first_sound(path: Path, index: int) -> float:
    """Find when the first PCM frame of a stream is presented.

    What encoders put before it (priming) does not count, nor what an edit list leaves out.

    Parameters
    ----------
    path : Path
        A media file.
    index : int
        Which stream.

    Returns
    -------
    float
        Seconds on the clock of the file.

    Raises
    ------
    AudioDecodeError
        If no sound can be decoded.
    """
    args = ["-v", "info", "-nostats", "-copyts", "-i", file_url(path), "-map", f"0:{index}"]
    _, lines = _ffmpeg.run([*args, "-af", "ashowinfo", "-frames:a", "1", "-f", "null", "-"])
    for line in lines:
        if "ashowinfo" in line and (found := _TIME.search(line)):
            return float(found[1])
    raise AudioDecodeError(f"no sound of stream {index} of {str(path)!r} can be decoded")
