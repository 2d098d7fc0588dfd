"""Your own songs in a folder."""

import re
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from musify._ffmpeg import StrPath
from musify._json import Node
from musify._packets import read_packets
from musify.errors import AudioDecodeError, ParameterError
from musify.interfaces import SongLibrary
from musify.moods import KNOWN_MOODS, Mood, find_mood
from musify.notices import notify
from musify.tracks import Licence, Track
from musify.video import read_media

__all__ = ["FolderLibrary"]

ENDINGS: Final = (
    ".aac",
    ".aif",
    ".aiff",
    ".flac",
    ".m4a",
    ".mp3",
    ".oga",
    ".ogg",
    ".opus",
    ".wav",
    ".wma",
)
NOTES: Final = "musify.toml"
# ReplayGain 2.0 brings a song to this loudness, so its gain tells how loud the song is.
_REPLAYGAIN_LUFS: Final = -18.0


class FolderLibrary(SongLibrary):
    """The audio files below a folder, in the order of their names.

    The mood of a song is looked for in ``musify.toml``, then in the file's own tags (``MOOD`` or
    ``TMOO``), then in the name of the nearest folder that is a mood. A ``musify.toml`` in the
    folder names own moods and says more about songs::

        [moods]
        spooky = [-0.4, 0.5]            # valence, arousal

        [songs."night/walk.mp3"]
        mood = "spooky"
        title = "Night Walk"
        artist = "Somebody"
        bpm = 92
        licence = "CC-BY-4.0"
        attribution = "Night Walk by Somebody, CC BY 4.0"

    Parameters
    ----------
    path : path-like
        The folder.

    Raises
    ------
    ParameterError
        If it is no folder, or its ``musify.toml`` is wrong; the message names the key.
    """

    def __init__(self, path: StrPath) -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            raise ParameterError(f"there is no folder of songs at {str(self.path)!r}")
        self._moods, self._notes = _read_notes(self.path)

    def __repr__(self) -> str:
        return f"FolderLibrary({str(self.path)!r})"

    @override
    def __iter__(self) -> Iterator[Track]:
        files = _song_files(self.path)
        # Nearly all of the time goes to starting ffmpeg for each file.
        with ThreadPoolExecutor(max_workers=4) as pool:
            for found in pool.map(self._read, files):
                if isinstance(found, Track):
                    yield found
                else:
                    notify(found)

    def _read(self, file: Path) -> Track | str:
        """Describe a file, or say why it is left out."""
        try:
            info = read_media(file, AudioDecodeError, "audio")
        except AudioDecodeError as error:
            return f"left out a song: {error}"
        audio = [stream for stream in info.streams if stream.kind == "audio"]
        duration = info.duration if audio else None
        if audio and (info.is_estimate or not duration):
            packets = read_packets(file, audio[0].index)
            duration = float((packets.starts + packets.lengths).max(initial=0.0))
        if not duration:
            return f"left out a song: {str(file)!r} has no sound"
        tags = info.merged_tags(audio[0].index)
        notes = self._notes.get(file.relative_to(self.path).as_posix(), {})
        about: dict[str, Any] = {
            "title": tags.get("title", ""),
            "artist": tags.get("artist"),
            "bpm": _tempo(tags.get("bpm", tags.get("tbpm"))),
            "key": tags.get("initialkey", tags.get("key")) or None,
            "licence": Licence(tags["license"]) if tags.get("license", "").strip() else None,
            "loudness_lufs": _loudness(tags.get("replaygain_track_gain")),
            "mood": self._mood_of_tags(tags) or self._mood_of_folder(file),
        }
        return Track(path=file, duration=duration, **(about | notes))

    def _mood_of_tags(self, tags: dict[str, str]) -> Mood | None:
        for word in re.split(r"[;,/]", tags.get("mood", tags.get("tmoo", ""))):
            if mood := self._known(word):
                return mood
        return None

    def _mood_of_folder(self, file: Path) -> Mood | None:
        for folder in file.relative_to(self.path).parents:
            if mood := self._known(folder.name):
                return mood
        return self._known(self.path.resolve().name)

    def _known(self, word: str) -> Mood | None:
        name = word.strip().lower()
        if name in self._moods:
            return self._moods[name]
        return find_mood(name)


def _song_files(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in ENDINGS and not file.name.startswith(".") and file.is_file()
    )


def _read_notes(folder: Path) -> tuple[dict[str, Mood], dict[str, dict[str, Any]]]:
    """Read ``musify.toml``: own moods, and what is said of songs."""
    file = folder / NOTES
    if not file.is_file():
        return {}, {}
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:  # some faults are no TOMLDecodeError
        raise ParameterError(f"cannot read {str(file)!r}: {error}") from error
    tables = Node(document, "", str(file)).keys((), ("moods", "songs"))
    moods: dict[str, Mood] = {}
    if "moods" in tables:
        for name, point in _entries(tables["moods"]):
            numbers = [item.number(-1, 1) for item in point.items()]
            if len(numbers) != 2:
                raise point.refuse("[valence, arousal]")
            if not name.strip():
                raise point.refuse("under a name")
            mood = Mood(name, *numbers)
            moods[mood.name] = mood
    songs: dict[str, dict[str, Any]] = {}
    if "songs" in tables:
        present = {song.relative_to(folder).as_posix() for song in _song_files(folder)}
        for name, note in _entries(tables["songs"]):
            if name not in present:
                raise ParameterError(
                    f"{file}: songs names {name!r}, which is no song in {folder}; "
                    "write it as calm/evening.mp3, relative to the folder"
                )
            songs[name] = _read_song(note, moods)
    return moods, songs


def _entries(node: Node) -> list[tuple[str, Node]]:
    names = list(node.value) if isinstance(node.value, dict) else []
    return list(node.keys((), names).items())


def _read_song(note: Node, moods: dict[str, Mood]) -> dict[str, Any]:
    keys = note.keys(
        (), ("mood", "title", "artist", "bpm", "key", "licence", "licence_url", "attribution")
    )
    song: dict[str, Any] = {
        name: keys[name].text() for name in ("title", "artist", "key") if name in keys
    }
    if "bpm" in keys:
        song["bpm"] = keys["bpm"].number(low=1, high=1000)
    if "mood" in keys:
        name = keys["mood"].text().strip().lower()
        if name not in moods and find_mood(name) is None:
            names = ", ".join([*moods, *KNOWN_MOODS.names])
            raise keys["mood"].refuse(f"one of {names}")
        song["mood"] = moods.get(name) or find_mood(name)
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


def _tempo(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 1 <= number <= 1000 else None


def _loudness(gain: str | None) -> float | None:
    """Turn a ReplayGain tag such as ``-6.20 dB`` into LUFS."""
    match = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?)\s*dB\s*", gain or "", re.IGNORECASE)
    loudness = _REPLAYGAIN_LUFS - float(match[1]) if match else None
    # No song is as loud or as quiet as a broken tag may say.
    return loudness if loudness is not None and -60 <= loudness <= 0 else None
