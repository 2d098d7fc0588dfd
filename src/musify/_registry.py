"""Finding plugins and asking each what it offers; a broken one stops nobody else."""

import importlib
import inspect
import logging
import os
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, Final

import pluggy

from musify import hookspecs
from musify._frames import outside_level, place_of
from musify._hook_rules import ask_hook, check_hooks
from musify.errors import MusifyWarning, PluginLoadError
from musify.hookspecs import PROJECT, BackendSpec

__all__ = [
    "BUILTIN",
    "DISABLE_VARIABLE",
    "HOOKS",
    "NAMESAKE",
    "PluginFailure",
    "Registry",
    "builtin_alone",
    "forget_plugins",
    "namesake",
    "observe",
    "plugin_failures",
    "register_plugin",
    "registry",
]

log = logging.getLogger(__name__)

HOOKS: Final[Mapping[str, str]] = {
    "frame_sampler": "musify_frame_samplers",
    "mood_classifier": "musify_mood_classifiers",
    "mood_aggregator": "musify_mood_aggregators",
    "track_selector": "musify_track_selectors",
    "song_library": "musify_song_libraries",
    "audio_muxer": "musify_audio_muxers",
}
GROUP: Final = "musify"
BUILTIN: Final = "musify:builtin"
DISABLE_VARIABLE: Final = "MUSIFY_DISABLE_PLUGINS"
STRICT_VARIABLE: Final = "MUSIFY_STRICT_PLUGINS"
NAMESAKE: Final = "musify"
_MEND: Final = "; mend or uninstall it, or set "


@dataclass(frozen=True, slots=True)
class PluginFailure:
    """A plugin that was found and could not be used.

    Parameters
    ----------
    plugin : str
        ``"distribution:entrypoint"``.
    error : Exception
        Why, and what to do.
    reason : str, default ""
        Why, alone.
    """

    plugin: str
    error: Exception
    reason: str = ""


@dataclass(slots=True)
class Registry:
    """What was found, once; made on first use."""

    manager: pluggy.PluginManager
    offers: list[tuple[str, str, BackendSpec[Any]]] = field(default_factory=list)
    failures: list[PluginFailure] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


_lock = threading.RLock()
_registry: Registry | None = None


def registry() -> Registry:
    """Return the plugins, found on the first call, which warns of those that failed."""
    global _registry
    with _lock:
        if _registry is None:
            _registry = _discover(strict=os.environ.get(STRICT_VARIABLE, "") not in ("", "0"))
            # Once, and after it is kept: a filter may turn the warning into an error.
            for words in _warnings(_registry):
                warnings.warn(words, MusifyWarning, stacklevel=outside_level())
        return _registry


def _warnings(found: Registry) -> list[str]:
    if found.failures and (clash := namesake()):
        return [f"{clash}, so that plugins fail; musify doctor says how to mend it"]
    return [str(failure.error) for failure in found.failures]


def namesake() -> str | None:
    """Tell of another distribution whose package has our name; None if there is none."""
    try:
        version = metadata.version(NAMESAKE)
    except metadata.PackageNotFoundError:
        return None
    return f"{NAMESAKE} {version}, a music-library manager, installs a package of the same name"


def forget_plugins() -> None:
    """Look for plugins anew on next use; for tests and for notebooks that install one."""
    global _registry
    with _lock:
        _registry = None


@contextmanager
def broken_ones_too() -> Iterator[Registry]:
    """Let the block see all plugins and what is wrong with them, whatever was asked for."""
    global _registry
    with _lock:
        before = _registry
        inside = _registry = _discover(strict=False) if before is None else before
    try:
        yield inside
    finally:
        with _lock:
            _registry = before


@contextmanager
def builtin_alone() -> Iterator[Registry]:
    """Let the block see no plugin but the built-in one; afterwards all is as before."""
    global _registry
    with _lock:
        before, _registry = _registry, _builtin_registry()
        inside = _registry
    try:
        yield inside
    finally:
        with _lock:
            _registry = before


