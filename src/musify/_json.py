"""JSON read strictly, every complaint naming the key it is about, and written for people."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from musify.errors import ParameterError

__all__ = ["Node", "json_text", "parse"]

T = TypeVar("T")
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(text: str, what: str) -> "Node":
    """Read a JSON document.

    Raises
    ------
    ParameterError
        If it is not JSON, or names a key twice.
    """

    def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise ParameterError(f"{what}: the key {key!r} is given twice in one object")
            found[key] = value
        return found

    try:
        value = json.loads(text, object_pairs_hook=no_duplicates)
    except ParameterError:
        raise
    except (ValueError, RecursionError) as error:  # a number of 5000 digits is a plain ValueError
        raise ParameterError(f"{what} is not JSON: {error}") from error
    return Node(value, "", what)


class Node:
    """A value somewhere in a JSON document, which knows its own path."""

    __slots__ = ("path", "value", "what")

    def __init__(self, value: Any, path: str, what: str) -> None:
        self.value = value
        self.path = path
        self.what = what

    def refuse(self, wanted: str) -> ParameterError:
        """Make the error that says what should have stood here."""
        shown = repr(self.value)
        if len(shown) > 60:
            shown = shown[:57] + "..."
        return ParameterError(
            f"{self.what}: {self.path or 'the document'} must be {wanted}, got {shown}"
        )

    def keys(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, "Node"]:
        """Open an object that has these keys and no others."""
        if not isinstance(self.value, dict):
            raise self.refuse("an object")
        known = [*required, *optional]
        for key in self.value:
            if key not in known:
                raise ParameterError(
                    f"{self.what}: {self._at(key)} is not a known key; there are {', '.join(known)}"
                )
        for key in required:
            if key not in self.value:
                raise ParameterError(f"{self.what}: {self._at(key)} is missing")
        return {key: Node(item, self._at(key), self.what) for key, item in self.value.items()}

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def entries(self) -> Iterator[tuple[str, "Node"]]:
        """Open an object whose keys are names that somebody chose."""
        if not isinstance(self.value, dict):
            raise self.refuse("an object")
        for key, item in self.value.items():
            yield key, Node(item, self._at(key), self.what)

    def items(self) -> Iterator["Node"]:
        """Open a list."""
        if not isinstance(self.value, list):
            raise self.refuse("a list")
        for index, item in enumerate(self.value):
            yield Node(item, f"{self.path}[{index}]", self.what)

    def number(self, low: float = -math.inf, high: float = math.inf) -> float:
        """Read a finite number in a range."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse("a number")
        try:
            number = float(value)
        except OverflowError:
            raise self.refuse("a number of ordinary size") from None
        if not math.isfinite(number):
            raise self.refuse("a number")
        if not low <= value <= high:
            span = f"at least {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
            raise self.refuse(span)
        return number

    def integer(self, low: int, high: int) -> int:
        """Read a whole number in a range."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.refuse(f"a whole number from {low} to {high}")
        return value

    def text(self) -> str:
        """Read a string that is not blank."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.refuse("text")
        try:
            self.value.encode("utf-8")
        except UnicodeEncodeError:
            raise self.refuse("text without lone surrogates") from None
        return self.value

    def file_name(self) -> str:
        """Read the name of a file, which need not be text everywhere."""
        if not isinstance(self.value, str) or not self.value or "\0" in self.value:
            raise self.refuse("the path of a file")
        return self.value

    def choice(self, choices: Sequence[T]) -> T:
        """Read one of these values."""
        for choice in choices:
            if self.value == choice and type(self.value) is type(choice):
                return choice
        raise self.refuse(" or ".join(repr(choice) for choice in choices))

    @property
    def is_null(self) -> bool:
        """Whether null stands here."""
        return self.value is None


def json_text(value: Any) -> str:
    """Write JSON for people: a key or a sentence a line, lists of numbers on one line.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    text = "".join(_pieces(value, "\n")) + "\n"
    # The name of a file need not be text: Python keeps what is none as lone surrogates.
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _pieces(value: Any, line: str) -> Iterator[str]:
    holds = value.values() if isinstance(value, dict) else value
    is_open = isinstance(value, dict | list) and (
        any(isinstance(one, dict | list) for one in holds)
        or all(isinstance(one, str) for one in holds)  # sentences, most often
    )
    if not value or not (is_open or isinstance(value, dict)):
        yield json.dumps(value, ensure_ascii=False, allow_nan=False)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    inside = line + "  "
    yield opening
    for place, one in enumerate(value):
        yield f",{inside}" if place else inside
        if isinstance(value, dict):
            yield json.dumps(one, ensure_ascii=False) + ": "
            yield from _pieces(value[one], inside)
        else:
            yield from _pieces(one, inside)
    yield line + closing
