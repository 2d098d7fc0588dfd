"""Clicks: steps in the wave, which the ear hears as a crack."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._iterators import ended
from musify._media_info import StreamInfo
from musify.audio.pcm import decode_part

__all__ = ["click_strength", "find_clicks"]

CLICK: Final = 4.0
"""How far the second difference must stand above its surroundings to be heard as a click."""

_AROUND: Final = 0.004
_SURROUNDINGS: Final = 1.0
_USUAL: Final = 99.9
# Below 16 bits nothing clicks.
_FLOOR: Final = 2.0**-15


def click_strength(pcm: NDArray[np.floating], place: int, sample_rate: int) -> float:
    """Say how much a place in a sound looks like a click.

    Parameters
    ----------
    pcm : ndarray of float, shape (n, channels)
        Sound around the place: a second on either side where there is as much.
    place : int
        PCM frame in it.
    sample_rate : int
        PCM frames a second.

    Returns
    -------
    float
        Largest second difference within 4 ms, over the 99.9th percentile of those of the
        surroundings: about 1 where nothing is, and large for a step in the wave, whose second
        difference is as large as itself while that of music is small.
    """
    rough = np.abs(np.diff(pcm, n=2, axis=0)).max(axis=1)
    reach = round(_AROUND * sample_rate)
    near = rough[max(0, place - reach - 2) : place + reach]
    if not len(near):
        return 0.0
    return float(near.max() / max(np.percentile(rough, _USUAL), _FLOOR))


def find_clicks(path: Path, stream: StreamInfo, times: Sequence[float]) -> tuple[float, ...]:
    """Find at which of some times a sound clicks.

    Parameters
    ----------
    path : Path
        A media file.
    stream : StreamInfo
        The sound in it.
    times : sequence of float
        Seconds on the clock of the file.

    Returns
    -------
    tuple of float
        Those of the times where it does.
    """
    found = []
    for time in times:
        begin = max(0.0, time - _SURROUNDINGS)
        with ended(decode_part(path, stream, begin, time + _SURROUNDINGS)) as blocks:
            pcm = np.concatenate([np.zeros((0, stream.channels or 1), np.float32), *blocks])
        rate = stream.sample_rate or 0
        if click_strength(pcm, round((time - begin) * rate), rate) > CLICK:
            found.append(time)
    return tuple(found)
