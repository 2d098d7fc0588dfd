"""Asking a selector for music, with all that it can take."""

import inspect
from collections.abc import Callable
from typing import Any

from numpy.typing import ArrayLike

from musify._own_sound import HeardVideo
from musify.cues import CueSheet
from musify.errors import ParameterError
from musify.interfaces import SongLibrary, TrackSelector
from musify.plugins import provider_of
from musify.shots import Shots
from musify.timeline import MoodTimeline

__all__ = ["library_for", "select_for", "speech_finder", "suggester"]


def speech_finder(heard: HeardVideo) -> Callable[[], ArrayLike] | None:
    """Return what listens for speech when it is asked, or None where none will be heard."""
    return (lambda: heard.speech.intervals) if heard.stays else None


def select_for(
    selector: TrackSelector,
    timeline: MoodTimeline,
    library: SongLibrary | None,
    heard: HeardVideo,
    shots: Shots | None,
) -> CueSheet:
    """Let a selector choose, and tell it what its method takes: speech, when asked, and shots."""
    known = {"speech": speech_finder(heard), "shots": shots}
    takes = inspect.signature(selector.select).parameters
    more: dict[str, Any] = {name: value for name, value in known.items() if name in takes}
    return selector.select(timeline, library_for(timeline, library), **more)


def library_for(timeline: MoodTimeline, library: SongLibrary | None) -> SongLibrary | None:
    """Let a library know what it will be chosen from for."""
    return None if library is None else library.suited_to(timeline)


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
