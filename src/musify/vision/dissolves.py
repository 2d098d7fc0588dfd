"""Dissolves: where one shot is blended into the next.

Pictures further apart differ as at a cut (the twin comparison of Zhang et al. [1]_), each picture
between them is nearly a blend of the two with a share that rises steadily, and the film changes
less before and after. A camera that moves makes no blends, or goes on.

References
----------
.. [1] H. J. Zhang, A. Kankanhalli, S. W. Smoliar, "Automatic partitioning of full-motion video",
   Multimedia Systems 1(1), 1993, 10-28.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.vision.differences import SMALL, Bytes, Floats, PictureArea, luma, moved_difference

__all__ = ["Dissolve", "Thumbnails"]

_STEP: Final = 0.1
_EARLY: Final = 1e-6
# Lengths of dissolves, in steps: a third of a second to two seconds.
_LENGTHS: Final = (3, 4, 5, 6, 8, 10, 12, 14, 16, 19)
_AROUND: Final = 5
_SPARSEST: Final = 2.5  # how much longer a step may be where frames are missing
# Chosen on the half "tune" of benchmarks/shots.py.
_LEAST: Final = 14.0  # mean difference of the colours at both ends
_LEAST_MOVED: Final = 10.0  # of brightness, what motion does not explain
_SAME: Final = 0.9  # correlation of the ends from which it is one picture in another light
_REST: Final = 0.16  # what is no blend, as a share of the difference
_BEND: Final = 0.22  # how far the share of the blend may be from a straight line
_OUTSIDE: Final = 0.7  # change a step before and after, as a share of that within
_CHUNK: Final = 4096


@dataclass(frozen=True, slots=True)
class Dissolve:
    """A blend of two shots: times in seconds, and how much its ends differ."""

    time: float
    begin: float
    end: float
    difference: float
    rest: float


class Thumbnails:
    """Ten even smaller pictures a second, of a whole film."""

    def __init__(self) -> None:
        self._times: list[Floats] = []
        self._images: list[Bytes] = []
        self._last = -1

    def add(self, times: Floats, images: Bytes) -> None:
        """Keep the first picture in each tenth of a second; as ``CutFinder.add``."""
        steps = np.floor((times + _EARLY) / _STEP).astype(np.int64)
        first = np.diff(steps, prepend=self._last) > 0
        self._last = int(steps[-1])
        chosen = images[first].astype(np.uint16)
        pooled = chosen[:, ::2, ::2] + chosen[:, 1::2, ::2]
        pooled += chosen[:, ::2, 1::2] + chosen[:, 1::2, 1::2]
        self._times.append(times[first])
        self._images.append((pooled >> 2).astype(np.uint8))

    def dissolves(self, blocked: list[tuple[float, float]], area: PictureArea) -> list[Dissolve]:
        """Find dissolves.

        Parameters
        ----------
        blocked : list of (float, float)
            First and last second of what no dissolve may touch.
        area : PictureArea
            Which part of the frame the picture is.
        """
        if not self._times:
            return []
        times, images = np.concatenate(self._times), np.concatenate(self._images)
        flat = images.reshape(len(images), -1)
        # How many blocked spans begin, or have ended, before each picture.
        begun = np.searchsorted(np.sort([span[0] for span in blocked]), times, side="right")
        ended = np.searchsorted(np.sort([span[-1] for span in blocked]), times, side="left")
        before, after = _usual_steps(flat)
        found: list[Dissolve] = []
        for length in _LENGTHS:
            first = np.arange(max(0, len(times) - length))
            last = first + length
            # A tenth of a second of room: a cut lies between the frames of two pictures.
            free = begun[np.minimum(last + 1, len(times) - 1)] == ended[np.maximum(first - 1, 0)]
            # Where film is missing, or its frame rate is very low, nothing can be told.
            dense = times[last] - times[first] <= _SPARSEST * length * _STEP
            first = first[free & dense]
            size = _apart(flat, first, length)
            outside = np.maximum(before[first], after[first + length])
            first = first[(size >= _LEAST * area.share) & (outside <= _OUTSIDE * size / length)]
            checked = (_check(times, images, int(place), length, area) for place in first)
            found += [dissolve for dissolve in checked if dissolve is not None]
        return _best(found)


def _usual_steps(flat: Bytes) -> tuple[Floats, Floats]:
    """Median change from one picture to the next, over half a second before and after each."""
    steps = _apart(flat, np.arange(len(flat) - 1), 1)
    padded = np.concatenate([np.full(_AROUND, np.nan), steps, np.full(_AROUND, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, _AROUND)
    # The median of what there is: at the ends of the film, of nothing; then there is no change.
    counts = np.isfinite(windows).sum(axis=1)
    middle = np.sort(windows, axis=1)[np.arange(len(windows)), np.maximum(counts - 1, 0) // 2]
    usual = np.where(counts > 0, middle, 0.0)
    return usual[: len(flat)], usual[_AROUND : _AROUND + len(flat)]


def _apart(flat: Bytes, first: NDArray[np.int64], length: int) -> Floats:
    """Mean difference of pictures from those ``length`` later."""
    differences = np.zeros(len(first))
    for start in range(0, len(first), _CHUNK):
        one = flat[first[start : start + _CHUNK]]
        other = flat[first[start : start + _CHUNK] + length]
        difference = np.maximum(one, other) - np.minimum(one, other)
        differences[start : start + _CHUNK] = difference.mean(axis=1, dtype=np.float32)
    return differences


def _check(
    times: Floats, images: Bytes, first: int, length: int, area: PictureArea
) -> Dissolve | None:
    last = first + length
    pictures = images[first : last + 1].reshape(length + 1, -1).astype(np.float32)
    whole = pictures[-1] - pictures[0]
    size = float(np.abs(whole).mean())
    change = pictures - pictures[0]
    shares = change @ whole / float(whole @ whole)
    passed = times[first : last + 1] - times[first]
    if np.abs(shares - passed / passed[-1]).max() > _BEND:
        return None
    rest = float(np.abs(change - shares[:, None] * whole).mean()) / size
    if rest * (length + 1) / max(1, length - 1) > _REST:
        return None
    pair: NDArray[np.uint8] = luma(_doubled(images[[first, last]]))
    if _alikeness(*pair[:, *area.bounds]) > _SAME:
        return None
    moved = float(moved_difference(pair[:1], pair[1:], reach=4)[0]) / area.share
    if moved < _LEAST_MOVED:
        return None
    time = float(np.interp(0.5, np.maximum.accumulate(shares), times[first : last + 1]))
    return Dissolve(time, float(times[first]), float(times[last]), moved, rest)


def _alikeness(one: Bytes, other: Bytes) -> float:
    """Correlation of the brightness of two pictures; 0 where one is plain."""
    first, second = (picture.astype(np.float64) - picture.mean() for picture in (one, other))
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / size if size > 0 else 0.0


def _doubled(images: Bytes) -> Bytes:
    doubled = images.repeat(2, axis=1).repeat(2, axis=2)
    assert doubled.shape[1:3] == SMALL[::-1]
    return doubled


def _best(found: list[Dissolve]) -> list[Dissolve]:
    """Of those that overlap, take the one between whose ends the most changes."""
    kept: list[Dissolve] = []
    for dissolve in sorted(found, key=lambda one: (-one.difference, one.rest)):
        if all(dissolve.begin >= other.end or dissolve.end <= other.begin for other in kept):
            kept.append(dissolve)
    return sorted(kept, key=lambda one: one.time)
