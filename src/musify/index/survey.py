"""What has changed in a folder since its songs were last looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from musify.index.rows import FileRow
from musify.index.song_files import FoundFile, FoundFiles

__all__ = ["Survey", "is_same", "survey"]

# A change within one tick of the file system's clock leaves the time as it was (the "racy" files of
# git): files changed just before they were looked at are read again. Some systems count in seconds.
_TICK_NS: Final = 50_000_000
_SLOW_TICK_NS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Survey:
    """Files by what became of them, in the order of their paths.

    ``same`` are as they were; ``other`` have another size or time; ``new`` are not in the index;
    ``missing`` are only there; ``returned`` were missing.
    """

    same: tuple[FoundFile, ...]
    other: tuple[FoundFile, ...]
    new: tuple[FoundFile, ...]
    missing: tuple[FileRow, ...]
    returned: tuple[FileRow, ...]


def survey(found: FoundFiles, known: Mapping[str, FileRow]) -> Survey:
    """Compare what is in a folder with what the index holds, without opening a file."""
    same: list[FoundFile] = []
    other: list[FoundFile] = []
    new: list[FoundFile] = []
    returned: list[FileRow] = []
    present = set()
    for file in found.files:
        present.add(file.path)
        row = known.get(file.path)
        if row is None:
            new.append(file)
            continue
        if row.missing:
            returned.append(row)
        (same if is_same(file, row) else other).append(file)
    missing = tuple(
        row
        for path, row in sorted(known.items(), key=lambda item: item[0].split("/"))
        if path not in present and not _is_below(path, found.unread)
    )
    return Survey(tuple(same), tuple(other), tuple(new), missing, tuple(returned))


def is_same(file: FoundFile, row: FileRow) -> bool:
    """Tell whether a file is surely as it was when it was read."""
    if (file.size, file.mtime_ns) != (row.size, row.mtime_ns):
        return False
    tick = _SLOW_TICK_NS if file.mtime_ns % 1_000_000_000 == 0 else _TICK_NS
    return abs(row.seen_ns - file.mtime_ns) > tick


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    """Tell whether a file lies where nobody could look."""
    return any(not folder or path.startswith(f"{folder}/") for folder in folders)
