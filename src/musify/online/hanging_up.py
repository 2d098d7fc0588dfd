"""Ending a connection that somebody waits for, from another thread."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from musify.cancelling import breaking_off

__all__ = ["hung_up"]


@contextmanager
def hung_up(fileno: Callable[[], int]) -> Iterator[None]:
    """Let the token in force end a wait for a connection, whose socket has this number.

    Raises
    ------
    CancelledError
        If it is cancelled.
    """
    with breaking_off(lambda: _hang_up(fileno)):
        yield


def _hang_up(fileno: Callable[[], int]) -> None:
    # The socket is somebody else's and stays open: whoever reads from it finds its end.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        connection = socket.socket(fileno=fileno())
        try:
            connection.shutdown(socket.SHUT_RDWR)
        finally:
            connection.detach()
