"""Making a song library from whatever the user gives."""

from pathlib import Path

from musify._ffmpeg import StrPath
from musify._how_to import how_to
from musify.audio.arrange import SHORTEST_SONG
from musify.errors import EmptyLibraryError, MissingExtraError, ParameterError
from musify.interfaces import SongLibrary
from musify.plugins import get_backend, how_to_be, list_backends
from musify.tracks import Track

__all__ = ["default_library", "open_library", "usable_songs"]


def open_library(library: SongLibrary | StrPath) -> SongLibrary:
    """Make a library from itself, its name, or the path of a folder.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    if isinstance(library, SongLibrary):
        return library
    if not isinstance(library, str) and not hasattr(library, "__fspath__"):
        raise ParameterError(
            f"library must be a SongLibrary, a folder or a name, got {library!r}; "
            f"{how_to_be(library, SongLibrary)}"
        )
    names = [backend.name for backend in list_backends("song_library")]
    if isinstance(library, str) and library in names and library != "folder":
        return get_backend("song_library", library)
    if library and Path(library).is_file():
        raise ParameterError(
            f"{str(library)!r} is a file; give the folder that it is in as the library"
        )
    if not library or not Path(library).is_dir():
        raise ParameterError(
            f"no song library and no folder is called {str(library)!r}; give a folder of songs, or "
            f"one of {', '.join(name for name in names if name != 'folder')}"
        )
    return get_backend("song_library", "folder", path=library)


def default_library() -> SongLibrary:
    """Return the installed pack of songs.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        return get_backend("song_library", "bundled")
    except MissingExtraError as error:
        raise MissingExtraError(
            f"{error}\nor give your own songs: "
            + how_to("library='path/to/songs'", "--library path/to/songs")
        ) from error


def usable_songs(library: SongLibrary | None) -> list[Track]:
    """Return the songs of a library that are long enough to be music.

    Raises
    ------
    EmptyLibraryError
        If there is none.
    """
    if library is None:
        raise EmptyLibraryError(
            "there is no song library; give "
            + how_to("library='path/to/songs'", "--library path/to/songs")
            + ", or install one with: pip install 'musify-video[songs]'"
        )
    songs = list(library)
    long_enough = [song for song in songs if song.duration >= SHORTEST_SONG]
    if not long_enough:
        raise EmptyLibraryError(
            f"{library!r} holds no song of {SHORTEST_SONG:g} s or more"
            + (f" among {len(songs)} files" if songs else "")
            + "; give a folder of audio files, which may lie in folders named after moods"
        )
    return long_enough
