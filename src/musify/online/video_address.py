"""Addresses of videos: which may be asked for, and which may not."""

import ipaddress
import os
import socket

from musify.errors import ParameterError
from musify.online.addresses import PORTS, split_address

__all__ = ["check_address", "is_url", "private_host"]


def is_url(text: object) -> bool:
    """Tell whether something is an address on the network rather than a file.

    Examples
    --------
    >>> is_url("https://example.org/clip.mp4"), is_url("holiday.mp4"), is_url("C:/clip.mp4")
    (True, False, False)
    """
    return isinstance(text, str) and "://" in text


def check_address(url: str, *, private: bool) -> str:
    """See whether an address may be asked for.

    Parameters
    ----------
    url : str
        The address.
    private : bool
        Whether it may lie in a private network or on this machine.

    Returns
    -------
    str
        The address.

    Raises
    ------
    ParameterError
        If it is not http or https, has no host, carries a password or lies where it may not.
    """
    try:
        parts = split_address(url.strip())
    except ValueError as error:
        raise ParameterError(f"{url!r} is no address: {error}") from error
    if parts.scheme not in PORTS:
        raise ParameterError(
            f"only http and https addresses are fetched, got one of {parts.scheme or 'nothing'!r}; "
            "give the path of a file as it is, without a scheme"
        )
    host = parts.hostname
    if not host:
        raise ParameterError(f"{url!r} names no host; give all of the address")
    if parts.password is not None:
        raise ParameterError(
            f"the address at {host} carries a password, which would end up in logs; leave it out"
        )
    if not private and (where := private_host(host)):
        raise ParameterError(
            f"{host!r} is {where}, in a private network or on this machine; pass private=True "
            "(--private) if that is meant"
        )
    return url.strip()


def private_host(host: str) -> str | None:
    """Return the address of a host that the whole network cannot reach; None if all can.

    A host that has no address is left to whoever asks for it, and reported there.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    for *_, place in found:
        address = ipaddress.ip_address(os.fspath(str(place[0])).partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if not address.is_global or address.is_multicast:
            return str(address)
    return None
