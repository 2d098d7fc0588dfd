"""Where the service is, and the key that opens it; the key is shown to nobody else."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Never

from musify.errors import ParameterError
from musify.online.keys import find_key, service_address

__all__ = [
    "ADDRESS_VARIABLE",
    "APP_VARIABLE",
    "CERTIFICATES_VARIABLE",
    "KEY_VARIABLE",
    "USER_VARIABLE",
    "Address",
    "ApiKey",
]

KEY_VARIABLE: Final = "CLARIFAI_PAT"
USER_VARIABLE: Final = "CLARIFAI_USER_ID"
APP_VARIABLE: Final = "CLARIFAI_APP_ID"
ADDRESS_VARIABLE: Final = "CLARIFAI_GRPC_BASE"
CERTIFICATES_VARIABLE: Final = "CLARIFAI_ROOT_CERTIFICATES_PATH"

_DEFAULT_HOST: Final = "api.clarifai.com"
# Of vendor's `get_insecure_grpc_channel`.
_PLAIN_PORT: Final = 18_080
_OWN_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HINT: Final = (
    "Clarifai gives personal access tokens in the settings of your account, under Security"
)
_HIDDEN: Final = "***"
# What the service or a library says of a failure may be long, and of many lines.
_LONGEST_WORDS: Final = 300


class ApiKey:
    """A personal access token, which neither ``repr`` nor a pickle gives away.

    Parameters
    ----------
    given : str, optional
        The token; by default that in ``CLARIFAI_PAT``.

    Raises
    ------
    AuthenticationError
        If there is none.
    ParameterError
        If it cannot be a token. The message does not show it: grpc would refuse it as well, with a
        message that does.
    """

    __slots__ = ("_value",)

    def __init__(self, given: str | None = None) -> None:
        self._value = find_key(given, name="api_key", variable=KEY_VARIABLE, hint=_HINT)

    def __repr__(self) -> str:
        return f"ApiKey({_HIDDEN})"

    def __reduce__(self) -> Never:
        raise TypeError("a key is not put into pickles")

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with every call."""
        return (("authorization", f"Key {self._value}"),)

    def scrubbed(self, words: str) -> str:
        """Make words of somebody else fit for a message: in one line, short, without the key."""
        words = " ".join(words.split()).replace(self._value, _HIDDEN)
        return words if len(words) <= _LONGEST_WORDS else words[: _LONGEST_WORDS - 3] + "..."


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service listens.

    Parameters
    ----------
    host : str
        A name or a number.
    port : int or None
        None for the one of gRPC over TLS.
    is_plain : bool
        Whether nothing is encrypted, as only on this machine.
    root_certificates : Path or None
        Certificates to trust instead of those that grpc brings.
    """

    host: str
    port: int | None = None
    is_plain: bool = False
    root_certificates: Path | None = None

    @classmethod
    def parsed(cls, base: str | None) -> "Address":
        """Read an address, by default that in ``CLARIFAI_GRPC_BASE``.

        Parameters
        ----------
        base : str or None
            ``"host"``, ``"host:port"``, ``"https://host"``, or ``"http://127.0.0.1:port"`` for a
            server on this machine that does not encrypt.

        Raises
        ------
        ParameterError
            If it is none of these.
        """
        base = base or service_address(ADDRESS_VARIABLE, _DEFAULT_HOST)
        scheme, separator, rest = base.strip().rpartition("://")
        host, port = _split(rest.rstrip("/"))
        if not host or (separator and scheme not in ("http", "https")):
            raise ParameterError(
                f"the address of Clarifai must be host, host:port or https://host, got {base!r}"
            )
        if scheme == "http":
            if host not in _OWN_MACHINE:
                raise ParameterError(
                    f"{base!r} would send the key and the pictures unencrypted; use https://, or "
                    "http:// with 127.0.0.1 only"
                )
            return cls(host, port or _PLAIN_PORT, is_plain=True)
        certificates = os.environ.get(CERTIFICATES_VARIABLE)
        return cls(host, port, root_certificates=Path(certificates) if certificates else None)

    def __str__(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"


def _split(rest: str) -> tuple[str, int | None]:
    host, colon, port = rest.rpartition(":")
    if not colon or rest.endswith("]"):  # the colons of an IPv6 number stand in brackets
        return ("" if "/" in rest or "@" in rest else rest), None
    is_port = port.isascii() and port.isdecimal() and 0 < int(port) < 65_536
    return (host if is_port and not {"/", "@"} & set(host) else ""), int(port) if is_port else None
