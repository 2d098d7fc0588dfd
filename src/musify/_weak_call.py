"""Calling back without keeping alive who is called."""

import weakref
from collections.abc import Callable
from types import MethodType

__all__ = ["weak_call"]


def weak_call(on_line: Callable[[str], None] | None) -> Callable[[str], None] | None:
    """Hold the object of a bound method weakly: ffmpeg must not keep alive who waits for it."""
    if not isinstance(on_line, MethodType):
        return on_line
    reference = weakref.WeakMethod(on_line)

    def call(line: str) -> None:
        method = reference()
        if method is not None:
            method(line)

    return call
