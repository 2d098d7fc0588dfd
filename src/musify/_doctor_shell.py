"""``musify doctor``: what is installed and what works, at the shell."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import typer

from musify._shell_options import Command, Json, heard
from musify._shell_output import show_json, table
from musify.doctor import diagnose

__all__ = ["add_doctor"]


def add_doctor(
    app: typer.Typer,
    reported: Callable[[], AbstractContextManager[None]],
    is_quiet: Callable[[], bool],
) -> None:
    """Add the command ``musify doctor``.

    Parameters
    ----------
    app : typer.Typer
        The shell.
    reported : callable
        Gives the block in which errors of musify become a line and an exit status.
    is_quiet : callable
        Whether to say nothing but errors.
    """

    @app.command(cls=Command)
    @heard
    def doctor(as_json: Json = False) -> None:
        """Say what is installed, what works, and how to mend what does not."""
        with reported():
            findings = diagnose()
        if as_json:
            names = ("name", "detail", "ok", "fix")
            show_json([{name: getattr(found, name) for name in names} for found in findings])
        else:
            rows = [
                ("ok" if found.ok else "FAULT", found.name, found.detail, found.fix)
                for found in findings
            ]
            table("Doctor", ("", "what", "found", "to do"), rows)
        if not all(found.ok for found in findings):
            raise typer.Exit(1)
