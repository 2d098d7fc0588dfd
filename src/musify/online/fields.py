"""Reading what services send: any field may be missing, null, or of another type."""

import math
import re
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["identifier", "number", "records", "text", "texts"]

_LONGEST: Final = 500
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


def records(document: Any, name: str) -> Iterator[dict[str, Any]]:
    """Give the objects of a list; whatever else stands there is passed over."""
    found = document.get(name) if isinstance(document, dict) else None
    for item in found if isinstance(found, list) else ():
        if isinstance(item, dict):
            yield item


def text(record: dict[str, Any], name: str) -> str:
    """Read words as one line without control characters; "" where there are none."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    words = "".join(sign if sign.isprintable() else " " for sign in str(value)[:_LONGEST])
    return " ".join(words.encode("utf-8", "replace").decode().split())


def texts(record: dict[str, Any], name: str) -> tuple[str, ...]:
    """Read a list of words in lower case: strings, or objects with a name."""
    found = record.get(name)
    words = []
    for item in found if isinstance(found, list) else ():
        word = text(item, "name") if isinstance(item, dict) else text({"": item}, "")
        if word:
            words.append(word.lower())
    return tuple(words)


def number(record: dict[str, Any], name: str) -> float | None:
    """Read a number that is at least 0, also where it is written as text."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 else None


def identifier(record: dict[str, Any], name: str) -> str | None:
    """Read an identifier that may become part of the name of a file; None for any other."""
    found = text(record, name)
    return found if _SAFE_NAME.fullmatch(found) else None
