"""Asking a selector for music, with all that it can take."""

import inspect
import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from musify._look import Looked
from musify._own_sound import HeardVideo, settled
from musify._run import Run, brief
from musify._watched_library import watched_library
from musify.audio.ducking import Ducking
from musify.cues import CueSheet
from musify.errors import BackendError, ParameterError
from musify.interfaces import SongLibrary, TrackSelector
from musify.origins import VideoOrigin
from musify.plugins import provider_of
from musify.shots import Shots
from musify.timeline import MoodTimeline

__all__ = ["library_for", "planned", "select_for", "speech_finder", "suggester"]

log = logging.getLogger(__name__)


def speech_finder(heard: HeardVideo, run: Run | None = None) -> Callable[[], ArrayLike] | None:
    """Return what listens for speech when it is asked, or None where none will be heard."""

    def find() -> ArrayLike:
        with nullcontext() if run is None else run.blame.off():
            return heard.speech.intervals

    return find if heard.stays else None


def select_for(
    run: Run,
    selector: TrackSelector,
    timeline: MoodTimeline,
    library: SongLibrary | None,
    heard: HeardVideo,
    shots: Shots | None,
) -> CueSheet:
    """Let a selector choose, and tell it what its method takes: speech, when asked, and shots."""
    known = {"speech": speech_finder(heard, run), "shots": shots}
    takes = inspect.signature(selector.select).parameters
    more: dict[str, Any] = {name: value for name, value in known.items() if name in takes}
    return selector.select(timeline, library_for(run, timeline, library), **more)


def planned(
    run: Run,
    selector: TrackSelector,
    library: SongLibrary | None,
    heard: HeardVideo,
    looked: Looked,
    origin: VideoOrigin | None,
) -> tuple[CueSheet, Ducking | None]:
    """Let a selector choose, check its sheet, and settle how loud all is and where it steps back.

    Raises
    ------
    BackendError
        If it gives something else than a cue sheet as long as the video.
    """
    info = heard.video
    with run.stage("select") as finish:
        with run.blamed("track_selector", selector):
            sheet = select_for(run, selector, looked.timeline, library, heard, looked.shots)
        who = f"the track_selector {provider_of(selector)}"
        if not isinstance(sheet, CueSheet):
            raise BackendError(f"{who} returned {brief(sheet)} instead of a CueSheet")
        if abs(sheet.duration - info.duration) > 1e-3:
            raise BackendError(
                f"{who} returned a CueSheet of {sheet.duration:g} s for a video of "
                f"{info.duration:g} s"
            )
        sheet, ducking = settled(replace(sheet, origin=origin), heard)
        finish(sheet)
        for words in sheet.decisions:
            log.info("%s", words)
        run.report("select", info.duration, info.duration)
    return sheet, ducking


def library_for(
    run: Run, timeline: MoodTimeline, library: SongLibrary | None
) -> SongLibrary | None:
    """Let a library know what it will be chosen from for, and watch what it gives."""
    return None if library is None else watched_library(library, run).suited_to(timeline)


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
