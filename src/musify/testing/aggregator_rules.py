"""The rules of :class:`musify.MoodAggregator`."""

from typing import Final

import numpy as np

from musify.errors import ParameterError
from musify.interfaces import MoodAggregator
from musify.scores import MoodScores
from musify.shots import Shots
from musify.testing.rules import Bench, Rule, held, require, rule
from musify.testing.surroundings import require_nothing_else_changes
from musify.timeline import MoodTimeline

__all__ = ["AGGREGATOR_RULES"]

AGGREGATOR_RULES: Final[dict[str, Rule]] = {}
_LABELS: Final = ("calm", "happy", "sad")
# No whole number of frames, and none that single precision holds.
_DURATION: Final = 60.123
_SHOTS: Final = Shots([0, 11.5, 30, _DURATION], [0.5, 0.9], [], [])


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
def there_may_be_no_cut(aggregator: MoodAggregator, bench: Bench) -> None:
    """A video may be a single shot, without a cut."""
    shots = Shots([0, _DURATION], [], [], [])
    found = _aggregate(aggregator, _scores(), shots)
    require(isinstance(found, MoodTimeline), f"it gave a {type(found).__name__}")


@rule(AGGREGATOR_RULES)
def one_mood_is_enough(aggregator: MoodAggregator, bench: Bench) -> None:
    """Scores may be of a single mood."""
    scores = MoodScores([1.0, 2.0, 40.0], ["calm"], [[0.9], [0.2], [0.5]])
    found = _aggregate(aggregator, scores)
    require(isinstance(found, MoodTimeline), f"it gave a {type(found).__name__}")


@rule(AGGREGATOR_RULES)
def moods_may_have_any_name(aggregator: MoodAggregator, bench: Bench) -> None:
    """Moods may have names that musify does not know, as long as scores tell where they stand."""
    names = ("golden hour", "grey", "neon")
    scores = MoodScores([1.0, 20.0, 40.0], names, np.eye(3), [[0.6, -0.2], [-0.3, -0.4], [0, 0.8]])
    labels = _aggregate(aggregator, scores).labels
    require(set(labels) <= set(names), f"scores of {names} gave {labels}")


@rule(AGGREGATOR_RULES)
def scores_may_be_zero(aggregator: MoodAggregator, bench: Bench) -> None:
    """A frame may show none of the moods; rows of scores need not sum to 1."""
    scores = MoodScores([1.0, 20.0, 40.0], _LABELS, np.zeros((3, 3)))
    found = _aggregate(aggregator, scores)
    require(isinstance(found, MoodTimeline), f"it gave a {type(found).__name__}")


@rule(AGGREGATOR_RULES)
def a_video_may_be_short(aggregator: MoodAggregator, bench: Bench) -> None:
    """A video may be as short as two frames."""
    shots = Shots([0, 0.04, 0.08], [0.5], [], [])
    labels = aggregator.aggregate(_happy(0.0, 0.04), shots, duration=0.08).labels
    require(set(labels) == {"happy"}, f"two happy frames, 0.08 s of video, gave {labels}")


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
    """The same arguments give the same timeline, whatever was asked for meanwhile."""
    one = _aggregate(aggregator, _scores())
    _aggregate(aggregator, _happy(1.0, 2.0))
    other = _aggregate(aggregator, _scores())
    require(one.labels == other.labels, f"labels were {one.labels}, then {other.labels}")
    for name in ("edges", "confidence", "plane", "cuts", "scores"):
        same = np.array_equal(getattr(one, name), getattr(other, name))
        require(same, f"{name} differ the second time")


@rule(AGGREGATOR_RULES)
def nothing_else_changes(aggregator: MoodAggregator, bench: Bench) -> None:
    """Nothing is printed, changed for others, or left: settings, random numbers, files, threads."""
    require_nothing_else_changes(lambda: _aggregate(aggregator, _scores()), bench)
