"""The shell: thin, over the public names.

Each command stands in a module of its own, which is imported when the command is asked for.

Exit status: 0 done; 1 another error of musify; 2 wrong usage or a wrong value; 3 media that cannot
be read or written; 4 a backend that cannot be had or fails; 5 no music that fits; 6 a service that
failed; 129 the terminal was closed; 130 interrupted; 141 nobody read what was shown; 143
terminated.
"""

import io
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from itertools import takewhile
from typing import Annotated, Final

import typer

from musify._shell import Quiet, Shell, Verbose
from musify._shell_output import say
from musify._version import __version__

__all__ = ["COMMANDS", "make_app", "run"]

COMMANDS: Final = {
    "add": "_pipeline_shell:add_add",
    "demo": "_pipeline_shell:add_demo",
    "analyze": "_analyze_shell:add_analyze",
    "plan": "_pipeline_shell:add_plan",
    "render": "_pipeline_shell:add_render",
    "backends": "_backends_shell:add_backends",
    "compose": "_compose_shell:add_compose",
    "suggest": "_suggest_shell:add_suggest",
    "fetch": "_fetch_shell:add_fetch",
    "fit": "_fit_shell:add_fit",
    "duck": "_duck_shell:add_duck",
    "loudness": "_loudness_shell:add_loudness",
    "check": "_check_shell:add_check",
    "export": "_export_shell:add_export",
    "mux": "_mux_shell:add_mux",
    "doctor": "_doctor_shell:add_doctor",
    "collect": "_collect_shell:add_collect",
    "new-plugin": "_new_plugin_shell:add_new_plugin",
    "train": "_train_shell:add_train",
    "library": "_library_shell:add_library",
}
"""Commands in the order of the help, and what adds each to the shell."""


def _version(value: bool) -> None:
    if value:
        say(f"musify {__version__}")
        raise typer.Exit


def make_app(words: Sequence[str] = ()) -> typer.Typer:
    """Make the shell.

    Parameters
    ----------
    words : sequence of str, optional
        What will be asked of it: no more is loaded than that needs. By default every command is.
    """
    app = typer.Typer(
        name="musify",
        help="Give a video the music that fits it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    shell = Shell(app)

    @app.callback()
    def common(
        verbose: Verbose = 0,
        quiet: Quiet = False,
        version: Annotated[
            bool,
            typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
        ] = False,
    ) -> None:
        shell.talk.begin(verbose, quiet=quiet)

    for name in _needed(words):
        module, _, function = COMMANDS[name].partition(":")
        getattr(import_module(f"musify.{module}"), function)(shell)
    return app


def _needed(words: Sequence[str]) -> list[str]:
    # No option that stands before the command has a value, so the first word is the command.
    before = list(takewhile(lambda word: word.startswith("-"), words))
    command = words[len(before)] if len(before) < len(words) else None
    if "--help" not in before:
        if command in COMMANDS:
            return [command]
        if command is None and "--version" in before:
            return []
    return list(COMMANDS)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    sys.stderr.write(f"warning: {message}\n")


def run() -> None:
    """Run the shell; :func:`musify._entry.main` sees to signals."""
    for stream in (sys.stdout, sys.stderr):
        # A name that cannot be shown is no reason to fail after the work is done.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _show_warning
    make_app(sys.argv[1:])()
