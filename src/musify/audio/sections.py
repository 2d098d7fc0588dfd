"""The form of a song: where sections begin, which sound alike, where the body begins and ends."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from musify.audio.beat_features import BeatFeatures
from musify.audio.spectrum import Floats
from musify.cancelling import checkpoint

__all__ = ["Sections", "find_sections"]

_WIDTHS: Final = (4, 8)  # bars on each side
_SHORTEST_BARS: Final = 4
_GROUP: Final = 4  # bars
# The largest part of a song that an opening or a close may be, and for how long.
_LONGEST_OPENING: Final = 0.4
_LONGEST_CLOSE: Final = 0.25
_LONGEST_SECONDS: Final = 45.0
# Contrasts from which stretches are another section, and below which they share a letter.
_NEW: Final = 0.3
_ALIKE: Final = 0.25


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
    Novelty as in J. Foote, "Automatic audio segmentation using a measure of audio novelty", ICME
    2000, who compares what is before and after a moment by a checkerboard on the self-similarity
    matrix; here the difference is taken relative to the variance within (R. Fisher's criterion),
    so that a song of many chords needs more of it. Labels after M. Cooper, J. Foote, "Summarizing
    popular music via structural similarity analysis", WASPAA 2003.
    """
    if len(bars) < 2 * _SHORTEST_BARS:
        return _whole(bars, duration)
    groups = _groups(features)
    starts = [0, *_boundaries(_novelty(groups)), len(bars)]
    labels = _labels(groups, starts)
    edges = np.concatenate([[0.0], bars[starts[1:-1]], [duration]])
    intro, ending = _body(bars, features, starts, edges, duration)
    return Sections(edges, labels, intro, ending)


def _whole(bars: Floats, duration: float) -> Sections:
    first = float(bars[0]) if len(bars) else 0.0
    last = float(bars[-1]) if len(bars) > 1 else duration
    return Sections(np.array([0.0, duration]), ("A",), first, last)


def _groups(features: BeatFeatures) -> list[Floats]:
    return [
        features.timbre,
        np.concatenate([features.chroma, features.bass], axis=1),
        features.level[:, None],
        features.onsets,
    ]


def _contrast(groups: list[Floats], before: slice, after: slice) -> float:
    """How far two stretches are apart, relative to how bars differ within them.

    The mean over timbre, harmony, level and rhythm of squared differences over pooled variances.
    """
    checkpoint()
    total = 0.0
    for values in groups:
        one, other = values[before], values[after]
        within = (one.var(axis=0) + other.var(axis=0)) / 2
        # What hardly varies anywhere must not count as plain where it varies by chance.
        floor = 0.05 * values.var(axis=0).mean() + 1e-9
        total += float(((one.mean(axis=0) - other.mean(axis=0)) ** 2 / (within + floor)).mean())
    return total / len(groups)


def _novelty(groups: list[Floats]) -> Floats:
    """Compare the bars before and after each; stretches of 4 and 8 hold whole progressions."""
    count = len(groups[0])
    novelty = np.zeros(count)
    for bar in range(2, count - 1):
        near = [
            _contrast(groups, slice(max(0, bar - width), bar), slice(bar, bar + width))
            for width in _WIDTHS
        ]
        novelty[bar] = np.mean(near)
    return novelty


def _boundaries(novelty: Floats) -> list[int]:
    """Choose peaks, preferring whole groups of four bars from the plainest one."""
    floor = max(_NEW, 2.5 * float(np.median(novelty)))
    square = (np.arange(len(novelty)) - int(novelty.argmax())) % _GROUP == 0
    novelty = novelty * np.where(square, 1.5, 1.0)
    chosen: list[int] = []
    for bar in np.argsort(-novelty).tolist():
        if novelty[bar] < floor:
            break
        near = novelty[max(0, bar - 2) : bar + 3]
        far = all(abs(bar - other) >= _SHORTEST_BARS for other in chosen)
        if novelty[bar] >= near.max() and far and 1 < bar < len(novelty) - 1:
            chosen.append(bar)
    return sorted(chosen)


def _labels(groups: list[Floats], starts: list[int]) -> tuple[str, ...]:
    """Name each section by the earlier one that it resembles most, else by the next letter."""
    stretches = [slice(a, b) for a, b in pairwise(starts)]
    names: list[int] = []
    firsts: list[slice] = []
    for stretch in stretches:
        away = [_contrast(groups, first, stretch) for first in firsts]
        if away and min(away) < _ALIKE:
            names.append(int(np.argmin(away)))
        else:
            names.append(len(firsts))
            firsts.append(stretch)
    return tuple(chr(ord("A") + min(name, 25)) for name in names)


def _body(
    bars: Floats, features: BeatFeatures, starts: list[int], edges: Floats, duration: float
) -> tuple[float, float]:
    """Leave out an opening and a close that are quieter or thinner than the song."""
    level = features.level
    usual = float(np.median(level))
    intro = float(bars[min(1, len(bars) - 1)])
    if len(starts) > 2 and edges[1] <= min(_LONGEST_OPENING * duration, _LONGEST_SECONDS):
        opening = level[: starts[1]].mean()
        if opening < usual - 1.0 or _thin(features, 0, starts[1]):
            intro = float(edges[1])
    last = len(bars) - 1
    while last > 1 and (level[last] < usual - 6.0 or duration - bars[last] < 2.0):
        last -= 1
    last = max(last - 1, 1)
    ending = float(bars[last])
    if len(starts) > 2 and edges[-2] >= duration - min(_LONGEST_CLOSE * duration, _LONGEST_SECONDS):
        ending = min(ending, float(edges[-2]))
    return min(intro, ending), max(ending, intro)


def _thin(features: BeatFeatures, first: int, last: int) -> bool:
    inside = features.onsets[first:last, 0].mean()
    return bool(inside < 0.7 * np.median(features.onsets[:, 0]))
