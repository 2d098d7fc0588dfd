"""From the record of a backend to the callable that makes it, checked before it is called."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from musify._frames import place_of
from musify.errors import BackendError, MissingExtraError, ParameterError, PluginLoadError
from musify.hookspecs import BackendSpec

__all__ = ["check_options", "check_whole", "import_factory", "not_found"]


# How a number or a switch is annotated, as itself or as text, and what it is called.
_PLAIN: Final[Mapping[object, str]] = {
    annotation: words
    for kind, words in ((float, "a number"), (int, "a whole number"), (bool, "true or false"))
    for annotation in (kind, kind.__name__)
}


def import_factory(kind: str, provider: str, spec: BackendSpec[Any]) -> Callable[..., Any]:
    if not isinstance(spec.factory, str):
        return spec.factory
    module_name, _, attribute = spec.factory.partition(":")
    try:
        factory: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            factory = getattr(factory, part)
    except ModuleNotFoundError as error:
        raise not_found(kind, provider, spec, error) from error
    except Exception as error:
        raise _broken(kind, provider, spec, error) from error
    if not callable(factory):
        raise _broken(kind, provider, spec, TypeError(f"{spec.factory} cannot be called"))
    return factory


def not_found(
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
    own = {str(spec.factory).partition(":")[0].partition(".")[0]}
    return PluginLoadError(
        f"the {kind} {spec.name!r} of the plugin {provider} cannot be loaded from "
        f"{spec.factory!r} ({type(error).__name__}: {error}){place_of(error, own)}"
    )


def check_options(
    kind: str, name: str, factory: Callable[..., Any], options: Mapping[str, object]
) -> None:
    """Tell a misspelt option from a fault inside the backend, before calling it."""
    try:
        signature = inspect.signature(factory)
    except (TypeError, ValueError):  # some extension types have none
        return
    try:
        signature.bind(**options)
        _refuse_text(kind, name, signature, options)
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


def _refuse_text(
    kind: str, name: str, signature: inspect.Signature, options: Mapping[str, object]
) -> None:
    """Refuse words, as the shell gives them, where a number or a switch is said to be wanted."""
    for option, value in options.items():
        parameter = signature.parameters.get(option)
        annotation = None if parameter is None else parameter.annotation
        wanted = _PLAIN.get(annotation) if isinstance(annotation, type | str) else None
        if wanted is not None and isinstance(value, str):
            raise ParameterError(
                f"the option {option} of the {kind} {name!r} must be {wanted}, got {value!r}"
            )


def check_whole(who: str, factory: Callable[..., Any]) -> None:
    """Tell a class that lacks a part of its interface, which Python says in its own words."""
    if not inspect.isabstract(factory):
        return
    missing = sorted(getattr(factory, "__abstractmethods__", ()))
    own = [name for name in vars(factory) if not name.startswith("_")]
    hints = [
        f"{close[0]!r} is there: did you mean {name!r}?"
        for name in missing
        if (close := get_close_matches(name, own, n=1))
    ]
    raise PluginLoadError(
        f"{who} is not whole: its class {factory.__name__} lacks {', '.join(missing)}"
        + "".join(f"\n{hint}" for hint in hints)
    )
