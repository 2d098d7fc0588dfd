"""Finding, checking and building backends."""

import importlib
import inspect
import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import metadata
from typing import Any, Final, Literal, TypeAlias, overload

import pluggy

from musify import hookspecs
from musify.errors import (
    BackendError,
    MissingExtraError,
    MusifyWarning,
    ParameterError,
    PluginConflictError,
    PluginLoadError,
    UnknownBackendError,
)
from musify.hookspecs import PROJECT, BackendSpec
from musify.interfaces import (
    AudioMuxer,
    FrameSampler,
    MoodAggregator,
    MoodClassifier,
    SongLibrary,
    TrackSelector,
)

__all__ = [
    "BackendInfo",
    "Kind",
    "PluginFailure",
    "get_backend",
    "list_backends",
    "plugin_failures",
    "provider_of",
]

log = logging.getLogger(__name__)

Kind: TypeAlias = Literal[
    "frame_sampler",
    "mood_classifier",
    "mood_aggregator",
    "track_selector",
    "song_library",
    "audio_muxer",
]

INTERFACES: Final[Mapping[str, type]] = {
    "frame_sampler": FrameSampler,
    "mood_classifier": MoodClassifier,
    "mood_aggregator": MoodAggregator,
    "track_selector": TrackSelector,
    "song_library": SongLibrary,
    "audio_muxer": AudioMuxer,
}
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


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """A backend that can be chosen by name.

    Parameters
    ----------
    kind, name : str
        What to pass to :func:`get_backend`.
    summary : str
        One line about it.
    provider : str
        Who offers it: ``"musify:builtin"``, or ``"distribution:entrypoint"``.
    """

    kind: str
    name: str
    summary: str
    provider: str


@dataclass(frozen=True, slots=True)
class PluginFailure:
    """A plugin that was found and could not be used.

    Parameters
    ----------
    plugin : str
        ``"distribution:entrypoint"``.
    error : Exception
        Why.
    """

    plugin: str
    error: Exception


@dataclass(slots=True)
class Registry:
    """What was found, once; made on first use."""

    manager: pluggy.PluginManager
    offers: list[tuple[str, str, BackendSpec[Any]]] = field(default_factory=list)
    failures: list[PluginFailure] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


_lock = threading.RLock()
_registry: Registry | None = None
# Who made an instance, so that errors blame the right party.
_factories: dict[Callable[..., Any], tuple[str, str]] = {}


def registry() -> Registry:
    """Return the plugins, found on the first call."""
    global _registry  # noqa: PLW0603 - one registry a process, as one set of installed packages
    with _lock:
        if _registry is None:
            _registry = _discover()
        return _registry


def forget_plugins() -> None:
    """Look for plugins anew on next use; for tests and for notebooks that install one."""
    global _registry  # noqa: PLW0603 - see registry()
    with _lock:
        _registry = None
        _factories.clear()


def _discover() -> Registry:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    found = Registry(manager)
    _register(found, BUILTIN, importlib.import_module("musify.backends._builtin"))
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
        try:
            _register(found, name, _load(name, entry))
        except PluginLoadError as error:
            if os.environ.get(STRICT_VARIABLE, "") not in ("", "0"):
                raise
            found.failures.append(PluginFailure(name, error))
            warnings.warn(str(error), MusifyWarning, stacklevel=2)
    return found


def _plugin_name(entry: metadata.EntryPoint) -> str:
    distribution = entry.dist.name if entry.dist is not None else "unknown"
    return f"{distribution}:{entry.name}"


def _load(name: str, entry: metadata.EntryPoint) -> object:
    try:
        plugin = entry.load()
    except Exception as error:
        raise PluginLoadError(
            f"the plugin {name} cannot be imported ({type(error).__name__}: {error}); "
            f"mend or uninstall it, or set {DISABLE_VARIABLE}={name}"
        ) from error
    if inspect.isclass(plugin):
        raise PluginLoadError(
            f"the plugin {name} is the class {plugin.__name__}, not an instance of it; "
            "name a module or an object in the entry point"
        )
    return plugin


