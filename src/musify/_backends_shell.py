"""``musify backends``: what can be swapped."""

from typing import Annotated

import typer

from musify._registry import HOOKS
from musify._shell import Shell, reported
from musify._shell_options import Json
from musify._shell_output import show_json, table
from musify.plugins import list_backends

__all__ = ["add_backends"]


def add_backends(shell: Shell) -> None:
    """Add the command ``musify backends``."""

    @shell.command()
    def backends(
        kind: Annotated[
            str | None, typer.Argument(metavar="[KIND]", help=f"One of {', '.join(HOOKS)}.")
        ] = None,
        as_json: Json = False,
    ) -> None:
        """List the parts that can be swapped."""
        with reported():
            found = list_backends(kind)  # type: ignore[arg-type] # refused there
        if as_json:
            names = ("kind", "name", "summary", "provider")
            show_json([{name: getattr(row, name) for name in names} for row in found])
        else:
            rows = [(row.kind, row.name, row.summary, row.provider) for row in found]
            table("Backends", ("kind", "name", "what it is", "from"), rows)
