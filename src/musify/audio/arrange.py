"""Laying songs out in time: loops for now, and the gain that makes songs equally loud."""

import dataclasses
import math
from itertools import pairwise
from typing import Final

from musify.audio.aac_packets import AAC_FRAMES
from musify.audio.loudness import measure_loudness
from musify.cues import Cue, SourceRange
from musify.errors import ParameterError
from musify.notices import notify
from musify.timeline import MoodSegment
from musify.tracks import Track

__all__ = ["SHORTEST_SONG", "loop_ranges", "make_cues"]

SHORTEST_SONG: Final = 1.0
"""Seconds below which a file is a sound effect, not a song to loop."""

# Apple's and the podcasts' level (AES TD1008), for music that plays alone.
TARGET_LUFS: Final = -16.0
# A song quieter than this is quiet on purpose; more gain would lift its noise.
_MOST_GAIN_DB: Final = 20.0
FADE_IN_SECONDS: Final = 0.5
FADE_OUT_SECONDS: Final = 2.5
CROSSFADE_SECONDS: Final = 2.0
LOOP_CROSSFADE_SECONDS: Final = 1.0
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


def make_cues(plays: list[tuple[MoodSegment, Track]], duration: float) -> tuple[Cue, ...]:
    """Turn tracks over stretches of video into cues.

    The first fades in and the last fades out; neighbours overlap around their common edge and
    crossfade; songs are looped and brought to -16 LUFS.

    Parameters
    ----------
    plays : list of (MoodSegment, Track)
        Stretches that touch, from 0 to ``duration``. Where one track follows itself it plays on.
    duration : float
        Length of the video in seconds.
    """
    merged: list[tuple[float, float, Track]] = []
    for segment, track in plays:
        if merged and merged[-1][2].path == track.path:
            merged[-1] = (merged[-1][0], segment.end, track)
        else:
            merged.append((segment.start, segment.end, track))
    overlaps = [0.0]
    for (start, middle, _), (_, end, _) in pairwise(merged):
        # No more than a third of either: three cues must not sound at once.
        overlaps.append(min(CROSSFADE_SECONDS, (middle - start) / 3, (end - middle) / 3))
    overlaps.append(0.0)
    levelled: dict[str, Track] = {}
    cues = []
    for place, (start, end, track) in enumerate(merged):
        first, last = place == 0, place == len(merged) - 1
        begin = max(0.0, start - overlaps[place] / 2)
        finish = min(duration, end + overlaps[place + 1] / 2)
        length = finish - begin
        key = str(track.path)
        if key not in levelled:
            levelled[key] = _with_loudness(track)
        known = levelled[key]
        sources, crossfade = loop_ranges(track.duration, length, LOOP_CROSSFADE_SECONDS)
        cues.append(
            Cue(
                start=begin,
                end=finish,
                track=known,
                sources=sources,
                fade_in=min(FADE_IN_SECONDS, length / 4) if first else overlaps[place],
                fade_out=min(FADE_OUT_SECONDS, length / 4) if last else overlaps[place + 1],
                gain_db=_levelling_gain(known),
                crossfade=crossfade,
            )
        )
    return tuple(cues)


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