def _register(found: Registry, name: str, plugin: object) -> None:
    """Register a plugin and ask it what it offers; all of it, or nothing."""
    manager = found.manager
    try:
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
        raise PluginLoadError(
            f"the plugin {name} does not follow the hooks of musify: {error}; "
            f"mend or uninstall it, or set {DISABLE_VARIABLE}={name}"
        ) from error
    found.offers += offers


def _ask(manager: pluggy.PluginManager, plugin: object, hook: str) -> Iterable[BackendSpec[Any]]:
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        if implementation.plugin is not plugin:
            continue
        for spec in implementation.function() or ():
            if not isinstance(spec, BackendSpec):
                raise PluginLoadError(f"{hook} must yield BackendSpec, got {spec!r}")
            yield spec


def list_backends(kind: Kind | None = None) -> tuple[BackendInfo, ...]:
    """List what can be chosen by name.

    Parameters
    ----------
    kind : str, optional
        ``"frame_sampler"``, ``"mood_classifier"``, ``"mood_aggregator"``, ``"track_selector"``,
        ``"song_library"`` or ``"audio_muxer"``; all kinds by default. Nothing is imported.

    Returns
    -------
    tuple of BackendInfo
        By kind, then by name. A name that two plugins offer is listed twice.

    Raises
    ------
    ParameterError
        If there is no such kind.

    Examples
    --------
    >>> [backend.name for backend in list_backends("mood_aggregator")]
    ['majority', 'scenes']
    """
    if kind is not None:
        _check_kind(kind)
    kinds = list(INTERFACES)
    rows = [
        BackendInfo(offered, spec.name, spec.summary, provider)
        for offered, provider, spec in registry().offers
        if kind in (None, offered)
    ]
    return tuple(sorted(rows, key=lambda row: (kinds.index(row.kind), row.name, row.provider)))


def plugin_failures() -> tuple[PluginFailure, ...]:
    """Return the plugins that were found and could not be used, and why."""
    return tuple(registry().failures)


def provider_of(backend: object) -> str:
    """Name a backend for an error: its name and who ships it, or its class."""
    for factory, (name, provider) in _factories.items():
        if type(backend) is factory:
            version = registry().versions.get(provider)
            distribution = provider.partition(":")[0]
            return f"{name!r}" + (f" ({distribution} {version})" if version else "")
    return f"{type(backend).__name__!r}"


@overload
def get_backend(kind: Literal["frame_sampler"], name: str, **options: Any) -> FrameSampler: ...
@overload
def get_backend(kind: Literal["mood_classifier"], name: str, **options: Any) -> MoodClassifier: ...
@overload
def get_backend(kind: Literal["mood_aggregator"], name: str, **options: Any) -> MoodAggregator: ...
@overload
def get_backend(kind: Literal["track_selector"], name: str, **options: Any) -> TrackSelector: ...
@overload
def get_backend(kind: Literal["song_library"], name: str, **options: Any) -> SongLibrary: ...
@overload
def get_backend(kind: Literal["audio_muxer"], name: str, **options: Any) -> AudioMuxer: ...
def get_backend(kind: str, name: str, **options: Any) -> Any:
    """Make a backend by its name.

    Parameters
    ----------
    kind : str
        See :func:`list_backends`.
    name : str
        What the backend is called.
    **options
        Arguments of its constructor.

    Returns
    -------
    FrameSampler, MoodClassifier, MoodAggregator, TrackSelector, SongLibrary or AudioMuxer
        By kind.

    Raises
    ------
    UnknownBackendError
        If no backend of this kind has this name.
    PluginConflictError
        If two plugins offer it.
    MissingExtraError
        If it needs a package that is not installed.
    PluginLoadError
        If it cannot be imported.
    ParameterError
        If an option is unknown or missing.

    Examples
    --------
    >>> sampler = get_backend("frame_sampler", "interval", seconds=2.0)
    >>> type(sampler).__name__
    'IntervalSampler'
    """
    interface = _check_kind(kind)
    provider, spec = _choose(kind, name)
    factory = _import_factory(kind, provider, spec)
    _check_options(kind, name, factory, options)
    backend = factory(**options)
    if not isinstance(backend, interface):
        raise BackendError(
            f"the {kind} {name!r} ({provider}) is a {type(backend).__name__}, "
            f"which is no {interface.__name__}"
        )
    _factories[type(backend)] = (name, provider)
    return backend


