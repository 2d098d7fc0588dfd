"""Getting a large file whole, or going on later where it broke off."""

import base64
import contextlib
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from musify.cancelling import checkpoint
from musify.errors import OutputError, ServiceError
from musify.online.client import WebClient

__all__ = ["Saved", "hash_of", "save_file"]

_SECONDS: Final = 300.0
_CHUNK: Final = 1 << 16
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")
# RFC 9530: the digest of what is meant, in base64 between colons.
_DIGEST = re.compile(r"\bsha-256=:([A-Za-z0-9+/]{43}=):")


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that came whole.

    Parameters
    ----------
    size : int
        In bytes.
    sha256 : str
        Of its content, in hexadecimal.
    """

    size: int
    sha256: str


class _Part:
    """What there is of a file so far, and what tells whether the rest still belongs to it."""

    def __init__(self, target: Path, url: str) -> None:
        self.file = target.with_name(f".{target.name}.part")
        self._facts = target.with_name(f".{target.name}.part.json")
        # The address itself may hold what is nobody's business.
        self._url = hashlib.sha256(url.encode()).hexdigest()

    def validator(self) -> str | None:
        """Return what ``If-Range`` is to be asked with; None where all must come anew."""
        with contextlib.suppress(OSError, ValueError, RecursionError, KeyError, TypeError):
            facts = json.loads(self._facts.read_text(encoding="utf-8"))
            if facts["url"] == self._url and self.size() > 0:
                return str(facts["validator"])
        return None

    def begin(self, headers: Mapping[str, str]) -> None:
        """Note what a file that begins anew can be told by (RFC 9110, 13.1.5: no weak tags)."""
        self._facts.unlink(missing_ok=True)
        tag = headers.get("etag", "")
        validator = tag if tag.startswith('"') else headers.get("last-modified", "")
        if validator:
            facts = {"url": self._url, "validator": validator}
            self._facts.write_text(json.dumps(facts), encoding="utf-8")

    def size(self) -> int:
        return self.file.stat().st_size if self.file.exists() else 0

    def remove(self) -> None:
        for file in (self.file, self._facts):
            file.unlink(missing_ok=True)

    def become(self, target: Path) -> None:
        self.file.replace(target)
        self._facts.unlink(missing_ok=True)


def save_file(
    client: WebClient, url: str, target: Path, *, kinds: tuple[str, ...], most_bytes: int
) -> Saved:
    """Fetch a file; under its name it stands only when it is whole.

    What has come stays beside it, hidden, when the connection breaks off, and the next call goes on
    from there if the service says that the file is still the same.

    Parameters
    ----------
    client : WebClient
        Whom to ask.
    url : str
        On a host that the client may ask.
    target : Path
        Where to put it; its folder exists. A file that stands there is replaced.
    kinds : tuple of str
        Beginnings of the media types that it may have.
    most_bytes : int
        A larger one is refused.

    Raises
    ------
    ServiceError
        If it cannot be had whole.
    OutputError
        If it cannot be written.
    """
    part = _Part(target, url)

    def attempt() -> Saved:
        return _attempt(client, url, part, kinds, most_bytes)

    try:
        try:
            saved = _persist(client, attempt, part)
            if not part.file.exists() or hash_of(part.file) != saved:
                raise ServiceError(
                    f"a file of {client.service} changed on disk while it was written; does "
                    "somebody else fetch it too? Try again",
                    retryable=True,
                )
        except ServiceError as error:
            if not error.retryable:
                part.remove()
            raise
        part.become(target)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write {str(target)!r}: {error.strerror or error}") from error
    return saved


def _persist(client: WebClient, attempt: Callable[[], Saved], part: _Part) -> Saved:
    """Go on for as long as each turn brings some more."""
    begun, had = time.monotonic(), part.size()
    while True:
        try:
            return client.persist(attempt)
        except ServiceError as error:
            is_late = time.monotonic() - begun > _SECONDS
            if not error.retryable or part.size() <= had or is_late:
                raise
            had = part.size()


def _attempt(
    client: WebClient, url: str, part: _Part, kinds: tuple[str, ...], most_bytes: int
) -> Saved:
    validator = part.validator()
    headers: dict[str, str] = {}
    if validator is not None:
        headers = {"Range": f"bytes={part.size()}-", "If-Range": validator}
    with client.opened(url, seconds=_SECONDS, headers=headers) as response:
        if response.status_code == 416:
            part.remove()
            raise ServiceError(
                f"{client.service} has no more of a file that is not whole", retryable=True
            )
        client.refuse_kind(response, kinds)
        start = 0
        if response.status_code == 206:
            start = _resumed_at(response, part, client)
        else:
            part.begin(response.headers)
        client.refuse_size(response, most_bytes - start)
        size, digest = _write(response, part.file, start, most_bytes, client)
    saved = Saved(size, digest)
    fault = _fault(response.headers, saved)
    if fault is not None:
        part.remove()
        raise ServiceError(f"{client.service} sent a file that is damaged: {fault}", retryable=True)
    return saved


def _resumed_at(response: httpx.Response, part: _Part, client: WebClient) -> int:
    """Return where the rest begins.

    Raises
    ------
    ServiceError
        If that is not where the part ends.
    """
    size = part.size()
    match = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
    if match is None or int(match[1]) != size or match[3] not in ("*", str(int(match[2]) + 1)):
        part.remove()
        raise ServiceError(
            f"{client.service} sent another part of a file than was asked for", retryable=True
        )
    return size


def _write(
    response: httpx.Response, file: Path, start: int, most_bytes: int, client: WebClient
) -> tuple[int, str]:
    digest = hashlib.sha256()
    with file.open("r+b" if start else "wb") as out:
        while (old := out.tell()) < start:
            digest.update(out.read(min(_CHUNK, start - old)))
        size = start
        for chunk in response.iter_raw():
            checkpoint()
            size += len(chunk)
            if size > most_bytes:
                raise client.too_large(most_bytes)
            out.write(chunk)
            digest.update(chunk)
    return size, digest.hexdigest()


def hash_of(file: Path) -> Saved:
    """Measure a file that is on disk."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return Saved(file.stat().st_size, digest.hexdigest())


def _fault(headers: Any, saved: Saved) -> str | None:
    """Compare with the checksums that the service gives, if it does."""
    match = _DIGEST.search(headers.get("repr-digest", ""))
    if match and base64.b64decode(match[1]).hex() != saved.sha256:
        return "its SHA-256 is not the one that it was sent with"
    return "it is empty" if saved.size == 0 else None
