"""``musify new-plugin``: the skeleton of a plugin, at the shell."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from musify._shell_options import Command, heard
from musify._shell_output import say

__all__ = ["add_new_plugin"]


class KindChoice(Enum):
    """What a plugin can offer."""

    frame_sampler = "frame_sampler"
    mood_classifier = "mood_classifier"
    mood_aggregator = "mood_aggregator"
    track_selector = "track_selector"
    song_library = "song_library"
    audio_muxer = "audio_muxer"


def add_new_plugin(
    app: typer.Typer,
    reported: Callable[[], AbstractContextManager[None]],
    is_quiet: Callable[[], bool],
) -> None:
    """Add the command ``musify new-plugin``.

    Parameters
    ----------
    app : typer.Typer
        The shell.
    reported : callable
        Gives the block in which errors of musify become a line and an exit status.
    is_quiet : callable
        Whether to say nothing but errors.
    """

    @app.command("new-plugin", cls=Command)
    @heard
    def new(
        name: Annotated[
            str,
            typer.Argument(
                metavar="NAME", help="What users will call it; the package is musify-NAME."
            ),
        ],
        kind: Annotated[
            KindChoice, typer.Option("--kind", help="What it offers.")
        ] = KindChoice.mood_classifier,
        folder: Annotated[
            Path, typer.Option("--folder", help="Where the folder of the package is made.")
        ] = Path(),
    ) -> None:
        """Write the skeleton of a plugin: a package with a backend and its tests."""
        from musify.testing.skeleton import new_plugin  # noqa: PLC0415 - no other command needs it

        with reported():
            package = new_plugin(name, kind.value, folder=folder)
        if not is_quiet():
            say(f"wrote {package}; next: cd {package} && pip install . && pytest")
