"""Asking a selector for music, with all that it can take."""

import inspect
from collections.abc import Callable
from typing import Any

from numpy.typing import ArrayLike

from musify.cues import CueSheet, Original
from musify.errors import ParameterError
from musify.interfaces import SongLibrary, TrackSelector
from musify.plugins import provider_of
from musify.timeline import MoodTimeline
from musify.video import VideoInfo

__all__ = ["select_for", "speech_finder", "suggester"]


def speech_finder(video: VideoInfo, original: Original) -> Callable[[], ArrayLike] | None:
    """Return what listens for speech when it is asked, or None where none will be heard."""
    if original != "keep" or not video.has_audio:
        return None

    def find() -> ArrayLike:
        from musify.audio.speech import find_speech  # noqa: PLC0415 - it loads a network

        return find_speech(video).intervals

    return find


def select_for(
    selector: TrackSelector,
    timeline: MoodTimeline,
    library: SongLibrary | None,
    video: VideoInfo,
    original: Original,
) -> CueSheet:
    """Let a selector choose; one whose method takes ``speech`` is told how to find it."""
    more: dict[str, Any] = {}
    if "speech" in inspect.signature(selector.select).parameters:
        more["speech"] = speech_finder(video, original)
    return selector.select(timeline, library, **more)


def suggester(selector: TrackSelector) -> Any:
    """Return the method of a selector that names several songs.

    Raises
    ------
    ParameterError
        If it has none.
    """
    method = getattr(selector, "suggest", None)
    if not callable(method):
        raise ParameterError(
            f"the track_selector {provider_of(selector)} names no candidates; use 'nearest'"
        )
    return method
