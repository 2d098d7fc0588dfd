"""Finding, checking and building backends."""

import contextlib
import importlib
import inspect
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal, TypeAlias, overload

from musify._registry import BUILTIN, DISABLE_VARIABLE, PluginFailure, plugin_failures, registry
from musify.errors import (
    BackendError,
    MissingExtraError,
    ParameterError,
    PluginConflictError,
    PluginLoadError,
    UnknownBackendError,
)
from musify.hookspecs import BackendSpec
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
    "BackendList",
    "Kind",
    "PluginFailure",
    "get_backend",
    "list_backends",
    "plugin_failures",
    "provider_of",
]

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
DEFAULTS: Final[Mapping[str, str]] = {
    "frame_sampler": "keyframe",
    "mood_classifier": "local",
    "mood_aggregator": "scenes",
    "track_selector": "composer",
    "audio_muxer": "ffmpeg",
}
"""What a pipeline is made of when nothing else is said."""
WITH_LIBRARY: Final = "nearest"
"""The track selector when nothing is said but a song library."""

# By the identity of an instance: its name and who offered it, so that errors blame the right party.
_origins: dict[int, tuple[weakref.ref[object], str, str]] = {}


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


class BackendList(tuple[BackendInfo, ...]):
    """Backends, which a notebook shows as a table; else a tuple like any other."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from musify._html_tables import backends_html  # noqa: PLC0415 - only notebooks need it

        return backends_html(self)


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
        By kind, then by name. A name that two plugins offer is listed twice. A notebook shows it as
        a table.

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
    return BackendList(
        sorted(rows, key=lambda row: (kinds.index(row.kind), row.name, row.provider))
    )


def provider_of(backend: object) -> str:
    """Name a backend for an error: its name and who ships it, or its class."""
    origin = _origins.get(id(backend))
    if origin is None:
        return f"{type(backend).__name__!r}"
    _, name, provider = origin
    version = registry().versions.get(provider)
    distribution = provider.partition(":")[0]
    return f"{name!r}" + (f" ({distribution} {version})" if version else "")


@overload
def get_backend(kind: Literal["frame_sampler"], name: str, /, **options: Any) -> FrameSampler: ...
@overload
def get_backend(
    kind: Literal["mood_classifier"], name: str, /, **options: Any
) -> MoodClassifier: ...
@overload
def get_backend(
    kind: Literal["mood_aggregator"], name: str, /, **options: Any
) -> MoodAggregator: ...
@overload
def get_backend(kind: Literal["track_selector"], name: str, /, **options: Any) -> TrackSelector: ...
@overload
def get_backend(kind: Literal["song_library"], name: str, /, **options: Any) -> SongLibrary: ...
@overload
def get_backend(kind: Literal["audio_muxer"], name: str, /, **options: Any) -> AudioMuxer: ...
def get_backend(kind: str, name: str, /, **options: Any) -> Any:
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
    try:
        backend = factory(**options)
    except ModuleNotFoundError as error:  # imported where it is first needed
        raise _not_found(kind, provider, spec, error) from error
    if not isinstance(backend, interface):
        raise BackendError(
            f"the {kind} {name!r} ({provider}) is a {type(backend).__name__}, "
            f"which is no {interface.__name__}"
        )
    _remember(backend, name, provider)
    return backend


def _remember(backend: object, name: str, provider: str) -> None:
    key = id(backend)
    # What takes no weak reference stays nameless: an error then names its class.
    with contextlib.suppress(TypeError):
        reference = weakref.ref(backend, lambda _: _origins.pop(key, None))
        _origins[key] = (reference, name, provider)


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
        raise _not_found(kind, provider, spec, error) from error
    except Exception as error:
        raise _broken(kind, provider, spec, error) from error
    if not callable(factory):
        raise _broken(kind, provider, spec, TypeError(f"{spec.factory} cannot be called"))
    return factory


def _not_found(
    kind: str, provider: str, spec: BackendSpec[Any], error: ModuleNotFoundError
) -> BackendError:
    # A module that its own package lacks is a fault of the package; any other is not installed.
    own = str(spec.factory).partition(":")[0].partition(".")[0]
    if spec.install is not None and error.name and not error.name.startswith(f"{own}."):
        return MissingExtraError(
            f"the {kind} {spec.name!r} needs the module {error.name!r}, which is not "
            f"installed;\ninstall it with: pip install '{spec.install}'"
        )
    return _broken(kind, provider, spec, error)


def _broken(kind: str, provider: str, spec: BackendSpec[Any], error: Exception) -> PluginLoadError:
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
