"""The rules of each interface as plain functions, for a notebook or any other test runner."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from musify._ffmpeg import StrPath
from musify.errors import ParameterError
from musify.interfaces import (
    AudioMuxer,
    FrameSampler,
    MoodAggregator,
    MoodClassifier,
    SongLibrary,
    TrackSelector,
)
from musify.plugins import INTERFACES, how_to_be
from musify.testing.aggregator_rules import AGGREGATOR_RULES
from musify.testing.classifier_rules import CLASSIFIER_RULES
from musify.testing.library_rules import LIBRARY_RULES
from musify.testing.muxer_rules import MUXER_RULES
from musify.testing.rules import Bench, ContractError, Rule, check_exceptions
from musify.testing.sampler_rules import SAMPLER_RULES
from musify.testing.selector_rules import SELECTOR_RULES

__all__ = [
    "RULES",
    "check_audio_muxer",
    "check_frame_sampler",
    "check_mood_aggregator",
    "check_mood_classifier",
    "check_song_library",
    "check_track_selector",
]

RULES: Final[Mapping[str, Mapping[str, Rule]]] = {
    "frame_sampler": SAMPLER_RULES,
    "mood_classifier": CLASSIFIER_RULES,
    "mood_aggregator": AGGREGATOR_RULES,
    "track_selector": SELECTOR_RULES,
    "song_library": LIBRARY_RULES,
    "audio_muxer": MUXER_RULES,
}
"""The rules of each kind, by their names."""


def check_frame_sampler(
    sampler: FrameSampler,
    *,
    exceptions: Mapping[str, str] | None = None,
    video: StrPath | None = None,
) -> None:
    """Hold the rules of :class:`musify.FrameSampler` against a sampler; needs psutil.

    Parameters
    ----------
    sampler : FrameSampler
        What is judged.
    exceptions : dict of str to str, optional
        Rules that it may break, each with the reason why.
    video : path-like, optional
        A short video to try on; one of 12 s is made by default.

    Raises
    ------
    ContractError
        If a rule is broken, or an exception is not needed any more; the message names each.
    ParameterError
        If an exception names no rule, or gives no reason.
    MissingExtraError
        If psutil is not installed.
    """
    _check("frame_sampler", sampler, exceptions, video)


def check_mood_classifier(
    classifier: MoodClassifier, *, exceptions: Mapping[str, str] | None = None
) -> None:
    """Hold the rules of :class:`musify.MoodClassifier` against a classifier.

    Parameters
    ----------
    classifier : MoodClassifier
        What is judged.
    exceptions : dict of str to str, optional
        Rules that it may break, each with the reason why.

    Raises
    ------
    ContractError
        If a rule is broken, or an exception is not needed any more; the message names each.
    ParameterError
        If an exception names no rule, or gives no reason.

    Examples
    --------
    >>> check_mood_classifier(get_backend("mood_classifier", "palette"))
    """
    _check("mood_classifier", classifier, exceptions)


def check_mood_aggregator(
    aggregator: MoodAggregator, *, exceptions: Mapping[str, str] | None = None
) -> None:
    """Hold the rules of :class:`musify.MoodAggregator` against an aggregator.

    Parameters
    ----------
    aggregator : MoodAggregator
        What is judged.
    exceptions : dict of str to str, optional
        Rules that it may break, each with the reason why.

    Raises
    ------
    ContractError
        If a rule is broken, or an exception is not needed any more; the message names each.
    ParameterError
        If an exception names no rule, or gives no reason.

    Examples
    --------
    >>> check_mood_aggregator(get_backend("mood_aggregator", "majority"))
    """
    _check("mood_aggregator", aggregator, exceptions)


def check_track_selector(
    selector: TrackSelector, *, exceptions: Mapping[str, str] | None = None
) -> None:
    """Hold the rules of :class:`musify.TrackSelector` against a selector.

    The songs that it is given are names alone: no file stands behind them.

    Parameters
    ----------
    selector : TrackSelector
        What is judged.
    exceptions : dict of str to str, optional
        Rules that it may break, each with the reason why.

    Raises
    ------
    ContractError
        If a rule is broken, or an exception is not needed any more; the message names each.
    ParameterError
        If an exception names no rule, or gives no reason.
    """
    _check("track_selector", selector, exceptions)


def check_song_library(
    library: SongLibrary, *, exceptions: Mapping[str, str] | None = None
) -> None:
    """Hold the rules of :class:`musify.SongLibrary` against a library.

    Parameters
    ----------
    library : SongLibrary
        What is judged; it must hold a track or more.
    exceptions : dict of str to str, optional
        Rules that it may break, each with the reason why.

    Raises
    ------
    ContractError
        If a rule is broken, or an exception is not needed any more; the message names each.
    ParameterError
        If an exception names no rule, or gives no reason.
    """
    _check("song_library", library, exceptions)


def check_audio_muxer(
    muxer: AudioMuxer,
    *,
    exceptions: Mapping[str, str] | None = None,
    video: StrPath | None = None,
) -> None:
    """Hold the rules of :class:`musify.AudioMuxer` against a muxer.

    Parameters
    ----------
    muxer : AudioMuxer
        What is judged.
    exceptions : dict of str to str, optional
        Rules that it may break, each with the reason why.
    video : path-like, optional
        A short video with sound to try on; one of 12 s is made by default.

    Raises
    ------
    ContractError
        If a rule is broken, or an exception is not needed any more; the message names each.
    ParameterError
        If an exception names no rule, or gives no reason.
    """
    _check("audio_muxer", muxer, exceptions, video)


def check_made(kind: str, backend: object) -> None:
    """Refuse a class where its instance is meant, and nothing at all."""
    __tracebackhide__ = True  # of pytest: how it is judged helps nobody
    if backend is None:
        raise ParameterError(
            f"what is judged is a {kind}, got None; have you forgotten the return?"
        )
    if isinstance(backend, type):
        raise ParameterError(
            f"what is judged is a {kind}, got the class {backend.__name__}; "
            f"{how_to_be(backend, INTERFACES[kind])}"
        )


def _check(
    kind: str,
    backend: object,
    exceptions: Mapping[str, str] | None,
    video: StrPath | None = None,
) -> None:
    check_made(kind, backend)
    excepted = exceptions or {}
    check_exceptions(RULES[kind], excepted)
    clip = None if video is None else Path(video)
    found: list[str] = []
    broken: dict[str, list[Rule]] = {}
    for name, one in RULES[kind].items():
        with tempfile.TemporaryDirectory(prefix="musify-check-") as folder:
            try:
                one.hold(backend, Bench(Path(folder), clip))
            except ContractError as error:
                if name not in excepted:
                    broken.setdefault(error.what, []).append(one)
            else:
                if name in excepted:
                    found.append(
                        f"{type(backend).__name__} keeps the rule {name!r} ({one.says}): take away "
                        f"its exception ({excepted[name]})"
                    )
    found += [_told(backend, rules, what) for what, rules in broken.items()]
    if found:
        raise ContractError("\n".join(found))


def _told(backend: object, rules: Sequence[Rule], what: str) -> str:
    """Say which rules are broken by one fault, and the fault once."""
    if len(rules) == 1:
        return rules[0].broken_by(backend, what)
    names = ", ".join(repr(one.name) for one in rules)
    return f"{type(backend).__name__} breaks {len(rules)} rules: {what}\n    ({names})"
