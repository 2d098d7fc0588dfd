"""Finding, checking and building backends."""

import contextlib
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal, TypeAlias, overload

from musify._blame import fault_of
from musify._conflicts import Conflict
from musify._factories import check_options, check_whole, import_factory, not_found
from musify._frames import packages_of
from musify._registry import PluginFailure, plugin_failures, registry
from musify.errors import (
    BackendError,
    ParameterError,
    PluginConflictError,
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
    "how_to_be",
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
    return _named(name, provider)


def _named(name: str, provider: str) -> str:
    version = registry().versions.get(provider)
    distribution = provider.partition(":")[0]
    return f"{name!r}" + (f" ({distribution} {version})" if version else "")


def how_to_be(part: object, interface: type) -> str:
    """Say what to do with something that was given for a part, and is none."""
    if isinstance(part, type) and issubclass(part, interface):
        return "have you forgotten the ()?"
    name = part.__name__ if isinstance(part, type) else type(part).__name__
    return f"{name} must derive from musify.{interface.__name__}"


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
        If it cannot be imported, or its class lacks a part of the interface.
    BackendError
        If it fails when it is made, or is no backend of this kind.
    ParameterError
        If an option is unknown, missing or refused.

    Examples
    --------
    >>> sampler = get_backend("frame_sampler", "interval", seconds=2.0)
    >>> type(sampler).__name__
    'IntervalSampler'
    """
    interface = _check_kind(kind)
    provider, spec = _choose(kind, name)
    factory = import_factory(kind, provider, spec)
    who = f"the {kind} {_named(name, provider)}"
    check_whole(who, factory)
    check_options(kind, name, factory, options)
    try:
        backend = factory(**options)
    except ModuleNotFoundError as error:  # imported where it is first needed
        raise not_found(kind, provider, spec, error) from error
    except Exception as error:
        packages = packages_of(factory)
        fault = fault_of(error, who, packages, what="cannot be made", was_asked=bool(options))
        if fault is None:
            raise
        raise fault from error
    if not isinstance(backend, interface):
        made = "class" if isinstance(backend, type) else type(backend).__name__
        raise BackendError(
            f"{who} is a {made}, which is no {interface.__name__}; {how_to_be(backend, interface)}"
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
        if close:
            message += f"\ndid you mean {close[0]!r}?"
        others = sorted({other for other, _, spec in registry().offers if spec.name == name})
        if others:
            message += f"\n{name!r} is a {' and a '.join(others)}"
        if plugin_failures():
            left_out = ", ".join(failure.plugin for failure in plugin_failures())
            message += f"\nleft out, since they do not load: {left_out}; see: musify doctor"
        raise UnknownBackendError(message)
    if len(matching) > 1:
        providers = [provider for provider, _ in matching]
        raise PluginConflictError(Conflict(kind, name, tuple(providers)).message)
    return matching[0]
