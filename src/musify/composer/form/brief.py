"""A mood timeline from words: ``happy 20s, tense 15s, calm``."""

import re
from typing import Final, NamedTuple

from musify._checks import number
from musify.errors import ParameterError
from musify.moods import Mood, find_mood, known_mood
from musify.timeline import MoodTimeline

__all__ = ["read_seconds", "timeline_of"]

_CLOCK: Final = re.compile(r"(?:(\d+):)?(\d+):(\d{2}(?:\.\d+)?)")
_AMOUNT: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)")
_UNITS: Final = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
}
_PIECE: Final = re.compile(
    r"(?P<words>.*?)(?:(?:^|\s)(?P<length>[\d.:]+(?:\s*(?:"
    + "|".join(filter(None, _UNITS))
    + r"))?))?"
)
_POINT: Final = re.compile(r"([^=]+)=\s*([+-]?[\d.]+)\s*,\s*([+-]?[\d.]+)")
_HALF_POINT: Final = re.compile(r"[^=]+=\s*[+-]?[\d.]+\s*")
_SLACK: Final = 1e-6


class _Piece(NamedTuple):
    mood: Mood
    length: float | None


def read_seconds(text: str | float) -> float:
    """Read a length: ``20``, ``"20s"``, ``"1.5 min"``, ``"0:45"`` or ``"1:02:03.5"``.

    Returns
    -------
    float
        Seconds, above 0.

    Raises
    ------
    ParameterError
        If it is no length.

    Examples
    --------
    >>> read_seconds("0:45"), read_seconds("1.5 min"), read_seconds(20)
    (45.0, 90.0, 20.0)
    """
    if not isinstance(text, str):
        return number("length", text, above=0)
    spelt = text.strip().lower()
    seconds = None
    if match := _CLOCK.fullmatch(spelt):
        hours, minutes, rest = match.groups()
        if float(rest) < 60 and (hours is None or int(minutes) < 60):
            seconds = 3600.0 * int(hours or 0) + 60.0 * int(minutes) + float(rest)
    elif (match := _AMOUNT.fullmatch(spelt)) and match[2] in _UNITS:
        seconds = float(match[1]) * _UNITS[match[2]]
    if seconds is None or seconds <= 0:
        raise ParameterError(
            f"a length must be above 0 and look like 20s, 1.5 min, 0:45 or 1:02:03, got {text!r}"
        )
    return seconds


def timeline_of(text: str, length: str | float | None = None) -> MoodTimeline:
    """Turn words into a mood timeline.

    Parameters
    ----------
    text : str
        Moods, each with how long it lasts, with commas between: ``"happy 20s, tense 15s, calm"``. A
        mood is a name or another word for one, a point of the plane (``"spooky=-0.4,0.5 10s"``) or
        a description (``"a spooky night 0:10"``). What is left of the whole is shared equally by
        moods without a length, most often the last.
    length : str or float, optional
        Length of the whole, as :func:`read_seconds` takes it; by default the sum of the lengths.

    Returns
    -------
    MoodTimeline
        With the confidence 1 and no cuts.

    Raises
    ------
    ParameterError
        If there is no mood, a mood is not known or outside the plane, or the lengths do not add up.

    Examples
    --------
    >>> timeline = timeline_of("happy 20s, tense 15s, calm", length=45.0)
    >>> timeline.labels, timeline.edges.tolist()
    (('happy', 'tense', 'calm'), [0.0, 20.0, 35.0, 45.0])
    """
    if not isinstance(text, str) or not text.strip(" ,;\n\t"):
        raise ParameterError(f"name at least one mood, such as 'happy 20s, calm', got {text!r}")
    pieces = [_read(piece) for piece in _parted(text.strip(" ,;\n\t"))]
    given = sum(piece.length or 0.0 for piece in pieces)
    open_ended = [piece for piece in pieces if piece.length is None]
    whole = given if length is None else read_seconds(length)
    rest = whole - given
    if open_ended and length is None:
        raise ParameterError(
            f"how long is {open_ended[0].mood.name!r}? Give it a length, such as "
            f"'{open_ended[0].mood.name} 10s', or the whole one"
        )
    if open_ended and rest <= _SLACK:
        raise ParameterError(
            f"nothing is left for {open_ended[0].mood.name!r}: the other moods last {given:g} s of "
            f"{whole:g} s"
        )
    if not open_ended and abs(rest) > _SLACK:
        raise ParameterError(
            f"the moods last {given:g} s together, the whole {whole:g} s; make them alike, or "
            "leave out the length of the last mood"
        )
    edges = [0.0]
    for piece in pieces:
        took = rest / len(open_ended) if piece.length is None else piece.length
        edges.append(edges[-1] + took)
    edges[-1] = whole
    return MoodTimeline(
        edges,
        [piece.mood.name for piece in pieces],
        [1.0] * len(pieces),
        [piece.mood.point for piece in pieces],
    )


def _parted(text: str) -> list[str]:
    """Part the pieces; the comma between the two numbers of a point parts nothing."""
    pieces: list[str] = []
    for piece in re.split(r"[,;\n]", text):
        if pieces and _HALF_POINT.fullmatch(pieces[-1]):
            pieces[-1] += f",{piece}"
        else:
            pieces.append(piece)
    return pieces


def _read(piece: str) -> _Piece:
    match = _PIECE.fullmatch(piece.strip())
    words = "" if match is None else match["words"].strip()
    if match is None or not words or ("=" not in words and re.search(r"\d", words)):
        raise ParameterError(
            f"each piece needs a mood, then its length if any, such as 'happy 20s', got {piece!r}"
        )
    length = None if match["length"] is None else read_seconds(match["length"])
    return _Piece(_mood(words), length)


def _mood(words: str) -> Mood:
    if point := _POINT.fullmatch(words):
        try:
            place = float(point[2]), float(point[3])
        except ValueError as error:
            raise ParameterError(f"a point is two numbers, such as -0.4,0.5, got {words!r}") from (
                error
            )
        return Mood(point[1], *place)
    found = find_mood(words)
    if found is not None:
        return found
    name, equals, description = words.partition("=")
    if equals:
        return Mood.from_words(description, name=name)
    try:
        return Mood.from_words(words)
    except ParameterError:
        return known_mood(words)  # whose error names words like it
