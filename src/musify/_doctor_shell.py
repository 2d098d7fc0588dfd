"""``musify doctor``: what is installed and what works, at the shell."""

import typer

from musify._shell import Shell, reported
from musify._shell_options import Json
from musify._shell_output import show_json, table
from musify.doctor import diagnose

__all__ = ["add_doctor"]


def add_doctor(shell: Shell) -> None:
    """Add the command ``musify doctor``."""

    @shell.command()
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
