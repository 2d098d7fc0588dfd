"""Finding a song by what the user calls it."""

import os
from pathlib import Path
from typing import Final

from musify._ffmpeg import StrPath
from musify.errors import ParameterError
from musify.index.entries import SongEntry
from musify.index.places import known_folders
from musify.index.song_folder import SongFolder
from musify.notices import notify

__all__ = ["folder_of", "known_song_folders", "locate"]

_SHOWN: Final = 8


def known_song_folders() -> list[SongFolder]:
    """Return the folders that were added; those that are gone are told and left out."""
    found = []
    for path in known_folders():
        if path.is_dir():
            found.append(SongFolder(path))
        else:
            notify(f"the folder of songs {str(path)!r} is not there; is its drive connected?")
    return found


def folder_of(song: StrPath) -> SongFolder:
    """Find the folder with an index that a file is in; the nearest one.

    Raises
    ------
    ParameterError
        If there is none.
    """
    for path in (Path(song).absolute(), Path(song).resolve()):
        for parent in path.parents:
            if parent.is_dir() and SongFolder(parent).index_file is not None:
                return SongFolder(parent)
    raise ParameterError(
        f"{os.fspath(song)!r} is in no folder that was added; add one with: musify library add "
        "FOLDER"
    )


def locate(song: str) -> tuple[SongFolder, SongEntry]:
    """Find a song by its file, or by part of its title or of the name of its file.

    Raises
    ------
    ParameterError
        If there is none, or more than one.
    """
    if os.path.lexists(song):
        folder = folder_of(song)
        return folder, folder.entry(song)
    wanted = song.casefold()
    hits = []
    for folder in known_song_folders():
        for entry in folder.entries():
            title = entry.track.title if entry.track is not None else ""
            names = (title.casefold(), entry.path.name.casefold())
            if any(wanted in name for name in names):
                hits.append((wanted not in (*names, entry.path.stem.casefold()), folder, entry))
    exact = [hit for hit in hits if not hit[0]]
    hits = exact or hits
    if not hits:
        raise ParameterError(f"no file and no song that was added is called {song!r}")
    if len(hits) > 1:
        called = ", ".join(repr(str(entry.path)) for *_, entry in hits[:_SHOWN])
        more = f" and {len(hits) - _SHOWN} more" if len(hits) > _SHOWN else ""
        raise ParameterError(
            f"{len(hits)} songs are called {song!r}: {called}{more}; name one file"
        )
    return hits[0][1:]
