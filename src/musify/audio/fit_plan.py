"""Planning a fit: what can be done for a song of this length, and a result of that one."""

import math
from typing import Final

import numpy as np

from musify.audio.fit_edit import Made, Piece
from musify.audio.fit_features import HOP_SECONDS, SongSound
from musify.audio.fit_route import KEPT_SECONDS, planned
from musify.audio.fit_wishes import Wishes
from musify.audio.grid import ruler
from musify.audio.joints import Joints, find_joints
from musify.songs import SongAnalysis

__all__ = ["fitted_pieces"]

# Below this a song has no room for a beginning, a joint and an ending.
_ROOM_SECONDS: Final = 2 * KEPT_SECONDS + 0.2
# A shorter one is no song but a sound: there is nothing to choose joints from, so it is looped.
_SHORTEST_JOINED: Final = 10.0
# More silence than this after the last sound is not part of the ending.
_SILENCE_SECONDS: Final = 2.0
_SILENT_DB: Final = -75.0


def fitted_pieces(
    sound: SongSound, analysis: SongAnalysis, joints: Joints, frames: int, wishes: Wishes
) -> Made:
    """Fit a song to a number of PCM frames.

    Priorities where not everything can be had: the exact length, then the ending, then the
    beginning, then bars that meet, then the speed.
    """
    rate = sound.sample_rate
    level = float(sound.loudness.max())
    song = len(sound.mono)
    if level < _SILENT_DB:
        return Made(_repeated(song, frames, 0), "silence")
    song = _end_of_sound(sound, level)
    if not wishes.ending and frames <= song:
        return Made([Piece(0, frames)], "whole")
    if frames == song:
        return Made([Piece(0, song)], "whole")
    if frames < song and frames < _ROOM_SECONDS * rate:
        return _ending_only(song, frames, rate)
    if song >= _SHORTEST_JOINED * rate:
        made = planned(sound, analysis, joints, song, frames, wishes)
        if made is None and joints.grid.felt:
            # Not one bar can be left out or come twice: join it without counting.
            loose = find_joints(sound, ruler(sound.duration))
            made = planned(sound, analysis, loose, song, frames, wishes)
        if made is not None and all(0 <= piece.start < piece.end <= song for piece in made.pieces):
            return made
    if frames < song:
        return _ending_only(song, frames, rate)
    return Made(_repeated(song, frames, min(song // 4, rate // 4)), "loop")


def _ending_only(song: int, frames: int, rate: int) -> Made:
    fade = min(rate // 4, frames // 6)
    return Made([Piece(song - frames, song)], "ending", fade_in=fade)


def _end_of_sound(sound: SongSound, level: float) -> int:
    heard = np.flatnonzero(sound.loudness > max(level + _SILENT_DB, -90.0))
    last = (int(heard[-1]) + 1) * HOP_SECONDS + _SILENCE_SECONDS
    return min(len(sound.mono), round(last * sound.sample_rate))


def _repeated(song: int, frames: int, overlap: int) -> list[Piece]:
    """Play it over and over; the last playing is whole, the first is cut."""
    if frames <= song:
        return [Piece(song - frames, song)]
    times = math.ceil((frames - overlap) / (song - overlap))
    extra = times * song - (times - 1) * overlap - frames
    pieces = [Piece(0, song, overlap=overlap if index else 0) for index in range(times)]
    # What is too much is taken from the ends of all playings but the last.
    for index in range(times - 1):
        less = extra // (times - 1) + (1 if index < extra % (times - 1) else 0)
        pieces[index] = Piece(0, song - less, overlap=pieces[index].overlap)
    return pieces
