"""A compressor that knows no level but the sound's own.

It tames what stands out of a bus. How loud the bus is as a whole, over seconds, it leaves alone:
the swells that a mood asks for stay, however loud an instrument pack was recorded.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.render.convolution import BLOCK

__all__ = ["HOP", "Compressor"]

HOP: Final = 256
"""PCM frames for which one gain is found; between them it moves in straight lines."""

# How quickly the bus's own loudness is followed, in seconds: longer than a bar of slow music.
_OWN: Final = 3.0
# Power below which it is not followed: pauses shall not make what comes next stand out.
_PAUSE: Final = 1e-8
# How much louder than what was before a beginning is, as a rule: of a first chord, by its decay.
_START: Final = 0.5
# A gain nobody would notice, nor measure.
_NOTHING_DB: Final = -1e-6


class Compressor:
    """Finds gains for blocks of sound, one after the other.

    Parameters
    ----------
    over_db : float
        How far above the sound's own loudness peaks may stand.
    ratio : float
        How many decibels more become one.
    attack, release : float
        Seconds.
    sample_rate : int
        PCM frames a second.

    Notes
    -----
    A feed-forward design with smoothing of the gain in decibels (D. Giannoulis, M. Massberg and
    J. D. Reiss, "Digital dynamic range compressor design", J. Audio Eng. Soc. 60(6), 2012).
    """

    def __init__(
        self, over_db: float, ratio: float, attack: float, release: float, sample_rate: int
    ) -> None:
        hop = HOP / sample_rate
        self._over = 10 ** (over_db / 10)
        self._slope = 1 / ratio - 1
        self._attack = 1 - math.exp(-hop / attack)
        self._release = 1 - math.exp(-hop / release)
        self._own_share = 1 - math.exp(-hop / _OWN)
        self._own = 0.0  # power of the bus over seconds; 0 until something sounds
        self._gain_db = 0.0

    def gains(self, block: NDArray[np.float32] | None) -> NDArray[np.float32]:
        """Find the gain of every frame of a block, shape (2, BLOCK); None is silence."""
        power = np.zeros(BLOCK // HOP)
        if block is not None:
            power = np.square(block).reshape(2, -1, HOP).sum(axis=(0, 2)) / HOP
        own, gain_db = self._own, self._gain_db
        found = [gain_db]
        for level in power.tolist():
            wanted = 0.0
            if level > _PAUSE:
                own += (level - own) * self._own_share if own else _START * level
                if level > own * self._over:
                    wanted = self._slope * 10 * math.log10(level / (own * self._over))
            share = self._attack if wanted < gain_db else self._release
            gain_db += (wanted - gain_db) * share
            found.append(gain_db)
        self._own, self._gain_db = own, gain_db
        if min(found) > _NOTHING_DB:
            return np.ones(BLOCK, np.float32)
        edges = 10 ** (np.array(found) / 20)
        along = np.arange(HOP) / HOP
        lines = edges[:-1, None] + np.diff(edges)[:, None] * along
        return lines.reshape(-1).astype(np.float32)
