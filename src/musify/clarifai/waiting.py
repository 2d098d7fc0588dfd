"""Keeping to a rate, and asking again with patience."""

import math
import os
import random
import threading
import time
from collections.abc import Callable
from typing import Final

__all__ = ["Patience", "RateLimit", "rate_limit"]

LONGEST_WAIT: Final = 15.0
"""Seconds that the service advises to wait when it throttles."""

_GROWTH: Final = 2.0
# Of the wait: programs that were throttled together should not come back together.
_SPREAD: Final = 0.25


class RateLimit:
    """Lets calls begin at even intervals, whichever thread they come from.

    Parameters
    ----------
    per_second : float
        Above 0.
    """

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / per_second
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, sleep: Callable[[float], object]) -> None:
        """Sleep until it is this call's turn."""
        while True:
            with self._lock:
                now = time.monotonic()
                left = self._next - now
                if left <= 0:
                    self._next = now + self._interval
                    return
            sleep(left)

    def hold(self, seconds: float) -> None:
        """Let no call begin for some time: the service said that there were too many."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)


_limits: dict[tuple[str, float], RateLimit] = {}
_limits_lock = threading.Lock()


def rate_limit(address: str, per_second: float) -> RateLimit:
    """Give the limit that all of this process share for a service."""
    with _limits_lock:
        return _limits.setdefault((address, per_second), RateLimit(per_second))


def _begin_anew() -> None:
    # Another thread may have held a lock when this process was split off; nobody would open it.
    global _limits_lock
    _limits_lock = threading.Lock()
    _limits.clear()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_begin_anew)


class Patience:
    """How long to go on with one request, and how long to wait before each try.

    Parameters
    ----------
    total : float
        Seconds from now on.
    first_wait : float
        Seconds before the second try; each wait is twice the one before, up to
        :data:`LONGEST_WAIT`, less up to a quarter by chance.
    """

    def __init__(self, total: float, first_wait: float) -> None:
        self.total = total
        self._wait = first_wait
        self._end = time.monotonic() + total

    @property
    def left(self) -> float:
        """Seconds that are left, at least 0."""
        return max(0.0, self._end - time.monotonic())

    @property
    def for_a_try(self) -> float:
        """Seconds that the next try may take; any, where nothing is waited for anyway."""
        return self.left if self.total else math.inf

    def next_wait(self) -> float | None:
        """Seconds to wait before trying again; None when that would be too late."""
        wait = min(self._wait, LONGEST_WAIT) * (1 - _SPREAD * random.random())  # noqa: S311
        self._wait = min(self._wait, LONGEST_WAIT) * _GROWTH
        return wait if wait < self.left else None
