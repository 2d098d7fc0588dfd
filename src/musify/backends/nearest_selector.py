"""The song nearest in mood, for each scene."""

import math
import zlib
from collections import Counter
from typing import Final

import numpy as np
from typing_extensions import override

from musify._checks import number, whole_number
from musify.audio.arrange import make_cues
from musify.cues import CueSheet
from musify.errors import NoSuitableTrackError
from musify.interfaces import SongLibrary, TrackSelector
from musify.libraries import usable_songs
from musify.moods import Mood
from musify.notices import notify
from musify.timeline import MoodSegment, MoodTimeline
from musify.tracks import Track

__all__ = ["NearestSelector"]

# Playing a song again costs as much as this distance in the plane: a song of the same mood is taken
# instead, one of another mood is not.
_REPEAT_DISTANCE: Final = 0.15
# A scene that is called happy should not get a nostalgic song for a hair's breadth in the plane.
_SAME_NAME_DISTANCE: Final = 0.15


class NearestSelector(TrackSelector):
    """Gives each scene the song whose mood is nearest in the valence-arousal plane.

    A song whose mood has the very name of the scene's counts as 0.15 nearer, and a song as 0.15
    farther for each time it has played: it is not repeated while another is about as near. Which of
    equally near songs is taken is drawn from ``seed`` and the timeline, so that two videos need not
    get the same. Neighbouring scenes with the same song share one cue.

    Parameters
    ----------
    seed : int, default 0
        The same seed, timeline and library give the same cue sheet.
    max_distance : float, optional
        Refuse songs farther away than this; by default none is too far.

    Raises
    ------
    ParameterError
        If a number is negative.
    """

    def __init__(self, seed: int = 0, max_distance: float | None = None) -> None:
        self.seed = whole_number("seed", seed, low=0)
        self.max_distance = (
            None if max_distance is None else number("max_distance", max_distance, low=0)
        )

    def __repr__(self) -> str:
        return f"NearestSelector(seed={self.seed}, max_distance={self.max_distance})"

    @override
    def select(self, timeline: MoodTimeline, library: SongLibrary | None) -> CueSheet:
        songs = usable_songs(library)
        placed = [(song, song.mood) for song in songs if song.mood is not None]
        if len(placed) < len(songs):
            notify(
                f"{len(songs) - len(placed)} of {len(songs)} songs have no mood and cannot be "
                "chosen; put them into folders named after moods, tag them, or name their moods in "
                "musify.toml"
            )
        if not placed:
            raise NoSuitableTrackError(
                "no song has a mood; put songs into folders named after moods, such as calm/ and "
                "happy/, or name their moods in musify.toml"
            )
        # The order of files must not decide between equals; chance from the seed does.
        look = zlib.crc32(timeline.plane.tobytes() + timeline.edges.tobytes())
        order = np.random.default_rng([self.seed, look]).permutation(len(placed))
        shuffled = [placed[place] for place in order]
        played: Counter[str] = Counter()
        plays: list[tuple[MoodSegment, Track]] = []
        decisions: list[str] = []
        for segment in timeline:
            track, mood = self._nearest(segment, shuffled, played)
            if not plays or plays[-1][1].path != track.path:
                played[str(track.path)] += 1
            plays.append((segment, track))
            decisions.append(_reason(segment, track, mood))
        return CueSheet(
            cues=make_cues(plays, timeline.duration),
            duration=timeline.duration,
            seed=self.seed,
            decisions=tuple(decisions),
        )

    def _nearest(
        self, segment: MoodSegment, songs: list[tuple[Track, Mood]], played: Counter[str]
    ) -> tuple[Track, Mood]:
        point = (segment.valence, segment.arousal)
        track, mood = min(
            songs,
            key=lambda song: (
                math.dist(point, song[1].point) + _REPEAT_DISTANCE * played[str(song[0].path)]
            ),
        )
        distance = math.dist(point, mood.point)
        if self.max_distance is not None and distance > self.max_distance:
            raise NoSuitableTrackError(
                f"no song is within {self.max_distance:g} of the mood at {segment.start:.1f} s "
                f"({segment.label}, valence {segment.valence:+.2f}, arousal "
                f"{segment.arousal:+.2f}); the nearest, {track.title!r}, is {distance:.2f} away"
            )
        return track, mood


def _reason(segment: MoodSegment, track: Track, mood: Mood) -> str:
    distance = math.dist((segment.valence, segment.arousal), mood.point)
    return (
        f"{segment.start:.1f}-{segment.end:.1f} s is {segment.label} (valence "
        f"{segment.valence:+.2f}, arousal {segment.arousal:+.2f}): {track.title!r}, {mood.name}, "
        f"{distance:.2f} away"
    )
