"""Loops without a click where they begin again."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.zones import Zone

__all__ = ["seamless_loop"]

# A seam that bends more sharply than anything else in the loop, by this factor, clicks.
_SHARPEST: Final = 1.5
_FADE_FRAMES: Final = 1024


def seamless_loop(pcm: NDArray[np.int16], zone: Zone, frames: int) -> NDArray[np.float32]:
    """Repeat the loop of a zone for as long as is wanted.

    Where the end of the loop and its beginning do not meet, what stands before the beginning is
    faded in over the end.

    Parameters
    ----------
    pcm : ndarray of int16, shape (n,)
        The sample.
    zone : Zone
        With a loop, inside the sample or held to it.
    frames : int
        PCM frames wanted.

    Returns
    -------
    ndarray of float32, shape (frames,)
        Full scale is 32768.
    """
    stop = min(zone.loop_end, len(pcm))
    first = min(max(zone.loop_start, zone.start), stop - 1)
    if stop <= zone.start:
        return np.zeros(frames, np.float32)
    head = pcm[zone.start : stop].astype(np.float32)
    length = stop - first
    begin = first - zone.start
    if _clicks(head, begin):
        fade = min(_FADE_FRAMES, length // 2, begin)
        if fade > 1:
            share = (np.arange(1, fade + 1) / (fade + 1)).astype(np.float32)
            before = head[begin - fade : begin].copy()
            head[-fade:] += share * (before - head[-fade:])
    if frames <= len(head):
        return head[:frames]
    out = np.empty(frames, np.float32)
    out[: len(head)] = head
    # What is there already is copied on, twice as much each time.
    done = len(head)
    while done < frames:
        copied = min((done - begin) // length * length, frames - done)
        out[done : done + copied] = out[begin : begin + copied]
        done += copied
    return out


def _clicks(head: NDArray[np.float32], begin: int) -> bool:
    loop = head[begin:]
    if len(loop) < 8:
        return False
    bends = np.abs(np.diff(loop, 2))
    seam = np.abs(np.diff(np.concatenate([loop[-3:], loop[:3]]), 2))
    return bool(seam.max() > _SHARPEST * bends.max() + 1)
