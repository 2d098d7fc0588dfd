"""What services are asked for a mood: a table of words."""

import functools
import math
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Final

from musify.errors import ParameterError
from musify.moods import Mood, find_mood, known_mood

__all__ = ["TEMPOS", "MoodWords", "check_tempo", "mood_table", "picture_queries", "song_words"]

TEMPOS: Final = ("verylow", "low", "medium", "high", "veryhigh")
"""Jamendo's words for speed, from slow to fast."""


@dataclass(frozen=True, slots=True)
class MoodWords:
    """What a mood is asked for by: searches for pictures, words for songs, and tempos."""

    pictures: tuple[str, ...]
    songs: tuple[str, ...]
    tempo: tuple[str, ...]


@functools.cache
def mood_table() -> dict[str, MoodWords]:
    """Read the table that is shipped: ``online/data/mood_words.toml``."""
    file = resources.files("musify.online") / "data" / "mood_words.toml"
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        name: MoodWords(*(tuple(row[field]) for field in ("pictures", "songs", "tempo")))
        for name, row in rows.items()
    }


def picture_queries(name: str) -> tuple[str, ...]:
    """Return what to search for to find pictures of a mood; its own name where it is not known.

    Examples
    --------
    >>> picture_queries("calm")[0]
    'calm lake morning'
    >>> picture_queries("Underwater")
    ('underwater',)
    """
    name = name.strip().lower()
    known = find_mood(name)
    row = mood_table().get(name) or mood_table().get(known.name if known else name)
    return row.pictures if row else (name,)


def song_words(mood: Mood) -> MoodWords:
    """Return what songs of a mood are asked for by.

    A mood that is not in the table is asked for by its name, and by the words of the row that is
    nearest to it in the valence-arousal plane.

    Examples
    --------
    >>> song_words(Mood("spooky", -0.8, 0.7)).songs
    ('spooky', 'horror', 'scary', 'dark')
    """
    if row := mood_table().get(mood.name):
        return row
    nearest = min(mood_table(), key=lambda name: math.dist(known_mood(name).point, mood.point))
    row = mood_table()[nearest]
    return MoodWords(row.pictures, tuple(dict.fromkeys((mood.name, *row.songs))), row.tempo)


def check_tempo(tempo: tuple[str, ...]) -> tuple[str, ...]:
    """Return words for speed in the order from slow to fast.

    Raises
    ------
    ParameterError
        If one is none.
    """
    for word in tempo:
        if word not in TEMPOS:
            raise ParameterError(f"tempo must be of {', '.join(TEMPOS)}; got {word!r}")
    return tuple(word for word in TEMPOS if word in tempo)
