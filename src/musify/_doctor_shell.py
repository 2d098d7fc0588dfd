"""``musify doctor``: what is installed and what works, at the shell."""

from collections.abc import Sequence
from dataclasses import asdict

import typer

from musify._shell import Shell, reported
from musify._shell_options import Json
from musify._shell_output import say, show_json, table
from musify.doctor import Finding, diagnose

__all__ = ["add_doctor"]


def add_doctor(shell: Shell) -> None:
    """Add the command ``musify doctor``."""

    @shell.command()
    def doctor(as_json: Json = False) -> None:
        """Say what is installed, what works, and how to mend what does not."""
        with reported():
            findings = diagnose()
        if as_json:
            show_json([asdict(found) for found in findings])
        else:
            rows = [("ok" if found.ok else "FAULT", found.name, found.detail) for found in findings]
            table("Doctor", ("", "what", "found"), rows)
            _show_mends("To mend", [found for found in findings if not found.ok])
            _show_mends("Worth knowing", [found for found in findings if found.ok and found.fix])
            more = [found for found in findings if found.ok and not found.fix]
            _show_mends("To have more", more)
        if not all(found.ok for found in findings):
            raise typer.Exit(1)


def _show_mends(title: str, findings: Sequence[Finding]) -> None:
    """Say what to do, each command on a line of its own, which is never broken."""
    mends = [found for found in findings if found.fix or found.commands]
    if not mends:
        return
    say("")
    say(title)
    for found in mends:
        if found.fix or not found.ok:
            say(f"  {found.name}: {found.fix}".removesuffix(": "))
        for command in found.commands:
            say(f"    {command}")
