"""The whole job in one call."""

from musify._ffmpeg import StrPath
from musify.cues import Original
from musify.interfaces import SongLibrary
from musify.pipeline import Pipeline
from musify.progress import ProgressCallback
from musify.results import RunResult

__all__ = ["add_music"]


def add_music(
    video: StrPath,
    output: StrPath,
    *,
    library: SongLibrary | StrPath | None = None,
    original: Original | None = None,
    loudness: float | str | None = "web",
    accessible: bool = False,
    overwrite: bool = False,
    on_progress: ProgressCallback | None = None,
) -> RunResult:
    """Give a video the music that fits it.

    Parameters
    ----------
    video : path-like
        The input; it is never changed.
    output : path-like
        What to write; its ending (.mp4, .m4v, .mov, .mkv, .webm) chooses the container.
    library : SongLibrary, path-like or str, optional
        What music to choose from: a library, its name, or a folder of songs. By default none: music
        is composed for the video, and needs no songs.
    original : {"duck", "keep", "replace", "second-track"}, optional
        What happens to the video's own sound: see :class:`Pipeline`. By default it stays, and
        music steps back where somebody speaks.
    loudness : float, str or None, default "web"
        Integrated loudness of the whole, in LUFS or by name: see :class:`Pipeline`.
    accessible : bool, default False
        Music at least 20 dB under speech (WCAG 1.4.7).
    overwrite : bool, default False
        Whether a file that stands there may be replaced.
    on_progress : callable, optional
        Called with :class:`Progress` now and then.

    Returns
    -------
    RunResult
        The timeline, the cues, and where the file is. It shows itself in Jupyter.

    Raises
    ------
    MusifyError
        Whatever goes wrong; then no part of the output is left.

    See Also
    --------
    Pipeline : the same, with parts to swap.
    """
    pipeline = Pipeline(
        library=library,
        original=original,
        loudness=loudness,
        accessible=accessible,
        on_progress=on_progress,
    )
    return pipeline.run(video, output, overwrite=overwrite)
