"""Measures choosing from thousands of songs, as columns of numbers and song by song in a loop.

The loop finds the distance of moods alone, the first of ten axes; the columns do the whole job, up
to the candidates or the songs of every stretch. Times are those of the processor.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterator

import numpy as np

from musify import Licence, MoodTimeline, SongLibrary, Track
from musify.choosing import Chooser
from musify.songs import SongAnalysis
from musify.wishes import Wishes

_SECTIONS = 8
_SECONDS = 240.0


class Songs(SongLibrary):
    """Songs that no file holds."""

    def __init__(self, count: int) -> None:
        draw = np.random.default_rng(3)
        self.tracks = [self._song(place, draw) for place in range(count)]

    def __iter__(self) -> Iterator[Track]:
        return iter(self.tracks)

    @staticmethod
    def _song(place: int, draw: np.random.Generator) -> Track:
        edges = np.linspace(0, _SECONDS, _SECTIONS + 1)
        times = np.arange(1.0, _SECONDS, 2.0)
        plane = np.repeat(draw.uniform(-1, 1, (_SECTIONS, 2)), len(times) // _SECTIONS, axis=0)
        analysis = SongAnalysis(
            _SECONDS,
            valence=float(plane[:, 0].mean()),
            arousal=float(plane[:, 1].mean()),
            bpm=draw.uniform(60, 180),
            key="D minor",
            section_edges=edges,
            section_labels=tuple("ABABCABD"),
            curve_times=times,
            energy=np.full(len(times), 0.5),
            plane=plane,
        )
        licence = Licence("CC-BY-4.0")
        return Track(f"songs/{place}.mp3", _SECONDS, analysis=analysis, licence=licence)


def song_by_song(timeline: MoodTimeline, songs: Songs) -> list[float]:
    """Return the distance in mood of every song, found in a plain loop."""
    found = []
    for track in songs:
        analysis = track.analysis
        assert analysis is not None
        points = []
        for start, end in zip(analysis.section_edges, analysis.section_edges[1:], strict=False):
            inside = [
                point
                for at, point in zip(analysis.curve_times, analysis.plane, strict=True)
                if start <= at < end
            ]
            points.append([sum(axis) / len(inside) for axis in zip(*inside, strict=True)])
        away = sum(
            segment.duration
            * min(math.dist(point, (segment.valence, segment.arousal)) for point in points)
            for segment in timeline
        )
        found.append(away / timeline.duration)
    return found


def seconds_of(job: Callable[[], object], times: int) -> float:
    """Return the least processor time of a few runs."""
    took = []
    for _ in range(times):
        begun = time.process_time()
        job()
        took.append(time.process_time() - begun)
    return min(took)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=10_000)
    parser.add_argument("--segments", type=int, default=20)
    given = parser.parse_args()
    songs = Songs(given.songs)
    draw = np.random.default_rng(4)
    edges = np.arange(given.segments + 1) * 15.0
    plane = draw.uniform(-1, 1, (given.segments, 2))
    timeline = MoodTimeline(
        edges, ["any"] * given.segments, np.full(given.segments, 0.9), plane, cuts=edges[1:-1]
    )
    chooser = Chooser(timeline, songs, wishes=Wishes())
    ranked = seconds_of(lambda: Chooser(timeline, songs, wishes=Wishes()).rank(5), 3)
    chosen = seconds_of(lambda: Chooser(timeline, songs, wishes=Wishes()).choose(), 3)
    few = seconds_of(lambda: Chooser(timeline, songs, wishes=Wishes(max_cues=3)).choose(), 3)
    loop = seconds_of(lambda: song_by_song(timeline, songs), 1)
    share = np.diff(timeline.edges) / timeline.duration
    alike = np.allclose(share @ chooser.moods, song_by_song(timeline, songs))
    print(f"{given.songs} songs of {_SECTIONS} sections, {given.segments} segments")
    print(f"five candidates        {ranked:7.3f} s")
    print(f"songs of all stretches {chosen:7.3f} s")
    print(f"at most three cues     {few:7.3f} s")
    print(f"a loop, mood alone     {loop:7.3f} s ({'the same' if alike else 'OTHER'} distances)")


if __name__ == "__main__":
    main()
