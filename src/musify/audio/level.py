"""How loud a video's own sound is over time, from an eighth of it."""

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify import _ffmpeg
from musify._ffmpeg import file_url
from musify._ffmpeg_words import InputFilterError
from musify.errors import AudioDecodeError
from musify.video import VideoInfo

__all__ = ["FLOOR_DB", "sound_levels"]

FLOOR_DB: Final = -70.0
"""dBFS: the absolute gate of ITU-R BS.1770, below which nothing counts as sound."""

# Half a second in four is decoded: loudness changes with scenes, not with words.
_PERIOD: Final = 4.0
_LISTEN: Final = 0.5
_LINE = re.compile(
    rb"pts_time:(?P<time>-?[\d.]+)\s+lavfi\.astats\.Overall\.RMS_level=(?P<level>-?[\d.]+|-?inf|nan)"
)


def sound_levels(video: VideoInfo) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure the level of a video's own sound, every four seconds.

    Only the packets of the first half second of each four are decoded, so that an hour takes a few
    seconds.

    Parameters
    ----------
    video : VideoInfo
        The video; it may have no sound.

    Returns
    -------
    times : ndarray of shape (n,)
        Middles of what was listened to, in seconds; ascending.
    levels : ndarray of shape (n,)
        RMS over all channels in dBFS, at least -70. Both are empty without sound.

    Raises
    ------
    AudioDecodeError
        If none of the sound can be decoded.
    FFmpegError
        If ffmpeg is missing or was killed.
    """
    if video.audio_index is None:
        return np.empty(0), np.empty(0)
    drop = f"gte(mod(pts*tb,{_PERIOD}),{_LISTEN})"
    try:
        printed = _measure(video, ["-bsf:a", f"noise=drop='{drop}'"])
    except InputFilterError:
        printed = _measure(video, [])
    if not _LINE.search(printed):  # sound may begin and end between what was listened to
        printed = _measure(video, [])
    bins: dict[int, list[float]] = {}
    for match in _LINE.finditer(printed):
        time = float(match["time"]) - video.start_time
        if 0 <= time <= video.duration:
            power = 10 ** (max(FLOOR_DB, _number(match["level"])) / 10)
            bins.setdefault(int(time // _PERIOD), []).append(power)
    if not bins:
        raise AudioDecodeError(f"none of the sound of {str(video.path)!r} can be decoded")
    places = sorted(bins)
    times = np.minimum(np.array(places) * _PERIOD + _LISTEN / 2, video.duration)
    return times, np.array([10 * np.log10(np.mean(bins[place])) for place in places])


def _measure(video: VideoInfo, before: list[str]) -> bytes:
    """Run ffmpeg over the sound; return the lines with a time and a level."""
    astats = "astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=RMS_level"
    shown = "ametadata=mode=print:key=lavfi.astats.Overall.RMS_level:file=pipe\\\\:1"
    args = ["-v", "error", "-copyts", *before, "-i", file_url(video.path)]
    args += ["-map", f"0:{video.audio_index}", "-af", f"{astats},{shown}", "-f", "null", "-"]
    # Damage is no reason to stop: what can be heard is heard.
    return _ffmpeg.run(args, check=False)[0]


def _number(text: bytes) -> float:
    value = float(text)
    return value if np.isfinite(value) else FLOOR_DB
