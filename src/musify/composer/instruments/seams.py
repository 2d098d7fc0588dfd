"""Loops without a click where they begin again."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.zones import Zone

__all__ = ["fade_into", "loop_of", "looped", "repeated"]

# A seam that bends more sharply than anything else in the loop, by this factor, clicks.
_SHARPEST: Final = 1.5
_FADE_FRAMES: Final = 1024


def loop_of(pcm: NDArray[np.int16], zone: Zone) -> tuple[int, int]:
    """Return where the loop of a zone begins, from where the zone begins, and how long it is.

    Parameters
    ----------
    pcm : ndarray of int16, shape (n,)
        The sample; a loop that reaches beyond it is held to it.
    zone : Zone
        With a loop.

    Returns
    -------
    begin, length : int
        PCM frames; a length of 0 if there is nothing to repeat.
    """
    stop = min(zone.loop_end, len(pcm))
    first = max(zone.loop_start, zone.start)
    return (first - zone.start, stop - first) if stop > first else (0, 0)


def looped(pcm: NDArray[np.int16], zone: Zone, frames: int) -> NDArray[np.float32]:
    """Repeat the loop of a zone for as long as is wanted.

    Where the end of the loop and its beginning do not meet, what stands before the beginning is
    faded in over the end.

    Parameters
    ----------
    pcm : ndarray of int16, shape (n,)
        The sample.
    zone : Zone
        With a loop of at least one PCM frame.
    frames : int
        PCM frames wanted.

    Returns
    -------
    ndarray of float32, shape (frames,)
        Full scale is 32768.
    """
    begin, length = loop_of(pcm, zone)
    head = pcm[zone.start : zone.start + begin + length].astype(np.float32)
    if _clicks(head[begin:]):
        fade_into(head, begin, min(_FADE_FRAMES, length // 2, begin))
    return head[:frames] if frames <= len(head) else repeated(head, begin, frames)


def fade_into(sound: NDArray[np.float32], begin: int, fade: int) -> None:
    """Fade what stands before ``begin`` in over the end, in place: then the end leads to there."""
    if fade > 0:
        share = (np.arange(1, fade + 1) / (fade + 1)).astype(np.float32)
        end = sound[-fade:]
        end += share * (sound[begin - fade : begin] - end)


def repeated(sound: NDArray[np.float32], begin: int, frames: int) -> NDArray[np.float32]:
    """Repeat a sound from ``begin`` to its end until ``frames`` are there; more than it has."""
    out = np.empty(frames, sound.dtype)
    done, length = len(sound), len(sound) - begin
    out[:done] = sound
    # What is there already is copied on, twice as much each time.
    while done < frames:
        copied = min((done - begin) // length * length, frames - done)
        out[done : done + copied] = out[begin : begin + copied]
        done += copied
    return out


def _clicks(loop: NDArray[np.float32]) -> bool:
    if len(loop) < 8:
        return False
    bends = np.abs(np.diff(loop, 2))
    seam = np.abs(np.diff(np.concatenate([loop[-3:], loop[:3]]), 2))
    return bool(seam.max() > _SHARPEST * bends.max() + 1)
