"""Scenes rather than frames: the segments that are expected to be right for the longest time."""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from musify._checks import number
from musify._semi_markov import Floats, likeliest, posterior
from musify.aggregation import Segment, check_scores, make_timeline
from musify.interfaces import MoodAggregator
from musify.scores import MoodScores
from musify.shots import Shots
from musify.timeline import MoodTimeline, uncertain_below

__all__ = ["ScenesAggregator"]

# The numbers below, and the defaults, were chosen with tools/simulate_scenes.py.
# A classifier errs more than the spread of its scores admits: this share of them is evidence.
_TRUST: Final = 0.8
# A score of 0 is not proof. Shared out among the moods.
_FLOOR: Final = 0.02
# Frames whose scores differ by less (total variation, 0 to 1) show the same thing; those that
# differ by more than the greater number show another as surely as if a cut were known.
_SAME: Final = 0.05
_OTHER: Final = 0.45
# Where cuts are not known they must be reckoned with: pictures become others this much sooner.
_SOONER: Final = 3.0
# Pictures of one scene share a place and a light, and so a classifier's error: their correlation.
_ALIKE_IN_SCENE: Final = 0.05
# Seconds that a change must gain to be worth hearing, and as many again where nothing is cut.
_LEAST_GAIN: Final = 1.0
# Within this many seconds of a cut, a change belongs on it.
_NEAR_CUT: Final = 2.0
# A cut this many seconds after a frame is that frame's own: cut times are right to one frame only,
# and encoders put key frames on cuts.
_CUT_REACH: Final = 0.05


class ScenesAggregator(MoodAggregator):
    """Covers the video with scenes of one mood each, changing on cuts where there is one near.

    A frame stands for the time around it, up to half way to its neighbours, or up to the strongest
    cut between them where cuts are known. What its scores say is taken as a likelihood, tempered
    because frames that show the same thing err alike. A frame after a cut, or with scores quite
    unlike those before, is a new picture; any other, ``dt`` seconds later, only
    ``tanh(dt / (2 persistence))`` of one: what an autoregressive process of that time constant
    tells anew. The frames of a shot share evenly what it tells.

    Moods follow each other in a semi-Markov model: each lasts at least ``min_duration``, unless
    the video is shorter. A change costs ``change_penalty``, and up to ``off_cut_penalty`` more
    where there is no cut: all of it within 2 s of one, elsewhere the less, the more the scores
    themselves jump. Summing over all sequences, forward and backward [1]_, gives the probability
    of each mood at each moment; the timeline is the one that is expected to be right for the
    longest time, found exactly; a change must gain a second. Time and memory are proportional to
    the number of frames.

    The confidence of a scene is the mean probability of its mood over its time, tempered once
    more: pictures of a scene are correlated by 0.05, so ``p`` of them weigh as much as
    ``p / (1 + 0.05 (p - 1))`` [2]_. Scores that tell nothing give one over the number of moods.
    A scene whose confidence is low is :attr:`~musify.MoodTimeline.uncertain`, and its point in the
    plane is drawn towards a quiet one, the more the less sure it is: music of the wrong mood
    misleads [3]_, and a wrong intensity disturbs more than a wrong category [4]_. Where a scene
    begins or ends with a long stretch that is uncertain, the stretch is a segment of its own.

    Parameters
    ----------
    min_duration : float, default 8
        Seconds that a mood lasts at least; 0 or more.
    change_penalty : float, default 1.25
        How much less likely a change is than none, as a natural logarithm; 0 or more.
    off_cut_penalty : float, default 1.5
        How much less likely a change is where nothing is cut, as a natural logarithm; 0 or more.
    persistence : float, default 15
        Seconds in which a picture without a cut becomes another, a third of that where no cuts are
        given; above 0.

    Raises
    ------
    ParameterError
        If a number is outside its range.

    References
    ----------
    .. [1] S.-Z. Yu, "Hidden semi-Markov models", Artificial Intelligence 174(2), 2010.
    .. [2] Leslie Kish, "Survey Sampling", Wiley, 1965: the design effect of clusters.
    .. [3] M. G. Boltz, "Musical soundtracks as a schematic influence on the cognitive processing
       of filmed events", Music Perception 18(4), 2001.
    .. [4] Chen et al., on soundtracks for audio books, Interspeech 2022.

    Examples
    --------
    >>> scores = MoodScores([0, 5, 10, 15], ("calm", "tense"),
    ...                     [[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9]])
    >>> timeline = ScenesAggregator(min_duration=5).aggregate(scores, None, duration=20.0)
    >>> timeline.labels, timeline.edges.tolist()
    (('calm', 'tense'), [0.0, 7.5, 20.0])
    """

    def __init__(
        self,
        min_duration: float = 8.0,
        change_penalty: float = 1.25,
        off_cut_penalty: float = 1.5,
        persistence: float = 15.0,
    ) -> None:
        self.min_duration = number("min_duration", min_duration, low=0)
        self.change_penalty = number("change_penalty", change_penalty, low=0)
        self.off_cut_penalty = number("off_cut_penalty", off_cut_penalty, low=0)
        self.persistence = number("persistence", persistence, above=0)

    def __repr__(self) -> str:
        return (
            f"ScenesAggregator(min_duration={self.min_duration}, "
            f"change_penalty={self.change_penalty}, off_cut_penalty={self.off_cut_penalty}, "
            f"persistence={self.persistence})"
        )

    @override
    def aggregate(
        self, scores: MoodScores, shots: Shots | None, *, duration: float
    ) -> MoodTimeline:
        check_scores(scores, duration)
        edges, at_cut = _cell_edges(scores.times, shots, duration)
        widths = np.diff(edges)
        shares = _shares(scores.values)
        jumps = _jumps(shares)
        lasting = self.persistence / (_SOONER if shots is None else 1.0)
        pictures = _pictures(scores.times, widths, jumps, at_cut, lasting)
        evidence = _TRUST * pictures[:, None] * np.log(shares + _FLOOR / shares.shape[1])
        off_cut = _off_cut(edges, jumps, at_cut)
        prices = self.change_penalty + self.off_cut_penalty * off_cut
        probable = posterior(evidence, edges, prices, self.min_duration)
        # Rounded, so that the last bit of a sum does not decide between equal moods.
        expected = np.round(probable, 9) * widths[:, None]
        gains = _LEAST_GAIN * (1 + off_cut)
        segments: list[Segment] = []
        confidence: list[float] = []
        for scene in likeliest(expected, edges, gains, self.min_duration):
            parts = self._sure_and_not(scene, probable, edges, gains)
            sure = [_confidence(part, probable, widths, pictures) for part in parts]
            if len({one < uncertain_below(shares.shape[1]) for one in sure}) == 1:
                parts, sure = [scene], [_confidence(scene, probable, widths, pictures)]
            segments += parts
            confidence += sure
        return make_timeline(
            scores,
            edges,
            segments,
            weights=widths,
            shots=shots,
            confidence=confidence,
            quiet_when_unsure=True,
        )

    def _sure_and_not(
        self, scene: Segment, probable: Floats, edges: Floats, gains: Floats
    ) -> list[Segment]:
        """Split a scene where it is uncertain for long: a mood that merely was is no mood."""
        start, end, mood = scene
        surer = probable[start:end, mood] - uncertain_below(probable.shape[1])
        lasting = (surer * np.diff(edges[start : end + 1]))[:, None] * [1.0, -1.0]
        here = slice(start, end + 1)
        parts = likeliest(lasting, edges[here], gains[here], self.min_duration)
        return [(start + first, start + after, mood) for first, after, _ in parts]


