"""Stopping work that somebody else began: from another thread, within a second, without a trace."""

import contextlib
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token, copy_context
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, ParamSpec, Self, TypeVar

from musify.errors import CancelledError, ParameterError

__all__ = [
    "CancelToken",
    "abandoning",
    "breaking_off",
    "checkpoint",
    "current_token",
    "in_this_context",
    "pause",
]

P = ParamSpec("P")
T = TypeVar("T")

_TURN: Final = 0.2

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
        # A handler of a signal may call cancel() at any step: no lock that its own thread may
        # hold is waited for, which leaves Event and Queue out.
        self._is_cancelled = False
        self._lock = threading.RLock()
        self._ends: weakref.WeakKeyDictionary[object, Callable[[], None]] = (
            weakref.WeakKeyDictionary()
        )
        self._entered = threading.local()

    def __repr__(self) -> str:
        return f"<CancelToken, {'cancelled' if self.cancelled else 'not cancelled'}>"

    @property
    def cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Stop the work; return at once. May be called from any thread, and more than once."""
        self._is_cancelled = True
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

    def _end_without(self, owner: object) -> None:
        with self._lock:
            self._ends.pop(owner, None)


class _Waiting:
    """A wait that a token may end: until it is over, and not a moment longer."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._lock = threading.RLock()  # as that of the token
        self._end: Callable[[], None] | None = end

    def end(self) -> None:
        with self._lock:
            if self._end is not None:
                self._end()

    def is_over(self) -> None:
        with self._lock:
            self._end = None


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
    if _current.get() is None:
        time.sleep(seconds)
        return
    checkpoint()
    over: SimpleQueue[None] = SimpleQueue()
    with breaking_off(lambda: over.put(None)), contextlib.suppress(Empty):
        over.get(timeout=seconds)


def in_this_context(function: Callable[P, T]) -> Callable[P, T]:
    """Let a thread of a pool stop with the token of the thread that gives it work.

    The function that is returned may be called by one thread at a time.
    """
    context = copy_context()

    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return context.run(function, *args, **kwargs)

    return call


@contextmanager
def breaking_off(end: Callable[[], None]) -> Iterator[None]:
    """Let the token in force end the wait in this block, by calling `end` from another thread.

    Where there is no token, nothing is called.

    Raises
    ------
    CancelledError
        If it is cancelled, in the place of whatever the wait ended with.
    """
    token = _current.get()
    if token is None:
        yield
        return
    waiting = _Waiting(end)
    try:
        token._end_with(waiting, waiting.end)  # which holds it, until it is taken out
        yield
    except Exception:
        token.raise_if_cancelled()
        raise
    finally:
        token._end_without(waiting)
        waiting.is_over()
    token.raise_if_cancelled()


def abandoning(function: Callable[P, T], drop: Callable[[T], object]) -> Callable[P, T]:
    """Let a call that nothing can end be left by the token in force: it goes on by itself.

    Parameters
    ----------
    function : callable
        Waits at most for a time limit of its own. It is run in a thread where there is a token.
    drop : callable
        Called with what it returns when nobody waits for that any more.

    Returns
    -------
    callable
        Takes and returns what `function` does; raises :class:`CancelledError` on cancelling.
    """

    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        token = _current.get()
        if token is None:
            return function(*args, **kwargs)
        waiting = _Abandoned(function, drop)
        work = threading.Thread(
            target=copy_context().run,
            args=(waiting.work, args, kwargs),
            name="musify wait",
            daemon=True,
        )
        token.raise_if_cancelled()
        try:
            with breaking_off(waiting.wake):
                work.start()
                waiting.wait()
            return waiting.result()
        except BaseException:
            waiting.abandon()
            raise

    return call


class _Abandoned(Generic[T]):
    """A call in a thread, and whether somebody still waits for it."""

    def __init__(self, function: Callable[..., T], drop: Callable[[T], object]) -> None:
        self._function = function
        self._drop = drop
        self._lock = threading.Lock()
        self._is_left = False
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._done: SimpleQueue[None] = SimpleQueue()

    def work(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            result = self._function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._error = error
        else:
            with self._lock:
                self._results.append(result)
            if self._is_left:
                self.abandon()
        self.wake()

    def wake(self) -> None:
        self._done.put(None)

    def wait(self) -> None:
        while True:
            with contextlib.suppress(Empty):
                # In turns: on Windows Ctrl-C does not end a wait without a limit.
                self._done.get(timeout=_TURN)
                return

    def abandon(self) -> None:
        with self._lock:
            self._is_left = True
            results, self._results = self._results, []
        for result in results:
            with contextlib.suppress(Exception):  # it is of use to nobody
                self._drop(result)

    def result(self) -> T:
        # An error that is kept would hold this by its traceback, and this would hold the error.
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error
            finally:
                del error
        return self._results[0]
