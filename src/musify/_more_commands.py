"""Commands that stand in modules of their own, added to the shell."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import typer

from musify._check_shell import add_check
from musify._collect_shell import add_collect
from musify._compose_shell import add_compose
from musify._doctor_shell import add_doctor
from musify._duck_shell import add_duck
from musify._export_shell import add_export
from musify._fetch_shell import add_fetch
from musify._fit_shell import add_fit
from musify._library_shell import library_app
from musify._loudness_shell import add_loudness
from musify._mux_shell import add_mux
from musify._new_plugin_shell import add_new_plugin
from musify._suggest_shell import add_suggest
from musify._train_shell import train_app

__all__ = ["add_commands"]


def add_commands(
    app: typer.Typer,
    reported: Callable[[], AbstractContextManager[None]],
    is_quiet: Callable[[], bool],
) -> None:
    """Add the commands to the shell.

    Parameters
    ----------
    app : typer.Typer
        The shell.
    reported : callable
        Gives the block in which errors of musify become a line and an exit status.
    is_quiet : callable
        Whether to say nothing but errors.
    """
    for add in (
        add_compose,
        add_suggest,
        add_fetch,
        add_fit,
        add_duck,
        add_loudness,
        add_check,
        add_export,
        add_mux,
        add_doctor,
        add_collect,
        add_new_plugin,
    ):
        add(app, reported, is_quiet)
    app.add_typer(train_app(reported, is_quiet), name="train")
    app.add_typer(library_app(reported, is_quiet), name="library")
