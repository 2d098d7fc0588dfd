"""What motion, cuts and sound do to arousal.

A picture says what is there; how much happens says how exciting it is. Following Hanjalic & Xu [1]_
arousal over time is raised by motion, by the density of cuts and by the energy of sound, each
smoothed and standardised; here they shift the arousal that the pictures gave, since a still
photograph of a race is exciting too.

References
----------
.. [1] A. Hanjalic and L.-Q. Xu, "Affective video content representation and modeling", IEEE
   Transactions on Multimedia 7(1), 143-154, 2005.
.. [2] J. E. Cutting, J. E. DeLong and C. E. Nothelfer, "Attention and the evolution of Hollywood
   film", Psychological Science 21(3), 432-439, 2010: shots of today's films last about four
   seconds.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.evidence import Evidence, EvidenceRow
from musify.moods import MoodSpace
from musify.scores import MoodScores
from musify.shots import Shots

__all__ = ["with_dynamics"]

# How far each may shift arousal. Pictures spread over about +-0.4, so that all three together can
# carry a scene to a neighbouring mood but not across the plane.
_MOTION: Final = 0.20
_CUTS: Final = 0.12
_SOUND: Final = 0.12
# Hanjalic & Xu smooth over about a minute for films of two hours; scenes here may be 8 s long.
_MOTION_SECONDS: Final = 4.0
_CUTS_SECONDS: Final = 10.0
_SOUND_SECONDS: Final = 4.0
# Four times as much motion as usual, or a quarter, is as far as it counts.
_OCTAVES: Final = 2.0
# Below this part of usual motion nothing moves but grain: a slide show, of whose mood motion says
# nothing.
_STILL: Final = 0.02
_TRUST_IN_GUESSES: Final = 0.5
# Cuts a minute that are nothing unusual: shots of five seconds. Fewer say nothing: most amateur
# footage has none, be it ever so lively.
_USUAL_CUTS: Final = 12.0
# A passage this much louder than the whole counts in full: about the range between speech and
# climax in film sound.
_LOUD_DB: Final = 12.0
_SILENT_DB: Final = -60.0

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Times in seconds, and values."""


def with_dynamics(
    scores: MoodScores,
    shots: Shots | None,
    sound: Curve | None = None,
    *,
    space: MoodSpace | None = None,
    temperature: float = 0.5,
) -> MoodScores:
    """Shift the arousal of frames by motion, cuts and sound around them.

    Parameters
    ----------
    scores : MoodScores
        Of ``n`` frames, from pictures.
    shots : Shots or None
        Cuts and motion; None where they are not known.
    sound : tuple of (ndarray, ndarray), optional
        Times and levels in dBFS of the video's own sound.
    space : MoodSpace, optional
        Points of the labels. Without it the plane is shifted and the scores stay.
    temperature : float, default 0.5
        Of :meth:`MoodSpace.score`.

    Returns
    -------
    MoodScores
        The same frames and labels. A score is multiplied by how much nearer its mood has become,
        ``exp((d² - d'²) / (2 temperature²))`` of the distances before and after, and rows keep
        their sums unless a score would exceed 1. The evidence says what each shift was.
    """
    if not len(scores):
        return scores
    shifts: list[tuple[str, NDArray[np.float64], float]] = []
    if shots is not None:
        shifts.append(("motion", _motion(scores.times, shots), _MOTION))
        shifts.append(("cuts", _cutting(scores.times, shots), _CUTS))
    if sound is not None and len(sound[0]):
        shifts.append(("sound", _loudness(scores.times, sound), _SOUND))
    total: NDArray[np.float64] = np.sum([most * strength for _, strength, most in shifts], axis=0)
    if not total.any():
        return scores
    plane = scores.plane.copy()
    plane[:, 1] = np.clip(plane[:, 1] + total, -1, 1)
    # At the edge of the plane a shift goes less far.
    kept = np.divide(
        plane[:, 1] - scores.plane[:, 1], total, out=np.ones(len(scores)), where=total != 0
    )
    rows: list[EvidenceRow] = [()] * len(scores)
    for source, strength, most in shifts:
        for place, value in enumerate(strength):
            if value:
                went = most * value * kept[place]
                rows[place] += (Evidence(source, source, abs(value), 0.0, went),)
    values = scores.values
    if space is not None:
        values = _moved(values, scores.plane, plane, space, temperature)
    evidence = scores.evidence or [()] * len(scores)
    told = [(*before, *after) for before, after in zip(evidence, rows, strict=True)]
    return MoodScores(scores.times, scores.labels, values, plane, told)


