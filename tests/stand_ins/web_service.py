"""A web server on loopback that answers as a test tells it to, byte by byte where it must.

It reads real requests from real sockets. What it sends back is written by the test, so that it can
also break off, lie about lengths or say nothing, which servers of the standard library will not.
"""

import inspect
import json
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

_REASONS = {
    200: "OK", 206: "Partial Content", 301: "Moved Permanently", 302: "Found", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 416: "Range Not Satisfiable",
    429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    target: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    path: str = ""


Answer = Callable[[Request, Callable[[bytes], None]], None]


def reply(
    body: bytes | str = b"",
    status: int = 200,
    kind: str = "application/json",
    **headers: str,
) -> bytes:
    """Make an answer that is whole; names of headers with underscores for dashes."""
    body = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value != "-")
    return f"HTTP/1.1 {status} {_REASONS.get(status, '')}\r\n{lines}\r\n".encode() + body


def json_reply(document: Any, status: int = 200, **headers: str) -> bytes:
    """Make an answer of JSON."""
    return reply(json.dumps(document), status, **headers)


def file_reply(request: Request, content: bytes, kind: str, **headers: str) -> bytes:
    """Make an answer that gives a file, or the part of it that was asked for."""
    headers = {"Accept_Ranges": "bytes", "ETag": f'"{len(content)}-{hash(content)}"'} | headers
    wanted = request.headers.get("range", "")
    is_same = request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
    if not wanted or not is_same:
        return reply(content, kind=kind, **headers)
    first = int(wanted.removeprefix("bytes=").partition("-")[0])
    if first >= len(content):
        return reply(b"", 416, Content_Range=f"bytes */{len(content)}")
    span = f"bytes {first}-{len(content) - 1}/{len(content)}"
    return reply(content[first:], 206, kind, Content_Range=span, **headers)


class WebService:
    """Answers requests by their path; what was asked stands in :attr:`requests`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.faults: list[object] = []
        self._answers: dict[str, Answer] = {}
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_: object) -> None:
                fault = sys.exc_info()[1]
                # Whoever asked may go away; anything else is a fault of the stand-in.
                if not isinstance(fault, OSError):
                    outer.faults.append(fault)

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert not self.faults, self.faults

    def on(self, path: str, answer: Answer | bytes | Callable[[Request], bytes]) -> None:
        """Say what to answer below a path: bytes, what makes them, or what sends them itself."""
        if isinstance(answer, bytes):
            self._answers[path] = lambda _, send: send(answer)
        elif len(inspect.signature(answer).parameters) == 1:
            self._answers[path] = lambda request, send: send(answer(request))
        else:
            self._answers[path] = answer

    def in_turn(self, path: str, *answers: Any) -> None:
        """Give one answer after the other; the last for ever."""
        left = list(answers)

        def next_one(request: Request) -> bytes:
            answer = left.pop(0) if len(left) > 1 else left[0]
            return answer(request) if callable(answer) else answer

        self.on(path, next_one)

    def drip(self, text: bytes, seconds: float) -> Answer:
        """Send a byte every few seconds, until the test is over."""

        def answer(_: Request, send: Callable[[bytes], None]) -> None:
            for place in range(len(text)):
                send(text[place : place + 1])
                if self.ended.wait(seconds):
                    return

        return answer

    def silence(self, _: Request, send: Callable[[bytes], None]) -> None:
        """Say nothing until the test is over."""
        self.ended.wait(30)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        head = b""
        while b"\r\n\r\n" not in head:
            part = connection.recv(65536)
            if not part:
                return
            head += part
        first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        request = Request(method, target, headers, query, parts.path)
        self.requests.append(request)
        matching = [path for path in self._answers if parts.path.startswith(path)]
        if matching:
            self._answers[max(matching, key=len)](request, connection.sendall)
        else:
            connection.sendall(reply("no such page", 404, "text/plain"))


class QuickClock:
    """A clock that waits by going ahead."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ahead += seconds
