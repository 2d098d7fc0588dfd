"""``musify export``: a plan for other programs, at the shell."""

from pathlib import Path
from typing import Annotated

import typer

from musify._output import check_output, finished_file
from musify._shell import Shell, reported
from musify._shell_options import Overwrite
from musify._shell_output import say
from musify.cues import CueSheet
from musify.errors import OutputError
from musify.exchange.cue_report import cue_report
from musify.exchange.editing_timeline import write_otio
from musify.exchange.stems import write_stems

__all__ = ["add_export"]


def add_export(shell: Shell) -> None:
    """Add the command ``musify export``."""

    @shell.command()
    def export(
        plan_file: Annotated[
            Path, typer.Argument(metavar="PLAN", help="What `musify plan` wrote.")
        ],
        output: Annotated[
            Path,
            typer.Argument(
                metavar="OUTPUT",
                help="An editing timeline (.otio), a report of rights (.csv), or a folder for the "
                "stems.",
            ),
        ],
        overwrite: Overwrite = False,
    ) -> None:
        """Hand a plan over: as OpenTimelineIO, as a table of its cues, or as stems."""
        with reported():
            sheet = CueSheet.load(plan_file)
            written = _export(sheet, output, overwrite=overwrite)
        if not shell.is_quiet:
            for path in written:
                say(f"wrote {path}")


def _export(sheet: CueSheet, output: Path, *, overwrite: bool) -> tuple[Path, ...]:
    ending = output.suffix.lower()
    if ending == ".otio":
        return (write_otio(sheet, output, overwrite=overwrite),)
    if ending == ".csv":
        check_output(output, overwrite=overwrite, inputs=sheet.files)
        with finished_file(output, overwrite=overwrite) as partial:
            partial.write_text(cue_report(sheet), encoding="utf-8", newline="")
        return (output,)
    if ending:
        raise OutputError(
            f"cannot write {output.name!r}: a plan becomes .otio, .csv, or a folder of stems"
        )
    return write_stems(sheet, output, overwrite=overwrite)
