"""The rules of :class:`musify.TrackSelector`."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from typing_extensions import override

from musify.cues import CueSheet
from musify.errors import EmptyLibraryError, NoSuitableTrackError, SelectionError
from musify.interfaces import SongLibrary, TrackSelector
from musify.moods import Mood
from musify.shots import Shots
from musify.testing.rules import Bench, Rule, held, require, rule
from musify.testing.surroundings import require_nothing_else_changes
from musify.timeline import MoodTimeline
from musify.tracks import Track

__all__ = ["SELECTOR_RULES"]

SELECTOR_RULES: Final[dict[str, Rule]] = {}

_TIMELINE: Final = MoodTimeline(
    edges=[0, 30, 45, 60.5],
    labels=("calm", "action", "happy"),
    confidence=[0.9, 0.8, 0.7],
    plane=[[0.4, -0.6], [0.2, 0.8], [0.7, 0.4]],
    moods=("action", "happy", "sad", "calm"),
    scores=[[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]],
)
_SHOTS: Final = Shots([0, 30, 45, 60.5], [0.9, 0.9], [], [])


class _Songs(SongLibrary):
    def __init__(self, *tracks: Track) -> None:
        self.tracks = tracks

    @override
    def __iter__(self) -> Iterator[Track]:
        return iter(self.tracks)


def _song(name: str, mood: Mood | None = None, seconds: float = 20.0) -> Track:
    return Track(Path(f"{name}.wav"), seconds, mood=mood, loudness_lufs=-16.0)


# A song for every mood, called by two letters too, as the rule of 2016 wants, so that every
# selector finds something.
_POINTS: Final = {
    "AA": (0.2, 0.8), "HH": (0.7, 0.4), "SS": (-0.7, -0.4), "CC": (0.4, -0.6),
    "AH": (0.5, 0.6), "AS": (-0.2, 0.2), "CH": (0.6, -0.1), "CS": (-0.1, -0.5),
}  # fmt: skip


def _songs(seconds: float = 20.0) -> _Songs:
    return _Songs(*(_song(name, Mood("any", *at), seconds) for name, at in _POINTS.items()))


_LIBRARY: Final = _songs()


def _film(seconds: float, label: str = "calm", **more: Any) -> MoodTimeline:
    return MoodTimeline([0, seconds], (label,), [0.9], [[0.4, -0.6]], **more)


_OTHER: Final = _film(20.0, moods=_TIMELINE.moods, scores=[[0, 0, 0, 1]])
_SHORT: Final = _film(1.0, moods=_TIMELINE.moods, scores=[[0, 0, 0, 1]])


@rule(SELECTOR_RULES)
def the_sheet_is_as_long_as_the_timeline(selector: TrackSelector, bench: Bench) -> None:
    """The duration of the cue sheet is that of the timeline."""
    sheet = selector.select(_TIMELINE, _LIBRARY)
    require(isinstance(sheet, CueSheet), f"it gave a {type(sheet).__name__}")
    found = sheet.duration
    require(found == _TIMELINE.duration, f"{found:g} s instead of {_TIMELINE.duration:g} s")


@rule(SELECTOR_RULES)
def there_is_music(selector: TrackSelector, bench: Bench) -> None:
    """Where something fits, the sheet has a cue."""
    require(selector.select(_TIMELINE, _LIBRARY).cues, "the sheet has no cue")


@rule(SELECTOR_RULES)
def tracks_are_of_the_library(selector: TrackSelector, bench: Bench) -> None:
    """A selector that needs a library plays nothing but its tracks."""
    if selector.needs_library:
        played = {track.path for track in selector.select(_TIMELINE, _LIBRARY).tracks}
        foreign = played - {track.path for track in _LIBRARY}
        require(not foreign, f"not of the library: {sorted(map(str, foreign))}")


@rule(SELECTOR_RULES)
def sheets_are_the_same_each_time(selector: TrackSelector, bench: Bench) -> None:
    """The same arguments give the same cue sheet, whatever was asked for meanwhile."""
    one = selector.select(_TIMELINE, _LIBRARY).to_json()
    selector.select(_OTHER, _LIBRARY)
    other = selector.select(_TIMELINE, _LIBRARY).to_json()
    require(one == other, "the second sheet differs from the first")


@rule(SELECTOR_RULES)
def an_empty_library_is_refused(selector: TrackSelector, bench: Bench) -> None:
    """A selector that needs a library raises EmptyLibraryError where it is empty."""
    if selector.needs_library:
        with held(EmptyLibraryError, "with an empty library"):
            selector.select(_TIMELINE, _Songs())


@rule(SELECTOR_RULES)
def a_library_may_be_missing(selector: TrackSelector, bench: Bench) -> None:
    """A selector that needs no library takes None."""
    if not selector.needs_library:
        selector.select(_TIMELINE, None)


@rule(SELECTOR_RULES)
def what_does_not_fit_is_told(selector: TrackSelector, bench: Bench) -> None:
    """Of a library where nothing fits it raises NoSuitableTrackError, or it finds that it fits."""
    if selector.needs_library:
        odd = _song("neither a mood nor a code"), Track("nothing is known of it.wav", 20.0)
        try:
            selector.select(_TIMELINE, _Songs(*odd))
        except NoSuitableTrackError:
            return


@rule(SELECTOR_RULES)
def speech_and_shots_are_taken(selector: TrackSelector, bench: Bench) -> None:
    """A method that takes ``speech`` or ``shots`` takes all that they may be."""
    taken = inspect.signature(selector.select).parameters
    speech, none = np.array([[2.0, 7.5], [40.0, 41.0]]), np.empty((0, 2))
    one_shot = Shots([0, _TIMELINE.duration], [], [], [])
    offers: dict[str, tuple[Any, ...]] = {
        "speech": (speech, none, lambda: speech, lambda: none, None),
        "shots": (_SHOTS, one_shot, None),
    }
    for name, values in offers.items():
        for value in values if name in taken else ():
            select: Any = selector.select
            select(_TIMELINE, _LIBRARY, **{name: value})


@rule(SELECTOR_RULES)
def a_film_may_be_short(selector: TrackSelector, bench: Bench) -> None:
    """A film may be of one mood, and as short as a second."""
    found = selector.select(_SHORT, _LIBRARY)
    require(isinstance(found, CueSheet), f"it gave a {type(found).__name__}")


@rule(SELECTOR_RULES)
def a_song_may_be_short(selector: TrackSelector, bench: Bench) -> None:
    """Songs may last half a second; they are repeated, or refused with a SelectionError."""
    try:
        selector.select(_TIMELINE, _songs(0.5))
    except SelectionError:
        return


@rule(SELECTOR_RULES)
def moods_may_have_any_name(selector: TrackSelector, bench: Bench) -> None:
    """Moods may have names that musify does not know; their points tell what they are."""
    selector.select(_film(20.0, "golden hour"), _LIBRARY)


class _OwnError(Exception):
    """An error that no selector knows."""


class _Failing(SongLibrary):
    failed = False

    @override
    def __iter__(self) -> Iterator[Track]:
        yield next(iter(_LIBRARY))
        self.failed = True
        raise _OwnError


@rule(SELECTOR_RULES)
def errors_of_the_library_go_on(selector: TrackSelector, bench: Bench) -> None:
    """When the library fails while it is read, its error goes on as it is."""
    library = _Failing()
    with held(_OwnError, "where the library raises it"):
        selector.select(_TIMELINE, library)
        if not library.failed:  # it was not read so far
            raise _OwnError  # so that all is well


@rule(SELECTOR_RULES)
def nothing_else_changes(selector: TrackSelector, bench: Bench) -> None:
    """Nothing is printed, changed for others, or left: settings, random numbers, files, threads."""
    require_nothing_else_changes(lambda: selector.select(_OTHER, _LIBRARY), bench)
