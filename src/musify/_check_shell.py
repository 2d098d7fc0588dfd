"""``musify check``: measuring a file, at the shell."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from musify._shell import Shell, reported
from musify._shell_options import Json
from musify._shell_output import say, show_json, table
from musify.audit import Audit, audit_file
from musify.cues import CueSheet

__all__ = ["add_check", "audit_record", "show_audit"]


def add_check(shell: Shell) -> None:
    """Add the command ``musify check``."""

    @shell.command()
    def check(
        output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="The file to measure.")],
        against: Annotated[
            Path | None,
            typer.Option(help="What it was made from: all of its streams must be there."),
        ] = None,
        plan: Annotated[
            Path | None,
            typer.Option(help="The plan it was rendered from: its joints are searched for clicks."),
        ] = None,
        target: Annotated[
            float | None, typer.Option(help="LUFS that its new sound should have.")
        ] = None,
        ceiling: Annotated[float, typer.Option(help="Highest true peak allowed, in dBTP.")] = -1.0,
        as_json: Json = False,
    ) -> None:
        """Measure a file: its streams, its loudness, and how it lies in time."""
        with reported():
            sheet = None if plan is None else CueSheet.load(plan)
            audit = audit_file(
                output,
                against=against,
                original=None if sheet is None else sheet.original,
                target_lufs=target,
                ceiling_dbtp=ceiling,
                joints=() if sheet is None else sheet.joints,
            )
        if as_json:
            show_json(audit_record(audit))
        elif not shell.is_quiet:
            show_audit(audit, compared=against is not None)
        if not audit.ok:
            raise typer.Exit(1)


def show_audit(audit: Audit, *, compared: bool) -> None:
    """Print what was measured; which streams are new is known where an input was compared."""
    new = "new" if compared else "not compared"
    rows = [
        (
            str(stream.index),
            stream.kind,
            stream.codec,
            f"{stream.duration:.3f}",
            new if stream.source is None else f"stream {stream.source} of the input",
        )
        for stream in audit.streams
    ]
    table("Streams", ("", "kind", "codec", "seconds", "is"), rows)
    say("")
    rows_found = [
        ("ok" if found.ok else "FAULT", found.name, found.detail) for found in audit.findings
    ]
    table("Audit", ("", "what", "measured"), rows_found)


def audit_record(audit: Audit) -> dict[str, Any]:
    """Describe an audit for a machine."""
    loudness = audit.loudness
    return {
        "path": str(audit.path),
        "ok": audit.ok,
        "duration": audit.duration,
        "streams": [asdict(stream) for stream in audit.streams],
        "new_sound": audit.new_sound,
        "sound_offset": audit.sound_offset,
        "sound_duration": audit.sound_duration,
        "loudness_lufs": None if loudness is None else loudness.integrated_lufs,
        "range_lu": None if loudness is None else loudness.range_lu,
        "true_peak_dbtp": None if loudness is None else loudness.true_peak_dbtp,
        "clicks": list(audit.clicks),
        "findings": [asdict(finding) for finding in audit.findings],
    }
