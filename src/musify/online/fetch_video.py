"""Fetching a video from the network, with yt-dlp."""

import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from musify._ffmpeg import StrPath, executable
from musify._output import check_output, finished_file
from musify.errors import (
    MissingExtraError,
    OutputError,
    ParameterError,
    ServiceError,
    VideoOpenError,
)
from musify.online.video_address import check_address
from musify.origins import FetchedVideo, VideoOrigin
from musify.progress import ProgressCallback, tell
from musify.video import probe

__all__ = ["MOST_BYTES", "MOST_SECONDS", "fetch_video", "temporarily_fetched"]

MOST_BYTES: Final = 4 * 1024**3
MOST_SECONDS: Final = 4 * 3600.0


def fetch_video(
    url: str,
    output: StrPath,
    *,
    max_bytes: int = MOST_BYTES,
    max_seconds: float = MOST_SECONDS,
    max_height: int = 1080,
    playlist_item: int | None = None,
    private: bool = False,
    timeout: float = 20.0,
    overwrite: bool = False,
    on_progress: ProgressCallback | None = None,
) -> FetchedVideo:
    """Fetch a video, from any site that yt-dlp knows or from the address of a file.

    Fetch only what is yours, or what its licence or its owner lets you: the terms of many sites
    forbid more.

    Parameters
    ----------
    url : str
        Address of a page with a video, or of a video itself; http or https.
    output : path-like
        The file to write, or a folder for a file named after the video. H.264 and AAC are
        preferred, as far as the site has them.
    max_bytes : int, default 4 GiB
        The most to fetch.
    max_seconds : float, default 14400
        The longest video to fetch, in seconds.
    max_height : int, default 1080
        The most lines of picture, where there is a choice.
    playlist_item : int, optional
        Which one of a playlist, from 1; without it a playlist is an error.
    private : bool, default False
        Whether the address may lie in a private network or on this machine.
    timeout : float, default 20
        Seconds without a byte after which a connection is given up.
    overwrite : bool, default False
        Whether a file that stands there may be replaced.
    on_progress : callable, optional
        Called with :class:`musify.Progress` of stage ``"fetch"``, in bytes.

    Returns
    -------
    FetchedVideo
        The file, and where it came from. It can be given wherever a video's path is taken; then
        its origin stands in the cue sheet.

    Raises
    ------
    MissingExtraError
        If yt-dlp is not installed.
    ParameterError
        If the address may not be fetched, or it is a playlist, a live stream, or beyond a limit.
    ServiceError
        If the site fails or refuses, or has no video there; nothing is left on disk.
    OutputError
        If the file cannot be written.
    """
    for name, value in (
        ("max_bytes", max_bytes),
        ("max_seconds", max_seconds),
        ("max_height", max_height),
        ("timeout", timeout),
        ("playlist_item", 1 if playlist_item is None else playlist_item),
    ):
        if not (math.isfinite(value) and value > 0):
            raise ParameterError(f"{name} must be above 0, got {value}")
    address = check_address(url, private=private)
    target = Path(output)
    folder = target if target.is_dir() else target.absolute().parent
    if not target.is_dir():
        check_output(target, overwrite=overwrite)
    try:
        from musify.online.downloading import Download, Limits  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "to fetch videos musify needs the module 'yt_dlp', which is not installed; install it "
            "with: pip install 'musify-video[url]'"
        ) from error
    with _hidden_folder(folder) as work:
        download = Download(
            Limits(max_bytes, max_seconds, max_height, private, timeout),
            work,
            ffmpeg=executable(),
            on_progress=on_progress,
        )
        got, about = download.run(address, playlist_item)
        _check_length(got, max_seconds)
        if target.is_dir():
            target = target / got.name
        with finished_file(target, overwrite=overwrite) as partial:
            shutil.move(got, partial)
            size = float(partial.stat().st_size)
            tell(on_progress, "fetch", size, size)
    return FetchedVideo(target, _origin(address, about))


@contextmanager
def _hidden_folder(folder: Path) -> Iterator[Path]:
    """Give an empty hidden folder inside another one; it is removed when the block ends.

    Raises
    ------
    OutputError
        If none can be made there.
    """
    try:
        place = tempfile.TemporaryDirectory(prefix=".musify-", dir=folder)
    except OSError as error:
        raise OutputError(
            f"cannot write into {str(folder)!r}: {error.strerror or error}"
        ) from error
    with place as work:
        yield Path(work)


@contextmanager
def temporarily_fetched(
    url: str, output: StrPath, *, overwrite: bool, **asked: Any
) -> Iterator[FetchedVideo]:
    """Fetch a video into a hidden folder beside an output that may be written; remove it after.

    What else is asked for is as of :func:`fetch_video`.
    """
    folder = check_output(output, overwrite=overwrite).absolute().parent
    with _hidden_folder(folder) as work:
        yield fetch_video(url, work, **asked)


def _check_length(path: Path, max_seconds: float) -> None:
    # Of a plain file nobody says how long it is, or what it is, before it is there.
    try:
        seconds = probe(path).duration
    except VideoOpenError as error:
        raise ServiceError(
            f"what came from this address is no video that can be read: {path.name}"
        ) from error
    if seconds > max_seconds:
        raise ParameterError(
            f"the video lasts {seconds:.0f} s, more than max_seconds={max_seconds:g} allows"
        )


def _origin(address: str, about: Mapping[str, Any]) -> VideoOrigin:
    def words(*keys: str) -> str | None:
        return next((str(about[key]) for key in keys if about.get(key)), None)

    return VideoOrigin(
        words("webpage_url", "original_url") or address,
        words("title"),
        words("uploader", "channel", "creator"),
        words("license"),
    )
