"""Stopping work that somebody else began: from another thread, within a second, without a trace."""

import contextlib
import threading
import time
import weakref
from collections.abc import Callable
from contextvars import ContextVar, Token, copy_context
from typing import ParamSpec, Self, TypeVar

from musify.errors import CancelledError, ParameterError

__all__ = ["CancelToken", "checkpoint", "current_token", "in_this_context", "pause"]

P = ParamSpec("P")
T = TypeVar("T")

_current: ContextVar["CancelToken | None"] = ContextVar("musify_cancel_token", default=None)


class CancelToken:
    """Stops what runs in its ``with`` block, whoever calls :meth:`cancel`.

    What musify does inside the block, in the thread that entered it and in threads that musify
    starts for it, then ends with :class:`CancelledError` within a second: processes are ended, and
    no part of an output is left, as after any other error. A token that is cancelled stays so: in
    its block everything that may last ends at once. One token may be entered by several threads.

    Examples
    --------
    A button that stops the work on a thread of its own::

        token = musify.CancelToken()

        def work():
            with token:
                musify.add_music("holiday.mp4", "holiday-music.mp4")

        threading.Thread(target=work).start()
        button.on_click(token.cancel)

    >>> token = CancelToken()
    >>> token.cancel()
    >>> with token:
    ...     compose("happy 10s")
    Traceback (most recent call last):
    musify.errors.CancelledError: cancelled
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.RLock()  # a handler of a signal may call cancel() at any step
        self._ends: weakref.WeakKeyDictionary[object, Callable[[], None]] = (
            weakref.WeakKeyDictionary()
        )
        self._entered = threading.local()

    def __repr__(self) -> str:
        return f"<CancelToken, {'cancelled' if self.cancelled else 'not cancelled'}>"

    @property
    def cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Stop the work; return at once. May be called from any thread, and more than once."""
        self._event.set()
        with self._lock:
            ends = list(self._ends.values())
        for end in ends:
            with contextlib.suppress(Exception):
                end()

    def raise_if_cancelled(self) -> None:
        """End here if :meth:`cancel` was called; without the token at hand, :func:`checkpoint`.

        Raises
        ------
        CancelledError
            If so.
        """
        if self.cancelled:
            raise CancelledError("cancelled")

    def __enter__(self) -> Self:
        stack: list[Token[CancelToken | None]] = self._entered.__dict__.setdefault("stack", [])
        stack.append(_current.set(self))
        return self

    def __exit__(self, *exc: object) -> None:
        stack: list[Token[CancelToken | None]] = self._entered.__dict__.get("stack", [])
        if not stack:
            raise ParameterError("a CancelToken is left in the thread that entered it")
        _current.reset(stack.pop())

    def _end_with(self, owner: object, end: Callable[[], None]) -> None:
        """Call `end` when this is cancelled, if `owner`, which it must not hold, lives then."""
        with self._lock:
            self._ends[owner] = end
        if self.cancelled:
            end()


def checkpoint() -> None:
    """End here if the token that is in force was cancelled; cheap enough for every block.

    A backend that works long by itself calls it now and then. Where there is no token, it does
    nothing.

    Raises
    ------
    CancelledError
        If so.
    """
    token = _current.get()
    if token is not None:
        token.raise_if_cancelled()


def current_token() -> CancelToken | None:
    """Return the token that is in force in this thread."""
    return _current.get()


def pause(seconds: float) -> None:
    """Sleep, but not on after the token in force is cancelled.

    Raises
    ------
    CancelledError
        If it is cancelled.
    """
    token = _current.get()
    if token is None:
        time.sleep(seconds)
    else:
        token._event.wait(seconds)
        token.raise_if_cancelled()


def in_this_context(function: Callable[P, T]) -> Callable[P, T]:
    """Let a thread of a pool stop with the token of the thread that gives it work.

    The function that is returned may be called by one thread at a time.
    """
    context = copy_context()

    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return context.run(function, *args, **kwargs)

    return call
