"""Finding the key of a service without showing it."""

import os

from musify._how_to import how_to
from musify.errors import AuthenticationError, ParameterError

__all__ = ["find_key", "service_address"]

_SHORTEST = 6


def find_key(given: str | None, *, name: str, variable: str, hint: str) -> str:
    """Return a key: the one that was given, else that of the environment.

    Parameters
    ----------
    given : str or None
        What the user passed.
    name, variable : str
        What the argument and the environment variable are called.
    hint : str
        Where a key is to be had.

    Raises
    ------
    AuthenticationError
        If there is none.
    ParameterError
        If it cannot be a key; the message does not show it.
    """
    key = os.environ.get(variable, "") if given is None else given
    if not isinstance(key, str):
        raise ParameterError(f"{name} must be text")
    key = key.strip()
    if not key:
        raise AuthenticationError(
            "no key: "
            # On a command line everybody on the machine could read it.
            + how_to(f"pass {name}, or set {variable}", f"set {variable}")
            + f"; {hint}"
        )
    # A shorter one could not be taken out of texts without taking words out with it.
    if len(key) < _SHORTEST or not key.isascii() or not key.isprintable() or " " in key:
        raise ParameterError(
            f"{name} is no key: it must be at least {_SHORTEST} signs of ASCII without blanks; "
            f"{hint}"
        )
    return key


def service_address(variable: str, usual: str) -> str:
    """Return where a service is asked: what the environment says, else where it usually is."""
    return os.environ.get(variable) or usual
