"""From the concepts of a model to moods.

A general model knows things and feelings by thousands of names. A table,
``data/general-image-recognition.csv``, says for some hundred of them which of the four moods of
2016 footage dominated by each has. It was written by hand; names that the model does not know do no
harm. A model of one's own has the moods themselves as concepts.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import StrPath
from musify.errors import ParameterError
from musify.evidence import Evidence, EvidenceRow
from musify.moods import DEFAULT_MOODS, Mood, MoodSpace, known_mood

__all__ = [
    "GENERAL_MODELS",
    "MoodsOfConcepts",
    "Scored",
    "general_table",
    "moods_of_model",
    "read_table",
    "table_of",
]

GENERAL_MODELS: Final = ("general-image-recognition", "aaa03c23b3724a16a56b629203edc62c")
"""Names of the model that the table is for: its id, and the one it had before."""

Table: TypeAlias = Mapping[str, Mood]

# The model gives its best guesses however bad they are; from here on it is more sure than not.
_LEAST_VALUE: Final = 0.5
# As much as a quarter of a concept for each mood: one concept alone is no certainty, and a picture
# with none is undecided.
_PRIOR: Final = 0.25
_KEPT: Final = 8
_MOST_CONCEPTS: Final = 200
_GIVEN: Final = 20  # concepts, where no number is asked for


@dataclass(frozen=True, slots=True)
class Scored:
    """What the concepts of one frame say.

    Parameters
    ----------
    values : tuple of float
        Score of each mood, in [0, 1].
    point : tuple of (float, float)
        Valence and arousal, each in [-1, 1].
    evidence : tuple of Evidence
        The concepts that counted.
    known : int
        How many of the concepts have a mood.
    """

    values: tuple[float, ...]
    point: tuple[float, float]
    evidence: EvidenceRow
    known: int


@cache
def general_table() -> Table:
    """Read the table of the general model: concept, in lower case, to mood."""
    path = files("musify.clarifai") / "data" / "general-image-recognition.csv"
    return table_of(_rows(path.read_text(encoding="utf-8")))


def read_table(path: StrPath) -> Table:
    """Read a table that a user wrote: CSV in UTF-8, with the columns ``concept`` and ``mood``.

    Raises
    ------
    ParameterError
        If it cannot be read, is not such a table, or :func:`table_of` refuses it.
    """
    try:
        rows = _rows(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise ParameterError(
            f"cannot read {str(path)!r} as a table of concepts ({why}); it must be CSV in UTF-8 "
            "with the columns concept and mood"
        ) from error
    return table_of(rows)


def _rows(text: str) -> dict[str, str]:
    return {row["concept"]: row["mood"] or "" for row in csv.DictReader(text.splitlines())}


def table_of(moods: Mapping[str, Mood | str]) -> Table:
    """Check a table of concepts that a user wrote.

    Raises
    ------
    ParameterError
        If it is empty, a concept is not a name, or a mood is not known.
    """
    table: dict[str, Mood] = {}
    for concept, mood in moods.items():
        if not isinstance(concept, str) or not concept.strip():
            raise ParameterError(f"a concept must be a name, got {concept!r}")
        table[_plain(concept)] = known_mood(mood) if isinstance(mood, str) else mood
    if not table:
        raise ParameterError("the table of concepts is empty; give at least one, or leave it out")
    return table


def moods_of_model(names: Iterable[Mood | str]) -> MoodSpace:
    """Take the concepts of a model for moods, each by its own name.

    Parameters
    ----------
    names : iterable of Mood or str
        A string keeps its name where it is another word for a known mood: the model knows no
        other.

    Raises
    ------
    ParameterError
        If a name is not known, or given twice.
    """
    return MoodSpace(
        Mood(name, *known_mood(name).point) if isinstance(name, str) else name for name in names
    )


class MoodsOfConcepts:
    """Reads the moods of a frame from its concepts.

    Parameters
    ----------
    table : mapping of str to Mood, optional
        The mood of each concept. Without one, the concepts are the moods.
    moods : MoodSpace, optional
        The moods to tell apart; by default those of the table.
    temperature : float, default 0.5
        Of :meth:`MoodSpace.score`, where moods are asked for that the table does not hold.

    Notes
    -----
    With a table, each concept of which the model is more sure than not counts for its mood as much
    as the model is sure, v. A mood scores ``(sum of its v + 1/4) / (sum of all v + k/4)`` among k
    moods; the point of the frame is the mean of the points of all v. Moods that the table does not
    hold are scored by how near they are to that point. Without a table, a mood scores what the
    model gives its concept.
    """

    def __init__(
        self,
        table: Table | None,
        moods: MoodSpace | None = None,
        temperature: float = 0.5,
    ) -> None:
        held = () if table is None else _in_order(table.values())
        self.moods = MoodSpace(held) if moods is None else moods
        self._table = table
        self._temperature = temperature
        self._is_voted = table is not None and set(held) == set(self.moods)
        self._place = {mood.name: place for place, mood in enumerate(self.moods)}

    @property
    def has_table(self) -> bool:
        """Whether concepts stand for moods, rather than being them."""
        return self._table is not None

    @property
    def most_concepts(self) -> int:
        """How many concepts to ask for; 0 for as many as the service gives by itself."""
        if self.has_table:
            return _MOST_CONCEPTS
        return len(self.moods) if len(self.moods) > _GIVEN else 0

    def read(self, concepts: Iterable[Any]) -> Scored:
        """Read concepts: objects with ``name``, ``id`` and ``value``."""
        if self._table is None:
            return self._read_moods(concepts)
        counted: list[tuple[str, float, Mood]] = []
        for concept in concepts:
            mood = self._table.get(_plain(concept.name))
            if mood is not None and concept.value >= _LEAST_VALUE:
                counted.append((concept.name, min(1.0, concept.value), mood))
        points = np.array([mood.point for _, _, mood in counted]).reshape(-1, 2)
        weights = np.array([value for _, value, _ in counted])
        shares = weights / weights.sum() if counted else weights
        point = shares @ points
        if self._is_voted:
            sums = np.full(len(self.moods), _PRIOR)
            for _, value, mood in counted:
                sums[self._place[mood.name]] += value
            values = sums / sums.sum()
        elif counted:
            values = self.moods.score([point], self._temperature)[0]
        else:
            values = np.full(len(self.moods), 1 / len(self.moods))
        evidence = [
            Evidence("concept", name, value, *(float(share) * np.array(mood.point)))
            for (name, value, mood), share in zip(counted, shares, strict=True)
        ]
        evidence.sort(key=lambda one: -one.shift)
        return _scored(values, point, evidence, len(counted))

    def _read_moods(self, concepts: Iterable[Any]) -> Scored:
        values = np.zeros(len(self.moods))
        known = 0
        for concept in concepts:
            place = self._place.get(_plain(concept.name), self._place.get(_plain(concept.id)))
            if place is not None:
                known += 1
                values[place] = min(1.0, max(0.0, concept.value))
        total = values.sum()
        shares = values / total if total > 0 else values
        point = shares @ self.moods.plane
        evidence = [
            Evidence("concept", mood.name, float(value), *(float(share) * np.array(mood.point)))
            for mood, value, share in zip(self.moods, values, shares, strict=True)
            if share > 0
        ]
        evidence.sort(key=lambda one: -one.weight)
        return _scored(values, point, evidence, known)


def _scored(
    values: NDArray[np.float64],
    point: NDArray[np.float64],
    evidence: list[Evidence],
    known: int,
) -> Scored:
    valence, arousal = np.clip(point, -1, 1).tolist()
    clipped = np.clip(values, 0, 1).tolist()
    return Scored(tuple(clipped), (valence, arousal), tuple(evidence[:_KEPT]), known)


def _in_order(moods: Iterable[Mood]) -> tuple[Mood, ...]:
    """Each mood once: the four in their order, then others as they come."""
    held = dict.fromkeys(moods)
    first = [mood for mood in DEFAULT_MOODS if mood in held]
    return (*first, *(mood for mood in held if mood not in first))


def _plain(name: str) -> str:
    return name.strip().lower()
