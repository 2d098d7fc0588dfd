"""Where a video came from, if it was fetched from the network."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from musify.errors import ParameterError

if TYPE_CHECKING:
    from musify._ffmpeg import StrPath

__all__ = ["FetchedVideo", "VideoOrigin", "origin_of"]


@dataclass(frozen=True, slots=True)
class VideoOrigin:
    """Where a video came from.

    Parameters
    ----------
    page : str
        Address of the page, or of the file itself.
    title : str, optional
        What it is called there.
    uploader : str, optional
        Who put it there.
    licence : str, optional
        Under which terms, in the words of the page.
    """

    page: str
    title: str | None = None
    uploader: str | None = None
    licence: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.page, str) or not self.page.strip():
            raise ParameterError(f"the page of a video's origin must be named, got {self.page!r}")
        for name in ("title", "uploader", "licence"):
            words = getattr(self, name)
            if words is not None and not isinstance(words, str):
                raise ParameterError(f"{name} of a video's origin must be words, got {words!r}")
            object.__setattr__(self, name, (words or "").strip() or None)

    @property
    def credit(self) -> str:
        """One line that names the video, its maker, its page and its licence."""
        title = f"“{self.title}”" if self.title else "a video"
        by = f" by {self.uploader}" if self.uploader else ""
        terms = f" ({self.licence})" if self.licence else ""
        return f"{title}{by}{terms}, {self.page}"


@dataclass(frozen=True, slots=True)
class FetchedVideo:
    """A video that was fetched; it stands for its file wherever a path is taken.

    Parameters
    ----------
    path : Path
        The file.
    origin : VideoOrigin
        Where it came from.
    """

    path: Path
    origin: VideoOrigin

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, path: StrPath, origin: VideoOrigin) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))

    def __fspath__(self) -> str:
        return str(self.path)


def origin_of(video: object) -> VideoOrigin | None:
    """Return where a video came from; None of what was not fetched."""
    return video.origin if isinstance(video, FetchedVideo) else None