def _builtin_registry() -> Registry:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    found = Registry(manager)
    register_plugin(found, BUILTIN, importlib.import_module("musify.backends._builtin"))
    return found


def _discover(*, strict: bool) -> Registry:
    found = _builtin_registry()
    blocked = {name.strip() for name in os.environ.get(DISABLE_VARIABLE, "").split(",")} - {""}
    # pluggy's own loader stops at the first broken plugin and drops the second of two that call
    # their entry point alike; so this loop is ours.
    for entry in sorted(metadata.entry_points(group=GROUP), key=_plugin_name):
        name = _plugin_name(entry)
        if blocked & {name, name.partition(":")[0]}:
            log.debug("the plugin %s is disabled by %s", name, DISABLE_VARIABLE)
            continue
        if entry.dist is not None:
            found.versions[name] = entry.dist.version
        begun = time.perf_counter()
        try:
            register_plugin(found, name, _load(name, entry))
        except PluginLoadError as error:
            if strict:
                raise
            reason = str(error).partition(_MEND)[0]
            found.failures.append(PluginFailure(name, error, reason))
        found.seconds[name] = time.perf_counter() - begun
        log.debug("the plugin %s took %.2f s to load", name, found.seconds[name])
    return found


def _plugin_name(entry: metadata.EntryPoint) -> str:
    distribution = entry.dist.name if entry.dist is not None else "unknown"
    return f"{distribution}:{entry.name}"


def _load(name: str, entry: metadata.EntryPoint) -> object:
    try:
        plugin = entry.load()
    except (Exception, SystemExit) as error:  # a plugin must not end the user's program
        place = place_of(error, {entry.module.partition(".")[0]})
        raise _left_out(
            f"the plugin {name} cannot be imported ({type(error).__name__}: {error}){place}", name
        ) from error
    if inspect.isclass(plugin):
        raise _left_out(
            f"the plugin {name} is the class {plugin.__name__}, not an instance of it: "
            "name a module or an object in the entry point",
            name,
        )
    return plugin


def _left_out(reason: str, name: str) -> PluginLoadError:
    return PluginLoadError(f"{reason}{_MEND}{DISABLE_VARIABLE}={name}")


def register_plugin(found: Registry, name: str, plugin: object) -> None:
    """Register a plugin and ask it what it offers; all of it, or nothing.

    Raises
    ------
    PluginLoadError
        If it does not follow the hooks.
    """
    manager = found.manager
    try:
        check_hooks(manager, plugin)
        manager.register(plugin, name=name)
        manager.check_pending()
        offers = [
            (kind, name, spec)
            for kind, hook in HOOKS.items()
            for spec in _ask(manager, plugin, hook)
        ]
        seen = [(kind, spec.name) for kind, _, spec in offers]
        for kind, offered in seen:
            if seen.count((kind, offered)) > 1:
                raise PluginLoadError(f"it offers the {kind} {offered!r} twice")
    except Exception as error:
        if manager.has_plugin(name):
            manager.unregister(name=name)
        # What a hook of its own raised is no question of rules.
        verdict = "failed" if error.__cause__ else "does not follow the hooks of musify"
        raise _left_out(f"the plugin {name} {verdict}: {error}", name) from error
    found.offers += offers


def _ask(manager: pluggy.PluginManager, plugin: object, hook: str) -> Iterable[BackendSpec[Any]]:
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        if implementation.plugin is not plugin:
            continue
        yield from ask_hook(hook, implementation)


def plugin_failures() -> tuple[PluginFailure, ...]:
    """Return the plugins that were found and could not be used, and why."""
    return tuple(registry().failures)


def observe(hook: str, **arguments: object) -> None:
    """Call every observer of a hook; what it does wrong is logged and goes no further."""
    for implementation in getattr(registry().manager.hook, hook).get_hookimpls():
        try:
            wanted = {name: arguments[name] for name in implementation.argnames}
            implementation.function(**wanted)
        except Exception:
            log.exception("the plugin %s failed in %s", implementation.plugin_name, hook)
