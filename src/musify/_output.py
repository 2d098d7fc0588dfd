"""Writing files whole or not at all."""

import contextlib
import os
import secrets
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from musify._ffmpeg import StrPath
from musify.errors import FFmpegError, MusifyError, OutputError

__all__ = [
    "check_output",
    "finished_file",
    "finished_files",
    "folder_for",
    "no_space",
    "partial_name",
]


def check_output(path: StrPath, *, overwrite: bool, inputs: tuple[StrPath, ...] = ()) -> Path:
    """See early whether a file may be written.

    Parameters
    ----------
    path : path-like
        Where the file shall stand.
    overwrite : bool
        Whether a file that stands there may be replaced.
    inputs : tuple of path-like
        Files that must stay as they are.

    Raises
    ------
    OutputError
        If not; the message says why and what to do.
    """
    path = Path(path)
    try:
        _refuse_bad_place(path, overwrite=overwrite, inputs=inputs)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        # Such as a name that is too long.
        raise OutputError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    folder = path.absolute().parent
    # Permissions, read-only mounts and quotas differ by system: only trying tells. Where the system
    # can make a file without a name, not even a kill leaves one behind.
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"cannot write into {str(folder)!r}: {error.strerror or error}"
        ) from error
    return path


def _refuse_bad_place(path: Path, *, overwrite: bool, inputs: tuple[StrPath, ...]) -> None:
    if path.is_dir():
        raise OutputError(f"the output {str(path)!r} is a folder; give the name of a file in it")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(f"the folder {str(folder)!r} of the output does not exist; make it first")
    for source in inputs:
        if path.exists() and Path(source).exists() and path.samefile(source):
            raise OutputError(
                f"the output {str(path)!r} is an input; musify never changes its input: "
                "give another name"
            )
    # Also true of a link that leads nowhere.
    if os.path.lexists(path) and not overwrite:
        raise OutputError(f"{str(path)!r} exists; pass overwrite=True (--overwrite) to replace it")
    if path.exists() and not path.is_file():
        raise OutputError(f"the output {str(path)!r} is a device, not a file; give another name")


def partial_name(path: Path) -> Path:
    """Give a name beside a file, under which it is written until it is whole."""
    # Hidden, beside the target, so that renaming stays on one file system. The ending stays: ffmpeg
    # chooses the container by it. Short, for a target whose own name is as long as can be.
    return path.absolute().with_name(f".{secrets.token_hex(6)}.part{path.suffix}")


@contextmanager
def finished_file(path: StrPath, *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary name beside ``path``; rename it when the block ends well.

    Yields
    ------
    Path
        Write here. Removed if the block raises, Ctrl-C included.

    Raises
    ------
    OutputError
        If the file exists and may not be replaced, or cannot be renamed.
    """
    target = check_output(path, overwrite=overwrite)
    partial = partial_name(target)
    with _removed(partial):
        yield partial
        try:
            if overwrite:
                partial.replace(target)
            else:
                _move_to_free_name(partial, target)
        except OSError as error:
            if isinstance(error, OutputError):
                raise
            raise OutputError(f"cannot write {str(target)!r}: {error.strerror or error}") from error


@contextmanager
def finished_files(paths: Sequence[StrPath], *, overwrite: bool) -> Iterator[tuple[Path, ...]]:
    """Give temporary names beside several files; rename them when the block ends well.

    Yields
    ------
    tuple of Path
        Write here. All of them appear, or none: if the block raises they are removed, and if one
        cannot be renamed, those before it are taken back.

    Raises
    ------
    OutputError
        If two are the same, or as :func:`finished_file`.
    """
    targets = [check_output(path, overwrite=overwrite) for path in paths]
    places = [target.absolute() for target in targets]
    for place, target in zip(places, targets, strict=True):
        if places.count(place) > 1:
            raise OutputError(f"{str(target)!r} is named twice; give each output its own name")
    partials = tuple(partial_name(target) for target in targets)
    aside = [partial_name(target) for target in targets]
    with ExitStack() as stack:
        for path in (*partials, *aside):
            stack.enter_context(_removed(path))
        yield partials
        moved: list[Path] = []
        try:
            for partial, target, old in zip(partials, targets, aside, strict=True):
                if overwrite and target.exists():
                    target.replace(old)
                _move_to_free_name(partial, target)
                moved.append(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                for done in moved:
                    done.unlink(missing_ok=True)
                for old, target in zip(aside, targets, strict=True):
                    if old.exists():
                        old.replace(target)
            if isinstance(error, OutputError):
                raise
            raise OutputError(f"cannot write {str(target)!r}: {error.strerror or error}") from error


@contextmanager
def folder_for(folder: StrPath) -> Iterator[Path]:
    """Make a folder if it is missing; take it away again if the block fails."""
    folder = Path(folder)
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    except BaseException as error:
        with contextlib.suppress(OSError):  # somebody else put something into it
            for one in missing:
                one.rmdir()
        if isinstance(error, OSError) and not isinstance(error, MusifyError):
            raise OutputError(
                f"cannot write into {str(folder)!r}: {error.strerror or error}"
            ) from error
        raise


class _Holder:
    """What is held for it goes when it goes."""


@contextmanager
def _removed(path: Path) -> Iterator[None]:
    """Remove what the block leaves at a place, however it ends."""
    holder = _Holder()
    # Ctrl-C may come in the middle of the removing below; then this does it once more, when the
    # holder is dropped or Python exits.
    when_dropped = weakref.finalize(holder, _remove, path)
    try:
        yield
    finally:
        _remove(path)
        when_dropped.detach()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _move_to_free_name(partial: Path, target: Path) -> None:
    try:
        # A hard link fails if somebody made the target meanwhile; a rename would replace it.
        os.link(partial, target)
    except FileExistsError:
        raise OutputError(f"{str(target)!r} was made by somebody else meanwhile") from None
    except OSError:  # a file system without links
        if target.exists():
            raise OutputError(f"{str(target)!r} was made by somebody else meanwhile") from None
        partial.rename(target)


def no_space(error: FFmpegError, path: StrPath) -> OutputError | None:
    """Tell a full disk from what else ffmpeg may have failed of; None if it was not that."""
    if any("No space left on device" in line for line in error.stderr_tail):
        return OutputError(f"no space is left to write {os.fspath(path)!r}; nothing was kept of it")
    return None
