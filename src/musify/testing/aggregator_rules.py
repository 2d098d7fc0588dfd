"""The rules of :class:`musify.MoodAggregator`."""

from typing import Final

import numpy as np

from musify.errors import ParameterError
from musify.interfaces import MoodAggregator
from musify.scores import MoodScores
from musify.shots import Shots
from musify.testing.rules import Bench, Rule, held, require, rule
from musify.timeline import MoodTimeline

__all__ = ["AGGREGATOR_RULES"]

AGGREGATOR_RULES: Final[dict[str, Rule]] = {}
_LABELS: Final = ("calm", "happy", "sad")
_DURATION: Final = 60.0
_SHOTS: Final = Shots([0, 11.5, 30, 60], [0.5, 0.9], [], [])


def _scores() -> MoodScores:
    rng = np.random.default_rng(440)
    times = np.sort(rng.uniform(0, _DURATION, 20))
    return MoodScores(times, _LABELS, rng.uniform(0, 1, (20, 3)))


def _happy(*times: float) -> MoodScores:
    return MoodScores(times, _LABELS, [[0, 1, 0]] * len(times))


def _aggregate(
    aggregator: MoodAggregator, scores: MoodScores, shots: Shots | None = _SHOTS
) -> MoodTimeline:
    return aggregator.aggregate(scores, shots, duration=_DURATION)


@rule(AGGREGATOR_RULES)
def labels_are_those_of_the_scores(aggregator: MoodAggregator, bench: Bench) -> None:
    """Every label of the timeline is one of the scores."""
    labels = _aggregate(aggregator, _scores()).labels
    require(set(labels) <= set(_LABELS), f"scores of {_LABELS} gave {labels}")


@rule(AGGREGATOR_RULES)
def the_whole_video_is_covered(aggregator: MoodAggregator, bench: Bench) -> None:
    """The timeline goes from 0 to the duration."""
    timeline = _aggregate(aggregator, _scores())
    require(isinstance(timeline, MoodTimeline), f"it gave a {type(timeline).__name__}")
    ends = (float(timeline.edges[0]), timeline.duration)
    require(ends == (0.0, _DURATION), f"a video of {_DURATION:g} s is covered from, to {ends} s")


@rule(AGGREGATOR_RULES)
def cuts_may_be_unknown(aggregator: MoodAggregator, bench: Bench) -> None:
    """Shots may be None, and the timeline is then whole too."""
    duration = _aggregate(aggregator, _scores(), None).duration
    require(duration == _DURATION, f"without shots the timeline ends at {duration:g} s")


@rule(AGGREGATOR_RULES)
def one_frame_is_enough(aggregator: MoodAggregator, bench: Bench) -> None:
    """From a single frame the whole video has its mood."""
    labels = _aggregate(aggregator, _happy(5.0)).labels
    require(labels == ("happy",), f"a single happy frame gave {labels}")


@rule(AGGREGATOR_RULES)
def frames_may_stand_at_the_ends(aggregator: MoodAggregator, bench: Bench) -> None:
    """A frame may stand at the very start and at the very end."""
    labels = _aggregate(aggregator, _happy(0.0, _DURATION)).labels
    require("happy" in labels, f"two happy frames gave {labels}")


@rule(AGGREGATOR_RULES)
def no_frame_is_refused(aggregator: MoodAggregator, bench: Bench) -> None:
    """Scores without a frame raise ParameterError."""
    with held(ParameterError, "without a frame"):
        _aggregate(aggregator, MoodScores([], _LABELS, np.ones((0, 3))))


@rule(AGGREGATOR_RULES)
def late_frames_are_refused(aggregator: MoodAggregator, bench: Bench) -> None:
    """A frame later than the duration raises ParameterError."""
    with held(ParameterError, "with a frame after the end"):
        _aggregate(aggregator, _happy(1.0, _DURATION + 0.001))


@rule(AGGREGATOR_RULES)
def timelines_are_the_same_each_time(aggregator: MoodAggregator, bench: Bench) -> None:
    """The same arguments give the same timeline."""
    one, other = (_aggregate(aggregator, _scores()) for _ in range(2))
    require(one.labels == other.labels, f"labels were {one.labels}, then {other.labels}")
    for name in ("edges", "confidence", "plane", "cuts", "scores"):
        same = np.array_equal(getattr(one, name), getattr(other, name))
        require(same, f"{name} differ the second time")
