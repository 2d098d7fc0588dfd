"""Laying songs out in time: fitted to their stretch of video, and made equally loud."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from musify.audio.aac_packets import AAC_FRAMES
from musify.audio.fit import Fit, fit_song
from musify.audio.loudness import measure_loudness
from musify.cues import Cue, SourceRange
from musify.errors import ParameterError
from musify.notices import notify
from musify.progress import listener
from musify.timeline import MoodSegment
from musify.tracks import Track

__all__ = ["SHORTEST_SONG", "loop_ranges", "make_cues"]

SHORTEST_SONG: Final = 1.0
"""Seconds below which a file is a sound effect, not a song to loop."""

# Apple's and the podcasts' level (AES TD1008), for music that plays alone.
TARGET_LUFS: Final = -16.0
# A song quieter than this is quiet on purpose; more gain would lift its noise.
_MOST_GAIN_DB: Final = 20.0
CROSSFADE_SECONDS: Final = 2.0
# Of AAC at the rate that is mixed at.
_PACKET_SECONDS: Final = AAC_FRAMES / 48_000


def loop_ranges(
    song: float, length: float, crossfade: float
) -> tuple[tuple[SourceRange, ...], float]:
    """Play a song over and over until it is long enough.

    Parameters
    ----------
    song : float
        Length of the song in seconds.
    length : float
        Length to fill in seconds; above 0.
    crossfade : float
        Seconds by which one playing overlaps the next; at most a quarter of the song is used.

    Returns
    -------
    ranges : tuple of SourceRange
        The whole song as often as needed; the last is cut off by the end of the cue. If it plays
        more than twice, it returns after a whole number of AAC packets: up to 21 ms of its end
        are left out, inside the crossfade, so that its packets can be used again.
    crossfade : float
        The crossfade that was used.

    Raises
    ------
    ParameterError
        If the song is shorter than a second.

    Examples
    --------
    >>> ranges, crossfade = loop_ranges(30.0, 70.0, crossfade=1.0)
    >>> len(ranges), round(ranges[0].end, 3), crossfade
    (3, 29.992, 1.0)
    """
    if song < SHORTEST_SONG:
        raise ParameterError(f"a song of {song:g} s is too short to loop; give one of 1 s or more")
    if song >= length:
        return (SourceRange(0.0, length),), 0.0
    crossfade = min(crossfade, song / 4)
    times = math.ceil((length - crossfade) / (song - crossfade) - 1e-9)
    if times > 2 and crossfade >= _PACKET_SECONDS:
        song = (song - crossfade) // _PACKET_SECONDS * _PACKET_SECONDS + crossfade
    times = math.ceil((length - crossfade) / (song - crossfade) - 1e-9)
    return (SourceRange(0.0, song),) * max(1, times), crossfade


def make_cues(
    plays: Sequence[tuple[MoodSegment, Track | None]],
    duration: float,
    *,
    hits: Sequence[float] = (),
    sample_rate: int = 48_000,
    write: Callable[[float, float], Track] | None = None,
) -> tuple[Cue, ...]:
    """Turn tracks over stretches of video into cues.

    Every song begins with its own beginning, and the last one ends with its true ending when the
    video ends. Neighbours overlap around their common edge and crossfade. Songs are fitted by
    :func:`musify.audio.fit.fit_song` and brought to -16 LUFS.

    Parameters
    ----------
    plays : sequence of (MoodSegment, Track or None)
        Stretches that touch, from 0 to ``duration``. Where one track follows itself it plays on,
        and its sections change with the stretches where they can. None stands for music that is
        written to measure.
    duration : float
        Length of the video in seconds.
    hits : sequence of float, optional
        Seconds at which beats should fall.
    sample_rate : int, default 48000
        PCM frames a second it will be rendered at.
    write : callable, optional
        Given the seconds from which to which it sounds, crossfades included, it gives a track that
        is just as long; needed where a track is None.

    Raises
    ------
    ParameterError
        If a song is shorter than a second.
    AudioDecodeError
        If a song that has to be fitted cannot be decoded.
    """
    merged: list[_Play] = []
    for segment, track in plays:
        if merged and _is_same(merged[-1].track, track):
            merged[-1].segments.append(segment)
        else:
            merged.append(_Play(track, [segment]))
    overlaps = [0.0]
    for early, late in pairwise(merged):
        # No more than a third of either: three cues must not sound at once.
        overlaps.append(min(CROSSFADE_SECONDS, early.length / 3, late.length / 3))
    overlaps.append(0.0)
    levelled: dict[str, Track] = {}
    cues = []
    for place, play in enumerate(merged):
        first, last = place == 0, place == len(merged) - 1
        begin = max(0.0, play.start - overlaps[place] / 2)
        finish = min(duration, play.end + overlaps[place + 1] / 2)
        if play.track is None:
            assert write is not None  # a track that is None is to be written
            known, length = write(begin, finish), finish - begin
            fit = Fit((SourceRange(0.0, length),), length, how="whole")
        else:
            key = str(play.track.path)
            if key not in levelled:
                levelled[key] = _with_loudness(play.track)
            known = levelled[key]
            fit = _fitted(known, play.segments, begin, finish, hits, sample_rate, ending=last)
        # Silence after the ending is no part of the cue; less than two PCM frames are rounding.
        missing = finish - begin - fit.played
        cues.append(
            Cue(
                start=begin,
                end=finish if missing < 2 / sample_rate else finish - missing,
                track=fit.heard(known),
                sources=fit.sources,
                fade_in=fit.fade_in if first else overlaps[place],
                fade_out=fit.fade_out if last else overlaps[place + 1],
                gain_db=_levelling_gain(known),
            )
        )
    return tuple(cues)


def _is_same(one: Track | None, other: Track | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.path == other.path


@dataclass
class _Play:
    """A track over stretches that touch."""

    track: Track | None
    segments: list[MoodSegment]

    @property
    def start(self) -> float:
        return self.segments[0].start

    @property
    def end(self) -> float:
        return self.segments[-1].end

    @property
    def length(self) -> float:
        return self.end - self.start


def _fitted(
    track: Track,
    segments: list[MoodSegment],
    begin: float,
    finish: float,
    hits: Sequence[float],
    sample_rate: int,
    *,
    ending: bool,
) -> Fit:
    if track.duration < SHORTEST_SONG:
        raise ParameterError(
            f"a song of {track.duration:g} s is too short to play under a video; give one of 1 s "
            "or more"
        )
    length = finish - begin
    if not ending and length <= track.duration:  # it only has to begin; nothing is looked for
        return Fit((SourceRange(0.0, length),), length, how="whole")
    inside = [hit - begin for hit in hits if begin < hit < finish]
    return fit_song(
        track,
        length,
        changes=[segment.start - begin for segment in segments[1:]],
        hits=inside,
        plane_times=[(segment.start + segment.end) / 2 - begin for segment in segments],
        plane=np.array([[segment.valence, segment.arousal] for segment in segments]),
        ending=ending,
        sample_rate=sample_rate,
        on_progress=listener(),
    )


def _with_loudness(track: Track) -> Track:
    if track.loudness_lufs is not None:
        return track
    measured = measure_loudness(track.path)
    if measured is None:
        notify(
            f"{track.path.name} is silent from its beginning to its end, and plays all the same; "
            "take it out of the library"
        )
    return dataclasses.replace(track, loudness_lufs=measured)


def _levelling_gain(track: Track) -> float:
    if track.loudness_lufs is None:  # measured, and silent: it stays so
        return 0.0
    return round(min(_MOST_GAIN_DB, TARGET_LUFS - track.loudness_lufs), 2)
