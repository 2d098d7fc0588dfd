"""The only module that knows yt-dlp: asks for one video, and says what went wrong.

yt-dlp fails in many ways: errors of its own, errors of its network layer that are not, and silence
(a file beyond ``max_filesize`` is skipped and reported as downloaded). Each becomes an error here.
"""

import logging
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yt_dlp
from yt_dlp.networking._urllib import UrllibRH
from yt_dlp.networking.exceptions import HTTPError, RequestError, TransportError
from yt_dlp.utils import (
    DownloadCancelled,
    GeoRestrictedError,
    UnsupportedError,
    YoutubeDLError,
)

from musify.cancelling import abandoning, checkpoint
from musify.errors import (
    AuthenticationError,
    CancelledError,
    MusifyError,
    ParameterError,
    ServiceError,
)
from musify.online.hanging_up import hung_up
from musify.online.video_address import check_address
from musify.progress import Progress, ProgressCallback

__all__ = ["Download", "Limits"]

log = logging.getLogger(__name__)

_BUSY: Final = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be fetched, and from where; see :func:`musify.fetch_video`."""

    max_bytes: int
    max_seconds: float
    max_height: int
    private: bool
    timeout: float


class _Stopped(DownloadCancelled):  # type: ignore[misc] # yt-dlp is not typed
    """Stops yt-dlp with an error of ours."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def _stopping() -> Iterator[None]:
    try:
        yield
    except CancelledError as error:
        raise _Stopped(error) from error


def _read(response: Any) -> Callable[..., bytes]:
    """Let the token in force end the wait for the next part of an answer."""
    read = response.read

    def read_on(amount: int | None = None) -> bytes:
        with _stopping(), hung_up(lambda: response.fp.fileno()):
            part: bytes = read(amount)
            return part

    return read_on


class _Log:
    """Hands on what yt-dlp says."""

    def __init__(self) -> None:
        self.was_too_large = False

    def debug(self, message: str) -> None:
        # All that yt-dlp ever says of a file that it skips for its size.
        self.was_too_large |= "max-filesize" in message
        log.debug("%s", message)

    info = debug

    def warning(self, message: str) -> None:
        log.info("%s", message)

    def error(self, message: str) -> None:
        log.info("%s", message)


class _Guard(urllib.request.BaseHandler):
    """Looks at the address of every request before it is sent, redirected ones too."""

    handler_order = 1

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self.asked = 0
        self.refused: MusifyError | None = None

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        self.asked += 1
        try:
            check_address(request.full_url, private=self._private)
        except ParameterError as error:
            self.refused = self.refused or error
            raise RequestError(str(error)) from error
        return request

    https_request = http_request
    ftp_request = http_request


class _GuardedDownloader(yt_dlp.YoutubeDL):  # type: ignore[misc] # yt-dlp is not typed
    """yt-dlp over one network layer, all of whose requests pass the guard."""

    def __init__(self, guard: _Guard, options: dict[str, Any]) -> None:
        self._guard = guard
        super().__init__(options)

    def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
        guard = self._guard

        class Guarded(UrllibRH):  # type: ignore[misc] # yt-dlp is not typed
            RH_KEY = "Urllib"

            def _create_instance(self, *args: Any, **kwargs: Any) -> Any:
                opener = super()._create_instance(*args, **kwargs)
                opener.add_handler(guard)
                return opener

            def _send(self, request: Any) -> Any:
                send = abandoning(super()._send, drop=lambda response: response.close())
                try:
                    response = send(request)
                except CancelledError as error:
                    guard.refused = error
                    raise RequestError(str(error)) from error  # any other would be a fault
                response.read = _read(response)
                return response

        return super().build_request_director([Guarded], preferences)


