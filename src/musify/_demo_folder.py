"""The folder of the demo: what a failed demo made itself, it takes away again."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from musify._output import no_space
from musify.errors import FFmpegError, OutputError

__all__ = ["demo_folder"]


@contextmanager
def demo_folder(folder: Path, clip: Path) -> Iterator[None]:
    """Make a folder for a clip; if the block fails, remove what was not there before.

    Parameters
    ----------
    folder : Path
        Made if it is missing, with those above it.
    clip : Path
        The file in it that the block makes. One that stood there before stays.

    Raises
    ------
    OutputError
        If the folder cannot be made, or no space is left.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    stood = clip.exists()
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot make the folder {str(folder)!r}: {error.strerror}"
            ) from error
        try:
            yield
        except FFmpegError as error:
            raise no_space(error, clip) or error from error
    except BaseException:
        with contextlib.suppress(OSError):
            if not stood:
                clip.unlink(missing_ok=True)
            for place in missing:  # the innermost first; one that others use by now stays
                place.rmdir()
        raise
