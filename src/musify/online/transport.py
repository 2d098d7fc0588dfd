"""How bytes go to a service and back: within a time for the whole, and with the key added last.

httpx measures the time between two pieces of an answer, so that a service that sends a byte every
few seconds would be listened to for ever. Here every wait also ends when the whole has taken too
long. The key joins the address only here, below everything that logs addresses or puts them into
errors.
"""

import logging
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpcore
import httpx
from typing_extensions import override

from musify.cancelling import abandoning
from musify.online.addresses import AllowedHosts, redacted
from musify.online.hanging_up import hung_up

__all__ = ["Deadline", "Transport"]

# Where httpcore writes down, for who debugs it, headers that it got; a service may repeat a key.
_LOGGERS: Final = ("httpcore.http11", "httpcore.connection", "httpcore.proxy")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Deadline:
    """When the answer that is being waited for must be there."""

    def __init__(self) -> None:
        self._at = float("inf")

    def begin(self, seconds: float) -> None:
        """Start the clock of the next request."""
        self._at = time.monotonic() + seconds

    def within(self, timeout: float | None) -> float:
        """Shorten the time for one wait.

        Raises
        ------
        httpcore.ReadTimeout
            If no time is left.
        """
        left = self._at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole answer took too long")
        return left if timeout is None else min(timeout, left)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with hung_up(self._fileno):
            return self._stream.read(max_bytes, self._deadline.within(timeout))

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with hung_up(self._fileno):
            self._stream.write(buffer, self._deadline.within(timeout))

    @override
    def close(self) -> None:
        self._stream.close()

    @override
    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured: httpcore.NetworkStream | None = None
        try:
            with hung_up(self._fileno):
                secured = self._stream.start_tls(
                    ssl_context, server_hostname, self._deadline.within(timeout)
                )
        except BaseException:
            if secured is not None:  # cancelled at the last moment; nobody else knows it
                secured.close()
            raise
        return _TimedStream(secured, self._deadline)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _fileno(self) -> int:
        return int(self._stream.get_extra_info("socket").fileno())


class _TimedNetwork(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._network = httpcore.SyncBackend()
        self._deadline = deadline

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        # Neither looking up a name nor connecting can be ended from outside.
        connect = abandoning(self._network.connect_tcp, drop=lambda stream: stream.close())
        stream = connect(host, port, self._deadline.within(timeout), local_address, socket_options)
        return _TimedStream(stream, self._deadline)

    @override
    def sleep(self, seconds: float) -> None:
        self._network.sleep(seconds)


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    @override
    def __iter__(self) -> Iterator[bytes]:
        with _httpx_errors():
            yield from self._stream

    @override
    def close(self) -> None:
        self._stream.close()


class _Redactor(logging.Filter):
    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage(), self._secrets), ()
        return True


class Transport(httpx.BaseTransport):
    """Sends requests, adding the key to those that ask the service itself.

    Proxies of the environment are used (``HTTPS_PROXY``, ``NO_PROXY``), but not for this machine.

    Parameters
    ----------
    hosts : AllowedHosts
        What the service's own address is.
    secrets : mapping of str to str
        Parameters that are added to the query.
    deadline : Deadline
        Shared with whoever sends.
    """

    def __init__(self, hosts: AllowedHosts, secrets: Mapping[str, str], deadline: Deadline) -> None:
        self._hosts = hosts
        self._secrets = dict(secrets)
        self._network = _TimedNetwork(deadline)
        self._redactor = _Redactor(self._secrets.values())
        for name in _LOGGERS if self._secrets else ():
            logging.getLogger(name).addFilter(self._redactor)
        self._pools: dict[tuple[str, str | None], httpcore.ConnectionPool] = {}

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if self._secrets and self._hosts.takes_key(str(url)):
            url = url.copy_merge_params(self._secrets)
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _httpx_errors():
            got = self._pool(url).handle_request(sent)
        return httpx.Response(
            status_code=got.status,
            headers=got.headers,
            stream=_Body(got.stream),
            extensions=got.extensions,
        )

    def _pool(self, url: httpx.URL) -> httpcore.ConnectionPool:
        proxy = None
        if url.host not in _LOOPBACK and not urllib.request.proxy_bypass(url.host):
            proxy = urllib.request.getproxies().get(url.scheme)
        place = (url.scheme, proxy)
        if place not in self._pools:
            context = httpx.create_ssl_context() if url.scheme == "https" else None
            if proxy is None:
                pool = httpcore.ConnectionPool(context, network_backend=self._network)
            else:
                pool = httpcore.HTTPProxy(proxy, ssl_context=context, network_backend=self._network)
            self._pools[place] = pool
        return self._pools[place]

    @override
    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._redactor)


@contextmanager
def _httpx_errors() -> Iterator[None]:
    """Turn errors of the connection into those of httpx, which name no address."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error) or "no answer in time") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
        raise httpx.NetworkError(str(error) or type(error).__name__) from error