class Download:
    """One download.

    Parameters
    ----------
    limits : Limits
        How much, and from where.
    folder : Path
        An empty folder to work in; the caller removes it.
    ffmpeg : str
        Path of the ffmpeg that joins sound and picture.
    on_progress : callable or None
        Called with bytes.
    """

    def __init__(
        self, limits: Limits, folder: Path, *, ffmpeg: str, on_progress: ProgressCallback | None
    ) -> None:
        self._limits = limits
        self._folder = folder
        self._ffmpeg = ffmpeg
        self._on_progress = on_progress
        self._log = _Log()
        self._fetched: dict[str, int] = {}

    def run(self, url: str, playlist_item: int | None) -> tuple[Path, dict[str, Any]]:
        """Fetch the video.

        Returns
        -------
        path : Path
            The file, in the folder.
        about : dict
            What yt-dlp knows of it.
        """
        guard = _Guard(private=self._limits.private)
        try:
            with _GuardedDownloader(guard, self._options(playlist_item)) as downloader:
                about = downloader.extract_info(url, download=False, process=False)
                self._refuse_playlist(about, playlist_item)
                about = downloader.process_ie_result(about, download=True)
                about = downloader.sanitize_info(about)
        except _Stopped as stopped:
            raise stopped.error from stopped
        except MusifyError:
            raise
        except YoutubeDLError as error:
            raise (guard.refused or self._explained(error)) from error
        except (OSError, ValueError) as error:
            raise (
                guard.refused or ServiceError(f"the video cannot be fetched: {error}")
            ) from error
        if guard.refused is not None:
            raise guard.refused
        if not guard.asked:
            raise ServiceError(
                "the installed yt-dlp asked the network past musify's check of addresses, so "
                "nothing of it is used; install another version of yt-dlp"
            )
        return self._file(about), about

    def _options(self, playlist_item: int | None) -> dict[str, Any]:
        most = self._limits.max_height
        options: dict[str, Any] = {
            # "?" keeps formats that do not say how high they are.
            "format": f"bv*[height<=?{most}]+ba/b[height<=?{most}]/bv*+ba/b",
            "format_sort": ["vcodec:h264", f"res:{most}", "acodec:aac", "ext:mp4:m4a"],
            "merge_output_format": "mp4/mkv",
            "noplaylist": playlist_item is None,
            "quiet": True,
            "noprogress": True,
            "logger": self._log,
            "paths": {"home": str(self._folder), "temp": str(self._folder)},
            "outtmpl": {"default": "%(title).100B-%(id).40B.%(ext)s"},
            "restrictfilenames": True,
            "ffmpeg_location": self._ffmpeg,
            "progress_hooks": [self._hook],
            "match_filter": self._refuse,
            "max_filesize": self._limits.max_bytes,
            "cachedir": False,
            "socket_timeout": self._limits.timeout,
            "retries": 3,
            "fragment_retries": 3,
            "extractor_retries": 2,
            "skip_unavailable_fragments": False,
            "allowed_extractors": ["default"],
            "hls_prefer_native": True,
            "external_downloader": {"default": "native"},
        }
        if playlist_item is not None:
            options["playlist_items"] = str(playlist_item)
        return options

    def _hook(self, status: dict[str, Any]) -> None:
        done = int(status.get("downloaded_bytes") or 0)
        self._fetched[str(status.get("filename"))] = done
        all_done = sum(self._fetched.values())
        if all_done > self._limits.max_bytes:
            raise _Stopped(self._too_large())
        self._end_if_cancelled()
        total = status.get("total_bytes") or status.get("total_bytes_estimate") or done
        if self._on_progress is not None:
            others = all_done - done
            try:
                self._on_progress(
                    Progress("fetch", float(all_done), float(max(total, done) + others))
                )
            except Exception as error:
                raise _Stopped(error) from error
        self._end_if_cancelled()

    def _end_if_cancelled(self) -> None:
        with _stopping():
            checkpoint()

    def _refuse(self, about: dict[str, Any], *, incomplete: bool = False) -> None:
        if about.get("is_live"):
            raise _Stopped(
                ParameterError("this is a live stream, which has no end; give a finished video")
            )
        seconds = about.get("duration")
        if seconds is not None and seconds > self._limits.max_seconds:
            raise _Stopped(
                ParameterError(
                    f"the video lasts {seconds:.0f} s, more than "
                    f"max_seconds={self._limits.max_seconds:g} allows"
                )
            )

    def _refuse_playlist(self, about: dict[str, Any], playlist_item: int | None) -> None:
        if about.get("_type") in ("playlist", "multi_video") and playlist_item is None:
            raise ParameterError(
                f"{about.get('title') or 'this'} is a playlist; give the address of one video, or "
                "pass playlist_item=1 (--playlist-item) for its first"
            )

    def _too_large(self) -> ParameterError:
        return ParameterError(
            f"the video is larger than max_bytes={self._limits.max_bytes} allows "
            f"({self._limits.max_bytes / 1e6:.0f} MB)"
        )

    def _file(self, about: dict[str, Any]) -> Path:
        entries = about.get("entries")
        if entries is not None:
            found = [entry for entry in entries if entry]
            if not found:
                raise ServiceError("the playlist has no such item, or it cannot be had")
            about.update(found[0])
        files = [
            Path(one["filepath"])
            for one in about.get("requested_downloads") or ()
            if one.get("filepath")
        ]
        for file in files:
            if file.is_file() and file.stat().st_size and file.parent == self._folder:
                return file
        # yt-dlp raises nothing here, and may even report a file that is not there.
        if self._log.was_too_large:
            raise self._too_large()
        raise ServiceError("no video came of it; is there one at this address?")

    def _explained(self, error: YoutubeDLError) -> MusifyError:
        cause: BaseException | None = error
        info = getattr(error, "exc_info", None)
        if info and info[1] is not None:
            cause = info[1]
        seen = cause
        while seen is not None and not isinstance(
            seen, (HTTPError, UnsupportedError, GeoRestrictedError, TransportError)
        ):
            seen = getattr(seen, "cause", None) or seen.__cause__
        words = str(error).removeprefix("ERROR: ").strip()
        if isinstance(seen, HTTPError):
            seen.close()  # yt-dlp leaves its connection to the garbage collector
            status = seen.status
            if status in (401, 403):
                return AuthenticationError(
                    f"the site refuses to give the video (HTTP {status}); fetch it with your "
                    "browser, where you are logged in, and give musify the file"
                )
            if status in (404, 410):
                return ServiceError(f"there is nothing at this address (HTTP {status})")
            if 300 <= status < 400:
                return ServiceError(
                    f"the site leads in circles or to where musify does not follow (HTTP {status})"
                )
            return ServiceError(
                f"the site answered HTTP {status}; try again later", retryable=status in _BUSY
            )
        if isinstance(seen, UnsupportedError):
            return ServiceError(
                "there is no video at this address that yt-dlp finds; give the address of the "
                "video itself, or upgrade yt-dlp: pip install -U yt-dlp"
            )
        if isinstance(seen, GeoRestrictedError):
            return ServiceError(f"the video cannot be had in this country: {words}")
        if isinstance(seen, TransportError) or "Giving up after" in words:
            return ServiceError(f"the connection failed: {words}; try again later", retryable=True)
        return ServiceError(
            f"the video cannot be fetched: {words}; if the site has changed, upgrade yt-dlp: "
            "pip install -U yt-dlp"
        )
