"""Sound written to a file of its own; the ending of its name chooses how."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from musify._ffmpeg import FFmpegProcess, StrPath, file_url
from musify._iterators import ended
from musify._output import finished_file, no_space
from musify.errors import FFmpegError, ParameterError
from musify.soundtrack import Soundtrack

__all__ = ["AUDIO_ENDINGS", "check_audio_name", "write_audio"]

# Without loss in 24 bits, which hold more than ears do; with loss at rates that few can tell.
_ENCODERS: Final[dict[str, tuple[str, ...]]] = {
    ".wav": ("-c:a", "pcm_s24le", "-rf64", "auto"),
    ".aiff": ("-c:a", "pcm_s24be"),
    ".flac": ("-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"),
    ".m4a": ("-c:a", "aac", "-b:a", "256k"),
    ".mp3": ("-c:a", "libmp3lame", "-b:a", "256k"),
    ".ogg": ("-c:a", "libvorbis", "-q:a", "7"),
    ".opus": ("-c:a", "libopus", "-b:a", "192k"),
}

AUDIO_ENDINGS: Final = tuple(_ENCODERS)
"""What the name of a file of sound may end in."""


def check_audio_name(path: StrPath) -> Path:
    """Refuse early what cannot be written.

    Raises
    ------
    ParameterError
        If the ending is of no kind of file that musify writes.
    """
    path = Path(path)
    if path.suffix.lower() not in _ENCODERS:
        raise ParameterError(
            f"a file of sound ends in {', '.join(AUDIO_ENDINGS)}, got {str(path)!r}"
        )
    return path


def write_audio(
    path: StrPath,
    soundtrack: Soundtrack,
    *,
    overwrite: bool = False,
    tags: Mapping[str, str] | None = None,
) -> Path:
    """Write sound to a file.

    Parameters
    ----------
    path : path-like
        Its ending chooses the format: ``.wav`` and ``.aiff`` (24 bits), ``.flac``, ``.m4a``
        (AAC), ``.mp3``, ``.ogg`` (Vorbis), ``.opus``.
    soundtrack : Soundtrack
        The sound, rendered block by block.
    overwrite : bool, default False
        Whether a file that stands there may be replaced.
    tags : mapping of str to str, optional
        What the file says of itself, by the names that ffmpeg knows, such as ``"title"``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ParameterError
        If the ending is another.
    OutputError
        If the file exists or cannot be written.
    FFmpegError
        If ffmpeg is missing or fails.
    """
    path = check_audio_name(path)
    args = ["-v", "error", "-f", "f32le", "-ar", str(soundtrack.sample_rate)]
    args += ["-ac", str(soundtrack.channels), "-i", "pipe:0", *_ENCODERS[path.suffix.lower()]]
    for name, words in (tags or {}).items():
        args += ["-metadata", f"{name}={words}"]
    with finished_file(path, overwrite=overwrite) as partial:
        try:
            with (
                FFmpegProcess([*args, "-y", file_url(partial)], stdin=True) as process,
                ended(soundtrack.blocks()) as blocks,
            ):
                for block in blocks:
                    process.write(np.ascontiguousarray(block, np.dtype("<f4")).tobytes())
                process.finish()
        except FFmpegError as error:
            raise no_space(error, path) or error from error
    return path
