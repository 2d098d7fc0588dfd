"""The parts of a mix, each in a file of its own."""

from dataclasses import replace
from pathlib import Path

from musify._ffmpeg import StrPath
from musify._how_to import no_video
from musify._output import check_output, finished_files, folder_for
from musify.audio.audio_file import write_audio
from musify.audio.mix import mix
from musify.audio.score_sound import sounds_kept
from musify.cues import CueSheet
from musify.progress import ProgressCallback
from musify.video import VideoInfo, probe

__all__ = ["write_stems"]


def write_stems(
    sheet: CueSheet,
    folder: StrPath,
    *,
    video: VideoInfo | None = None,
    overwrite: bool = False,
    on_progress: ProgressCallback | None = None,
) -> tuple[Path, ...]:
    """Write music and own sound as they go into the mix, and the curve that ducks the music.

    Parameters
    ----------
    sheet : CueSheet
        What plays when.
    folder : path-like
        Where to write; it is made if it is missing.
    video : VideoInfo, optional
        The video; by default the one that the sheet names.
    overwrite : bool, default False
        Whether files that stand there may be replaced.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"stems"``, for each sound.

    Returns
    -------
    tuple of Path
        ``music.wav``, then ``original.wav`` if own sound goes into the mix, and
        ``gain-curve.csv`` if music is ducked (``lead-curve.csv`` of composed melodies). All sounds
        are as long as the video; added up they are the mix before it is limited and brought to its
        loudness. The music is ducked already.

    Raises
    ------
    OutputError
        If a file exists and ``overwrite`` is False, or cannot be written; then none is.
    ParameterError
        If the sheet names no video and none is given.
    """
    if video is None:
        if sheet.video is None:
            raise no_video()
        video = probe(sheet.video)
    folder = Path(folder)
    parts = {"music.wav": replace(sheet, original="replace", loudness_lufs=None)}
    if video.has_audio and sheet.original != "replace":
        silent = replace(sheet, cues=(), gain_curve=None, loudness_lufs=None)
        parts["original.wav"] = silent
    curves = {
        f"{words}.csv": curve
        for words, curve in (("gain-curve", sheet.gain_curve), ("lead-curve", sheet.lead_curve))
        if curve is not None and len(curve)
    }
    paths = tuple(folder / name for name in (*parts, *curves))
    with folder_for(folder):
        for path in paths:
            check_output(path, overwrite=overwrite, inputs=sheet.files)
        with sounds_kept(), finished_files(paths, overwrite=overwrite) as partials:
            sounds, tables = partials[: len(parts)], partials[len(parts) :]
            for part, partial in zip(parts.values(), sounds, strict=True):
                write_audio(partial, mix(part, video).told(on_progress, "stems"))
            for curve, partial in zip(curves.values(), tables, strict=True):
                partial.write_text(curve.to_csv(), encoding="utf-8")
    return paths
