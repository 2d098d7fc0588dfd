"""From joints to source ranges: crossfades, levels, and the last fraction of a second.

Everything is counted in PCM frames, so that the result has exactly as many as were asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from musify.cues import SourceRange

__all__ = ["MOST_SPEED_CHANGE", "Made", "Piece", "Stretch", "ranges_of", "stretched"]

MOST_SPEED_CHANGE: Final = 0.008
"""A seventh of a semitone; below what listeners notice in music, some 2 % in tempo."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the song in PCM frames, as it is played.

    Parameters
    ----------
    start, end : int
        PCM frames of the song.
    overlap : int
        Frames by which it overlaps the piece before it.
    gain_db, gain_frames : float, int
        Gain at its start, and how long it takes to fade away.
    cost : float
        Of the joint before it.
    length : int
        Frames it plays for; 0 means as many as it has.
    """

    start: int
    end: int
    overlap: int = 0
    gain_db: float = 0.0
    gain_frames: int = 0
    cost: float = 0.0
    length: int = 0

    @property
    def frames(self) -> int:
        """Frames it plays for."""
        return self.length or self.end - self.start


@dataclass(frozen=True, slots=True)
class Made:
    """Pieces, and the fades (in PCM frames) that cut ends need; see ``Fit.how`` for ``how``."""

    pieces: list[Piece]
    how: str
    fade_in: int = 0
    fade_out: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A point of the result that moves: ``before`` varispeed and after, in PCM frames."""

    before: int
    after: int


def stretched(pieces: Sequence[Piece], points: Sequence[Stretch]) -> list[Piece]:
    """Play pieces a little faster or slower, so that given points come at given times.

    Parameters
    ----------
    pieces : sequence of Piece
        At their own speed.
    points : sequence of Stretch
        At least two, ascending; before the first and after the last nothing is stretched.
    """
    out: list[Piece] = []
    position = 0  # in the unstretched result, where the piece begins to be heard
    for piece in pieces:
        begin = position - piece.overlap
        out += _split(piece, begin, points)
        position = begin + piece.frames
    return out


def _split(piece: Piece, begin: int, points: Sequence[Stretch]) -> list[Piece]:
    """Cut a piece where the speed changes; the cuts are continuous, so nothing overlaps there."""
    end = begin + piece.frames
    # Not inside the crossfades, which the next piece shares.
    cuts = [p.before for p in points if begin + piece.overlap < p.before < end - piece.overlap]
    edges = [begin, *cuts, end]
    parts = []
    for early, late in zip(edges[:-1], edges[1:], strict=True):
        first = early == begin
        overlap = piece.overlap if first else 0
        # Crossfades keep their length; so the sound in one begins later or earlier by what the
        # speed changes, and what follows stays in time.
        own, moved = late - early - overlap, _moved(late, points) - _moved(early + overlap, points)
        shift = overlap - round(overlap * own / max(1, moved))
        parts.append(
            Piece(
                piece.start + early - begin + shift,
                piece.start + late - begin,
                overlap=overlap,
                gain_db=piece.gain_db if first else 0.0,
                gain_frames=min(piece.gain_frames, moved) if first else 0,
                cost=piece.cost if first else 0.0,
                length=moved + overlap,
            )
        )
    return parts


def _moved(position: int, points: Sequence[Stretch]) -> int:
    if position <= points[0].before:
        return position + points[0].after - points[0].before
    if position >= points[-1].before:
        return position + points[-1].after - points[-1].before
    befores, afters = [p.before for p in points], [p.after for p in points]
    return round(float(np.interp(position, befores, afters)))


def ranges_of(pieces: Sequence[Piece], sample_rate: int) -> tuple[SourceRange, ...]:
    """Write pieces as source ranges, in seconds."""
    ranges = []
    for index, piece in enumerate(pieces):
        source = SourceRange(piece.start / sample_rate, piece.end / sample_rate)
        if index:
            source = replace(
                source,
                crossfade=piece.overlap / sample_rate,
                joint_cost=round(piece.cost, 4),
            )
        if piece.gain_db:
            source = replace(
                source,
                gain_db=round(piece.gain_db, 2),
                gain_seconds=piece.gain_frames / sample_rate,
            )
        if piece.frames != piece.end - piece.start:
            source = replace(source, speed=(piece.end - piece.start) / piece.frames)
        ranges.append(source)
    return tuple(ranges)
