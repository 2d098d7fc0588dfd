"""How many requests a service still takes, by its own headers."""

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from musify.cancelling import pause

__all__ = ["Allowance", "Clock"]

_PERIODS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST: Final = 86400.0
_LIMIT = re.compile(r"\s*(\d{1,9})\s*/\s*(?:\d{1,6}\s*)?([smhd])", re.IGNORECASE)
_AVAILABLE: Final = "x-ratelimit-available-"


class Clock:
    """The time, and waiting; a test has one of its own."""

    def now(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        pause(seconds)


class Allowance:
    """Reads the headers of answers and tells how long to wait for the next request.

    Known are ``Retry-After`` (seconds or a date; RFC 9110, 10.2.3), ``X-RateLimit-Remaining`` with
    ``X-RateLimit-Reset`` in seconds (Pixabay), and ``x-ratelimit-available-NAME`` with
    ``x-ratelimit-limit-NAME`` such as ``20/min`` (Openverse), which do not say when the window
    ends: then a whole one is waited for. What makes no sense is passed over.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free_at = -math.inf
        self.reason = ""

    def read(self, headers: Mapping[str, str]) -> None:
        """Take note of the headers of an answer, keys in lower case."""
        asked = _seconds_or_date(headers.get("retry-after", ""))
        if asked is not None:
            self._block(asked, "it asks to be left alone for a while")
        if _number(headers.get("x-ratelimit-remaining", "")) == 0:
            # Without the time of the end, a minute: the window of every service known here.
            reset = _number(headers.get("x-ratelimit-reset", ""))
            self._block(60.0 if reset is None else reset, "its limit of requests is reached")
        for name, value in headers.items():
            if name.startswith(_AVAILABLE) and _number(value) == 0:
                limit = headers.get(f"x-ratelimit-limit-{name.removeprefix(_AVAILABLE)}", "")
                match = _LIMIT.match(limit)
                period = _PERIODS[match[2].lower()] if match else 60.0
                self._block(period, f"its limit of {limit.strip()[:40] or 'requests'} is reached")

    def _block(self, seconds: float, reason: str) -> None:
        until = self._clock.now() + min(max(seconds, 0.0), _LONGEST)
        if until > self._free_at:
            self._free_at, self.reason = until, reason

    def wait(self) -> float:
        """Return the seconds until the next request may be sent."""
        return max(0.0, self._free_at - self._clock.now())


def _number(text: str) -> float | None:
    text = text.strip()
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) else None


def _seconds_or_date(text: str) -> float | None:
    number = _number(text)
    if number is not None or not text.strip():
        return number
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
