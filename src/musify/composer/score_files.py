"""Scores in files: JSON that is read back, and MIDI."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from musify._ffmpeg import StrPath
from musify._output import finished_files, folder_for
from musify.audio.audio_file import write_audio
from musify.composer.midi import midi_of
from musify.composer.playing import played, played_apart
from musify.composer.score import Score
from musify.composer.score_json import dump_score, read_score
from musify.errors import MusifyError, OutputError, ParameterError
from musify.progress import ProgressCallback
from musify.soundtrack import Soundtrack

__all__ = [
    "ScoreOutputs",
    "load_score",
    "save_midi",
    "save_score",
    "save_stems",
    "write_outputs",
]


def save_score(score: Score, path: StrPath, *, overwrite: bool = False) -> Path:
    """Write a score as JSON; see :meth:`Score.save`."""
    if Path(path).suffix.lower() != ".json":
        raise ParameterError(
            f"a score is written as .json, got {str(path)!r}; for sound there is "
            "score.soundtrack().save(), for notes score.to_midi()"
        )
    return write_outputs(score, ScoreOutputs(score=Path(path)), overwrite=overwrite)[0]


def save_midi(
    score: Score,
    path: StrPath,
    *,
    overwrite: bool = False,
    on_progress: ProgressCallback | None = None,
) -> Path:
    """Write a score as a MIDI file; see :meth:`Score.to_midi`."""
    outputs = ScoreOutputs(midi=Path(path))
    return write_outputs(score, outputs, overwrite=overwrite, on_progress=on_progress)[0]


def save_stems(
    score: Score,
    folder: StrPath,
    *,
    sample_rate: int,
    soundfont: StrPath | None,
    overwrite: bool,
    on_progress: ProgressCallback | None = None,
) -> tuple[Path, ...]:
    """Write the groups of parts of a score; see :meth:`Score.write_stems`."""
    return write_outputs(
        score,
        ScoreOutputs(stems=Path(folder)),
        sample_rate=sample_rate,
        soundfont=soundfont,
        overwrite=overwrite,
        listened=lambda sound: sound.told(on_progress, "stems"),
        on_progress=on_progress,
    )


class ScoreOutputs(NamedTuple):
    """What may be written of a score: its sound, MIDI, JSON, and a folder of stems."""

    sound: Path | None = None
    midi: Path | None = None
    score: Path | None = None
    stems: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Those that are files."""
        return tuple(path for path in self[:3] if path is not None)


def write_outputs(
    score: Score,
    outputs: ScoreOutputs,
    *,
    sample_rate: int = 48_000,
    soundfont: StrPath | None = None,
    overwrite: bool = False,
    listened: Callable[[Soundtrack], Soundtrack] = lambda sound: sound,
    on_progress: ProgressCallback | None = None,
) -> tuple[Path, ...]:
    """Write all that is asked for of a score: everything appears, or nothing.

    Parameters
    ----------
    score : Score
        The piece.
    outputs : ScoreOutputs
        What to write.
    sample_rate : int, default 48000
        PCM frames a second.
    soundfont : path-like, optional
        What it is played with; the instruments that are shipped by default.
    overwrite : bool, default False
        Whether files that stand there may be replaced.
    listened : callable, optional
        Given each sound before it is written, to report progress.
    on_progress : callable, optional
        Called with :class:`Progress`: stage ``"save"`` while MIDI is made, and ``"play"`` while it
        is played for its stems.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    OutputError
        If something cannot be written.
    """
    jobs: list[tuple[Path, Callable[[Path], object]]] = []
    if outputs.sound is not None:
        sound = listened(played(score, sample_rate, soundfont))
        tags = {"title": score.title, "comment": score.credit}
        jobs.append((outputs.sound, lambda path: write_audio(path, sound, tags=tags)))
    if outputs.midi is not None:
        made = midi_of(score, on_progress=on_progress)
        jobs.append((outputs.midi, lambda path: made.save(str(path))))
    if outputs.score is not None:
        text = dump_score(score)
        jobs.append((outputs.score, lambda path: path.write_text(text, encoding="utf-8")))
    with ExitStack() as stack:
        if outputs.stems is not None:
            stack.enter_context(folder_for(outputs.stems))
            for name, stem in played_apart(score, sample_rate, soundfont, on_progress).items():
                write = partial(write_audio, soundtrack=listened(stem))
                jobs.append((outputs.stems / f"{name}.wav", write))
        paths = tuple(path for path, _ in jobs)
        temporary = stack.enter_context(finished_files(paths, overwrite=overwrite))
        for (path, write_to), place in zip(jobs, temporary, strict=True):
            try:
                write_to(place)
            except OSError as error:
                if isinstance(error, MusifyError):
                    raise
                raise OutputError(
                    f"cannot write {str(path)!r}: {error.strerror or error}"
                ) from error
    return paths


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
