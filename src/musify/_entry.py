"""The door of the shell: signals are handled before anything slow is loaded.

A signal becomes an exception, so that children are ended and half files removed on the way out.
"""

import contextlib
import signal
import sys
import threading
import weakref
from types import FrameType
from typing import Final

__all__ = ["SIGNAL_CODES", "main"]

# As shells count: 128 and the number of the signal. Windows knows no SIGHUP.
SIGNAL_CODES: Final = {
    number: 128 + number
    for name in ("SIGHUP", "SIGINT", "SIGTERM")
    if (number := getattr(signal, name, None)) is not None
}
_AGAIN_SECONDS: Final = 0.05


class _Ended(SystemExit):
    """A signal, on its way up."""

    def __init__(self, number: int) -> None:
        super().__init__(SIGNAL_CODES[number])
        self.number = number
        _Seen.number = number
        # Weak: as long as it lives, somebody is cleaning up because of it.
        _Seen.ended = weakref.ref(self)


class _Seen:
    """The last signal."""

    number: int | None = None
    ended: "weakref.ref[_Ended] | None" = None


def _on_signal(number: int, frame: FrameType | None) -> None:
    if _Seen.ended is not None and _Seen.ended() is not None:
        return  # a second one must not stop the cleaning up that the first began
    raise _Ended(number)  # held by no name here, which would keep it alive for ever


def _on_dropped(dropped: "sys.UnraisableHookArgs") -> None:
    """Send a signal again that came where Python drops exceptions, such as in ``__del__``."""
    if isinstance(dropped.exc_value, _Ended):
        again = threading.Timer(_AGAIN_SECONDS, _send, [dropped.exc_value.number])
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(dropped)


def _send(number: int) -> None:
    if hasattr(signal, "pthread_kill"):
        # To the thread that waits, so that its waiting ends.
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)


def main() -> None:
    """Run the shell."""
    # What was told to be ignored, as by nohup, stays so.
    handled = [number for number in SIGNAL_CODES if signal.getsignal(number) != signal.SIG_IGN]
    try:
        sys.unraisablehook = _on_dropped
        for number in handled:
            signal.signal(number, _on_signal)
        from musify.cli import run  # noqa: PLC0415 - takes a while, in which signals come too

        run()
    except BaseException as error:
        for number in handled:
            signal.signal(number, signal.SIG_IGN)  # the status is decided
        # A signal need not arrive as itself: numpy answers one that comes while it is imported by
        # an ImportError.
        if _Seen.number is None or (isinstance(error, SystemExit) and not error.code):
            raise
        if _Seen.number == signal.SIGINT:
            with contextlib.suppress(OSError):  # the terminal may be gone
                sys.stderr.write("interrupted\n")
        sys.exit(SIGNAL_CODES[_Seen.number])
