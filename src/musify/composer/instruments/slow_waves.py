"""Tremolo and vibrato: slow triangles on the gain and on the pitch of a note."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["tremolo", "with_vibrato"]

_STEP_FRAMES: Final = 64
_CENTS: Final = 1200


def _triangle(turns: float) -> float:
    """Return a triangle that begins at 0 and rises, as "SoundFont 2.04" 9.1.6 has it."""
    return 1 - abs(4 * ((turns + 0.25) % 1) - 2) if turns > 0 else 0.0


def tremolo(
    decibels: float, hertz: float, delay: float, frames: int, sample_rate: int
) -> NDArray[np.float32]:
    """Return the gains of a triangle that swings between plus and minus ``decibels``.

    Parameters
    ----------
    decibels, hertz : float
        How far and how fast it swings.
    delay : float
        Seconds until it begins.
    frames : int
        PCM frames wanted.
    sample_rate : int
        PCM frames a second.

    Returns
    -------
    ndarray of float32, shape (frames,)
    """
    places = range(0, frames + _STEP_FRAMES, _STEP_FRAMES)
    swings = [_triangle((place / sample_rate - delay) * hertz) for place in places]
    gains = [10 ** (decibels * swing / 20) for swing in swings]
    return np.interp(np.arange(frames), places, gains).astype(np.float32)


def with_vibrato(
    sound: NDArray[np.float32], cents: float, hertz: float, delay: float, sample_rate: int
) -> NDArray[np.float32]:
    """Read a sound a little faster and slower in turn.

    Between PCM frames by cubic interpolation (Catmull and Rom 1974).

    Parameters
    ----------
    sound : ndarray of float32, shape (n,)
        What to read.
    cents, hertz : float
        How far and how fast its pitch swings.
    delay : float
        Seconds until it begins.
    sample_rate : int
        PCM frames a second.

    Returns
    -------
    ndarray of float32, shape (n,)
        Fresh.
    """
    frames = len(sound)
    places = range(0, frames + _STEP_FRAMES, _STEP_FRAMES)
    ahead, aheads = 0.0, []
    for place in places:
        aheads.append(ahead)
        swing = _triangle(((place + _STEP_FRAMES / 2) / sample_rate - delay) * hertz)
        ahead += _STEP_FRAMES * (2 ** (cents * swing / _CENTS) - 1)
    exact = np.arange(frames) + np.interp(np.arange(frames), places, aheads)
    whole = np.floor(exact)
    part = (exact - whole).astype(np.float32)
    index = whole.astype(np.intp)
    before, here, after, beyond = (
        sound[np.clip(index + offset, 0, frames - 1)] for offset in (-1, 0, 1, 2)
    )
    slope = (after - before) * np.float32(0.5)
    next_slope = (beyond - here) * np.float32(0.5)
    rise = after - here
    bend = 3 * rise - 2 * slope - next_slope
    twist = slope + next_slope - 2 * rise
    out: NDArray[np.float32] = ((twist * part + bend) * part + slope) * part + here
    return out