def _pictures(
    times: Floats, widths: Floats, jumps: Floats, at_cut: NDArray[np.bool_], lasting: float
) -> Floats:
    """Count the independent pictures that each frame stands for, at most 1; shape ``(n,)``."""
    news = np.maximum(np.tanh(np.diff(times) / (2 * lasting)), jumps)
    news[at_cut[1:-1]] = 1.0
    # Each frame has half of what is new before it, and half of what is new after it.
    pictures = (np.append(1.0, news) + np.append(news, 1.0)) / 2
    if at_cut.any():  # frames of a shot share evenly, so that none at its ends decides alone
        shot = np.cumsum(at_cut[:-1])
        total, length = np.bincount(shot, pictures), np.bincount(shot, widths)
        pictures = total[shot] * widths / np.where(length > 0, length, 1)[shot]
    shared: Floats = np.minimum(1.0, pictures)
    return shared


def _shares(values: Floats) -> Floats:
    """Scores that sum to 1; rows that are all 0 tell nothing, and are all equal."""
    sums = values.sum(axis=1, keepdims=True)
    shares: Floats = np.where(sums > 0, values / np.where(sums > 0, sums, 1), 1 / values.shape[1])
    return shares


def _jumps(shares: Floats) -> Floats:
    """How surely each frame but the first shows another thing than the one before, in [0, 1]."""
    differ = np.abs(np.diff(shares, axis=0)).sum(axis=1) / 2
    jumps: Floats = np.clip((differ - _SAME) / (_OTHER - _SAME), 0, 1)
    return jumps


def _off_cut(edges: Floats, jumps: Floats, at_cut: NDArray[np.bool_]) -> Floats:
    """How little a change belongs on each edge, in [0, 1], shape ``(n + 1,)``."""
    off_cut = np.concatenate([[0.0], 1 - jumps, [0.0]])
    if at_cut.any():
        cuts = edges[at_cut]
        after = np.searchsorted(cuts, edges)
        gaps = np.abs(
            edges - cuts[[np.clip(after - 1, 0, None), np.clip(after, None, len(cuts) - 1)]]
        )
        off_cut[gaps.min(axis=0) <= _NEAR_CUT] = 1.0
        off_cut[at_cut] = 0.0
    return off_cut


def _confidence(segment: Segment, probable: Floats, widths: Floats, pictures: Floats) -> float:
    start, end, mood = segment
    mean = widths[start:end] @ probable[start:end] / widths[start:end].sum()
    clustered = 1 + _ALIKE_IN_SCENE * max(pictures[start:end].sum() - 1, 0.0)
    # log: a probability of 0 is below the smallest float, not impossible.
    tempered = np.exp(np.log(np.maximum(mean, 1e-300)) / clustered)
    return float(tempered[mood] / tempered.sum())


def _cell_edges(
    times: Floats, shots: Shots | None, duration: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Where the time that each frame stands for begins and ends, and which of it is a cut.

    Returns
    -------
    tuple of ndarray, ndarray
        Both of shape ``(n + 1,)``.
    """
    between = (times[:-1] + times[1:]) / 2
    at_cut = np.zeros(len(times) + 1, dtype=np.bool_)
    if shots is not None:
        # Never as far as the middle between two frames, so that edges keep their order.
        reach = np.minimum(_CUT_REACH, np.diff(np.append(times, duration)) / 4)
        for place, (early, late) in enumerate(pairwise(times + reach)):
            first, after = np.searchsorted(shots.cuts, [early, late], side="right")
            if first < after:
                between[place] = shots.cuts[first + np.argmax(shots.strength[first:after])]
                at_cut[place + 1] = True
    return np.concatenate([[0.0], between, [duration]]), at_cut
