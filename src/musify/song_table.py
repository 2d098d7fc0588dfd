"""Songs as columns of numbers, so that ten thousand are compared at once."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.song_relations import fifths
from musify.songs import SongAnalysis
from musify.timeline import MoodTimeline
from musify.tracks import Track
from musify.wishes import licence_limits

__all__ = ["SongTable", "has_mood"]

Floats = NDArray[np.float64]

# A section that is over sooner cannot carry a scene; songs change by phrases of four bars or so.
_SHORTEST_SECTION: Final = 8.0
# A song whose mood nobody knows plays only when it is asked for; then it counts as this far away.
_UNKNOWN_DISTANCE: Final = 1.0
_UNKNOWN_SUNG: Final = 0.5


def has_mood(track: Track) -> bool:
    """Whether it is known where a track stands in the plane."""
    return track.mood is not None or track.analysis is not None


@dataclass(frozen=True, slots=True, eq=False)
class SongTable:
    """What songs are chosen by, a row for each.

    Parameters
    ----------
    tracks : tuple of Track
        The ``n`` songs.
    points : ndarray of shape (s, 2)
        Moods that songs have to give, in their order: of each section where a song was heard over
        time, else one; NaN where none is known.
    first_point : ndarray of shape (n,)
        Where the points of each song begin.
    heard : ndarray of bool, shape (n,)
        Which songs' moods are known over time.
    bpm : ndarray of shape (n,)
        Beats a minute; NaN where none are known.
    duration : ndarray of shape (n,)
        Seconds.
    fifths : ndarray of shape (n,)
        Place of the key on the circle of fifths; NaN where it is not known.
    names : ndarray of str, shape (n,)
        Names of the songs' moods; empty where there is none.
    sung : ndarray of shape (n,)
        Probability that somebody sings, in [0, 1]; 0.5 where nothing is known.
    bound : ndarray of bool, shape (n,)
        Which licences ask for something (NC, SA).
    """

    tracks: tuple[Track, ...]
    points: Floats
    first_point: NDArray[np.intp]
    heard: NDArray[np.bool_]
    bpm: Floats
    duration: Floats
    fifths: Floats
    names: NDArray[np.str_]
    sung: Floats
    bound: NDArray[np.bool_]

    @classmethod
    def of(cls, songs: Iterable[Track]) -> "SongTable":
        """Make the table; a file that is given twice counts once."""
        tracks = tuple({str(track.path): track for track in songs}.values())
        heard, points, first = _points(tracks)
        licences = {id(track.licence): track.licence for track in tracks}
        bound = {key: bool(licence_limits(one)) for key, one in licences.items()}
        return cls(
            tracks=tracks,
            points=points,
            first_point=first,
            heard=heard,
            bpm=np.array([_bpm(track) for track in tracks], np.float64),
            duration=np.array([track.duration for track in tracks], np.float64),
            fifths=fifths(map(_key, tracks)),
            names=np.array([track.mood.name if track.mood else "" for track in tracks]),
            sung=np.array([_sung(track) for track in tracks], np.float64),
            bound=np.array([bound[id(track.licence)] for track in tracks], np.bool_),
        )

    def __len__(self) -> int:
        return len(self.tracks)

    def mood_distances(self, timeline: MoodTimeline) -> Floats:
        """Return how far each song is from each segment in the plane, shape ``(m, n)``.

        It is the Euclidean distance to the nearest of the song's sections, which fitting plays
        where they are wanted.
        """
        out = np.empty((len(timeline), len(self)))
        for row, (valence, arousal) in zip(out, timeline.plane, strict=True):
            apart = np.hypot(self.points[:, 0] - valence, self.points[:, 1] - arousal)
            np.minimum.reduceat(apart, self.first_point, out=row)
        return np.nan_to_num(out, copy=False, nan=_UNKNOWN_DISTANCE)

    def chance(self, seed: int, salt: int) -> Floats:
        """Draw a number in [0, 1) for each song, shape ``(n,)``.

        It depends on the seed, the salt and the name and length of the file, and on no other song:
        a library that grows, or is listed in another order, draws the same.
        """
        keys = [
            zlib.crc32(f"{track.path.name}|{track.duration:.3f}".encode("utf-8", "surrogatepass"))
            for track in self.tracks
        ]
        # SplitMix64 (Steele, Lea & Flood, OOPSLA 2014), whose overflow is meant.
        mixed = (seed * 0x9E3779B97F4A7C15 + salt * 0xD1342543DE82EF95) % 2**64
        state = np.array(keys, np.uint64) ^ np.uint64(mixed)
        state = state + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
        return (state >> np.uint64(11)).astype(np.float64) / 2.0**53


def _bpm(track: Track) -> float:
    if track.bpm is not None:
        return track.bpm
    found = None if track.analysis is None else track.analysis.bpm
    return float("nan") if found is None else found


def _key(track: Track) -> str | None:
    return track.key or (None if track.analysis is None else track.analysis.key)


def _sung(track: Track) -> float:
    if track.instrumental is not None:
        return 0.0 if track.instrumental else 1.0
    return _UNKNOWN_SUNG if track.analysis is None else 1.0 - track.analysis.instrumental


def _points(tracks: Sequence[Track]) -> tuple[NDArray[np.bool_], Floats, NDArray[np.intp]]:
    """Lay out the moods that each song has to give: whether heard, points, where they begin."""
    nowhere = (float("nan"), float("nan"))
    whole = np.array([_whole(track) or nowhere for track in tracks], np.float64).reshape(-1, 2)
    curved = [
        (place, track.analysis)
        for place, track in enumerate(tracks)
        if track.analysis is not None and len(track.analysis.plane)
    ]
    heard = np.zeros(len(tracks), np.bool_)
    heard[[place for place, _ in curved]] = True
    counts = np.ones(len(tracks), np.intp)
    counts[heard] = [len(song.section_labels) for _, song in curved]
    first = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
    points = np.repeat(whole, counts, axis=0)
    if curved:
        # The user's word for the whole song moves its curve.
        said = np.array([(song.valence, song.arousal) for _, song in curved])
        shift = np.repeat(whole[heard] - said, counts[heard], axis=0)
        means, sure = _section_means([song for _, song in curved])
        rows = np.repeat(heard, counts)
        points[rows] = np.where(sure[:, None], np.clip(means + shift, -1, 1), points[rows])
    return heard, points, first


def _whole(track: Track) -> tuple[float, float] | None:
    if track.mood is not None:
        return track.mood.point
    return None if track.analysis is None else (track.analysis.valence, track.analysis.arousal)


def _section_means(songs: list[SongAnalysis]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the mean of the plane in each section of all songs, and which of them are telling."""
    # All songs are laid behind each other in time, so that one search serves all.
    lengths = np.array([song.duration for song in songs]) + 1.0
    begin = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    sections = [len(song.section_labels) for song in songs]
    starts = np.concatenate([song.section_edges[:-1] for song in songs])
    lasting = np.concatenate([np.diff(song.section_edges) for song in songs])
    times = np.concatenate([song.curve_times for song in songs])
    plane = np.concatenate([song.plane for song in songs])
    starts = starts + np.repeat(begin, sections)
    times = times + np.repeat(begin, [len(song.curve_times) for song in songs])
    inside = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
    count = np.bincount(inside, minlength=len(starts))
    sums = [np.bincount(inside, axis, minlength=len(starts)) for axis in plane.T]
    means = np.column_stack(sums) / np.maximum(count, 1)[:, None]
    return means, (count > 0) & (lasting >= _SHORTEST_SECTION)
