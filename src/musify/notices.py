"""What musify chose or skipped for the user: said once in the log, kept in the result.

A backend calls :func:`notify`; :class:`~musify.Pipeline` gathers the messages of a run into
:attr:`RunResult.warnings`. Outside a run they reach the log only.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["collect_notices", "notify"]

log = logging.getLogger("musify")
_collected: ContextVar[list[str] | None] = ContextVar("musify_notices", default=None)


def notify(message: str) -> None:
    """Tell the user something they can act on, without failing.

    Parameters
    ----------
    message : str
        What happened, with which value, and what to change.
    """
    notices = _collected.get()
    if notices is not None:
        if message in notices:  # a song that is played again is no news
            return
        notices.append(message)
    log.warning("%s", message)


@contextmanager
def collect_notices() -> Iterator[list[str]]:
    """Gather what is notified inside the block, in order.

    Yields
    ------
    list of str
        Grows while the block runs. An inner block keeps its notices to itself.
    """
    notices: list[str] = []
    token = _collected.set(notices)
    try:
        yield notices
    finally:
        _collected.reset(token)
