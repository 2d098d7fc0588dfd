"""The credits that licences of music ask for: beside the output, and in its own tags."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from musify._ffmpeg import StrPath
from musify._output import finished_file
from musify.cues import CueSheet
from musify.errors import OutputError
from musify.tracks import Track
from musify.wishes import licence_limits

__all__ = ["credits_file", "credits_text", "free_tag", "owed_credits", "write_credits"]

# Tags of a file that players show, in the order in which they are tried.
_TAGS: Final = ("comment", "description")
_FREE: Final = ("CC0-", "CC-PDM-")
_HEADING: Final = "Credits of"


def owed_credits(sheet: CueSheet) -> tuple[str, ...]:
    """Return the credits that must be given: of licences with an attribution, a line each.

    What is in the public domain, and songs whose licence asks for nothing, need none.
    """
    return tuple(dict.fromkeys(track.credit for track in sheet.tracks if _asks(track)))


def _asks(track: Track) -> bool:
    licence = track.licence
    return bool(licence and licence.attribution and not licence.name.startswith(_FREE))


def credits_file(output: StrPath) -> Path:
    """Return where the credits of an output stand: ``film.mp4`` has ``film.CREDITS.txt``."""
    output = Path(output)
    return output.with_name(f"{output.stem}.CREDITS.txt")


def credits_text(sheet: CueSheet, output: StrPath) -> str:
    """Write the credits of a film out.

    Creative Commons licences ask that title, author, source and licence be named, and that changes
    be said (CC BY 4.0, section 3(a)(1)).
    """
    owing = [track for track in sheet.tracks if _asks(track)]
    limits = set().union(*(licence_limits(track.licence) for track in owing))
    lines = [
        f"{_HEADING} {Path(output).name}",
        "",
        *sheet.credits().splitlines(),
        "",
        "The music was cut, fitted to the film, mixed and encoded.",
    ]
    if "SA" in limits:
        lines.append("Who passes the film on must do so under the ShareAlike licence named above.")
    if "NC" in limits:
        lines.append("The film may not be used commercially: a licence named above forbids it.")
    return "\n".join(lines) + "\n"


def write_credits(sheet: CueSheet, output: StrPath, *, overwrite: bool) -> Path | None:
    """Write the credits beside an output, where any are owed.

    Returns
    -------
    Path or None
        The file; None where no credit is owed. Then one that an earlier run wrote for this output
        is removed, if it may be replaced.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    file = credits_file(output)
    try:
        if not owed_credits(sheet):
            if overwrite and file.is_file() and _is_ours(file, Path(output).name):
                file.unlink()
            return None
        with finished_file(file, overwrite=overwrite) as partial:
            partial.write_text(credits_text(sheet, output), encoding="utf-8")
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write {str(file)!r}: {error.strerror or error}") from error
    return file


def _is_ours(file: Path, name: str) -> bool:
    with file.open(encoding="utf-8", errors="replace") as opened:
        return opened.readline().rstrip("\n") == f"{_HEADING} {name}"


def free_tag(taken: Iterable[str]) -> str | None:
    """Return the tag of a file that can hold credits; None where all say something else already.

    Examples
    --------
    >>> free_tag(["title", "Comment"])
    'description'
    """
    used = {name.lower() for name in taken}
    return next((name for name in _TAGS if name not in used), None)
