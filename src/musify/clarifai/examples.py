"""The pictures of each mood as inputs of an app: named by what they hold, so that none is twice."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from musify.errors import ParameterError
from musify.notices import notify

__all__ = ["Example", "concept_id", "find_examples", "fingerprint"]

_DIGITS: Final = 32
_NO_ID: Final = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Example:
    """A picture that shows a mood.

    Parameters
    ----------
    id : str
        Of the input: made from the bytes of the file.
    mood : str
        Name of the folder it lies in.
    path : Path
        The file.
    """

    id: str
    mood: str
    path: Path


def find_examples(files: Mapping[str, Sequence[Path]]) -> tuple[Example, ...]:
    """Name the pictures of each mood.

    Copies of a picture within a folder count once, and are told.

    Raises
    ------
    ParameterError
        If one picture lies in the folders of two moods, or a file cannot be read.
    """
    found: dict[str, Example] = {}
    copies = []
    for mood, paths in files.items():
        for path in paths:
            example = Example(_id_of(path), mood, path)
            first = found.setdefault(example.id, example)
            if first.mood != mood:
                raise ParameterError(
                    f"{str(first.path)!r} and {str(path)!r} are one picture in the folders of two "
                    "moods; keep it in one"
                )
            if first is not example:
                copies.append(path)
    if copies:
        notify(f"left out {len(copies)} copies of pictures, such as {str(copies[0])!r}")
    return tuple(found.values())


def _id_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ParameterError(f"cannot read {str(path)!r}: {error.strerror or error}") from error
    return f"musify-{digest[:_DIGITS]}"


def concept_id(mood: str) -> str:
    """Make an id of the name of a mood: of plain letters, digits and hyphens."""
    plain = _NO_ID.sub("-", mood).strip("-")
    if plain == mood:
        return mood
    return f"{plain}-{hashlib.sha256(mood.encode()).hexdigest()[:8]}".lstrip("-")


def fingerprint(examples: Sequence[Example]) -> str:
    """Name a set of pictures and moods: another set has another name."""
    lines = "\n".join(sorted(f"{example.id} {example.mood}" for example in examples))
    return f"musify-{hashlib.sha256(lines.encode()).hexdigest()[:_DIGITS]}"