def _moved(
    values: NDArray[np.float64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    space: MoodSpace,
    temperature: float,
) -> NDArray[np.float64]:
    """Re-weigh scores by how much nearer each mood has come."""
    points = space.plane[None]
    nearer = ((before[:, None] - points) ** 2).sum(2) - ((after[:, None] - points) ** 2).sum(2)
    moved = values * np.exp(nearer / (2 * temperature**2))
    sums = moved.sum(axis=1, keepdims=True)
    moved *= values.sum(axis=1, keepdims=True) / np.where(sums > 0, sums, 1)
    clipped: NDArray[np.float64] = np.clip(moved, 0, 1)
    return clipped


def _motion(times: NDArray[np.float64], shots: Shots) -> NDArray[np.float64]:
    """How much more or less than usual moves around each time, in [-1, 1]."""
    if not len(shots.activity) or np.median(shots.activity) < _STILL:
        return np.zeros(len(times))
    activity = _smoothed(times, shots.activity_times, shots.activity, _MOTION_SECONDS)
    octaves = np.log2(np.maximum(activity, _STILL)) / _OCTAVES
    if shots.activity_is_guessed:
        # What is guessed from sizes of packets is a hint (see benchmarks/README.md), and little
        # spent on a film is the work of its encoder as often as of its picture.
        return _TRUST_IN_GUESSES * np.clip(octaves, 0, 1)
    strength: NDArray[np.float64] = np.clip(octaves, -1, 1)
    return strength


def _cutting(times: NDArray[np.float64], shots: Shots) -> NDArray[np.float64]:
    """How much denser than usual cuts are around each time, in [0, 1]."""
    if not len(shots.cuts):
        return np.zeros(len(times))
    # Counted by the second, so that hours of frames do not meet thousands of cuts.
    counts = np.bincount(shots.cuts.astype(np.int64), minlength=int(shots.duration) + 1)
    reach = np.arange(-4 * _CUTS_SECONDS, 4 * _CUTS_SECONDS + 1)
    bell = np.exp(-0.5 * (reach / _CUTS_SECONDS) ** 2)
    around = np.convolve(counts, bell, mode="full")[len(reach) // 2 :][: len(counts)]
    rate = 60 * np.interp(times, np.arange(len(counts)) + 0.5, around) / bell.sum()
    octaves = np.log2(np.maximum(rate, _USUAL_CUTS) / _USUAL_CUTS) / _OCTAVES
    strength: NDArray[np.float64] = np.clip(octaves, 0, 1)
    return strength


def _loudness(times: NDArray[np.float64], sound: Curve) -> NDArray[np.float64]:
    """How much louder than the whole it is around each time, in [-1, 1]."""
    power = 10 ** (sound[1] / 10)
    if not (sound[1] > _SILENT_DB).any():
        return np.zeros(len(times))
    usual = 10 * np.log10(power[sound[1] > _SILENT_DB].mean())
    level = 10 * np.log10(_smoothed(times, sound[0], power, _SOUND_SECONDS))
    strength: NDArray[np.float64] = np.clip((level - usual) / _LOUD_DB, -1, 1)
    return strength


def _smoothed(
    times: NDArray[np.float64],
    at: NDArray[np.float64],
    values: NDArray[np.float64],
    seconds: float,
) -> NDArray[np.float64]:
    """Mean of a curve around each time, under a bell of this standard deviation."""
    means = np.empty(len(times))
    for place, time in enumerate(times):
        # Only what lies under the bell, so that hours of curve do not meet hours of frames.
        first, last = np.searchsorted(at, [time - 4 * seconds, time + 4 * seconds])
        if last <= first:
            means[place] = np.interp(time, at, values)
            continue
        bell = np.exp(-0.5 * ((at[first:last] - time) / seconds) ** 2)
        means[place] = bell @ values[first:last] / max(bell.sum(), 1e-300)
    return means
