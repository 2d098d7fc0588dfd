"""Envelopes: how the gain of a note moves from its onset to the end of its release.

Delay, attack, hold, decay, sustain, release as in "SoundFont Technical Specification 2.04"
(Creative/E-mu 2006), 8.1.2: the attack is a straight line in amplitude; decay and release are
straight lines in decibels, whose times are those of a fall by 100 dB.

Everything is made of products and sums, which IEEE 754 fixes to the bit, and a few powers from the
C library; vectorised exponentials differ between processors.
"""

import functools
import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Envelope", "Sweep"]

_FULL_FALL_DB = 100.0
_SILENT_DB = 90.0
# No edge is steeper than this: a click is an edge that is. Nor does any begin or end abruptly.
_EDGE_SECONDS = 0.002
# That of a sound which has an edge of its own and begins in silence.
_OWN_EDGE_SECONDS = 0.0002
_SOFT_SECONDS = 0.02
_RELEASE_SECONDS = 0.015
_BEND_SECONDS = 0.003
_FINAL_SECONDS = 0.005
_STEP = 256


@dataclass(frozen=True, slots=True)
class Envelope:
    """The six stages, in seconds, and the level to which it decays.

    Parameters
    ----------
    delay, attack, hold, decay, release : float
        Seconds, at least 0; decay and release those of a fall by 100 dB.
    sustain_db : float
        By how many decibels it falls while the key is held; at least 0.
    """

    delay: float = 0.0
    attack: float = 0.0
    hold: float = 0.0
    decay: float = 0.0
    sustain_db: float = 0.0
    release: float = 0.0

    def gains(
        self,
        held: float,
        sample_rate: int,
        longest: int | None = None,
        *,
        begins_in_silence: bool = False,
    ) -> NDArray[np.float32]:
        """Return the gain of every PCM frame, from the onset until it cannot be heard.

        Parameters
        ----------
        held : float
            Seconds until the key is released.
        sample_rate : int
            PCM frames a second.
        longest : int, optional
            PCM frames after which there is nothing to hear: the sound itself ends there.
        begins_in_silence : bool, default False
            Whether the sound itself begins in silence, so that the attack may be as short as is
            written; else it takes 2 ms or more.

        Returns
        -------
        ndarray of float32, shape (n,)
            From 0 to 0.
        """
        delay = round(self.delay * sample_rate)
        edge = _OWN_EDGE_SECONDS if begins_in_silence else _EDGE_SECONDS
        attack = max(round(self.attack * sample_rate), round(edge * sample_rate), 1)
        hold = round(self.hold * sample_rate)
        least = delay + round(_EDGE_SECONDS * sample_rate)
        key_up = max(1, least, round(held * sample_rate))
        falling = delay + attack + hold
        # How far the decay goes, and when there is nothing left of it.
        decay = max(self.decay, _EDGE_SECONDS)
        decay_frames = round(decay * sample_rate * self.sustain_db / _FULL_FALL_DB)
        if self.sustain_db >= _SILENT_DB:
            dead = falling + round(decay * sample_rate * _SILENT_DB / _FULL_FALL_DB)
            key_up = min(key_up, dead)
        if longest is not None:
            key_up = min(key_up, longest)
        level = self._level_at(key_up, delay, attack, hold, decay_frames)
        release = max(self.release, _RELEASE_SECONDS)
        release_db = _FULL_FALL_DB / (release * sample_rate)
        tail = round(release * sample_rate * _SILENT_DB / _FULL_FALL_DB)
        if longest is not None:
            tail = max(min(tail, longest - key_up), 1)
        gains = np.empty(key_up + tail, np.float32)
        place = _Places(gains[:key_up])
        place.next(delay)[:] = 0
        rise = place.next(attack)
        rise[:] = self._rise(np.arange(len(rise)) / attack)
        place.next(hold)[:] = 1
        fall = place.next(decay_frames)
        if len(fall):
            fall[:] = _falling(len(fall), self.sustain_db / decay_frames)
        place.next(key_up)[:] = _gain(self.sustain_db)
        np.multiply(_falling(tail, release_db), np.float32(level), out=gains[key_up:])
        bend = _bend(round(_BEND_SECONDS * sample_rate), release_db)[:tail]
        gains[key_up : key_up + len(bend)] *= bend
        gains[key_up + len(bend) :] *= bend[-1]
        last = min(len(gains), max(2, round(_FINAL_SECONDS * sample_rate)))
        gains[-last:] *= _soft(np.arange(last - 1, -1, -1) / last).astype(np.float32)
        return gains

    def _rise(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gains of the attack, of which a share has passed."""
        return _soft(share) if self.attack < _SOFT_SECONDS else share

    def _level_at(self, frame: int, delay: int, attack: int, hold: int, decay: int) -> float:
        frame -= delay
        if frame <= 0:
            return 0.0
        if frame < attack:
            return float(self._rise(np.array(frame / attack)))
        frame -= attack + hold
        if frame <= 0:
            return 1.0
        return _gain(self.sustain_db * min(1.0, frame / decay if decay else 1.0))


class _Places:
    """Stretches of an array, one after the other, until it ends."""

    def __init__(self, whole: NDArray[np.float32]) -> None:
        self._whole = whole
        self._done = 0

    def next(self, count: int) -> NDArray[np.float32]:
        start, self._done = self._done, self._done + count
        return self._whole[start : self._done]


@dataclass(frozen=True, slots=True)
class Sweep:
    """The envelope of a filter: straight lines from 0 to 1, to ``sustain``, and back to 0.

    Parameters
    ----------
    delay, attack, hold, decay, release : float
        Seconds, at least 0; decay and release those of the whole way.
    sustain : float
        Where it stays while the key is held, in [0, 1].
    """

    delay: float = 0.0
    attack: float = 0.0
    hold: float = 0.0
    decay: float = 0.0
    sustain: float = 1.0
    release: float = 0.0

    def shares(self, held: float, frames: int, sample_rate: int) -> NDArray[np.float32]:
        """Return where it is at every PCM frame.

        Parameters
        ----------
        held : float
            Seconds until the key is released.
        frames : int
            How many values are wanted.
        sample_rate : int
            PCM frames a second.
        """
        top = self.delay + self.attack
        rest = top + self.hold + self.decay * (1 - self.sustain)
        times = [0.0, self.delay, top, top + self.hold, rest]
        levels = [0.0, 0.0, 1.0, 1.0, self.sustain]
        at_release = float(np.interp(held, times, levels))
        kept = [(when, level) for when, level in zip(times, levels, strict=True) if when < held]
        gone = held + max(self.release * at_release, 1e-3)
        return _lines([*kept, (held, at_release), (gone, 0.0)], frames, sample_rate)


def _lines(
    corners: list[tuple[float, float]], frames: int, sample_rate: int
) -> NDArray[np.float32]:
    """Draw straight lines from corner to corner, and on from the last."""
    out = np.full(frames, corners[-1][1], np.float32)
    for (start, level), (end, next_level) in pairwise(corners):
        first, last = math.ceil(start * sample_rate), math.ceil(end * sample_rate)
        part = out[first:last]
        if len(part):
            slope = (next_level - level) / ((end - start) * sample_rate)
            offset = level + slope * (first - start * sample_rate)
            np.multiply(np.arange(len(part), dtype=np.float32), np.float32(slope), out=part)
            part += np.float32(offset)
    return out


def _soft(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Go from 0 to 1 without a bend at either end."""
    return share * share * (3 - 2 * share)


@functools.lru_cache(maxsize=64)
def _bend(frames: int, step_db: float) -> NDArray[np.float32]:
    """Return what a fall must be multiplied by to begin without a bend: it lags behind."""
    lag = [index - index * index / (2 * frames) for index in range(frames + 1)]
    return np.array([_gain(-step_db * late) for late in lag], np.float32)


def _gain(fall_db: float) -> float:
    return float(10.0 ** (-fall_db / 20))


def _falling(count: int, step_db: float) -> NDArray[np.float32]:
    """Fall from 1 by ``step_db`` a frame."""
    made = _STEP
    while made < count:
        made *= 2
    return _fall(made, step_db)[:count]


@functools.lru_cache(maxsize=64)
def _fall(count: int, step_db: float) -> NDArray[np.float32]:
    # An outer product of two short tables.
    fine = np.array([_gain(step_db * index) for index in range(_STEP)])
    coarse = np.array([_gain(step_db * index) for index in range(0, count, _STEP)])
    whole: NDArray[np.float32] = np.outer(coarse, fine).reshape(-1).astype(np.float32)
    whole.setflags(write=False)
    return whole
