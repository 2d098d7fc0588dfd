"""Ending a connection that somebody waits for, from another thread."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from musify.cancelling import breaking_off, current_token

__all__ = ["hung_up"]


@contextmanager
def hung_up(fileno: Callable[[], int]) -> Iterator[None]:
    """Let the token in force end a wait for a connection, whose socket has this number.

    Raises
    ------
    CancelledError
        If it is cancelled.
    """
    connection = None if current_token() is None else _also(fileno)
    if connection is None:
        yield
        return
    with connection, breaking_off(lambda: _hang_up(connection)):
        yield


def _also(fileno: Callable[[], int]) -> socket.socket | None:
    """Open the socket once more: meanwhile its number might become that of another."""
    try:
        lent = socket.socket(fileno=fileno())
    except (OSError, ValueError, AttributeError):  # an answer that has all come has no socket
        return None
    try:
        return lent.dup()
    finally:
        lent.detach()  # whose it is closes it


def _hang_up(connection: socket.socket) -> None:
    # It stays open: whoever reads from it finds its end.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
