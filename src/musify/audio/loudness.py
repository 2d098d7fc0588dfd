"""How loud a file is, measured by ffmpeg."""

import re
from pathlib import Path

from musify import _ffmpeg
from musify._ffmpeg import file_url
from musify.errors import AudioDecodeError, FFmpegError

__all__ = ["measure_loudness"]

_INTEGRATED = re.compile(r"^\s*I:\s+(-?[\d.]+|-?inf|nan) LUFS")
# The absolute gate of ITU-R BS.1770: below it nothing counts as sound.
_GATE_LUFS = -70.0


def measure_loudness(path: Path) -> float | None:
    """Measure the integrated loudness of a file.

    Parameters
    ----------
    path : Path
        Any file with sound.

    Returns
    -------
    float or None
        LUFS by ITU-R BS.1770-4 (ffmpeg's ``ebur128``); None for silence.

    Raises
    ------
    AudioDecodeError
        If the file cannot be decoded.
    """
    args = ["-v", "info", "-nostats", "-i", file_url(path), "-map", "0:a:0"]
    try:
        _, lines = _ffmpeg.run([*args, "-af", "ebur128=framelog=verbose", "-f", "null", "-"])
    except FFmpegError as error:
        if error.returncode is None:  # ffmpeg did not even start
            raise
        raise AudioDecodeError(f"cannot measure how loud {str(path)!r} is: {error}") from error
    for line in reversed(lines):
        if match := _INTEGRATED.match(line):
            loudness = float(match[1])
            return loudness if loudness > _GATE_LUFS else None
    return None
