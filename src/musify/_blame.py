"""Whose fault it is when something goes wrong in a part that musify calls.

Errors of musify tell the user something, so they stay what they are: a file that cannot be read, a
service that is down, an option that was given. Two kinds are the fault of the part, and become a
:class:`BackendError` that names it, its package and the line: whatever is no error of musify, and a
:class:`ParameterError` that musify raised because the part used musify wrongly.
"""

from collections.abc import Iterator, Set
from contextlib import contextmanager
from types import FrameType
from typing import Final

from musify._frames import OURS, frames_of, package_of, packages_of, place_of
from musify.errors import BackendError, MusifyError, ParameterError

__all__ = ["Blame", "fault_of"]

_PARTS: Final = f"{OURS}.backends."


class Blame:
    """The border between musify and the parts of one run, which may call each other through it."""

    def __init__(self) -> None:
        self._judged: BaseException | None = None

    @contextmanager
    def on(self, who: str, part: object) -> Iterator[None]:
        """Blame a part for what goes wrong inside, unless that was judged already.

        Parameters
        ----------
        who : str
            What to call it, such as ``"the track_selector 'hue' (musify-hue 0.1)"``.
        part : object
            The backend that is called.
        """
        try:
            yield
        except Exception as error:
            if error is self._judged:
                raise
            fault = fault_of(error, who, packages_of(part))
            self._judged = fault or error
            if fault is None:
                raise
            raise fault from error

    @contextmanager
    def off(self) -> Iterator[None]:
        """Blame no part for what goes wrong inside, though one asked for it."""
        try:
            yield
        except Exception as error:
            self._judged = error
            raise


def fault_of(
    error: Exception,
    who: str,
    packages: Set[str],
    *,
    what: str = "failed",
    was_asked: bool = False,
) -> BackendError | None:
    """Return the error that blames a part, or None where an error is to go on as it is.

    Parameters
    ----------
    error : Exception
        What came out of the part.
    who : str
        What to call the part.
    packages : set of str
        Where its code is; empty if it is musify's.
    what : str, default "failed"
        What happened to it.
    was_asked : bool, default False
        Whether the user gave it values, which it may have handed on.
    """
    if isinstance(error, ParameterError):
        misuse = "" if was_asked else _misuse(error, packages)
        if not misuse:
            return None
        return BackendError(f"{who} {misuse}: {error}{place_of(error, packages)}")
    if isinstance(error, MusifyError):
        return None
    words = f"{type(error).__name__}: {error}".removesuffix(": ")
    return BackendError(f"{who} {what}: {words}{place_of(error, packages or {OURS})}")


def _misuse(error: ParameterError, packages: Set[str]) -> str:
    """Say what of musify was used wrongly; empty where the part itself raised the error."""
    frames = [frame for frame, _ in frames_of(error)]
    theirs = [index for index, frame in enumerate(frames) if package_of(frame) in packages]
    if not theirs or package_of(frames[-1]) != OURS:
        return ""
    used = frames[theirs[-1] + 1]
    if str(used.f_globals["__name__"]).startswith(_PARTS):
        return ""  # one part calls another, which tells the user what it would tell anyway
    made = used.f_locals.get("self")
    if used.f_code.co_name in ("__init__", "__post_init__") and made is not None:
        return f"made a wrong {type(made).__name__}"
    return f"called {_name(used)} wrongly"


def _name(frame: FrameType) -> str:
    return frame.f_code.co_qualname.rpartition("<locals>.")[2]
