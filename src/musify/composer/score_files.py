"""Scores in files: JSON that is read back, and MIDI."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from musify._ffmpeg import StrPath
from musify._output import finished_file, finished_files
from musify.audio.audio_file import write_audio
from musify.composer.midi import midi_of
from musify.composer.playing import played_apart
from musify.composer.score import Score
from musify.composer.score_json import dump_score, read_score
from musify.errors import MusifyError, OutputError, ParameterError

__all__ = ["folder_for", "load_score", "save_midi", "save_score", "save_stems"]


def save_score(score: Score, path: StrPath, *, overwrite: bool = False) -> Path:
    """Write a score as JSON; see :meth:`Score.save`."""
    text = dump_score(score)
    return _saved(path, lambda file: file.write_text(text, encoding="utf-8"), overwrite=overwrite)


def save_midi(score: Score, path: StrPath, *, overwrite: bool = False) -> Path:
    """Write a score as a MIDI file; see :meth:`Score.to_midi`."""
    made = midi_of(score)
    return _saved(path, lambda file: made.save(str(file)), overwrite=overwrite)


def save_stems(
    score: Score,
    folder: StrPath,
    *,
    sample_rate: int,
    soundfont: StrPath | None,
    overwrite: bool,
) -> tuple[Path, ...]:
    """Write the groups of parts of a score; see :meth:`Score.write_stems`."""
    sounds = played_apart(score, sample_rate, soundfont)
    with folder_for(folder) as made:
        paths = [made / f"{name}.wav" for name in sounds]
        with finished_files(paths, overwrite=overwrite) as partials:
            for partial, sound in zip(partials, sounds.values(), strict=True):
                write_audio(partial, sound)
    return tuple(paths)


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
