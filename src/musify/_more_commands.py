"""Commands that stand in modules of their own, added to the shell."""

from musify._check_shell import add_check
from musify._collect_shell import add_collect
from musify._compose_shell import add_compose
from musify._doctor_shell import add_doctor
from musify._duck_shell import add_duck
from musify._export_shell import add_export
from musify._fetch_shell import add_fetch
from musify._fit_shell import add_fit
from musify._library_shell import add_library
from musify._loudness_shell import add_loudness
from musify._mux_shell import add_mux
from musify._new_plugin_shell import add_new_plugin
from musify._shell import Shell
from musify._suggest_shell import add_suggest
from musify._train_shell import add_train

__all__ = ["add_commands"]


def add_commands(shell: Shell) -> None:
    """Add the commands to the shell."""
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
        add_train,
        add_library,
    ):
        add(shell)
