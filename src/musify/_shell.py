"""The shell as the modules of its commands know it: where they are added, and how it speaks."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from musify._how_to import at_the_shell
from musify._shell_output import printable, progress_bar
from musify._shell_signature import taking
from musify.errors import (
    BackendError,
    MediaError,
    MusifyError,
    ParameterError,
    SelectionError,
    ServiceError,
)
from musify.progress import ProgressCallback

log = logging.getLogger(__name__)

__all__ = ["EXIT_CODES", "Quiet", "Shell", "Verbose", "reported"]

EXIT_CODES: Final[tuple[tuple[type[MusifyError], int], ...]] = (
    (ParameterError, 2),
    (MediaError, 3),
    (BackendError, 4),
    (SelectionError, 5),
    (ServiceError, 6),
    (MusifyError, 1),
)

Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        help="Say more; twice for all commands.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]


class _Command(TyperCommand):
    """A command whose usage names its arguments as they are, and which speaks no Python."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what was given; some versions of typer put words of Python before what is wrong."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Name what can be given; some versions of typer put it in braces."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


class Talk:
    """How much the shell says."""

    def __init__(self) -> None:
        self.verbose, self.quiet = 0, False

    def begin(self, verbose: int, *, quiet: bool) -> None:
        """Set what stands before the name of the command."""
        self.verbose, self.quiet = 0, False
        self.add(verbose, quiet=quiet)

    def add(self, verbose: int, *, quiet: bool) -> None:
        """Add what stands after it."""
        self.verbose += verbose
        self.quiet = self.quiet or quiet
        level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(self.verbose, 2)]
        logging.basicConfig(
            level=logging.ERROR if self.quiet else level,
            format="%(levelname)s: %(message)s",
            stream=sys.stderr,
            force=True,
        )


@contextmanager
def reported() -> Iterator[None]:
    """Turn errors of musify into a line and an exit status.

    With ``-v`` the author of a part that failed is shown where; with ``-vv`` everybody is.
    """
    try:
        with at_the_shell():
            yield
    except MusifyError as error:
        is_fault_of_part = isinstance(error, BackendError) and error.__cause__ is not None
        level = logging.INFO if is_fault_of_part else logging.DEBUG
        traced = error.__cause__ if is_fault_of_part else error
        log.log(level, "where it went wrong:", exc_info=traced)
        for line in f"error: {error}".splitlines():
            sys.stderr.write(f"{printable(line)}\n")
        code = next(code for kind, code in EXIT_CODES if isinstance(error, kind))
        raise typer.Exit(code) from error


@dataclass(frozen=True, slots=True)
class Shell:
    """Where commands are added, and what they ask of the shell.

    Parameters
    ----------
    app : typer.Typer
        What they are added to.
    talk : Talk, optional
        How much is said; commands below another share it.
    """

    app: typer.Typer
    talk: Talk = field(default_factory=Talk)

    @property
    def is_quiet(self) -> bool:
        """Whether to say nothing but errors."""
        return self.talk.quiet

    def command(
        self, name: str | None = None
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Add the decorated function as a command, by default of its own name.

        It takes ``-v`` and ``-q`` too, so that they may stand before it and after it.
        """

        def add(command: Callable[..., None]) -> Callable[..., None]:
            @taking(
                command,
                {"verbose": Verbose, "quiet": Quiet},
                {"verbose": 0, "quiet": False},
            )
            def run(*, verbose: int, quiet: bool, **given: Any) -> None:
                self.talk.add(verbose, quiet=quiet)
                command(**given)

            self.app.command(name, cls=_Command)(run)
            return command

        return add

    def group(self, name: str, about: str) -> "Shell":
        """Add a command that has commands of its own below it."""
        below = typer.Typer(help=about, no_args_is_help=True, rich_markup_mode=None)
        self.app.add_typer(below, name=name)
        return Shell(below, self.talk)

    def progress_bar(self, *, as_json: bool) -> AbstractContextManager[ProgressCallback | None]:
        """Show a bar for each stage, unless asked to be quiet or for JSON."""
        return progress_bar(shown=not (self.is_quiet or as_json))

    @contextmanager
    def working(self, *, as_json: bool) -> Iterator[ProgressCallback | None]:
        """Report errors, and show a bar for each stage."""
        with reported(), self.progress_bar(as_json=as_json) as on_progress:
            yield on_progress
