"""``musify new-plugin``: the skeleton of a plugin, at the shell."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from musify._shell import Shell, reported
from musify._shell_options import Json
from musify._shell_output import say, show_json

__all__ = ["add_new_plugin"]


class KindChoice(Enum):
    """What a plugin can offer."""

    frame_sampler = "frame_sampler"
    mood_classifier = "mood_classifier"
    mood_aggregator = "mood_aggregator"
    track_selector = "track_selector"
    song_library = "song_library"
    audio_muxer = "audio_muxer"


def add_new_plugin(shell: Shell) -> None:
    """Add the command ``musify new-plugin``."""

    @shell.command("new-plugin")
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
        as_json: Json = False,
    ) -> None:
        """Write the skeleton of a plugin: a package with a backend and its tests."""
        from musify.testing.skeleton import new_plugin  # noqa: PLC0415 - no other command needs it

        with reported():
            package = new_plugin(name, kind.value, folder=folder)
        if as_json:
            show_json({"written": str(package)})
        elif not shell.is_quiet:
            say(f"wrote {package}; next: cd {package} && pip install -e . && pytest")
