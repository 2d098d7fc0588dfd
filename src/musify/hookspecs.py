"""The hooks a plugin implements, and the marker to do it with.

A backend hook yields records with a name the user types; the user's choice decides, never the
order of installation. An observer's return value is ignored, and its failure is logged, never
raised.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic

import pluggy
from typing_extensions import TypeVar

from musify.errors import ParameterError

if TYPE_CHECKING:
    from pathlib import Path

    from musify.interfaces import (
        AudioMuxer,
        FrameSampler,
        MoodAggregator,
        MoodClassifier,
        SongLibrary,
        TrackSelector,
    )
    from musify.video import VideoInfo

__all__ = ["BackendSpec", "hookimpl"]

PROJECT: Final = "musify"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function as the implementation of the hook it is named after."""

T = TypeVar("T", default=Any)
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class BackendSpec(Generic[T]):
    """A backend on offer.

    Parameters
    ----------
    name : str
        What the user types: lower case letters, digits and single hyphens.
    factory : str or callable
        The class, or ``"package.module:Class"``, which is imported on first use.
    summary : str, default ""
        One line for lists.
    install : str, optional
        What to give to ``pip install`` when the import fails.

    Raises
    ------
    ParameterError
        If the name or the factory is malformed.
    """

    name: str
    factory: str | Callable[..., T]
    summary: str = ""
    install: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise ParameterError(
                f"a backend's name is lower case letters, digits and hyphens, got {self.name!r}"
            )
        factory: object = self.factory  # whatever its type says
        if isinstance(factory, str):
            module, _, attribute = factory.partition(":")
            if not (module and attribute and ":" not in attribute):
                raise ParameterError(
                    f"the factory of {self.name!r} must be 'package.module:Class', got {factory!r}"
                )
        elif not callable(factory):
            made = type(factory)
            message = f"the factory of {self.name!r} cannot be called: {factory!r}"
            if made.__module__ != "builtins":
                message += f"; give the class {made.__name__}, without ()"
            raise ParameterError(message)


@hookspec
def musify_frame_samplers() -> Iterable[BackendSpec["FrameSampler"]]:
    """Offer ways to take pictures out of a video."""
    return ()


@hookspec
def musify_mood_classifiers() -> Iterable[BackendSpec["MoodClassifier"]]:
    """Offer ways to see the mood of a picture."""
    return ()


@hookspec
def musify_mood_aggregators() -> Iterable[BackendSpec["MoodAggregator"]]:
    """Offer ways to follow the mood over time."""
    return ()


@hookspec
def musify_track_selectors() -> Iterable[BackendSpec["TrackSelector"]]:
    """Offer ways to choose or make music."""
    return ()


@hookspec
def musify_audio_muxers() -> Iterable[BackendSpec["AudioMuxer"]]:
    """Offer ways to write the video with its new sound."""
    return ()


@hookspec
def musify_song_libraries() -> Iterable[BackendSpec["SongLibrary"]]:
    """Offer collections of music."""
    return ()


@hookspec
def musify_run_started(video: "VideoInfo", output: "Path") -> None:
    """Observe that a run begins.

    Parameters
    ----------
    video : VideoInfo
        The input.
    output : Path
        Where the result will stand.
    """


@hookspec
def musify_stage_finished(stage: str, seconds: float, result: object) -> None:
    """Observe that a stage of a run is done.

    Parameters
    ----------
    stage : str
        ``"probe"``, ``"classify"``, ``"shots"``, ``"aggregate"``, ``"select"`` or
        ``"mux"``.
    seconds : float
        How long it took.
    result : object
        What it returned.
    """


@hookspec
def musify_run_failed(stage: str, error: BaseException) -> None:
    """Observe that a run ends with an error, which is raised after this.

    Parameters
    ----------
    stage : str
        Where it happened.
    error : BaseException
        What is raised; KeyboardInterrupt too.
    """
