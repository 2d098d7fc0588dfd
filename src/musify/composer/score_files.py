"""Scores in files: JSON that is read back, and MIDI."""

from collections.abc import Callable
from pathlib import Path

from musify._ffmpeg import StrPath
from musify._output import finished_file
from musify.composer.midi import midi_of
from musify.composer.score import Score
from musify.composer.score_json import dump_score, read_score
from musify.errors import MusifyError, OutputError, ParameterError

__all__ = ["load_score", "save_midi", "save_score"]


def save_score(score: Score, path: StrPath, *, overwrite: bool = False) -> Path:
    """Write a score as JSON; see :meth:`Score.save`."""
    text = dump_score(score)
    return _saved(path, lambda file: file.write_text(text, encoding="utf-8"), overwrite=overwrite)


def save_midi(score: Score, path: StrPath, *, overwrite: bool = False) -> Path:
    """Write a score as a MIDI file; see :meth:`Score.to_midi`."""
    made = midi_of(score)
    return _saved(path, lambda file: made.save(str(file)), overwrite=overwrite)


def load_score(path: StrPath) -> Score:
    """Read a score; see :meth:`Score.load`."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParameterError(f"{str(path)!r} is no score, but something else") from error
    except OSError as error:
        raise ParameterError(
            f"cannot read the score {str(path)!r}: {error.strerror or error}"
        ) from error
    return read_score(text)


def _saved(path: StrPath, write: Callable[[Path], object], *, overwrite: bool) -> Path:
    try:
        with finished_file(path, overwrite=overwrite) as partial:
            write(partial)
    except OSError as error:
        if isinstance(error, MusifyError):
            raise
        raise OutputError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    return Path(path)
