"""Stretches of one mood, cut into sections: how many bars each, and what it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from musify.composer.form.section import SectionRole

__all__ = ["Piece", "Span", "bars_of", "pieces_of"]

# What a section of so many bars costs: eight and four are usual, an odd one is not.
_LENGTHS: Final = {
    8: 0.0, 4: 0.3, 16: 0.7, 12: 0.6, 6: 0.6, 10: 0.9, 5: 1.0, 7: 1.0, 3: 1.3, 9: 1.2, 2: 1.5,
    14: 1.2, 11: 1.5, 13: 1.7, 15: 1.7, 1: 2.5,
}  # fmt: skip
_HIT: Final = 2.5  # what the beginning of a section is worth on a hit point, times strength squared
_RISE: Final = 0.2  # of arousal, from which on a change of mood is built up to
_JUMP: Final = 0.5  # from which on there is a break before it
_STRONG: Final = 0.7  # strength from which on a cut is built up to
_STRONGEST: Final = 0.85  # from which on there is a break before it


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch with one mood.

    Parameters
    ----------
    mood : object
        What tells moods apart; spans with equal ones share themes and key.
    valence, arousal : float
        The mood, in [-1, 1].
    start : int
        Its first beat.
    bars : tuple of int
        Beats in each bar.
    """

    mood: object
    valence: float
    arousal: float
    start: int
    bars: tuple[int, ...]


class Piece(NamedTuple):
    """A run of bars of a span.

    Parameters
    ----------
    bars : int
        How many.
    role : SectionRole or None
        What it is for; None for a section proper, whose role follows from its theme.
    goes_on : bool
        Whether it belongs to the section before, whose theme it goes on with.
    """

    bars: int
    role: SectionRole | None = None
    goes_on: bool = False


def bars_of(beats: int, metre: int) -> tuple[int, ...]:
    """Part beats into bars; one at the end is shorter or longer if they do not come out even.

    Examples
    --------
    >>> bars_of(16, 4), bars_of(14, 4), bars_of(13, 4), bars_of(3, 4)
    ((4, 4, 4, 4), (4, 4, 4, 2), (4, 4, 5), (3,))
    """
    whole, rest = divmod(beats, metre)
    if not rest:
        return (metre,) * whole
    if rest == 1 and whole:
        return (*(metre,) * (whole - 1), metre + 1)
    return (*(metre,) * whole, rest)


def pieces_of(
    span: Span, following: float | None, hits: Mapping[int, float], *, first: bool
) -> list[Piece]:
    """Cut a span into sections, with an intro, builds, breaks and an ending where they fit.

    Parameters
    ----------
    span : Span
        The stretch.
    following : float or None
        By how much arousal rises after it; None if the piece ends there.
    hits : mapping of int to float
        Beats on which cuts fall, and how strong those are, in [0, 1].
    first : bool
        Whether the piece begins with it.
    """
    count = len(span.bars)
    intro = _intro(count) if first else 0
    ending = _ending(count - intro) if following is None else 0
    downbeats = [span.start]
    for bar in span.bars:
        downbeats.append(downbeats[-1] + bar)
    strengths = [hits.get(beat, 0.0) for beat in downbeats]
    pieces = [Piece(intro, "intro")] if intro else []
    at = intro
    for length in _parted(strengths[intro : count - ending + 1]):
        at += length
        if at < count or following is None:
            strong = strengths[at] >= _STRONG
            broken = strengths[at] >= _STRONGEST
        else:
            strong, broken = following >= _RISE, abs(following) >= _JUMP
        pieces += _built(length, strong=strong, broken=broken)
    return [*pieces, Piece(ending, "ending")] if ending else pieces


def _intro(bars: int) -> int:
    return 4 if bars >= 32 else 2 if bars >= 10 else 1 if bars >= 7 else 0


def _ending(bars: int) -> int:
    return 4 if bars >= 28 else 2 if bars >= 8 else 0


def _parted(strengths: Sequence[float]) -> list[int]:
    """Find the lengths that cost least; cuts draw the beginnings of sections to them."""
    count = len(strengths) - 1
    best = [0.0] + [float("inf")] * count
    took = [0] * (count + 1)
    for end in range(1, count + 1):
        for length, cost in _LENGTHS.items():
            start = end - length
            if start >= 0:
                total = best[start] + cost + 0.2 - _HIT * strengths[end] ** 2 * (end < count)
                if total < best[end] - 1e-9:
                    best[end], took[end] = total, length
    lengths = []
    while count:
        lengths.append(took[count])
        count -= took[count]
    return lengths[::-1]


def _built(bars: int, *, strong: bool, broken: bool) -> list[Piece]:
    """Let the end of a section build up to what follows, or fall silent before it."""
    built = (2 if bars >= 8 else 1 if bars >= 4 else 0) if strong else 0
    silent = int(broken and bars >= 4 + built)
    pieces = [Piece(bars - built - silent)]
    if built:
        pieces.append(Piece(built, "build", goes_on=True))
    if silent:
        pieces.append(Piece(silent, "break", goes_on=True))
    return pieces
