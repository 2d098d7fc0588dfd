"""Where shots change, found in a stream of very small frames: numpy alone.

* **Hard cuts.** Every frame is compared with the one before it, and each block of the picture may
  have moved. What is left over is large at a cut and small within a shot, however fast the camera.
  It must also stand out from its neighbours, as in PySceneDetect's AdaptiveDetector [1]_, and the
  picture must not return within a third of a second, as it does after a flash.
* **Fades.** The picture is plain, one colour all over, and came to that or left it gradually.
* **Dissolves** are found by :mod:`musify.vision.dissolves`.

References
----------
.. [1] B. Castellano, PySceneDetect, https://www.scenedetect.com, ``AdaptiveDetector``.
"""

from array import array
from dataclasses import dataclass
from typing import Final

import numpy as np

from musify.vision.differences import (
    SMALL,
    Bytes,
    Floats,
    PictureArea,
    contrast,
    luma,
    moved_difference,
)
from musify.vision.dissolves import Thumbnails

__all__ = ["Cut", "CutFinder", "strength_of", "thinned"]

# Differences in steps of brightness of which white has 255, chosen on the half "tune" of
# benchmarks/shots.py: there no cut is below 18, and nothing but flashes above 14.
_CUT: Final = 16.0
# A weaker one has to stand out more, and be a large share of the contrast, as in dark pictures.
_WEAK_CUT: Final = 6.0
_WEAK_SHARE: Final = 0.35
# How far around a cut to look, in seconds, and how many times the usual change it has to be.
_STRONG_RULE: Final = (0.3, 1.8)
_WEAK_RULE: Final = (0.6, 2.5)
_TIMES_BESIDE: Final = 1.6
_NEIGHBOURS: Final = 2
_STILL: Final = 1.0  # what counts as no difference at all, for ratios
_LITTLE: Final = 3.0  # where so little differs, it does not matter whether it is motion
_FLASH_SECONDS: Final = 0.34
# After a flash, less than this share of the difference is left, and less than this in all.
_RETURNS: Final = 0.4
_RETURNED: Final = 15.0
_PLAIN: Final = 5.0  # contrast of a plain picture, with what coding leaves in it
_RAMP_SECONDS: Final = 2.0  # a fade takes no longer, each way
_CLOSEST: Final = 0.1  # of two cuts nearer to each other one is left, in seconds
_TYPICAL: Final = 30.0


@dataclass(frozen=True, slots=True)
class Cut:
    """Where one shot becomes the next.

    Parameters
    ----------
    time : float
        Seconds, as ``Shots.kinds`` says.
    kind : str
        One of ``CUT_KINDS``.
    strength : float
        In [0, 1].
    begin, end : float
        Seconds between which both shots, or less than a whole one, are seen.
    """

    time: float
    kind: str
    strength: float
    begin: float
    end: float


def strength_of(difference: float) -> float:
    """Turn a difference of pictures, in steps of brightness, into a strength in [0, 1]."""
    return float(1 - np.exp(-max(0.0, difference) / _TYPICAL))


