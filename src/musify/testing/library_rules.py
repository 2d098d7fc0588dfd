"""The rules of :class:`musify.SongLibrary`."""

from itertools import islice
from pathlib import Path
from typing import Final

from musify import _ffmpeg
from musify._ffmpeg import file_url
from musify.interfaces import SongLibrary
from musify.testing.rules import Bench, Rule, require, rule
from musify.testing.surroundings import require_nothing_else_changes, require_works_in_a_loop
from musify.timeline import MoodTimeline
from musify.tracks import Track

__all__ = ["LIBRARY_RULES"]

LIBRARY_RULES: Final[dict[str, Rule]] = {}
_TIMELINE: Final = MoodTimeline(
    [0, 30, 60], ("calm", "happy"), [0.9, 0.8], [[0.4, -0.6], [0.7, 0.4]]
)
_UNKNOWN: Final = MoodTimeline([0, 9], ("golden hour",), [0.9], [[0.6, -0.2]])
_RATE: Final = 8000
# What was heard is read anew each time, and does not count in comparisons.
_HEARD: Final = ("beats", "analysis")


def _facts(track: Track) -> dict[str, object]:
    return {name: getattr(track, name) for name in Track.__slots__ if name not in _HEARD}


@rule(LIBRARY_RULES)
def it_holds_something(library: SongLibrary, bench: Bench) -> None:
    """The library that is judged holds a track."""
    require(next(iter(library), None), "it is empty; put songs into the one that you check")


@rule(LIBRARY_RULES)
def the_order_is_the_same_each_time(library: SongLibrary, bench: Bench) -> None:
    """The same tracks come in the same order each time."""
    one, other = ([_facts(track) for track in library] for _ in range(2))
    require(one == other, "the second reading differs from the first")


@rule(LIBRARY_RULES)
def tracks_can_be_played(library: SongLibrary, bench: Bench) -> None:
    """Every track is a Track whose files exist, also when all have been read."""
    for track in list(library):
        require(isinstance(track, Track), f"it gave a {type(track).__name__}")
        missing = [str(file) for file in track.files if not file.is_file()]
        require(not missing, f"there is no file {', '.join(missing)}")


@rule(LIBRARY_RULES)
def each_track_comes_once(library: SongLibrary, bench: Bench) -> None:
    """No file comes twice."""
    paths = [track.path.resolve() for track in library]
    twice = sorted({str(path) for path in paths if paths.count(path) > 1})
    require(not twice, f"more than once: {', '.join(twice)}")


@rule(LIBRARY_RULES)
def readers_do_not_disturb_each_other(library: SongLibrary, bench: Bench) -> None:
    """Two may read at once, and each gets every track."""
    one, read = iter(library), []
    first = next(one, None)
    if first is not None:
        read.append(first.path)
    other = [track.path for track in library]
    read += [track.path for track in one]
    require(sorted(read) == sorted(other), f"one got {len(read)} tracks, another {len(other)}")


@rule(LIBRARY_RULES)
def suited_to_gives_a_library(library: SongLibrary, bench: Bench) -> None:
    """``suited_to`` gives a SongLibrary."""
    for timeline in (_TIMELINE, _UNKNOWN):
        suited = library.suited_to(timeline)
        require(isinstance(suited, SongLibrary), f"it gave a {type(suited).__name__}")


@rule(LIBRARY_RULES)
def suited_to_changes_nothing(library: SongLibrary, bench: Bench) -> None:
    """``suited_to`` leaves the library itself as it is."""
    before = sorted(track.path for track in library)
    library.suited_to(_TIMELINE)
    after = sorted(track.path for track in library)
    require(after == before, f"it held {len(before)} tracks, and then {len(after)} or others")


@rule(LIBRARY_RULES)
def a_song_is_as_long_as_its_track_says(library: SongLibrary, bench: Bench) -> None:
    """The first track can be decoded, and is as long as it says, to a second and 2 %."""
    for track in islice(library, 1):
        if track.score is None and track.path.is_file():
            found = _seconds(track.path)
            near = abs(found - track.duration) <= 1 + 0.02 * found
            require(near, f"{track.path.name} is {found:g} s long, its track {track.duration:g} s")


def _seconds(path: Path) -> float:
    """Decode a song, and count."""
    args = ["-v", "error", "-i", file_url(path), "-map", "0:a:0", "-ac", "1", "-ar", f"{_RATE}"]
    return len(_ffmpeg.run([*args, "-f", "s16le", "pipe:1"])[0]) / 2 / _RATE


@rule(LIBRARY_RULES)
def a_loop_may_be_running(library: SongLibrary, bench: Bench) -> None:
    """It works where a loop of asyncio runs, as in a notebook."""
    require_works_in_a_loop(lambda: next(iter(library), None))


@rule(LIBRARY_RULES)
def nothing_else_changes(library: SongLibrary, bench: Bench) -> None:
    """Nothing is printed, changed for others, or left: settings, random numbers, files, threads."""
    require_nothing_else_changes(lambda: list(library), bench)
