"""Where indexes lie: beside the songs, or in the user's data folder.

The data folder also remembers which folders have an index, one small file each, so that two
processes that add folders at once do not undo each other.
"""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from musify._ffmpeg import StrPath
from musify._output import finished_file
from musify.errors import OutputError

__all__ = [
    "BESIDE",
    "DATA_VARIABLE",
    "beside",
    "can_write",
    "data_folder",
    "forget_folder",
    "in_data_folder",
    "known_folders",
    "real",
    "remember_folder",
]

DATA_VARIABLE: Final = "MUSIFY_DATA_DIR"
BESIDE: Final = ".musify-songs.sqlite3"
_HASH_BYTES: Final = 10


def data_folder() -> Path:
    """Return the folder in which musify may keep what it learns; it need not exist.

    ``MUSIFY_DATA_DIR`` names it; else it is ``musify`` below ``XDG_DATA_HOME`` (by default
    ``~/.local/share``; XDG Base Directory Specification 0.8), ``~/Library/Application Support`` on
    macOS or ``LOCALAPPDATA`` on Windows.
    """
    if chosen := os.environ.get(DATA_VARIABLE):
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "musify"


def real(folder: StrPath) -> Path:
    """Return one name for a folder, however it was reached."""
    return Path(folder).resolve()


def _stem(folder: Path) -> Path:
    name = os.fsencode(real(folder))
    digest = hashlib.blake2b(name, digest_size=_HASH_BYTES).hexdigest()
    return data_folder() / "libraries" / digest


def beside(folder: Path) -> Path:
    """Return where the index of a folder lies when it lies beside the songs."""
    return real(folder) / BESIDE


def in_data_folder(folder: Path) -> Path:
    """Return where the index of a folder lies when it lies in the user's data folder."""
    return _stem(folder).with_suffix(".sqlite3")


def can_write(file: Path) -> bool:
    """Tell whether SQLite can change a file, or make it: it also makes another one beside it."""
    if file.exists() and not os.access(file, os.W_OK):
        return False
    try:
        # Permissions, read-only mounts and quotas differ by system: only trying tells.
        with tempfile.TemporaryFile(dir=file.parent):
            return True
    except OSError:
        return False


def known_folders() -> list[Path]:
    """List the folders that were added, in the order of their names."""
    found = []
    with contextlib.suppress(OSError):
        for file in (data_folder() / "libraries").iterdir():
            if file.suffix == ".json" and not file.name.startswith("."):
                # A file that somebody else made, or that has just gone, names no folder.
                with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                    found.append(Path(json.loads(file.read_text(encoding="ascii"))["folder"]))
    return sorted(found)


def remember_folder(folder: Path) -> None:
    """Remember that a folder has an index.

    Raises
    ------
    OutputError
        If the data folder cannot be written.
    """
    file = _stem(folder).with_suffix(".json")
    # As ASCII, since a name need not be text.
    text = json.dumps({"folder": os.fspath(real(folder))}) + "\n"
    with contextlib.suppress(OSError):
        if file.read_text(encoding="ascii") == text:
            return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make {str(file.parent)!r}: {error.strerror or error}") from error
    with finished_file(file, overwrite=True) as partial:
        partial.write_text(text, encoding="ascii")


def forget_folder(folder: Path) -> None:
    """Forget that a folder has an index; the index itself stays."""
    with contextlib.suppress(OSError):
        _stem(folder).with_suffix(".json").unlink(missing_ok=True)
