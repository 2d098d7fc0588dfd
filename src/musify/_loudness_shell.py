"""``musify loudness``: how loud files are, at the shell."""

from pathlib import Path
from typing import Annotated, Any

import typer

from musify._shell import Shell, reported
from musify._shell_output import show_json, table
from musify.audio.loudness import measure_file
from musify.audio.targets import CEILING_DBTP, TARGETS, gain_to_target, target_lufs

__all__ = ["add_loudness", "loudness_record", "show_loudness"]


def add_loudness(shell: Shell) -> None:
    """Add the command to the shell."""

    @shell.command()
    def loudness(
        files: Annotated[
            list[Path], typer.Argument(metavar="FILE...", help="Songs or videos with sound.")
        ],
        target: Annotated[
            str | None,
            typer.Option(
                help=f"Say the gain to this many LUFS, or to one of {', '.join(TARGETS)}.",
                show_default=False,
            ),
        ] = None,
        stream: Annotated[
            int | None,
            typer.Option(
                help="Number of the stream to measure; the first with sound by default.",
                show_default=False,
            ),
        ] = None,
        as_json: Annotated[
            bool, typer.Option("--json", help="Print JSON, and nothing else.")
        ] = False,
    ) -> None:
        """Say how loud files are (ITU-R BS.1770, EBU Tech 3341 and 3342)."""
        with reported():
            wanted = None if target is None else _target(target)
            records = [loudness_record(file, wanted, stream) for file in files]
        if as_json:
            show_json(records)
        elif not shell.is_quiet:
            show_loudness(records)


def _target(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return target_lufs(text)
    return target_lufs(number)


def loudness_record(
    path: Path, target: float | None = None, stream: int | None = None
) -> dict[str, Any]:
    """Measure a file, and describe it for a machine.

    ``gain_db`` brings it to the target; ``gain_db_without_limiter`` goes no further than its true
    peaks allow, to -1 dBTP.
    """
    found = measure_file(path, stream)
    record: dict[str, Any] = {
        "file": str(path),
        "duration": found.duration,
        "integrated_lufs": found.integrated_lufs,
        "range_lu": found.range_lu,
        "max_momentary_lufs": found.max_momentary_lufs,
        "max_short_term_lufs": found.max_short_term_lufs,
        "true_peak_dbtp": found.true_peak_dbtp,
    }
    if target is not None:
        lufs, peak = found.integrated_lufs, found.true_peak_dbtp
        clean = gain_to_target(lufs, target, true_peak_dbtp=peak, ceiling_dbtp=CEILING_DBTP)
        record["target_lufs"] = target
        record["gain_db"] = gain_to_target(lufs, target)
        record["gain_db_without_limiter"] = clean
    return record


def show_loudness(records: list[dict[str, Any]]) -> None:
    """Show files to a person: a row for each."""
    columns = [
        ("integrated_lufs", "LUFS", ".1f"),
        ("range_lu", "range LU", ".1f"),
        ("max_momentary_lufs", "0.4 s max", ".1f"),
        ("max_short_term_lufs", "3 s max", ".1f"),
        ("true_peak_dbtp", "peak dBTP", ".1f"),
    ]
    if "gain_db" in records[0]:
        columns.append(("gain_db", f"gain to {records[0]['target_lufs']:g}", "+.1f"))
        columns.append(("gain_db_without_limiter", "without limiter", "+.1f"))
    rows = [
        [record["file"], *(_cell(record[name], how) for name, _, how in columns)]
        for record in records
    ]
    table("Loudness", ("file", *(title for _, title, _ in columns)), rows)


def _cell(value: float | None, how: str) -> str:
    return "-" if value is None else format(value, how)
