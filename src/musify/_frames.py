"""Where in whose code something happened."""

import inspect
from collections.abc import Iterator, Set
from pathlib import Path
from traceback import walk_tb
from types import FrameType
from typing import Final

__all__ = ["OURS", "frames_of", "outside_level", "package_of", "packages_of", "place_of"]

OURS: Final = "musify"
# Classes derive from these, whoever wrote them.
_NOBODYS: Final = {"abc", "builtins", "collections", "typing", OURS}


def package_of(frame: FrameType) -> str:
    """Name the package whose code a frame runs."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def packages_of(part: object) -> Set[str]:
    """Name the packages that hold the code of a part, a class or a function; none for musify's.

    What is written in a notebook or a script is in ``__main__``.
    """
    routine = inspect.isroutine(part)
    makers = [part] if routine else (part if isinstance(part, type) else type(part)).__mro__
    names = {str(getattr(maker, "__module__", "")).partition(".")[0] for maker in makers}
    return names - _NOBODYS - {""}


def frames_of(error: BaseException) -> list[tuple[FrameType, int]]:
    """List the frames an error came through, each with its line, the innermost last."""
    return list(walk_tb(error.__traceback__))


def place_of(error: BaseException, packages: Set[str]) -> str:
    """Say in which line of some packages an error arose, such as ``" (hue/model.py:12 in fit)"``.

    Returns
    -------
    str
        The innermost line that is theirs; empty if the error came through none.
    """
    for frame, line in reversed(frames_of(error)):
        if package_of(frame) in packages:
            inside = frame.f_code.co_name
            where = f" in {inside}" if inside.isidentifier() else ""
            return f" ({_file_of(frame)}:{line}{where})"
    return ""


def _file_of(frame: FrameType) -> str:
    """Name a file from its package on: who wrote it knows where that is."""
    file = Path(frame.f_code.co_filename)
    depth = str(frame.f_globals.get("__name__", "")).count(".") + 1
    return "/".join(file.parts[-(depth + (file.name == "__init__.py")) :])


def outside_level() -> int:
    """Return the ``stacklevel`` with which the caller warns of the first line outside of musify."""
    return sum(1 for _ in _ours_above()) + 1


def _ours_above() -> Iterator[FrameType]:
    frame = inspect.currentframe()
    # This generator and outside_level() itself are no frames of who asks.
    while frame is not None and package_of(frame) in {OURS, "contextlib"}:
        if frame.f_globals is not globals():
            yield frame
        frame = frame.f_back
