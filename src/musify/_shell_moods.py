"""Moods as they are written at the shell."""

import re
from collections.abc import Sequence
from pathlib import Path

from musify._how_to import at_the_shell
from musify.errors import ParameterError
from musify.moods import Mood
from musify.vision.example_pictures import mood_from_pictures

__all__ = ["read_moods"]

_POINT = re.compile(r"\s*([+-]?[\d.]+)\s*,\s*([+-]?[\d.]+)\s*")


def read_moods(given: Sequence[str]) -> list[Mood]:
    """Read moods: ``calm``, ``spooky=-0.4,0.5``, ``cosy=pictures/`` or ``woods=a night in woods``.

    Raises
    ------
    ParameterError
        If a name is not known, or what stands behind ``=`` is neither a point, a folder of pictures
        nor words.
    """
    return [_read(text) for text in given]


def _read(text: str) -> Mood:
    name, equals, what = text.partition("=")
    if not equals:
        try:
            with at_the_shell():
                return Mood.named(text)
        except ParameterError as error:
            raise ParameterError(
                f"{error}; or describe it: --mood '{text}=a walk by the sea'; or give a point: "
                f"--mood {text}=0.2,-0.3"
            ) from error
    if not name.strip() or not what.strip():
        raise ParameterError(
            f"--mood must be NAME, NAME=VALENCE,AROUSAL, NAME=FOLDER or NAME=WORDS, got {text!r}"
        )
    if point := _POINT.fullmatch(what):
        try:
            return Mood(name, float(point[1]), float(point[2]))
        except ValueError as error:
            raise ParameterError(f"--mood {text!r}: {error}") from error
    if Path(what).is_dir():
        return mood_from_pictures(name, what)
    try:
        with at_the_shell():
            return Mood.from_words(what, name=name)
    except ParameterError as error:
        raise ParameterError(f"{error}; or give a point: --mood {name}=0.2,-0.3") from error