class CutFinder:
    """Finds the cuts of a film of which the frames are shown to it in order.

    It keeps four numbers a frame and ten thumbnails a second: about 18 MB an hour.
    """

    def __init__(self) -> None:
        self._area = PictureArea()
        self._times, self._differences, self._contrasts = array("d"), array("d"), array("d")
        self._thumbnails = Thumbnails()
        # The last frames, for a second look at what may be a flash, and which those are.
        self._kept: Bytes = np.empty((0, *SMALL[::-1]), np.uint8)
        self._pending: list[int] = []
        self._flashes: set[int] = set()

    def add(self, times: Floats, images: Bytes) -> None:
        """Show the next frames.

        Parameters
        ----------
        times : ndarray of shape (n,)
            Seconds, ascending.
        images : ndarray of uint8, shape (n, 18, 32, 3)
            RGB.
        """
        if not len(times):
            return
        lumas = luma(images)
        self._area.see(lumas)
        rows, columns = self._area.bounds
        known = len(self._times)
        frames = np.concatenate([self._kept, lumas])
        new = frames[-len(lumas) - 1 :] if len(self._kept) else frames
        differences = _changes(new) / self._area.share
        self._differences.extend(differences if len(self._kept) else [0.0, *differences])
        self._times.extend(times)
        self._contrasts.extend(contrast(images[:, rows, columns]))
        self._thumbnails.add(times, images)
        self._pending += [
            place for place in range(max(1, known), len(self._times)) if self._is_large(place)
        ]
        self._look_again(frames, final=False)
        # Twice as long as a flash, since the look goes both ways from what is still pending.
        since = self._times[-1] - 2 * _FLASH_SECONDS
        places = np.frombuffer(self._times, np.float64)[len(self._times) - len(frames) :]
        self._kept = frames[min(int(np.searchsorted(places, since)), len(frames) - 1) :]
        del places  # an array that is looked at cannot grow

    def _is_large(self, place: int) -> bool:
        """Whether a frame differs from the one before as across a cut, all else aside."""
        least = _WEAK_SHARE * (self._contrasts[place - 1] + self._contrasts[place]) / 2
        return self._differences[place] >= min(_CUT, max(_WEAK_CUT, least))

    def _look_again(self, frames: Bytes, *, final: bool) -> None:
        """Note which changes are the one side of a flash."""
        first = len(self._times) - len(frames)
        waiting = []
        for place in self._pending:
            if not final and self._times[-1] < self._times[place] + _FLASH_SECONDS:
                waiting.append(place)
            elif self._returns(frames, first, place):
                self._flashes.add(place)
        self._pending = waiting

    def _returns(self, frames: Bytes, first: int, place: int) -> bool:
        """Whether the picture before a change comes back, or the one after it was there before."""
        limit = min(_RETURNS * self._differences[place], _RETURNED) * self._area.share
        early = late = place
        while early > first and self._times[place] - self._times[early - 1] <= _FLASH_SECONDS:
            early -= 1
        while (
            late + 1 < len(self._times)
            and self._times[late + 1] - self._times[place] <= _FLASH_SECONDS
        ):
            late += 1
        here = place - first
        before, after = (
            frames[early - first : max(here - 1, 0)],
            frames[here + 1 : late + 1 - first],
        )
        for one, others in ((frames[here], before), (frames[max(here - 1, 0)], after)):
            if len(others):
                same = np.broadcast_to(one, others.shape)
                if moved_difference(others, same).min() < limit:
                    return True
        return False

    def finish(self) -> list[Cut]:
        """Return the cuts, in order."""
        self._look_again(self._kept, final=True)
        times = np.array(self._times)
        if len(times) < 2:
            return []
        differences, contrasts = np.array(self._differences), np.array(self._contrasts)
        hard = self._hard_places(times, differences)
        bright = {place for place in self._flashes if differences[place] >= 2 * _CUT}
        fades, taken = _fades(times, contrasts, hard, bright)
        cuts = fades + [
            Cut(time, "cut", strength_of(differences[place]), time, time)
            for place in sorted(hard - taken)
            for time in [float(times[place])]
            if not any(fade.begin < time < fade.end for fade in fades)
        ]
        cuts.sort(key=lambda cut: cut.time)
        blocked = [(cut.begin, cut.end) for cut in cuts] + _plain_ends(times, contrasts)
        blocked += [(float(times[place]), float(times[place])) for place in self._flashes]
        cuts += [
            Cut(found.time, "dissolve", strength_of(found.difference), found.begin, found.end)
            for found in self._thumbnails.dissolves(blocked, self._area)
        ]
        return thinned(sorted(cuts, key=lambda cut: cut.time))

    def _hard_places(self, times: Floats, differences: Floats) -> set[int]:
        hard = set()
        gaps = np.diff(times, prepend=times[0])
        for place in np.flatnonzero(differences >= _WEAK_CUT).tolist():
            if not self._is_large(place):
                continue
            seconds, wanted = _STRONG_RULE if differences[place] >= _CUT else _WEAK_RULE
            near = np.searchsorted(times, times[place] + seconds * np.array([-1, 1]))
            low = max(1, min(int(near[0]), place - _NEIGHBOURS))
            high = max(int(near[1]), place + _NEIGHBOURS + 1)
            others = np.delete(differences[low:high], place - low)
            beside = [at for at in (place - 1, place + 1) if 0 < at < len(times)]
            # Where frames are left out, more time passes, and motion and fades get further.
            paces = [differences[at] * min(3.0, gaps[place] / gaps[at]) for at in beside]
            if (
                place not in self._flashes
                and differences[place] >= wanted * max(_STILL, _usual(others))
                and differences[place] >= _TIMES_BESIDE * max(paces, default=0.0)
            ):
                hard.add(place)
        return hard


