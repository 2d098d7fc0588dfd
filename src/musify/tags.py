"""What to call a scene: words for its mood, and what is seen in it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from musify.moods import KNOWN_MOODS
from musify.timeline import MoodSegment

__all__ = ["SceneTags", "explain", "reasons", "scene_tags"]

_MOOD_WORDS: Final = 3
_SEEN: Final = 5
# Seen with less than this, on average over the scene, it is more likely something else.
_LEAST_SEEN: Final = 0.08
# A shift of less is no reason.
_LEAST_SHIFT: Final = 0.01
_DIGITS: Final = 2
# What musify itself finds, whoever looks at the pictures.
_NOT_THE_CLASSIFIERS: Final = {"motion", "cuts", "sound", "unsure"}


@dataclass(frozen=True, slots=True)
class SceneTags:
    """Tags of a scene.

    Parameters
    ----------
    moods : tuple of str
        The known moods nearest to the scene's point, the nearest first.
    seen : tuple of str
        What is seen, the likeliest first; may be empty.
    """

    moods: tuple[str, ...]
    seen: tuple[str, ...]


def scene_tags(segment: MoodSegment) -> SceneTags:
    """Name the moods of a scene and what is seen in it.

    Parameters
    ----------
    segment : MoodSegment
        Of a timeline whose classifier gave evidence; without it nothing is seen.

    Returns
    -------
    SceneTags
        Three words for the mood, and up to five for what is seen.

    Examples
    --------
    >>> scene_tags(MoodSegment(0, 9, "calm", 0.9, 0.45, -0.62)).moods[0]
    'calm'
    """
    (shares,) = KNOWN_MOODS.score([[segment.valence, segment.arousal]], temperature=0.2)
    nearest = sorted(zip(-shares, KNOWN_MOODS.names, strict=True))[:_MOOD_WORDS]
    seen = [
        one
        for one in segment.evidence
        if one.source in ("picture", "face") and one.weight >= _LEAST_SEEN
    ]
    seen.sort(key=lambda one: (-one.weight, one.name))
    return SceneTags(tuple(name for _, name in nearest), tuple(one.name for one in seen[:_SEEN]))


def explain(segment: MoodSegment) -> str:
    """Say in a line what moved a scene where.

    Parameters
    ----------
    segment : MoodSegment
        Of a timeline whose classifier gave evidence.

    Returns
    -------
    str
        Such as ``"any photograph +0.14 -0.05, lakeside +0.20 -0.14, motion +0.00 +0.08, all else
        +0.01 -0.02"``: what was noticed, and how far it moved valence and arousal. From 0 on they
        add up to the point of the scene; what the evidence leaves open is ``all else``. Empty
        where nothing is worth naming.
    """
    return ", ".join(
        f"{name} {valence:+.2f} {arousal:+.2f}" for name, valence, arousal in reasons(segment)
    )


def reasons(segment: MoodSegment) -> list[tuple[str, float, float]]:
    """List what moved a scene, the farthest first, with its valence and arousal.

    Numbers are rounded to what is shown, and so that they add up to the rounded point of the scene.
    """
    told = [
        (one.name, round(one.valence, _DIGITS), round(one.arousal, _DIGITS))
        for one in sorted(segment.evidence, key=lambda one: -one.shift)
        if one.shift >= _LEAST_SHIFT
    ]
    if not told:
        return []
    point = round(segment.valence, _DIGITS), round(segment.arousal, _DIGITS)
    sums = np.sum([row[1:] for row in told], axis=0)
    valence, arousal = np.round(point - sums, _DIGITS).tolist()
    if valence or arousal:
        has_reasons = any(one.source not in _NOT_THE_CLASSIFIERS for one in segment.evidence)
        rest = "all else" if has_reasons else "the classifier, which gives no reasons"
        told.append((rest, valence, arousal))
    return [(name, valence + 0.0, arousal + 0.0) for name, valence, arousal in told]  # no -0.00
