"""Taking a name or an argument out of use without breaking who uses it (PEP 702)."""

import inspect
import re
import warnings
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from typing_extensions import deprecated

from musify.errors import ParameterError

__all__ = ["deprecated_message", "deprecated_name", "renamed_parameter"]

P = ParamSpec("P")
T = TypeVar("T")

_VERSION: Final = r"\d+\.\d+\.\d+"
_WORDS: Final = re.compile(
    rf".+ is deprecated since {_VERSION} and goes in {_VERSION}; use .+ instead"
)


def deprecated_message(what: str, *, since: str, removed_in: str, instead: str) -> str:
    """Word a deprecation: what, since when, until when, and what to write instead."""
    return f"{what} is deprecated since {since} and goes in {removed_in}; use {instead} instead"


if TYPE_CHECKING:
    # By this name type checkers know it, and read the literal string that it is given.
    from typing_extensions import deprecated as deprecated_name
else:

    def deprecated_name(message: str) -> deprecated:
        """Mark a function, a method or a class as deprecated.

        Parameters
        ----------
        message : str
            As a literal string, so that type checkers read it too: ``"NAME is deprecated since
            VERSION and goes in VERSION; use SOMETHING instead"``.

        Returns
        -------
        typing_extensions.deprecated
            A decorator: calling what it decorates gives a ``DeprecationWarning`` that shows the
            line of the caller; type checkers tell that line too.

        Raises
        ------
        ParameterError
            If the message leaves something out.

        References
        ----------
        PEP 702, "Marking deprecations using the type system", 2022.

        Examples
        --------
        >>> from musify._deprecation import deprecated_name
        >>> mark = deprecated_name(
        ...     "old() is deprecated since 1.1.0 and goes in 2.0.0; use new() instead"
        ... )
        """
        if not _WORDS.fullmatch(message):
            raise ParameterError(
                "a deprecation says: NAME is deprecated since VERSION and goes in VERSION; use "
                f"SOMETHING instead; got {message!r}"
            )
        return deprecated(message)


def renamed_parameter(
    old: str, new: str, *, since: str, removed_in: str
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a function take a keyword argument by its former name, with a ``DeprecationWarning``.

    Parameters
    ----------
    old, new : str
        The former name, which the signature has no more, and the one it has.
    since, removed_in : str
        Versions of musify.

    Raises
    ------
    ParameterError
        When decorating, if the function has no parameter `new` or still has `old`; when called, if
        both are given.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        parameters = inspect.signature(function).parameters
        name = getattr(function, "__name__", repr(function))
        if new not in parameters or old in parameters:
            raise ParameterError(f"{name}() must take {new!r} and not {old!r}")
        message = deprecated_message(
            f"{old}= of {name}()", since=since, removed_in=removed_in, instead=f"{new}="
        )

        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> T:
            if old in kwargs:
                if new in kwargs:
                    raise ParameterError(f"{old}= is the former name of {new}=; give {new}= alone")
                warnings.warn(message, DeprecationWarning, stacklevel=2)
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return call

    return decorate
