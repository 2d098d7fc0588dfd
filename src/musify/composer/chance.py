"""Chance that is the same on every machine: named streams that grow from one seed.

``random.Random.random`` gives the same numbers on every Python, which its other methods, and those
of numpy, do not promise. A stream for each thing that is decided keeps decisions apart: what is
drawn for one section never moves what is drawn for another.
"""

import hashlib
import math
import random
from collections.abc import Sequence
from typing import TypeVar

from musify.errors import ParameterError

__all__ = ["Chance"]

T = TypeVar("T")


class Chance:
    """A stream of chance.

    Parameters
    ----------
    *names : int or str
        What it is for, such as ``7, "section", 2, "melody"``: the same names give the same stream.

    Examples
    --------
    >>> Chance(7, "melody").pick("abcd") == Chance(7, "melody").pick("abcd")
    True
    >>> Chance(7).child("melody").unit() == Chance(7, "melody").unit()
    True
    """

    def __init__(self, *names: int | str) -> None:
        self._names = names
        digest = hashlib.blake2b("\x1f".join(map(str, names)).encode(), digest_size=8).digest()
        self._unit = random.Random(int.from_bytes(digest, "little")).random  # noqa: S311 - music

    def __repr__(self) -> str:
        return f"Chance({', '.join(map(repr, self._names))})"

    def child(self, *names: int | str) -> "Chance":
        """Begin a stream of its own, which does not depend on what was drawn here."""
        return Chance(*self._names, *names)

    def unit(self) -> float:
        """Draw a number from [0, 1)."""
        return self._unit()

    def happens(self, probability: float) -> bool:
        """Draw whether something happens, with a probability in [0, 1]."""
        return self._unit() < probability

    def between(self, low: float, high: float) -> float:
        """Draw a number from [low, high)."""
        return low + (high - low) * self._unit()

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number from low to high, both among them."""
        return low + min(high - low, int(self._unit() * (high - low + 1)))

    def normal(self, deviation: float = 1.0) -> float:
        """Draw from a normal distribution around 0 (Box and Muller 1958)."""
        radius = math.sqrt(-2 * math.log(1 - self._unit()))
        return deviation * radius * math.cos(2 * math.pi * self._unit())

    def pick(self, items: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """Draw one of several.

        Parameters
        ----------
        items : sequence
            At least one.
        weights : sequence of float, optional
            How likely each is; at least 0, not all 0; equally by default.

        Raises
        ------
        ParameterError
            If there is nothing to draw from.
        """
        if not items:
            raise ParameterError("there is nothing to pick from")
        if weights is None:
            return items[self.whole(0, len(items) - 1)]
        if len(weights) != len(items) or min(weights) < 0 or not sum(weights) > 0:
            raise ParameterError(
                f"weights must be {len(items)} numbers of at least 0, not all 0, got {weights}"
            )
        left = self._unit() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            left -= weight
            if left < 0:
                return item
        return next(item for item, weight in zip(items[::-1], weights[::-1], strict=True) if weight)

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in an order that is drawn (Fisher and Yates)."""
        out = list(items)
        for last in range(len(out) - 1, 0, -1):
            other = self.whole(0, last)
            out[last], out[other] = out[other], out[last]
        return out
