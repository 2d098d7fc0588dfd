"""What a plugin must be like to be asked, and what its hooks must answer; each fault with its mend.

pluggy tells of some of these in its own words, and of none how to mend it.
"""

import inspect
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

import pluggy

from musify import hookspecs
from musify._frames import packages_of, place_of
from musify.errors import ParameterError, PluginLoadError
from musify.hookspecs import BackendSpec

__all__ = ["ask_hook", "check_hooks"]

_PREFIX: Final = "musify_"
_HOOKS: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(inspect.signature(hook).parameters)
    for name, hook in vars(hookspecs).items()
    if name.startswith(_PREFIX)
}
# How alike a name must be to a hook to be taken for a slip rather than for a function of its own.
_ALIKE: Final = 0.95


def check_hooks(manager: pluggy.PluginManager, plugin: object) -> None:
    """Refuse a plugin with hooks that would never be called, or not as they are written.

    Raises
    ------
    PluginLoadError
        If a hook is not marked, is called as none, or asks for what none is given.
    """
    for name in dir(plugin):
        hook = getattr(plugin, name, None)
        if not inspect.isroutine(hook):
            continue
        marks = manager.parse_hookimpl_opts(plugin, name)
        if marks is None:
            _check_unmarked(name)
        else:
            _check_marked(marks.get("specname") or name, hook)


def _check_unmarked(name: str) -> None:
    if not name.startswith(_PREFIX):
        return
    meant = get_close_matches(name, _HOOKS, n=1, cutoff=_ALIKE)
    if meant:
        called = "" if meant[0] == name else f", and is called {meant[0]!r} when it is right"
        raise PluginLoadError(
            f"{name!r} has no @musify.hookimpl{called}; without, it offers nothing"
        )


def _check_marked(name: str, hook: Any) -> None:
    if name not in _HOOKS:
        close = get_close_matches(name, _HOOKS, n=1)
        words = f"did you mean {close[0]!r}" if close else f"there are {', '.join(_HOOKS)}"
        raise PluginLoadError(f"unknown hook {name!r}; {words}")
    known = _HOOKS[name]
    for asked in inspect.signature(hook).parameters.values():
        # pluggy gives nothing to what has a default of its own.
        if asked.default is asked.empty and asked.name not in known:
            takes = ", ".join(known) or "no arguments"
            raise PluginLoadError(f"the hook {name!r} takes {takes}, and not {asked.name!r}")


def ask_hook(name: str, implementation: pluggy.HookImpl) -> list[BackendSpec[Any]]:
    """Call a hook that offers backends.

    Raises
    ------
    PluginLoadError
        If it fails, or gives something else than records of backends.
    """
    how = "yield BackendSpec(...), or return a list of them"
    try:
        given: object = implementation.function()
        if given is None:
            raise PluginLoadError(f"{name} returned None; {how}, which may be empty")
        if isinstance(given, BackendSpec) or not isinstance(given, Iterable):
            raise PluginLoadError(f"{name} returned a {type(given).__name__}; {how}")
        specs = list(given)
    except (PluginLoadError, ParameterError):
        raise
    except Exception as error:
        words = f"{type(error).__name__}: {error}".removesuffix(": ")
        packages = packages_of(inspect.unwrap(implementation.function))
        raise PluginLoadError(f"{name} raised {words}{place_of(error, packages)}") from error
    for spec in specs:
        if not isinstance(spec, BackendSpec):
            raise PluginLoadError(f"{name} must yield BackendSpec, got {spec!r}")
    return specs
