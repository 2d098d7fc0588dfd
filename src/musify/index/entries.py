"""Putting together what the user, tags, names of folders and the analysis say of a song."""

import dataclasses
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from musify.index.own_notes import OwnNotes
from musify.index.rows import SongRow
from musify.moods import KNOWN_MOODS, Mood
from musify.songs import ANALYSIS_VERSION, SongAnalysis
from musify.tracks import Licence, Track

__all__ = ["EntryMaker", "SongEntry", "track_facts"]


# About as often wrong as right: neither is claimed.
_UNSURE: Final = 0.1


@dataclass(frozen=True, slots=True)
class SongEntry:
    """A song of a library, and where what is known of it comes from.

    Parameters
    ----------
    path : Path
        The file.
    track : Track or None
        What is known of it; None where it cannot be used.
    sources : dict of str to str
        For each fact of the track: ``"you"`` (``musify library tag``), ``"musify.toml"``,
        ``"tags"``, ``"folder"`` or ``"heard"``.
    fault : str, optional
        Why it cannot be used.
    note : str, optional
        What else is to be known of the file, such as that it ends early.
    missing : bool, default False
        Whether the file is gone.
    left_out : bool, default False
        Whether the user wants it out of the library.
    heard : bool, default False
        Whether this version of musify listened to it.
    """

    path: Path
    track: Track | None
    sources: dict[str, str] = field(default_factory=dict)
    fault: str | None = None
    note: str | None = None
    missing: bool = False
    left_out: bool = False
    heard: bool = False


class _IndexedTrack(Track):
    """A track whose analysis is read from the index when it is asked for.

    Thousands are made to choose among, and few of them looked at closely.
    """

    __slots__ = ("_analysis", "_load")

    if TYPE_CHECKING:
        _load: Callable[[], SongAnalysis | None] | None
        _analysis: SongAnalysis | None

    @property
    def analysis(self) -> SongAnalysis | None:
        """What was heard in it."""
        if self._load is not None:
            object.__setattr__(self, "_analysis", self._load())
            object.__setattr__(self, "_load", None)
        return self._analysis

    @analysis.setter
    def analysis(self, value: SongAnalysis | None) -> None:
        # Only the base's constructor comes here: by hand a frozen class refuses before.
        object.__setattr__(self, "_load", None)
        object.__setattr__(self, "_analysis", value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Track) and _compared(self) == _compared(other)

    def __hash__(self) -> int:
        return hash(_compared(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _plain_track, (*_compared(self), self.analysis)


# As everybody else sees it.
_IndexedTrack.__name__ = _IndexedTrack.__qualname__ = "Track"
_COMPARED: Final = [one.name for one in dataclasses.fields(Track) if one.compare]


def _compared(track: Track) -> tuple[Any, ...]:
    return tuple(getattr(track, name) for name in _COMPARED)


def _plain_track(*values: Any) -> Track:
    *facts, analysis = values
    return Track(**dict(zip(_COMPARED, facts, strict=True)), analysis=analysis)


class EntryMaker:
    """Puts together what is known of the songs of a folder, one by one.

    The user's word counts first (``musify library tag``, then ``musify.toml``), then the tags of
    the file, the name of the nearest folder that is a mood, and the analysis. Loudness alone is
    believed to the measurement before the tags: both are meant to be one number (BS.1770), and tags
    of other meters are off by some LU.

    Parameters
    ----------
    folder : Path
        The folder that the index is of.
    notes : OwnNotes
        Its ``musify.toml``.
    load : callable
        Gives the analysis of a content, by its hash.
    """

    def __init__(
        self, folder: Path, notes: OwnNotes, load: Callable[[bytes], SongAnalysis | None]
    ) -> None:
        self._folder = folder
        self._notes = notes
        self._load = load
        self._own_mood = notes.mood(folder.resolve().name)
        self._moods: dict[str, Mood | None] = {"": self._own_mood}

    def __call__(self, row: SongRow) -> SongEntry:
        """Put together what is known of a song."""
        path = self._folder / row.path
        heard = row.heard_version == ANALYSIS_VERSION and row.heard_duration is not None
        state: dict[str, Any] = {
            "note": row.note, "missing": row.missing, "left_out": row.left_out, "heard": heard
        }  # fmt: skip
        duration = row.heard_duration or row.duration
        if row.fault is not None or not duration:
            return SongEntry(path, None, fault=row.fault or "it was not read yet", **state)
        facts: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for source, given in (
            ("you", _of_words(row.words)),
            ("musify.toml", self._notes.songs.get(row.path, {})),
            ("heard", {"loudness_lufs": row.loudness_lufs}),
            ("tags", _of_tags(row.tags, self._notes)),
            ("folder", {"mood": self._of_folder(row.path.rpartition("/")[0])}),
            ("heard", {"bpm": row.bpm, "key": row.key, "instrumental": _is_instrumental(row)}),
        ):
            for name, value in given.items():
                if value is not None and name not in facts:
                    facts[name] = value
                    sources[name] = source
        if "mood" not in facts and (mood := _heard_mood(row)) is not None:
            facts["mood"], sources["mood"] = mood, "heard"
        track = _IndexedTrack(path=path, duration=duration, **facts)
        if heard and row.hash is not None:
            object.__setattr__(track, "_load", functools.partial(self._load, row.hash))
        return SongEntry(path, track, sources, **state)

    def _of_folder(self, inner: str) -> Mood | None:
        """Find the nearest folder that is named after a mood."""
        if inner not in self._moods:
            outer, _, name = inner.rpartition("/")
            self._moods[inner] = self._notes.mood(name) or self._of_folder(outer)
        return self._moods[inner]


def _of_words(words: Mapping[str, Any]) -> dict[str, Any]:
    if not words:
        return {}
    facts = dict(words)
    if "mood" in facts:
        facts["mood"] = Mood(*facts["mood"])
    return track_facts(facts)


def track_facts(said: Mapping[str, Any]) -> dict[str, Any]:
    """Turn what is said of a song into what :class:`~musify.Track` takes."""
    facts = dict(said)
    url, attribution = facts.pop("licence_url", None), facts.pop("attribution", None)
    if name := facts.get("licence"):
        facts["licence"] = Licence(name, url, attribution)
    return facts


def _of_tags(tags: Mapping[str, Any], notes: OwnNotes) -> dict[str, Any]:
    if not tags:
        return {}
    facts = track_facts(tags)
    if words := facts.pop("mood", ""):
        facts["mood"] = next(filter(None, map(notes.mood, re.split(r"[;,/]", words))), None)
    return facts


def _heard_mood(row: SongRow) -> Mood | None:
    """Name the point that was heard after the known mood nearest to it."""
    if row.valence is None or row.arousal is None:
        return None
    point = (min(max(row.valence, -1.0), 1.0), min(max(row.arousal, -1.0), 1.0))
    return Mood(KNOWN_MOODS.nearest(*point).name, *point)


def _is_instrumental(row: SongRow) -> bool | None:
    if row.instrumental is None or abs(row.instrumental - 0.5) < _UNSURE:
        return None
    return row.instrumental > 0.5
