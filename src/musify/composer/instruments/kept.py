"""Arrays kept for the next note, as many bytes of them as may be."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Kept"]

T = TypeVar("T")


class Kept(Generic[T]):
    """What was made, until others need its place: what was not asked for longest goes first.

    Parameters
    ----------
    most_bytes : int
        How much is kept; the newest is kept in any case.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._values: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._bytes = 0

    def get(self, name: Hashable) -> T | None:
        """Return what is kept under a name, if it still is."""
        found = self._values.get(name)
        if found is None:
            return None
        self._values.move_to_end(name)
        return found[0]

    def keep(self, name: Hashable, value: T, size: int) -> None:
        """Keep a value of so many bytes."""
        self._bytes += size - self._values.pop(name, (None, 0))[1]
        self._values[name] = value, size
        while self._bytes > self._most and len(self._values) > 1:
            self._bytes -= self._values.popitem(last=False)[1][1]
