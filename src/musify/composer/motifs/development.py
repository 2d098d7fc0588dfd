"""What can be done with a motif: the ways of developing it that composers have used for ever."""

from collections.abc import Sequence
from typing import NamedTuple

__all__ = [
    "Motif",
    "Tone",
    "augmented",
    "fragmented",
    "inverted",
    "motif_of",
    "ornamented",
    "sequenced",
    "thinned",
]


class Tone(NamedTuple):
    """A note of a motif: when, in beats of its bar, and how many steps from its base."""

    at: float
    turn: int


Motif = tuple[Tone, ...]
"""A bar of melody without a key: tones in order."""


def motif_of(rhythm: Sequence[float], turns: Sequence[int], *, beats: int, notes: int) -> Motif:
    """Take the most important notes of a rhythm.

    Parameters
    ----------
    rhythm : sequence of float
        Where notes may begin, the most important first.
    turns : sequence of int
        Steps at each eighth.
    beats : int
        Length of the bar.
    notes : int
        How many to take; at least one.

    Examples
    --------
    >>> motif_of((0.0, 2.0, 3.0, 1.5, 9.0), range(16), beats=4, notes=3)
    (Tone(at=0.0, turn=0), Tone(at=2.0, turn=4), Tone(at=3.0, turn=6))
    """
    inside = [at for at in rhythm if at < beats][: max(1, notes)]
    return tuple(Tone(at, turns[min(len(turns) - 1, int(2 * at))]) for at in sorted(inside))


def sequenced(motif: Motif, steps: int) -> Motif:
    """Repeat it higher or lower."""
    return tuple(Tone(at, turn + steps) for at, turn in motif)


def inverted(motif: Motif) -> Motif:
    """Turn it upside down about its first tone.

    Examples
    --------
    >>> inverted((Tone(0, 1), Tone(1, 3)))
    (Tone(at=0, turn=1), Tone(at=1, turn=-1))
    """
    return tuple(Tone(at, 2 * motif[0].turn - turn) for at, turn in motif)


def augmented(motif: Motif, beats: int) -> Motif:
    """Play it at half the speed, as much of it as the bar holds."""
    return tuple(Tone(2 * at, turn) for at, turn in motif if 2 * at < beats)


def fragmented(motif: Motif, beats: int, steps: int) -> Motif:
    """Break off its beginning and say that twice, the second time higher or lower.

    Examples
    --------
    >>> fragmented((Tone(0, 0), Tone(1, 1), Tone(3, 2)), 4, 2)
    (Tone(at=0, turn=0), Tone(at=1, turn=1), Tone(at=2, turn=2), Tone(at=3, turn=3))
    """
    half = beats // 2
    head = tuple(tone for tone in motif if tone.at < half)
    again = tuple(Tone(at + half, turn + steps) for at, turn in head if at + half < beats)
    return head + again if half else motif


def ornamented(motif: Motif, beats: int) -> Motif:
    """Put a neighbour after the first tone that lasts long enough.

    Examples
    --------
    >>> ornamented((Tone(0, 0), Tone(2, -1)), 4)
    (Tone(at=0, turn=0), Tone(at=1, turn=1), Tone(at=1.5, turn=0), Tone(at=2, turn=-1))
    """
    ends = [*(tone.at for tone in motif[1:]), float(beats)]
    for place, (tone, end) in enumerate(zip(motif, ends, strict=True)):
        room = end - tone.at
        if room >= 1:
            away = 1 if place + 1 == len(motif) or motif[place + 1].turn <= tone.turn else -1
            turn = (Tone(end - 1, tone.turn + away), Tone(end - 0.5, tone.turn))
            short = (Tone(end - 0.5, tone.turn + away),)
            added = turn if room >= 2 else short
            return (*motif[: place + 1], *added, *motif[place + 1 :])
    return motif


def thinned(motif: Motif) -> Motif:
    """Keep its first tone and the last on a whole beat."""
    beats = [tone for tone in motif if tone.at % 1 == 0]
    return tuple(dict.fromkeys((motif[0], *beats[-1:])))
