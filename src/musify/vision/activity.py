"""How much the picture moves over time, in a unit of its own: numpy alone.

Pictures a fifth of a second apart are compared at 32 by 18 pixels: the mean absolute change of
brightness, without that of the whole picture at once, over the contrast of the film's usual
picture, a second; over a constant that makes it about 1 in usual footage. So size, shape, frame
rate, codec and black bars make little difference: re-encoding moves a value by a tenth mostly, and
by three tenths, or 0.3, at most. Pairs of pictures on either side of a cut, or within a fade or
dissolve, are left out.

The idea is the motion component of Hanjalic and Xu [1]_; there it is the mean length of motion
vectors, which needs a codec's own vectors or a search for them.

References
----------
.. [1] A. Hanjalic, L.-Q. Xu, "Affective video content representation and modeling", IEEE Trans.
   Multimedia 7(1), 2005, 143-154.
"""

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.vision.cuts import Cut
from musify.vision.differences import SMALL, Bytes, Floats, PictureArea, luma

__all__ = ["ActivityMeter", "activity_of_sizes", "windows"]

_STEP: Final = 0.2
_WINDOW: Final = 1.0
_EARLY: Final = 1e-6
# A film darker and plainer than this is not made to look busy by dividing through next to nothing.
_LEAST_CONTRAST: Final = 8.0
# Median over the clips of benchmarks/shots.py of change a second over contrast; it becomes 1.
_TYPICAL: Final = 0.55


def windows(duration: float) -> Floats:
    """Return the middles of the seconds of a film; of the whole film where it is shorter."""
    if duration < _WINDOW:
        return np.array([duration / 2])
    return np.arange(int(duration / _WINDOW), dtype=np.float64) * _WINDOW + _WINDOW / 2


class ActivityMeter:
    """Measures how much a film moves, of which the frames are shown to it in order."""

    def __init__(self) -> None:
        self._area = PictureArea()
        self._last_step = -1
        self._last = np.zeros(SMALL[::-1], np.uint8)
        self._times, self._changes, self._contrasts = array("d"), array("d"), array("d")

    def add(self, times: Floats, images: Bytes) -> None:
        """Show the next frames; as ``CutFinder.add``."""
        steps = np.floor((times + _EARLY) / _STEP).astype(np.int64)
        first = np.diff(steps, prepend=self._last_step) > 0
        if not first.any():
            return
        self._last_step = int(steps[-1])
        lumas = luma(images[first])
        self._area.see(lumas)
        rows, columns = self._area.bounds
        pictures = np.concatenate([self._last[None], lumas])[:, rows, columns].astype(np.float32)
        # A change of brightness as a whole is none of movement.
        pictures -= pictures.mean(axis=(1, 2), keepdims=True)
        self._changes.extend(np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2)))
        self._contrasts.extend(np.abs(pictures[1:]).mean(axis=(1, 2)))
        self._times.extend(times[first])
        self._last = lumas[-1]

    def finish(self, cuts: Sequence[Cut], duration: float) -> tuple[Floats, Floats]:
        """Return times in seconds and activity at them, shape ``(a,)`` each."""
        middles = windows(duration)
        times, changes = np.array(self._times)[1:], np.array(self._changes)[1:]
        if not len(times):
            return middles, np.zeros(len(middles))
        begins = np.array(self._times)[:-1]
        whole = np.ones(len(times), np.bool_)
        for cut in cuts:
            whole &= (times < cut.begin) | (begins > cut.end)
        contrast = max(_LEAST_CONTRAST, float(np.median(self._contrasts)))
        paces = changes / (times - begins) / contrast / _TYPICAL
        return middles, _means((times + begins)[whole] / 2, paces[whole], middles)


def _means(times: Floats, values: Floats, middles: Floats) -> Floats:
    """Mean of the values around each middle; where there are none, from both sides."""
    places = np.clip((times / _WINDOW).astype(np.int64), 0, len(middles) - 1)
    counts = np.bincount(places, minlength=len(middles))
    sums = np.bincount(places, values, minlength=len(middles))
    known = counts > 0
    if not known.any():
        return np.zeros(len(middles))
    means: Floats = np.interp(middles, middles[known], sums[known] / counts[known])
    return means


def activity_of_sizes(
    times: Floats, sizes: Floats, key: NDArray[np.bool_], duration: float
) -> tuple[Floats, Floats]:
    """Guess the activity from what coding the film took, without decoding it.

    Bytes of the packets between key frames, a second, over those of the key frames near them: what
    moves costs bytes, and so does a picture with much detail, even in a key frame.

    Parameters
    ----------
    times : ndarray of shape (n,)
        When packets are presented, in seconds.
    sizes : ndarray of shape (n,)
        Bytes of each.
    key : ndarray of bool, shape (n,)
        Which are key frames.
    duration : float
        Seconds.
    """
    middles = windows(duration)
    if key.all() or not key.any():
        return middles, np.zeros(len(middles))
    places = np.clip((times / _WINDOW).astype(np.int64), 0, len(middles) - 1)
    spent = np.bincount(places[~key], sizes[~key], minlength=len(middles)) / _WINDOW
    order = np.argsort(times[key])
    whole = np.interp(middles, times[key][order], sizes[key][order])
    guess: Floats = _SIZE_SCALE * (spent / np.maximum(whole, 1)) ** _SIZE_POWER
    return middles, guess


# Fitted to the whole decode on the half "tune" of benchmarks/shots.py.
_SIZE_SCALE: Final = 0.62
_SIZE_POWER: Final = 0.61
