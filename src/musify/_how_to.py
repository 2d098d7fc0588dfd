"""What to do next, in the words of whoever is told: Python's, or the shell's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from musify.errors import ParameterError

__all__ = ["at_the_shell", "how_to", "no_video"]

_at_the_shell: ContextVar[bool] = ContextVar("musify_at_the_shell", default=False)


@contextmanager
def at_the_shell() -> Iterator[None]:
    """Speak the language of the shell inside the block."""
    before = _at_the_shell.set(True)
    try:
        yield
    finally:
        _at_the_shell.reset(before)


def how_to(in_python: str, in_shell: str) -> str:
    """Choose the words of whoever is told.

    Examples
    --------
    >>> how_to("library='songs'", "--library songs")
    "library='songs'"
    >>> with at_the_shell():
    ...     how_to("library='songs'", "--library songs")
    '--library songs'
    """
    return in_shell if _at_the_shell.get() else in_python


def no_video() -> ParameterError:
    """Return the error for a plan that is to be rendered, and names no video."""
    return ParameterError("the plan names no video; give " + how_to("video=...", "--video VIDEO"))
