"""What is known of a single song, wherever its index lies; a place for what is costly to compute.

For who works on one file: what an index holds of it spares listening to it again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from musify._ffmpeg import StrPath
from musify.errors import ParameterError
from musify.index.find_songs import folder_of
from musify.index.song_files import FoundFile
from musify.index.song_index import SongIndex
from musify.index.survey import is_same
from musify.songs import SongAnalysis

__all__ = ["cached", "known_analysis", "put_cached"]


def known_analysis(song: StrPath) -> SongAnalysis | None:
    """Return what was heard in a song.

    Parameters
    ----------
    song : path-like
        A file.

    Returns
    -------
    SongAnalysis or None
        None where no index holds it, or the file has changed since.

    Raises
    ------
    ParameterError
        If a newer musify made its index.
    OutputError
        If its index cannot be read.
    """
    with _found(song) as (index, digest):
        return None if index is None else index.analysis(digest)


def cached(song: StrPath, kind: str, version: int) -> bytes | None:
    """Return what :func:`put_cached` kept, by the same version of the computing.

    Parameters
    ----------
    song : path-like
        A file.
    kind : str
        What was computed, such as ``"joints"``.
    version : int
        Of the computing.
    """
    with _found(song) as (index, digest):
        return None if index is None else index.cached(digest, kind, version)


def put_cached(song: StrPath, kind: str, version: int, blob: bytes) -> bool:
    """Keep what was computed from the content of a song, in place of an older one of this kind.

    Returns
    -------
    bool
        False, and nothing is kept, where no index holds the song as it is now.
    """
    with _found(song) as (index, digest):
        if index is None:
            return False
        index.put_cached(digest, kind, version, blob)
        return True


@contextmanager
def _found(song: StrPath) -> Iterator[tuple[SongIndex | None, bytes]]:
    path = Path(song)
    try:
        folder, status = folder_of(path), path.stat()
    except (ParameterError, OSError):
        yield None, b""
        return
    name = folder.relative(path)
    with folder.opened() as index:
        row = index.known_file(name)
        file = FoundFile(name, status.st_size, status.st_mtime_ns)
        if row is None or row.hash is None or not is_same(file, row):
            yield None, b""
        else:
            yield index, row.hash
