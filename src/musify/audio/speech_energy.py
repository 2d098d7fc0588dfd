"""Speech as what stands out of the background: simple, and right only where nothing else does."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.speech_network import WINDOW

__all__ = ["EnergyEar", "prominence"]

_STEP: Final = WINDOW / 16_000
# The background is the level that a tenth of the time within 15 s stays below: between words there
# is always some of it.
_AROUND: Final = 15.0
_QUIET: Final = 0.10
# Below this nobody would hear words.
_FLOOR_DB: Final = -60.0
# Speech that stands 10 dB above the background is told from it as likely as not.
_STANDS_OUT_DB: Final = 10.0


class EnergyEar:
    """Tells how far each 32 ms of sound stand out of the background.

    It takes the place of :class:`SpeechNetwork`, but knows nothing before the end.
    """

    def __init__(self) -> None:
        self._waiting = np.zeros(0, np.float32)
        self._levels: list[NDArray[np.float32]] = []

    def hear(self, mono: NDArray[np.float32]) -> NDArray[np.float32]:
        """Listen on; PCM of shape (n,) at 16 kHz, full scale [-1, 1]."""
        self._waiting = np.concatenate([self._waiting, mono])
        whole = len(self._waiting) // WINDOW * WINDOW
        power = np.square(self._waiting[:whole]).reshape(-1, WINDOW).mean(axis=1)
        self._levels.append(10 * np.log10(power + 1e-12, dtype=np.float32))
        self._waiting = self._waiting[whole:]
        return np.zeros(0, np.float32)

    def finish(self) -> NDArray[np.float32]:
        """Return all of it, as numbers in [0, 1] of which 0.5 stands for 10 dB."""
        left = len(self._waiting)
        self.hear(np.zeros(WINDOW - left if left else 0, np.float32))
        return prominence(np.concatenate([np.zeros(0, np.float32), *self._levels]))


def prominence(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Tell how far levels in dB stand out of those around: 0.5 is 10 dB, 1 is 20 dB or more."""
    second = round(1 / _STEP)
    reach = round(_AROUND / _STEP)
    found = np.empty(len(levels), np.float32)
    for start in range(0, len(levels), second):
        around = levels[max(0, start - reach) : start + second + reach]
        background = max(_FLOOR_DB, float(np.quantile(around, _QUIET)))
        found[start : start + second] = levels[start : start + second] - background
    scaled: NDArray[np.float32] = np.clip(found / (2 * _STANDS_OUT_DB), 0, 1)
    return scaled
