"""How many beats a bar has, and which beats begin one."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from musify.audio.beat_features import BeatFeatures
from musify.audio.spectrum import Floats

__all__ = ["Metre", "find_metre"]

# Four beats a bar are the rule, three the common exception; the rest must be plain to be heard.
_PRIOR: Final = {2: -0.35, 3: -0.05, 4: 0.0, 5: -0.12, 6: -0.25, 7: -0.12}


@dataclass(frozen=True, slots=True)
class Metre:
    """The bars of a song.

    Parameters
    ----------
    beats_per_bar : int
        From 2 to 7.
    first : int
        Number of the first beat that begins a bar, below ``beats_per_bar``.
    clarity : float
        By how much it is better than the next best, at least 0.
    """

    beats_per_bar: int
    first: int
    clarity: float


def find_metre(features: BeatFeatures) -> Metre:
    """Find the metre and where bars begin.

    Parameters
    ----------
    features : BeatFeatures
        The song.

    Returns
    -------
    Metre
        The likeliest, taken to hold for the whole song.

    Notes
    -----
    Bars begin where the harmony changes, the bass enters, and more begins than on other beats (M.
    Goto, "An audio-based real-time beat tracking system", J. New Music Research 30(2), 2001); and
    music resembles itself a bar later (autocorrelation of what begins on each beat).
    """
    accents = accent_curve(features)
    count = len(accents)
    if count < 8:
        return Metre(4, 0, 0.0)
    scores: dict[tuple[int, int], float] = {}
    for metre, prior in _PRIOR.items():
        if count < 2 * metre:
            continue
        repeat = _repetition(features, metre)
        for first in range(metre):
            on = np.zeros(count, bool)
            on[first::metre] = True
            gain = accents[on].mean() - accents[~on].mean()
            scores[metre, first] = float(gain) + 0.6 * repeat + prior
    order = sorted(scores, key=lambda key: -scores[key])
    metre, first = order[0]
    return Metre(metre, first, scores[order[0]] - scores[order[1]])


def accent_curve(features: BeatFeatures) -> Floats:
    """How much each beat sounds like the first of a bar, in units of its deviation."""
    change = 1 - (features.chroma[1:] * features.chroma[:-1]).sum(axis=1)
    deep = 1 - (features.bass[1:] * features.bass[:-1]).sum(axis=1)
    accents = (
        1.0 * _standard(np.concatenate([[change.mean()], change]))
        + 0.6 * _standard(np.concatenate([[deep.mean()], deep]))
        + 0.6 * _standard(features.onsets[:, 1])
        + 0.4 * _standard(features.onsets[:, 0])
    )
    return accents / 2.0


def _standard(values: Floats) -> Floats:
    values = np.minimum(values, np.percentile(values, 95))
    deviation = float(values.std())
    return (values - values.mean()) / deviation if deviation > 1e-6 else np.zeros(len(values))


def _repetition(features: BeatFeatures, lag: int) -> float:
    """How alike beats a bar apart are, less how alike neighbours in the bar are."""
    shape = np.stack([_standard(column) for column in features.onsets.T], axis=1)
    power = float((shape**2).mean())
    if power < 1e-9 or len(shape) <= 2 * lag:
        return 0.0

    def alike(step: int) -> float:
        return float((shape[step:] * shape[:-step]).mean() / power)

    return (alike(lag) + alike(2 * lag)) / 2 - float(np.mean([alike(s) for s in range(1, lag)]))
