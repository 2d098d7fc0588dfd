"""What is too much to be drawn one by one, as columns of equal width that are still seen.

A film of three hours has more scenes than a picture has pixels; its beginning alone would say
nothing of it.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

__all__ = ["COLUMNS", "Stretch", "overview", "runs"]

# Of a picture 684 units across each is four wide: as narrow as a box can be and be pointed at.
COLUMNS: Final = 170


class Stretch(NamedTuple):
    """A stretch of time that something fills.

    Parameters
    ----------
    start, end : float
        In seconds.
    label : str
        What it is.
    point : tuple of float
        Valence and arousal, each in [-1, 1].
    """

    start: float
    end: float
    label: str
    point: tuple[float, float]


def overview(stretches: Iterable[Stretch], duration: float, count: int = COLUMNS) -> list[Stretch]:
    """Lay stretches out in columns: of each the label that fills most of it, and the mean point.

    Parameters
    ----------
    stretches : iterable of Stretch
        In any order; they may overlap or leave gaps.
    duration : float
        What the columns cover together, in seconds; more than 0.
    count : int, default 170
        How many columns.

    Returns
    -------
    list of Stretch
        In order; a column that nothing touches is left out.

    Examples
    --------
    >>> overview([Stretch(0, 3, "calm", (1, 0)), Stretch(3, 4, "sad", (-1, 0))], 4, count=1)
    [Stretch(start=0.0, end=4.0, label='calm', point=(0.5, 0.0))]
    """
    wide = duration / count
    shares: list[dict[str, float]] = [{} for _ in range(count)]
    sums = [[0.0, 0.0, 0.0] for _ in range(count)]
    for start, end, label, (valence, arousal) in stretches:
        for column in range(max(0, int(start / wide)), min(count, int(end / wide) + 1)):
            share = min(end, (column + 1) * wide) - max(start, column * wide)
            if share <= 1e-6 * wide:  # only touches it
                continue
            shares[column][label] = shares[column].get(label, 0.0) + share
            for place, value in enumerate((share, share * valence, share * arousal)):
                sums[column][place] += value
    return [
        Stretch(
            column * wide,
            (column + 1) * wide,
            max(shares[column], key=shares[column].__getitem__),
            (valence / whole, arousal / whole),
        )
        for column, (whole, valence, arousal) in enumerate(sums)
        if whole
    ]


def runs(columns: Sequence[Stretch]) -> list[Stretch]:
    """Join columns that touch and are of the same label; the point is that of the first.

    Examples
    --------
    >>> calm = (0.5, -0.5)
    >>> runs([Stretch(0, 1, "calm", calm), Stretch(1, 2, "calm", calm)])
    [Stretch(start=0, end=2, label='calm', point=(0.5, -0.5))]
    """
    joined: list[Stretch] = []
    for column in columns:
        last = joined[-1] if joined else None
        if last and last.label == column.label and last.end == column.start:
            joined[-1] = last._replace(end=column.end)
        else:
            joined.append(column)
    return joined
