"""Letting only one at a time fetch into a folder."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from musify.cancelling import checkpoint
from musify.errors import OutputError

__all__ = ["alone"]

_LOCK: Final = ".lock"
_TURN: Final = 0.1  # seconds; while SQLite waits nobody can interrupt it


@contextmanager
def alone(folder: Path, *, wait: float) -> Iterator[None]:
    """Work in a folder while nobody else does; who is killed holds nobody up.

    A lock of SQLite is one that every system has, and that ends with whoever holds it.

    Parameters
    ----------
    folder : Path
        Exists.
    wait : float
        The most seconds to wait for others.

    Raises
    ------
    OutputError
        If others are not done by then, or the folder cannot be written.
    """
    until = time.monotonic() + wait
    try:
        lock = sqlite3.connect(folder / _LOCK, timeout=_TURN, isolation_level=None)
    except sqlite3.Error as error:
        raise OutputError(f"cannot write into {str(folder)!r}: {error}") from error
    with contextlib.closing(lock):
        while True:
            checkpoint()
            try:
                lock.execute("BEGIN EXCLUSIVE")
                break
            except sqlite3.Error as error:
                if "locked" not in str(error):
                    raise OutputError(f"cannot write into {str(folder)!r}: {error}") from error
                if time.monotonic() >= until:
                    raise OutputError(
                        f"somebody else fetches into {str(folder)!r}; try again when that is done"
                    ) from error
        yield
