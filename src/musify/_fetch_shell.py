"""``musify fetch``, and videos by their address for ``musify add``."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from musify._shell import Shell
from musify._shell_options import Json, Overwrite
from musify._shell_output import say, show_json
from musify._shell_signature import taking
from musify.errors import ParameterError
from musify.online.fetch_video import MOST_BYTES, MOST_SECONDS, fetch_video, temporarily_fetched
from musify.online.video_address import is_url

__all__ = ["add_fetch", "fetching"]

_MEGABYTE: Final = 1_000_000

Private = Annotated[
    bool, typer.Option("--private", help="Let the address lie in a private network or here.")
]
PlaylistItem = Annotated[
    int | None,
    typer.Option("--playlist-item", help="Which one of a playlist, from 1.", min=1),
]
MaxMegabytes = Annotated[float, typer.Option("--max-megabytes", help="The most to fetch.")]
MaxMinutes = Annotated[float, typer.Option("--max-minutes", help="The longest video to fetch.")]
_LIMITS: Final[dict[str, tuple[Any, Any]]] = {
    "private": (Private, False),
    "playlist_item": (PlaylistItem, None),
    "max_megabytes": (MaxMegabytes, MOST_BYTES / _MEGABYTE),
    "max_minutes": (MaxMinutes, MOST_SECONDS / 60),
}
_KINDS: Final[dict[str, Any]] = {
    "video": Annotated[
        str | None,
        typer.Argument(metavar="VIDEO", help="The video, or its address; never changed."),
    ],
    "output": Annotated[
        Path | None,
        typer.Argument(metavar="OUTPUT", help="What to write: .mp4, .m4v, .mov, .mkv or .webm."),
    ],
    "url": Annotated[
        str | None,
        typer.Option("--url", "-u", help="The address of the video, in VIDEO's place."),
    ],
    **{name: kind for name, (kind, _) in _LIMITS.items()},
}
_DEFAULTS: Final[dict[str, Any]] = {
    **dict.fromkeys(_KINDS),
    **{name: default for name, (_, default) in _LIMITS.items()},
}


def _limits(
    *, private: bool, playlist_item: int | None, max_megabytes: float, max_minutes: float
) -> dict[str, Any]:
    """Say in the words of :func:`fetch_video` what may be fetched."""
    return {
        "private": private,
        "playlist_item": playlist_item,
        "max_bytes": round(max_megabytes * _MEGABYTE),
        "max_seconds": max_minutes * 60,
    }


def fetching(
    shell: Shell,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command that takes ``video`` and ``output`` take an address for the video too.

    Either in its place, or as in 2016 with ``-u``. The video is fetched into a hidden folder
    beside the output, and removed afterwards.
    """

    def let(command: Callable[..., None]) -> Callable[..., None]:
        @taking(command, _KINDS, _DEFAULTS)
        def run(*, video: str | None, output: Path | None, url: str | None, **given: Any) -> None:
            limits = {name: given.pop(name) for name in _LIMITS}
            if url is not None:
                if output is not None:
                    raise typer.BadParameter("give VIDEO or --url, not both")
                video, output = url, None if video is None else Path(video)
            if video is None or output is None:
                raise typer.BadParameter("give VIDEO (or --url) and OUTPUT")
            if not is_url(video):
                command(video=Path(video), output=output, **given)
                return
            with ExitStack() as stack:
                with shell.working(as_json=given["as_json"]) as on_progress:
                    coming = temporarily_fetched(
                        video,
                        output,
                        overwrite=given["overwrite"],
                        on_progress=on_progress,
                        **_limits(**limits),
                    )
                    fetched = stack.enter_context(coming)
                command(video=fetched, output=output, **given)

        return run

    return let


def add_fetch(shell: Shell) -> None:
    """Add the command ``musify fetch``."""

    @shell.command()
    def fetch(
        url: Annotated[str, typer.Argument(metavar="URL", help="Address of a page or a file.")],
        output: Annotated[
            Path, typer.Argument(metavar="[OUTPUT]", help="The file to write, or a folder.")
        ] = Path(),
        playlist_item: PlaylistItem = None,
        private: Private = False,
        max_megabytes: MaxMegabytes = MOST_BYTES / _MEGABYTE,
        max_minutes: MaxMinutes = MOST_SECONDS / 60,
        overwrite: Overwrite = False,
        as_json: Json = False,
    ) -> None:
        """Fetch a video from the network: yours, or one whose licence lets you."""
        limits = _limits(
            private=private,
            playlist_item=playlist_item,
            max_megabytes=max_megabytes,
            max_minutes=max_minutes,
        )
        with shell.working(as_json=as_json) as on_progress:
            if not is_url(url):
                raise ParameterError(f"{url!r} is no address, such as https://example.org/clip.mp4")
            fetched = fetch_video(
                url, output, overwrite=overwrite, on_progress=on_progress, **limits
            )
        origin = fetched.origin
        if as_json:
            names = ("page", "title", "uploader", "licence")
            about = {name: getattr(origin, name) for name in names}
            show_json({"path": str(fetched.path), **about})
        elif not shell.is_quiet:
            say(f"wrote {fetched.path}: {origin.credit}")
