"""What is known ahead of the songs of a pack, in one file that ships with musify.

A line of JSON each, in the order of their paths: path, hash of the content in hexadecimal digits,
length, tags, and the analysis as base 64 of :func:`~musify.index.analysis_blob.pack_analysis`. The
first line names the versions that made it.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from musify.errors import ParameterError
from musify.index.analysis_blob import pack_analysis, unpack_analysis
from musify.index.rows import SongRow
from musify.index.song_files import FACTS_VERSION, SongFacts
from musify.songs import ANALYSIS_VERSION, SongAnalysis

__all__ = ["PackedSong", "dump_songs", "load_songs"]

_HEAD: Final = {"format": "musify songs", "facts": FACTS_VERSION, "analysis": ANALYSIS_VERSION}


class PackedSong(NamedTuple):
    """A song of a pack: its path there, the hash of its content, and what is known of it."""

    path: str
    hash: bytes
    facts: SongFacts
    analysis: SongAnalysis

    @property
    def row(self) -> SongRow:
        """The song as a row of an index."""
        heard = self.analysis
        return SongRow(
            path=self.path,
            hash=self.hash,
            fault=None,
            missing=False,
            left_out=False,
            size=0,
            note=None,
            duration=self.facts.duration,
            tags=self.facts.tags,
            words={},
            heard_version=ANALYSIS_VERSION,
            heard_duration=heard.duration,
            valence=heard.valence,
            arousal=heard.arousal,
            loudness_lufs=heard.loudness_lufs,
            bpm=heard.bpm,
            key=heard.key,
            instrumental=heard.instrumental,
        )


def dump_songs(songs: Iterable[PackedSong]) -> str:
    """Write songs as text, of ASCII alone."""
    lines: list[dict[str, Any]] = [_HEAD]
    lines += [
        {
            "path": song.path,
            "hash": song.hash.hex(),
            "duration": song.facts.duration,
            "tags": song.facts.tags,
            "analysis": base64.b64encode(pack_analysis(song.analysis)).decode("ascii"),
        }
        for song in songs
    ]
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def load_songs(file: Path) -> dict[bytes, PackedSong]:
    """Read what :func:`dump_songs` wrote, by the hash of the content.

    Returns
    -------
    dict of bytes to PackedSong
        Empty if there is no such file, or this version of musify would find out something else.

    Raises
    ------
    ParameterError
        If it is another kind of file.
    """
    try:
        return {song.hash: song for song in _songs(file)}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, binascii.Error) as error:
        raise ParameterError(f"cannot read the songs in {str(file)!r}: {error}") from error


def _songs(file: Path) -> Iterator[PackedSong]:
    head, *lines = file.read_text(encoding="ascii").splitlines()
    if json.loads(head) != _HEAD:
        return
    for line in lines:
        known = json.loads(line)
        yield PackedSong(
            known["path"],
            bytes.fromhex(known["hash"]),
            SongFacts(known["duration"], known["tags"]),
            unpack_analysis(base64.b64decode(known["analysis"])),
        )
