"""Phrases: how the bars of a section group, in harmony and in melody alike."""

from dataclasses import dataclass

__all__ = ["Phrase", "phrases_of"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A group of bars that ends with a breath.

    Parameters
    ----------
    first : int
        Its first bar, counted in the section.
    bars : int
        How many.
    closes : bool
        Whether it answers: a consequent, which ends with a full cadence; an antecedent asks.
    """

    first: int
    bars: int
    closes: bool


def phrases_of(bars: int) -> tuple[Phrase, ...]:
    """Group the bars of a section: in fours, what is left over in a longer or shorter last one.

    Antecedents and consequents take turns, and the last phrase closes (W. E. Caplin, "Classical
    Form", Oxford 1998, chapter 4).

    Examples
    --------
    >>> [(phrase.bars, phrase.closes) for phrase in phrases_of(9)]
    [(4, False), (5, True)]
    """
    counts = [4] * (bars // 4)
    if left := bars % 4:
        if left == 1 and counts:
            counts[-1] += 1
        else:
            counts.append(left)
    first, out = 0, []
    for place, count in enumerate(counts):
        last = place == len(counts) - 1
        out.append(Phrase(first, count, last or (place % 2 == 1 and place != len(counts) - 2)))
        first += count
    return tuple(out)