def _check_kind(kind: str) -> type:
    if kind not in INTERFACES:
        raise ParameterError(f"no kind is called {kind!r}; there are {', '.join(INTERFACES)}")
    return INTERFACES[kind]


def _choose(kind: str, name: str) -> tuple[str, BackendSpec[Any]]:
    offers = [(provider, spec) for offered, provider, spec in registry().offers if offered == kind]
    matching = [(provider, spec) for provider, spec in offers if spec.name == name]
    if not matching:
        names = sorted({spec.name for _, spec in offers})
        message = f"no {kind} is called {name!r}; there are {', '.join(names)}"
        close = get_close_matches(str(name), names, n=1)
        raise UnknownBackendError(message + (f"\ndid you mean {close[0]!r}?" if close else ""))
    if len(matching) > 1:
        providers = [provider for provider, _ in matching]
        removable = [name.partition(":")[0] for name in providers if name != BUILTIN]
        if len(set(removable)) < len(removable):  # one distribution clashes with itself
            removable = [name for name in providers if name != BUILTIN]
        count = {2: "two", 3: "three"}.get(len(matching), str(len(matching)))
        choice = ", ".join(removable)
        raise PluginConflictError(
            f"{count} plugins offer the {kind} {name!r}: {' and '.join(providers)}; "
            f"set {DISABLE_VARIABLE} to " + (f"one of {choice}" if len(removable) > 1 else choice)
        )
    return matching[0]


def _import_factory(kind: str, provider: str, spec: BackendSpec[Any]) -> Callable[..., Any]:
    if not isinstance(spec.factory, str):
        return spec.factory
    module_name, _, attribute = spec.factory.partition(":")
    try:
        factory: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            factory = getattr(factory, part)
    except ModuleNotFoundError as error:
        own = module_name.partition(".")[0]
        if spec.install is not None and error.name and error.name.partition(".")[0] != own:
            raise MissingExtraError(
                f"the {kind} {spec.name!r} needs the module {error.name!r}, which is not "
                f"installed;\ninstall it with: pip install '{spec.install}'"
            ) from error
        raise _broken(kind, provider, spec, error) from error
    except Exception as error:
        raise _broken(kind, provider, spec, error) from error
    if not callable(factory):
        raise _broken(kind, provider, spec, TypeError(f"{spec.factory} cannot be called"))
    return factory


def _broken(
    kind: str, provider: str, spec: BackendSpec[Any], error: Exception
) -> PluginLoadError:
    return PluginLoadError(
        f"the {kind} {spec.name!r} of the plugin {provider} cannot be loaded from "
        f"{spec.factory!r} ({type(error).__name__}: {error})"
    )


def _check_options(
    kind: str, name: str, factory: Callable[..., Any], options: Mapping[str, object]
) -> None:
    """Tell a misspelt option from a fault inside the backend, before calling it."""
    try:
        signature = inspect.signature(factory)
    except (TypeError, ValueError):  # some extension types have none
        return
    try:
        signature.bind(**options)
    except TypeError as error:
        known = [
            parameter.name
            for parameter in signature.parameters.values()
            if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        ]
        message = f"the {kind} {name!r} cannot take these options: {error}; "
        message += f"it takes {', '.join(known)}" if known else "it takes none"
        for option in options:
            close = get_close_matches(option, known, n=1)
            if option not in known and close:
                message += f"\ndid you mean {close[0]!r}?"
        raise ParameterError(message) from error


def observe(hook: str, **arguments: object) -> None:
    """Call every observer of a hook; what it does wrong is logged and goes no further."""
    for implementation in getattr(registry().manager.hook, hook).get_hookimpls():
        try:
            wanted = {name: arguments[name] for name in implementation.argnames}
            implementation.function(**wanted)
        except Exception:
            log.exception("the plugin %s failed in %s", implementation.plugin_name, hook)
