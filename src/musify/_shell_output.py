"""How the shell shows things: tables for people, JSON for machines, bars on a terminal."""

import contextlib
import functools
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, ParamSpec

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from musify import progress

__all__ = [
    "UNREAD",
    "printable",
    "progress_bar",
    "say",
    "show_json",
    "table",
]


P = ParamSpec("P")
# As shells count the SIGPIPE that other programs die of.
UNREAD: Final = 141
_UNSHOWN: Final = 3


def _shown(show: Callable[P, None]) -> Callable[P, None]:
    """End the shell with a status, and one line at most, where nothing can be shown."""

    @functools.wraps(show)
    def shown(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            show(*args, **kwargs)
            if sys.stdout is not None:
                sys.stdout.flush()  # at exit it would be too late to say what went wrong
        except OSError as error:
            _silence()
            if isinstance(error, BrokenPipeError):
                raise typer.Exit(UNREAD) from error
            with contextlib.suppress(OSError):
                sys.stderr.write(f"error: the result cannot be shown: {error.strerror or error}\n")
            raise typer.Exit(_UNSHOWN) from error

    return shown


def _silence() -> None:
    """Lead the standard output to nowhere, so that what it still holds does no harm at exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def console() -> Console:
    """Return the console of the standard output."""
    # Made anew each time: tests and callers may have replaced sys.stdout.
    return Console(highlight=False, soft_wrap=True)


def printable(words: str) -> str:
    """Replace what would steer the terminal; names of files and songs may hold anything."""
    steering = ("Cc", "Cf", "Cs")  # controls, directions of writing, halves of letters
    return "".join("\ufffd" if unicodedata.category(one) in steering else one for one in words)


@_shown
def say(words: str) -> None:
    """Print a line; nothing in it is taken for markup."""
    console().print(Text(printable(words)))


@_shown
def show_json(record: Any) -> None:
    """Print a record for a machine, and nothing else."""
    # ASCII, since nobody knows what the other end of a pipe can read.
    if sys.stdout is not None:
        sys.stdout.write(json.dumps(record, indent=2, allow_nan=False) + "\n")


@_shown
def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    out = Console(highlight=False)
    if out.is_terminal:
        out.print(made)
        return
    out.width = 400  # a pipe has no width; nothing may be cut off
    with out.capture() as drawn:
        out.print(made)
    for line in drawn.get().splitlines():
        out.print(Text(line.rstrip()), soft_wrap=True)


@contextmanager
def progress_bar(*, shown: bool) -> Iterator[progress.ProgressCallback | None]:
    """Show a bar for each stage on the error output, if that is a terminal."""
    err = Console(stderr=True)
    if not (shown and err.is_terminal):
        yield None
        return
    columns = (TextColumn("{task.description:<8}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def update(step: progress.Progress) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bars.add_task(step.stage, total=1.0)
            bars.update(tasks[step.stage], completed=step.fraction)

        yield update
