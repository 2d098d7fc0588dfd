"""``musify collect``: gathering pictures to learn moods from, at the shell."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from musify._shell import Shell
from musify._shell_options import Json
from musify._shell_output import say, show_json, table
from musify.errors import ParameterError
from musify.online.collect import collect_pictures

__all__ = ["add_collect"]


class SourceChoice(Enum):
    """Who is asked for pictures."""

    openverse = "openverse"
    pixabay = "pixabay"


def add_collect(shell: Shell) -> None:
    """Add the command ``musify collect``."""

    @shell.command()
    def collect(
        folder: Annotated[
            Path, typer.Argument(metavar="FOLDER", help="Where to put the folders of pictures.")
        ],
        moods: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="[MOOD]...",
                help="By default action, happy, sad and calm.",
                show_default=False,
            ),
        ] = None,
        source: Annotated[
            SourceChoice, typer.Option(help="Who is asked; Pixabay needs a key.")
        ] = SourceChoice.openverse,
        per_mood: Annotated[int, typer.Option(help="Pictures of each mood, at most 1000.")] = 40,
        query: Annotated[
            list[str] | None,
            typer.Option(
                help="What to search for, as MOOD=WORDS; may be repeated.", show_default=False
            ),
        ] = None,
        key: Annotated[
            str | None,
            typer.Option(
                help="Of Pixabay. PIXABAY_API_KEY is better: others see what commands are given.",
                show_default=False,
            ),
        ] = None,
        non_commercial: Annotated[
            bool, typer.Option("--non-commercial", help="Licences may forbid commercial use.")
        ] = False,
        spacing: Annotated[float, typer.Option(help="Least seconds between requests.")] = 1.0,
        as_json: Json = False,
    ) -> None:
        """Gather free pictures of moods from Openverse or Pixabay, to train on.

        Run it again to go on after an interruption. Be modest: these services allow no mass
        downloads.
        """
        with shell.working(as_json=as_json) as on_progress:
            report = collect_pictures(
                folder,
                moods or None,
                source=source.value,
                per_mood=per_mood,
                queries=_queries(query or []),
                key=key,
                non_commercial=non_commercial,
                spacing=spacing,
                on_progress=on_progress,
            )
        if as_json:
            show_json(report.to_dict())
        elif not shell.is_quiet:
            rows = [
                (mood.mood, *map(str, (mood.kept, mood.new, mood.duplicates, mood.unusable)))
                for mood in report.moods
            ]
            table("Pictures", ("mood", "there", "new", "duplicates", "unusable"), rows)
            say("")
            say(f"where each comes from: {report.manifest}; learn from them with:")
            say(f"  musify train local {folder} -o mine.musify")


def _queries(given: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in given:
        mood, equals, words = text.partition("=")
        if not (equals and mood.strip() and words.strip()):
            raise ParameterError(
                f"--query must be MOOD=WORDS, such as 'calm=quiet lake'; got {text!r}"
            )
        found.setdefault(mood, []).append(words)
    return found
