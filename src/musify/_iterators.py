"""Ending iterators that own a process."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["ended"]

T = TypeVar("T")


@contextmanager
def ended(iterable: Iterable[T]) -> Iterator[Iterator[T]]:
    """Iterate inside the block, and end what feeds the iterator with it.

    ``contextlib.closing`` wants a ``close`` method; a generator has one, a plain iterator need not.
    """
    iterator = iter(iterable)
    try:
        yield iterator
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            close()
