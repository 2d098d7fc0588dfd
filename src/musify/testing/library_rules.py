"""The rules of :class:`musify.SongLibrary`."""

from typing import Final

from musify.interfaces import SongLibrary
from musify.testing.rules import Bench, Rule, require, rule
from musify.timeline import MoodTimeline
from musify.tracks import Track

__all__ = ["LIBRARY_RULES"]

LIBRARY_RULES: Final[dict[str, Rule]] = {}
_TIMELINE: Final = MoodTimeline(
    [0, 30, 60], ("calm", "happy"), [0.9, 0.8], [[0.4, -0.6], [0.7, 0.4]]
)
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
    """Every track is a Track whose files exist."""
    for track in library:
        require(isinstance(track, Track), f"it gave a {type(track).__name__}")
        missing = [str(file) for file in track.files if not file.is_file()]
        require(not missing, f"there is no file {', '.join(missing)}")


@rule(LIBRARY_RULES)
def each_track_comes_once(library: SongLibrary, bench: Bench) -> None:
    """No file comes twice."""
    paths = [track.path for track in library]
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
    suited = library.suited_to(_TIMELINE)
    require(isinstance(suited, SongLibrary), f"it gave a {type(suited).__name__}")
