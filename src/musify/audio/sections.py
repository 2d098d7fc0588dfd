"""The form of a song: where sections begin, which sound alike, where the body begins and ends."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from musify.audio.beat_features import BeatFeatures
from musify.audio.spectrum import Floats

__all__ = ["Sections", "find_sections"]

_KERNEL: Final = 8  # bars on each side
_SHORTEST_BARS: Final = 4
_ALIKE: Final = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Sections:
    """The form of a song.

    Parameters
    ----------
    edges : ndarray, shape (m+1,)
        Seconds, from 0 to the end.
    labels : tuple of str
        A letter each.
    intro_end, ending_start : float
        Where the body begins and ends, in seconds.
    """

    edges: Floats
    labels: tuple[str, ...]
    intro_end: float
    ending_start: float


def find_sections(bars: Floats, features: BeatFeatures, duration: float) -> Sections:
    """Find the form of a song.

    Parameters
    ----------
    bars : ndarray, shape (k,)
        Where bars (or stretches of a few seconds) begin, in seconds.
    features : BeatFeatures
        Of each of them.
    duration : float
        Seconds.

    Returns
    -------
    Sections
        With edges on ``bars`` only.

    References
    ----------
    J. Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000 (a
    checkerboard slid along the self-similarity matrix); labels after M. Cooper, J. Foote,
    "Summarizing popular music via structural similarity analysis", WASPAA 2003.
    """
    if len(bars) < 2 * _SHORTEST_BARS:
        return _whole(bars, duration)
    points = _points(features)
    similar = np.exp(-_distances(points))
    novelty = _novelty(similar)
    starts = [0, *_boundaries(novelty), len(bars)]
    labels = _labels(points, starts)
    edges = np.concatenate([[0.0], bars[starts[1:-1]], [duration]])
    intro, ending = _body(bars, features, starts, edges, duration)
    return Sections(edges, labels, intro, ending)


def _whole(bars: Floats, duration: float) -> Sections:
    first = float(bars[0]) if len(bars) else 0.0
    last = float(bars[-1]) if len(bars) > 1 else duration
    return Sections(np.array([0.0, duration]), ("A",), first, last)


def _points(features: BeatFeatures) -> Floats:
    parts = []
    for values, weight in (
        (features.timbre, 1.0),
        (features.chroma, 0.7),
        (features.level[:, None], 0.5),
        (features.onsets, 0.7),
    ):
        spread = np.sqrt(((values - values.mean(axis=0)) ** 2).sum(axis=1).mean())
        parts.append(weight * (values - values.mean(axis=0)) / max(float(spread), 1e-6))
    return np.concatenate(parts, axis=1)


def _distances(points: Floats) -> Floats:
    square = (points**2).sum(axis=1)
    away = square[:, None] + square[None, :] - 2 * points @ points.T
    distance: Floats = np.sqrt(np.maximum(away, 0))
    return distance


def _novelty(similar: Floats) -> Floats:
    """Slide a checkerboard with soft edges along the diagonal."""
    count = len(similar)
    place = np.arange(-_KERNEL, _KERNEL) + 0.5
    taper = np.exp(-0.5 * (place / (0.5 * _KERNEL)) ** 2)
    kernel = np.outer(taper * np.sign(place), taper * np.sign(place))
    novelty = np.zeros(count)
    for bar in range(1, count):
        low, high = max(0, bar - _KERNEL), min(count, bar + _KERNEL)
        part = kernel[low - bar + _KERNEL : high - bar + _KERNEL, low - bar + _KERNEL :]
        part = part[:, : high - low]
        novelty[bar] = (similar[low:high, low:high] * part).sum() / np.abs(part).sum()
    return novelty


def _boundaries(novelty: Floats) -> list[int]:
    floor = max(float(np.median(novelty) + 0.6 * novelty.std()), 0.02)
    order = np.argsort(-novelty)
    chosen: list[int] = []
    for bar in order.tolist():
        if novelty[bar] < floor:
            break
        near = novelty[max(0, bar - 2) : bar + 3]
        far = all(abs(bar - other) >= _SHORTEST_BARS for other in chosen)
        if novelty[bar] >= near.max() and far and 1 < bar < len(novelty) - 1:
            chosen.append(bar)
    return sorted(chosen)


def _labels(points: Floats, starts: list[int]) -> tuple[str, ...]:
    """Name sections by nearest earlier one that is alike, else by the next letter."""
    means = [points[a:b].mean(axis=0) for a, b in zip(starts, starts[1:], strict=False)]
    spread = float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))
    names: list[int] = []
    firsts: list[Floats] = []
    for mean in means:
        away = [float(np.linalg.norm(mean - other)) / max(spread, 1e-6) for other in firsts]
        if away and min(away) < _ALIKE:
            names.append(int(np.argmin(away)))
        else:
            names.append(len(firsts))
            firsts.append(mean)
    return tuple(chr(ord("A") + min(name, 25)) for name in names)


def _body(
    bars: Floats, features: BeatFeatures, starts: list[int], edges: Floats, duration: float
) -> tuple[float, float]:
    """Leave out an opening and a close that are quieter than the song, at most a quarter each."""
    level = features.level
    usual = float(np.median(level))
    intro = float(bars[min(1, len(bars) - 1)])
    if len(starts) > 2 and edges[1] <= 0.25 * duration:
        opening = level[: starts[1]].mean()
        if opening < usual - 1.0 or _thin(features, 0, starts[1]):
            intro = float(edges[1])
    last = len(bars) - 1
    while last > 1 and (level[last] < usual - 6.0 or duration - bars[last] < 2.0):
        last -= 1
    last = max(last - 1, 1)
    ending = float(bars[last])
    if len(starts) > 2 and edges[-2] >= 0.75 * duration:
        ending = min(ending, float(edges[-2]))
    return min(intro, ending), max(ending, intro)


def _thin(features: BeatFeatures, first: int, last: int) -> bool:
    inside = features.onsets[first:last, 0].mean()
    return bool(inside < 0.7 * np.median(features.onsets[:, 0]))