def _changes(lumas: Bytes) -> Floats:
    """How much each picture differs from the one before; motion is left out where it counts."""
    differences: Floats = np.abs(np.diff(lumas.astype(np.int16), axis=0)).mean(axis=(1, 2))
    much = np.flatnonzero(differences >= _LITTLE)
    differences[much] = moved_difference(lumas[much], lumas[much + 1])
    return differences


def _usual(differences: Floats) -> float:
    """How much a film changes around a place.

    Not the mean: in animation and slow motion every other frame repeats the one before. And without
    the largest, which may be another cut, or a flash.
    """
    ranked = np.sort(differences)[:-1]
    return float(ranked[len(ranked) // 2 :].mean()) if len(ranked) else 0.0


def _fades(
    times: Floats, contrasts: Floats, hard: set[int], flashes: set[int]
) -> tuple[list[Cut], set[int]]:
    """Find fades, and which hard cuts are only their abrupt side."""
    plain = np.concatenate([[False], contrasts < _PLAIN, [False]])
    turns = np.flatnonzero(plain[1:] != plain[:-1])
    fades, taken = [], set()
    for first, end in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        if first == 0 or end == len(times):
            continue  # the film begins or ends there: no other shot
        sides = (first in hard, end in hard)
        if all(sides) or first in flashes or end in flashes:
            continue
        begin = _ramp(times, contrasts, first, -1)
        stop = _ramp(times, contrasts, end - 1, 1)
        if sides[0]:
            begin, time = float(times[first]), float(times[first])
            taken.add(first)
        elif sides[1]:
            stop = time = float(times[end])
            taken.add(end)
        else:
            time = float(times[first] + times[end - 1]) / 2
        around = (times >= begin) & (times <= stop)
        fades.append(Cut(time, "fade", strength_of(contrasts[around].max()), begin, stop))
    return fades, taken


def _plain_ends(times: Floats, contrasts: Floats) -> list[tuple[float, float]]:
    """Find where the film comes out of black at its start, and goes into it at its end."""
    whole = np.flatnonzero(contrasts >= _PLAIN)
    if not len(whole):
        return [(float(times[0]), float(times[-1]))]
    ends = []
    if whole[0] > 0:
        ends.append((float(times[0]), _ramp(times, contrasts, int(whole[0]) - 1, 1)))
    if whole[-1] + 1 < len(times):
        ends.append((_ramp(times, contrasts, int(whole[-1]) + 1, -1), float(times[-1])))
    return ends


def _ramp(times: Floats, contrasts: Floats, place: int, step: int) -> float:
    """Go from a plain frame to where the picture is whole."""
    start, highest = times[place], contrasts[place]
    while 0 <= place + step < len(times) and abs(times[place + step] - start) <= _RAMP_SECONDS:
        if contrasts[place + step] < highest:
            break
        place += step
        highest = contrasts[place]
    return float(times[place])


def thinned(cuts: list[Cut]) -> list[Cut]:
    """Leave the stronger of two cuts at nearly the same time."""
    kept: list[Cut] = []
    for cut in cuts:
        if kept and cut.time - kept[-1].time < _CLOSEST:
            if cut.strength > kept[-1].strength:
                kept[-1] = cut
        else:
            kept.append(cut)
    return kept
