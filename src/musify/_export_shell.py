"""``musify export``: a plan for other programs, at the shell."""

from pathlib import Path
from typing import Annotated

import typer

from musify._output import check_output, finished_file
from musify._shell import Shell
from musify._shell_options import Json, Overwrite
from musify._shell_output import say, show_json
from musify.cues import CueSheet
from musify.errors import OutputError
from musify.exchange.cue_report import cue_report
from musify.exchange.editing_timeline import write_otio
from musify.exchange.stems import write_stems
from musify.progress import ProgressCallback

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
        as_json: Json = False,
    ) -> None:
        """Hand a plan over: as OpenTimelineIO, as a table of its cues, or as stems."""
        with shell.working(as_json=as_json) as on_progress:
            sheet = CueSheet.load(plan_file)
            written = _export(sheet, output, overwrite=overwrite, on_progress=on_progress)
        if as_json:
            show_json({"written": [str(path) for path in written]})
        elif not shell.is_quiet:
            for path in written:
                say(f"wrote {path}")


def _export(
    sheet: CueSheet, output: Path, *, overwrite: bool, on_progress: ProgressCallback | None
) -> tuple[Path, ...]:
    ending = output.suffix.lower()
    if ending == ".otio":
        return (write_otio(sheet, output, overwrite=overwrite, on_progress=on_progress),)
    if ending == ".csv":
        check_output(output, overwrite=overwrite, inputs=sheet.files)
        with finished_file(output, overwrite=overwrite) as partial:
            partial.write_text(cue_report(sheet), encoding="utf-8", newline="")
        return (output,)
    if ending:
        raise OutputError(
            f"cannot write {output.name!r}: a plan becomes .otio, .csv, or a folder of stems"
        )
    return write_stems(sheet, output, overwrite=overwrite, on_progress=on_progress)
