"""Composed tracks for programs that need files: their sound is written beside what names them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from musify._ffmpeg import StrPath
from musify._output import finished_files
from musify.audio.audio_file import write_audio
from musify.cues import CueSheet
from musify.progress import ProgressCallback

__all__ = ["with_sounds_in", "written_sounds"]


def with_sounds_in(sheet: CueSheet, folder: StrPath) -> CueSheet:
    """Let composed tracks be files in a folder, as if they had been recorded."""
    cues = [
        cue
        if cue.track.score is None
        else replace(
            cue,
            track=replace(
                cue.track, path=Path(folder) / cue.track.path.name, score=None, soundfont=None
            ),
        )
        for cue in sheet.cues
    ]
    return replace(sheet, cues=tuple(cues))


@contextmanager
def written_sounds(
    sheet: CueSheet,
    folder: StrPath,
    document: StrPath,
    *,
    overwrite: bool,
    on_progress: ProgressCallback | None = None,
) -> Iterator[Path]:
    """Write what names the tracks inside the block, and the sound of composed ones beside it.

    Parameters
    ----------
    sheet : CueSheet
        Whose tracks.
    folder : path-like
        Where the sounds go.
    document : path-like
        What names them.
    overwrite : bool
        Whether files that stand there may be replaced.
    on_progress : callable, optional
        Called with :class:`Progress` while sounds are written.

    Yields
    ------
    Path
        Where to write the document. All files appear, or none.

    Raises
    ------
    OutputError
        If a file exists or cannot be written.
    """
    written = [track for track in sheet.tracks if track.score is not None]
    paths = [document, *(Path(folder) / track.path.name for track in written)]
    with finished_files(paths, overwrite=overwrite) as (partial, *sounds):
        yield partial
        for track, path in zip(written, sounds, strict=True):
            assert track.score is not None
            sound = track.score.soundtrack(sheet.sample_rate, soundfont=track.soundfont)
            sound = sound.told(on_progress)
            write_audio(path, sound, tags={"title": track.title, "comment": track.credit})
