"""Which addresses may be asked, and keeping keys out of everything that is shown or kept."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, quote_plus, urlencode, urlsplit, urlunsplit

from musify.errors import ParameterError

__all__ = [
    "PORTS",
    "AllowedHosts",
    "check_base_url",
    "redacted",
    "split_address",
    "without_parameters",
]

HIDDEN: Final = "[key]"
PORTS: Final = {"http": 80, "https": 443}
"""Schemes that may be asked for, and their usual ports."""

_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")


def split_address(url: str) -> SplitResult:
    """Take an address apart.

    Raises
    ------
    ValueError
        If it is none, as with a port of letters.
    """
    parts = urlsplit(url)
    _ = parts.hostname, parts.port  # looked at only when they are asked for
    return parts


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Where a client may go.

    Parameters
    ----------
    base_url : str
        Of the service itself; its origin (scheme, host and port) is allowed as it stands.
    domains : tuple of str
        Others: a domain such as ``"pixabay.com"`` allows it and what is below it, by https at the
        usual port; an origin such as ``"http://127.0.0.1:8080"`` allows exactly that.
    """

    base_url: str
    domains: tuple[str, ...] = ()

    def is_home(self, url: str) -> bool:
        """Tell whether an address is on the service's own host."""
        return _origin(url) == _origin(self.base_url) is not None

    def takes_key(self, url: str) -> bool:
        """Tell whether an address lies below the one that the service is asked at.

        Files may lie on the same host, and need no key.
        """
        below = urlsplit(self.base_url).path.rstrip("/") + "/"
        return self.is_home(url) and f"{urlsplit(url).path}/".startswith(below)

    def refusal(self, url: str) -> str | None:
        """Say why an address may not be asked; None where it may."""
        origin = _origin(url)
        if origin is None:
            return "it is no http or https address"
        if "@" in urlsplit(url).netloc:
            return "it holds a name and a password"
        if self.is_home(url) or origin in map(_origin, self.domains):
            return None
        scheme, host, port = origin
        for domain in self.domains:
            if host == domain or host.endswith(f".{domain}"):
                if scheme == "https" and port == PORTS["https"]:
                    return None
                return "it is not https at the usual port"
        return f"the host {host!r} is none of this service's"


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        parts = split_address(url)
    except ValueError:
        return None
    # What other readers of addresses may read otherwise is none.
    if parts.scheme not in PORTS or not _HOST.fullmatch(parts.hostname or ""):
        return None
    return parts.scheme, str(parts.hostname).rstrip("."), parts.port or PORTS[parts.scheme]


def check_base_url(url: str) -> str:
    """Return the base address of a service without the slash at its end.

    Raises
    ------
    ParameterError
        If it is not http or https, or holds a password, a query or a fragment.
    """
    parts = urlsplit(url) if isinstance(url, str) and _origin(url) else None
    if parts is None or "@" in parts.netloc or parts.query or parts.fragment:
        raise ParameterError(
            "base_url must be an http or https address without password and query, such as "
            f"'https://api.openverse.org/v1'; got {url!r}"
        )
    return url.rstrip("/")


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Take keys out of a text, also where they are written as in an address.

    Examples
    --------
    >>> redacted("GET /api/?q=calm&key=s3cret%2F1", ["s3cret/1"])
    'GET /api/?q=calm&key=[key]'
    """
    for secret in secrets:
        for written in {secret, quote(secret, safe=""), quote_plus(secret)} - {""}:
            text = text.replace(written, HIDDEN)
    return text


def without_parameters(url: str, names: Iterable[str]) -> str:
    """Take parameters out of the query of an address.

    Examples
    --------
    >>> without_parameters("https://a.org/t?trackid=7&from=app-1", ["from"])
    'https://a.org/t?trackid=7'
    """
    unwanted = set(names)
    parts = urlsplit(url)
    given = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in given if name not in unwanted]
    if len(kept) == len(given):
        return url
    return urlunsplit(parts._replace(query=urlencode(kept)))
