"""Reading ``musify.toml``: the user's own moods, and what is said of songs."""

import functools
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from musify._json import Node
from musify.errors import ParameterError
from musify.index.file_tags import read_key
from musify.index.song_files import find_songs
from musify.moods import KNOWN_MOODS, Mood, find_mood
from musify.tracks import Licence

__all__ = ["NOTES", "OwnNotes", "read_notes"]

NOTES: Final = "musify.toml"
_KEYS: Final = (
    *("mood", "title", "artist", "bpm", "key", "genre", "instrumental"),
    *("licence", "licence_url", "attribution"),
)


@dataclass(frozen=True, slots=True)
class OwnNotes:
    """Own moods by name, and facts of songs by path as :class:`~musify.Track` takes them."""

    moods: dict[str, Mood] = field(default_factory=dict)
    songs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def mood(self, word: str) -> Mood | None:
        """Look up a mood: an own one, or one that musify knows."""
        name = word.strip().lower()
        return self.moods.get(name) or _known_mood(name)


# Thousands of songs have a handful of words.
_known_mood = functools.lru_cache(4096)(find_mood)


def read_notes(folder: Path) -> OwnNotes:
    """Read the ``musify.toml`` of a folder, if it has one.

    Raises
    ------
    ParameterError
        If it is wrong; the message names the key.
    """
    file = folder / NOTES
    if not file.is_file():
        return OwnNotes()
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:  # some faults are no TOMLDecodeError
        raise ParameterError(f"cannot read {str(file)!r}: {error}") from error
    tables = Node(document, "", str(file)).keys((), ("moods", "songs"))
    notes = OwnNotes()
    if "moods" in tables:
        for name, point in _entries(tables["moods"]):
            numbers = [item.number(-1, 1) for item in point.items()]
            if len(numbers) != 2:
                raise point.refuse("[valence, arousal]")
            if not name.strip():
                raise point.refuse("under a name")
            mood = Mood(name, *numbers)
            notes.moods[mood.name] = mood
    if "songs" in tables:
        present = {song.path for song in find_songs(folder).files}
        for name, note in _entries(tables["songs"]):
            if name not in present:
                raise ParameterError(
                    f"{file}: songs names {name!r}, which is no song in {folder}; "
                    "write it as calm/evening.mp3, relative to the folder"
                )
            notes.songs[name] = _read_song(note, notes)
    return notes


def _entries(node: Node) -> list[tuple[str, Node]]:
    names = list(node.value) if isinstance(node.value, dict) else []
    return list(node.keys((), names).items())


def _read_song(note: Node, notes: OwnNotes) -> dict[str, Any]:
    keys = note.keys((), _KEYS)
    song: dict[str, Any] = {
        name: keys[name].text() for name in ("title", "artist", "key", "genre") if name in keys
    }
    if "key" in song:
        song["key"] = read_key(song["key"]) or song["key"]
    if "bpm" in keys:
        song["bpm"] = keys["bpm"].number(low=1, high=1000)
    if "instrumental" in keys:
        song["instrumental"] = keys["instrumental"].choice((True, False))
    if "mood" in keys:
        song["mood"] = notes.mood(keys["mood"].text())
        if song["mood"] is None:
            names = ", ".join([*notes.moods, *KNOWN_MOODS.names])
            raise keys["mood"].refuse(f"one of {names}")
    terms = {
        field: keys[name].text()
        for field, name in (("url", "licence_url"), ("attribution", "attribution"))
        if name in keys
    }
    if "licence" in keys:
        song["licence"] = Licence(keys["licence"].text(), **terms)
    elif terms:
        raise note.refuse("given a licence, when it has licence_url or attribution")
    return song
