"""Checks of options, alike for every backend: the message says which value was wrong."""

import math
import numbers
from collections.abc import Iterable

from musify.errors import ParameterError

__all__ = ["names", "number", "whole_number"]


def number(
    name: str,
    value: object,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    above: float | None = None,
) -> float:
    """Return a finite number as a float.

    Parameters
    ----------
    name : str
        What to call it in an error.
    value : object
        What was given.
    low, high : float
        Its range, ends included.
    above : float, optional
        What it must exceed.

    Raises
    ------
    ParameterError
        If it is no number, not finite, or outside its range.
    """
    is_number = not isinstance(value, bool) and isinstance(value, numbers.Real)
    found = float(value) if is_number else math.nan  # type: ignore[arg-type] # looked at above
    if math.isfinite(found) and low <= found <= high and (above is None or found > above):
        return found
    if above is not None:
        wanted = f"above {above:g}"
    elif math.isfinite(high):
        wanted = f"in [{low:g}, {high:g}]"
    else:
        wanted = f"at least {low:g}"
    kind = "" if is_number else "a number "
    raise ParameterError(f"{name} must be {kind}{wanted}, got {value!r}")


def whole_number(name: str, value: object, *, low: int) -> int:
    """Return a whole number as an int.

    Raises
    ------
    ParameterError
        If it is not whole, or below ``low``.
    """
    if not isinstance(value, bool) and isinstance(value, numbers.Integral) and int(value) >= low:
        return int(value)
    raise ParameterError(f"{name} must be at least {low}, got {value!r}; give a whole number")


def names(what: str, given: Iterable[str]) -> tuple[str, ...]:
    """Return names as a tuple; of one text Python would make a name of each letter.

    Raises
    ------
    ParameterError
        If it is one text.
    """
    if isinstance(given, str):
        raise ParameterError(f"{what} must be names, got {given!r}; write ({given!r},) for one")
    return tuple(given)
