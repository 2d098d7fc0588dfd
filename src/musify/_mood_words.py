"""Moods by words: a hand-written list of words with points, and other names of known moods.

``data/mood_words.csv`` holds, for each word, whether it tells how something feels (``mood``) or
what is seen (``scene``), and its valence and arousal in [-1, 1]. ``data/mood_synonyms.csv`` holds
other words for the moods of :data:`~musify.KNOWN_MOODS`. Both were written for musify by judgement;
no published norms were copied. ``tools/check_mood_words.py`` compares valence with VADER's lexicon.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias

__all__ = ["Reading", "Word", "plain", "read_words", "synonyms", "words"]

# What is seen says less of the mood than a word for the mood itself.
_WEIGHTS: Final = {"mood": 1.0, "scene": 0.25}
# "Not happy" is unpleasant, but less so than "sad"; VADER turns and shrinks likewise, by 0.74.
_NEGATED: Final = -0.5
_STRONGER: Final = 1.3
_WEAKER: Final = 0.6


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEGATIONS: Final = _listed("not no never without hardly isn't don't doesn't aren't won't")
_INTENSIFIERS: Final = dict.fromkeys(
    _listed("very really extremely so too deeply totally utterly super incredibly"), _STRONGER
) | dict.fromkeys(_listed("slightly somewhat mildly bit rather little fairly quite"), _WEAKER)
# Say nothing, and are not worth a warning.
_SMALL: Final = _listed(
    """a an the and or but of in on at to for from with into by through as is are was be been am it
    its this that some any all one two i we you he she they my our your me us them his her their
    like about over under up down out off then than when while where who what which there here
    feel feels feeling mood music scene video film footage"""
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the list: its kind, ``mood`` or ``scene``, and its point."""

    kind: str
    valence: float
    arousal: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of a text: a point, and which words it came from; None if from none."""

    point: tuple[float, float] | None
    understood: tuple[str, ...]
    unknown: tuple[str, ...]


_Entry: TypeAlias = tuple[Word, str]


@cache
def words() -> Mapping[str, Word]:
    """Return the list of words."""
    return {
        row["word"]: Word(row["kind"], float(row["valence"]), float(row["arousal"]))
        for row in _rows("mood_words.csv")
    }


@cache
def synonyms() -> Mapping[str, str]:
    """Return the known mood that each synonym stands for."""
    return {row["synonym"]: row["mood"] for row in _rows("mood_synonyms.csv")}


def plain(name: str) -> str:
    """Return a name as the lists spell it: lower case, single spaces for hyphens and such."""
    return " ".join(re.split(r"[\s_-]+", name.strip().lower())).strip()


def read_words(text: str, moods: Mapping[str, tuple[float, float]]) -> Reading:
    """Average the points of the words of a text.

    Words for how it feels count four times as much as words for what is seen. "Not" and its like
    turn the next known word, if it is among the next three words, to the other side and halve it;
    "very" makes it 1.3 times as strong, "slightly" 0.6 times.

    Parameters
    ----------
    text : str
        Any words.
    moods : mapping of str to (float, float)
        Names of known moods and their points.
    """
    total = valence = arousal = 0.0
    understood, unknown = [], []
    factor, waits = 1.0, 0
    for spelt in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower().replace("\u2019", "'")):
        if spelt in _NEGATIONS or spelt in _INTENSIFIERS:
            factor *= _NEGATED if spelt in _NEGATIONS else _INTENSIFIERS[spelt]
            waits = 4
        elif (found := _find(spelt, moods)) is not None:
            word, name = found
            weight = _WEIGHTS[word.kind]
            total += weight
            valence += weight * _inside(word.valence * factor)
            arousal += weight * _inside(word.arousal * factor)
            understood.append(name)
            waits = 0
        elif spelt not in _SMALL:
            unknown.append(spelt)
        waits -= 1
        if waits <= 0:
            factor, waits = 1.0, 0
    point = (valence / total, arousal / total) if total else None
    return Reading(point, tuple(understood), tuple(unknown))


def _find(spelt: str, moods: Mapping[str, tuple[float, float]]) -> _Entry | None:
    for name in _forms(spelt):
        if name in words():
            return words()[name], name
        known = synonyms().get(name, name)
        if known in moods:
            return Word("mood", *moods[known]), name
    return None


def _forms(spelt: str) -> Iterator[str]:
    """List the word as it is, then what it may be a form of."""
    yield spelt
    for ending, stems in (
        ("'s", ("",)), ("ies", ("y",)), ("iest", ("y",)), ("ier", ("y",)), ("ily", ("y",)),
        ("es", ("", "e")), ("s", ("",)), ("ly", ("", "le")), ("ness", ("",)), ("iness", ("y",)),
        ("ed", ("", "e")), ("ing", ("", "e")), ("est", ("", "e")), ("er", ("", "e")), ("y", ("",)),
    ):  # fmt: skip
        stem = spelt.removesuffix(ending)
        if stem != spelt and len(stem) > 2:
            yield from (stem + more for more in stems)


def _inside(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("musify") / "data" / name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
