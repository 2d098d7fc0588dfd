"""Making a song library from whatever the user gives."""

from pathlib import Path

from musify._ffmpeg import StrPath
from musify.errors import MissingExtraError, ParameterError
from musify.interfaces import SongLibrary
from musify.plugins import get_backend, list_backends

__all__ = ["default_library", "open_library"]


def open_library(library: SongLibrary | StrPath) -> SongLibrary:
    """Make a library from itself, its name, or the path of a folder.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    if isinstance(library, SongLibrary):
        return library
    names = [backend.name for backend in list_backends("song_library")]
    if isinstance(library, str) and library in names and library != "folder":
        return get_backend("song_library", library)
    if not Path(library).is_dir():
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
            f"{error}\nor pass your own songs: library='path/to/songs'"
        ) from error
