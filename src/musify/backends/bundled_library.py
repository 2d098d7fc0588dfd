"""The 28 songs of an installable pack."""

import dataclasses
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

import immich_memories_music
from typing_extensions import override

from musify.backends.folder_library import FolderLibrary
from musify.index.entries import EntryMaker
from musify.index.own_notes import OwnNotes
from musify.index.packed_songs import load_songs
from musify.index.song_files import content_hash, find_songs
from musify.interfaces import SongLibrary
from musify.tracks import Licence, Track

__all__ = ["BundledLibrary"]

_DISTRIBUTION: Final = "immich-memories-music"
_LICENCE: Final = Licence(
    "MIT", url="https://github.com/sam-dumont/immich-video-memory-generator/blob/main/LICENSE"
)
_AHEAD: Final = Path(__file__).parents[1] / "data" / "bundled_songs.jsonl"
_ARTIST: Final = "Immich Memories (ACE-Step 1.5)"
# A line of the pack's LICENSE-MUSIC, such as "calm_acoustic_1.opus   68 bpm  C major   seed 101".
_LINE = re.compile(r"^\s*(\S+\.opus)\s+(\d+) bpm\s+([A-G][b#]? (?:major|minor))\b", re.MULTILINE)


class BundledLibrary(SongLibrary):
    """The songs of the package immich-memories-music, from the extra ``songs``.

    28 instrumental tracks of about half a minute, made by a generative model and released under the
    MIT licence with no duty to name anyone; in folders calm, energetic, happy, nostalgic and
    tender, with tempo and key as the pack states them. What is to be heard in them ships with
    musify; another version of the pack is listened to when it is first used.
    """

    def __repr__(self) -> str:
        return "BundledLibrary()"

    @override
    def __iter__(self) -> Iterator[Track]:
        facts = {name: (float(bpm), key) for name, bpm, key in _LINE.findall(_licence_text())}
        for track in _tracks(Path(immich_memories_music.tracks_dir())):
            bpm, key = facts.get(track.path.name, (track.bpm, track.key))
            yield dataclasses.replace(
                track,
                title=track.path.stem.replace("_", " "),
                artist=_ARTIST,
                bpm=bpm,
                key=key,
                licence=_LICENCE,
            )


def _tracks(folder: Path) -> Iterator[Track]:
    ahead = load_songs(_AHEAD)
    files = find_songs(folder).files
    known = [ahead.get(content_hash(folder / file.path)) for file in files]
    songs = {file.path: song for file, song in zip(files, known, strict=True) if song is not None}
    if len(songs) < len(files):
        yield from FolderLibrary(folder)
        return
    analyses = {song.hash: song.analysis for song in songs.values()}
    entry = EntryMaker(folder, OwnNotes(), analyses.get)
    for path, song in songs.items():
        track = entry(song.row._replace(path=path)).track
        if track is not None:
            yield track


def _licence_text() -> str:
    try:
        return metadata.distribution(_DISTRIBUTION).read_text("licenses/LICENSE-MUSIC") or ""
    except metadata.PackageNotFoundError:  # on the path without having been installed
        return ""
