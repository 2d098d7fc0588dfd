"""The one client that talks to services over http: patient, but never for ever."""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Self, TypeVar

import httpx

from musify._checks import number
from musify._version import __version__
from musify.cancelling import checkpoint
from musify.errors import AuthenticationError, ServiceError
from musify.online.addresses import AllowedHosts, check_base_url, redacted, without_parameters
from musify.online.allowance import Allowance, Clock
from musify.online.answers import AnswerCache
from musify.online.transport import Deadline, Transport

__all__ = ["WebClient"]

T = TypeVar("T")

AGENT: Final = f"musify/{__version__} (+https://github.com/musify-video/musify)"
_MOST_JSON: Final = 8_000_000
_MOST_WORDS: Final = 4096
_SHOWN: Final = 200
_MOST_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
# A connection that fails so often in a row is not there; a service that says "later" is.
_MOST_FAILURES: Final = 4
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 30.0


class WebClient:
    """Asks one service, politely and with limits on everything.

    Answers that say "later" (429, 503 and such), and connections that fail, are tried again after
    waits that double, within ``patience``; what headers say of limits is obeyed. Redirects lead to
    allowed hosts only. The key is added to requests to the service's own host below all that logs,
    and taken out of everything that is shown or kept. One thread at a time may use a client.

    Parameters
    ----------
    service : str
        What to call it in errors.
    base_url : str
        Where it is asked.
    domains : tuple of str, optional
        Further hosts that files come from; see :class:`~musify.online.addresses.AllowedHosts`.
    secrets : mapping of str to str, optional
        Parameters of the query that hold keys.
    patience : float, default 90
        The most seconds that one request, with all its waits and repetitions, may take; in
        [1, 3600].
    timeout : float, default 15
        The most seconds between two pieces of an answer; in [0.05, 600].
    spacing : float, default 0
        The least seconds between two requests.
    answers : AnswerCache, optional
        Keeps JSON answers.
    explain : callable, optional
        Makes an error, or None, of the status and the words of a refusal.
    clock : Clock, optional
        The time.

    Raises
    ------
    ParameterError
        If an address or a number cannot be used.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        *,
        domains: tuple[str, ...] = (),
        secrets: Mapping[str, str] | None = None,
        patience: float = 90.0,
        timeout: float = 15.0,
        spacing: float = 0.0,
        answers: AnswerCache | None = None,
        explain: Callable[[int, str], Exception | None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.service = service
        self.base_url = check_base_url(base_url)
        self.patience = number("patience", patience, low=1, high=3600)
        timeout = number("timeout", timeout, low=0.05, high=600)
        self._spacing = number("spacing", spacing, low=0, high=60)
        self._hosts = AllowedHosts(self.base_url, tuple(domains))
        self._secrets = dict(secrets or {})
        self._answers = answers
        self._explain = explain
        self._clock = clock or Clock()
        self._allowance = Allowance(self._clock)
        self._last = float("-inf")
        self._deadline = Deadline()
        self._http = httpx.Client(
            transport=Transport(self._hosts, self._secrets, self._deadline),
            headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all connections."""
        self._http.close()

    def json(
        self,
        path: str,
        parameters: Mapping[str, str | int],
        *,
        check: Callable[[Any], None] | None = None,
    ) -> Any:
        """Return the JSON answer to a request, from the cache where one is good.

        Parameters
        ----------
        path : str
            Below the base address.
        parameters : mapping
            Of the query, without the key.
        check : callable, optional
            Raises :exc:`ServiceError` for an answer that is an error in disguise; such a one is not
            kept, and asked for again if it is retryable.

        Raises
        ------
        ServiceError
            If there is no usable answer.
        AuthenticationError
            If the key is refused.
        """
        asked = {name: str(value) for name, value in sorted(parameters.items())}
        url = str(httpx.URL(f"{self.base_url}{path}", params=asked))
        if self._answers is not None and (kept := self._answers.get(url)) is not None:
            return kept

        def ask() -> Any:
            with self.opened(url, seconds=self.patience, accept="application/json") as response:
                kind = media_type(response)
                if kind != "application/json" and not kind.endswith("+json"):
                    raise ServiceError(
                        f"{self.service} answered {kind or 'something'} instead of JSON; is "
                        f"{self._shown(self.base_url)!r} its address?"
                    )
                # The key is taken out before the answer is looked at or kept.
                text = self._clean(self._body(response, _MOST_JSON).decode("utf-8", "replace"))
            try:
                document = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise ServiceError(
                    f"{self.service} answered with broken JSON: {error}", retryable=True
                ) from error
            if check is not None:
                check(document)
            return document

        document = self.persist(ask)
        if self._answers is not None:
            self._answers.put(url, document)
        return document

    def content(self, url: str, *, kinds: tuple[str, ...], most_bytes: int) -> bytes:
        """Return a small file.

        Parameters
        ----------
        url : str
            On an allowed host.
        kinds : tuple of str
            Beginnings of the media types that it may have, such as ``"image/"``.
        most_bytes : int
            A larger one is refused.

        Raises
        ------
        ServiceError
            If it cannot be had whole.
        """

        def fetch() -> bytes:
            with self.opened(url, seconds=self.patience) as response:
                self.refuse_kind(response, kinds)
                return self._body(response, most_bytes)

        return self.persist(fetch)

    def persist(self, action: Callable[[], T]) -> T:
        """Do something until it works, is refused for good, or the patience is at an end.

        Parameters
        ----------
        action : callable
            Asks once; a :exc:`ServiceError` that is retryable is answered by asking again.
        """
        begun = self._clock.now()
        failures = 0
        wait = _FIRST_WAIT
        while True:
            self._wait_for_turn(begun)
            try:
                return action()
            except ServiceError as error:
                failures += isinstance(error.__cause__, httpx.HTTPError)
                if not error.retryable or failures >= _MOST_FAILURES:
                    raise
                left = self.patience - (self._clock.now() - begun)
                if self._allowance.wait() > max(left, 0.0):
                    raise self._too_long() from error
                if wait > left:
                    raise
            self._clock.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _wait_for_turn(self, begun: float) -> None:
        wait = self._allowance.wait()
        if wait and self._clock.now() - begun + wait > self.patience:
            raise self._too_long()
        wait = max(wait, self._last + self._spacing - self._clock.now())
        if wait > 0:
            self._clock.sleep(wait)
        self._last = self._clock.now()

    def _too_long(self) -> ServiceError:
        return ServiceError(
            f"{self.service} takes no request for {self._allowance.wait():.0f} s "
            f"({self._allowance.reason}), and patience is {self.patience:g} s; try again later",
            retryable=True,
        )

    @contextmanager
    def opened(
        self,
        url: str,
        *,
        seconds: float,
        accept: str = "*/*",
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        """Ask once, and give the answer whose body is still to be read.

        Parameters
        ----------
        url : str
            On an allowed host.
        seconds : float
            The most that the whole may take, the reading included.
        accept : str, optional
            The media type that is asked for.
        headers : mapping of str to str, optional
            More headers; of those only ``Range`` makes 206 and 416 answers that are given too.

        Raises
        ------
        ServiceError
            If the answer is a refusal, or breaks off while it is read inside the block.
        """
        self._deadline.begin(seconds)
        sent = {"Accept": accept, **(headers or {})}
        for _ in range(_MOST_REDIRECTS + 1):
            if (fault := self._hosts.refusal(url)) is not None:
                raise ServiceError(f"{self.service} leads to {self._shown(url)!r}, but {fault}")
            with self._connected(), self._http.stream("GET", url, headers=sent) as response:
                self._allowance.read(response.headers)
                status = response.status_code
                if status in _REDIRECTS and "location" in response.headers:
                    url = self._target(url, response.headers["location"])
                    if self._hosts.takes_key(url) or self._clean(url) != url:
                        url = without_parameters(url, self._secrets)
                    continue
                allowed = (200, 206, 416) if "Range" in sent else (200,)
                if status not in allowed:
                    raise self._refused(response)
                encoding = response.headers.get("content-encoding", "identity").strip().lower()
                if encoding not in ("", "identity"):
                    # What a few bytes unpack to has no limit.
                    raise ServiceError(
                        f"{self.service} answered packed as {self._clean(encoding)!r}, which was "
                        "not asked for"
                    )
                yield response
                return
        raise ServiceError(f"{self.service} redirects more than {_MOST_REDIRECTS} times")

    def _target(self, url: str, location: str) -> str:
        try:
            return str(httpx.URL(url).join(location))
        except (httpx.InvalidURL, ValueError) as error:
            raise ServiceError(
                f"{self.service} redirects to {self._shown(location)!r}, which is no address"
            ) from error

    @contextmanager
    def _connected(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise ServiceError(
                f"{self.service} did not answer in time ({self._clean(str(error))})",
                retryable=True,
            ) from error
        except httpx.RemoteProtocolError as error:
            # Of redirects alone: httpx reads them even where it does not follow them.
            raise ServiceError(
                f"{self.service} redirects to no address: {self._clean(str(error))}"
            ) from error
        except httpx.InvalidURL as error:
            raise ServiceError(
                f"{self.service} gives an address that is none: {self._clean(str(error))}"
            ) from error
        except httpx.HTTPError as error:
            raise ServiceError(
                f"the connection to {self.service} failed: {self._clean(str(error))}; is the "
                "network there?",
                retryable=not _is_certificate(error),
            ) from error

    def _refused(self, response: httpx.Response) -> Exception:
        status = response.status_code
        words = b""
        for part in response.iter_raw():
            words += part
            if len(words) >= _MOST_WORDS:
                break
        text = " ".join(self._clean(words[:_MOST_WORDS].decode("utf-8", "replace")).split())
        if self._explain is not None and (error := self._explain(status, text)) is not None:
            return error
        shown = text if text and "<" not in text else response.reason_phrase
        message = f"{self.service} answered {status}: {self._clean(shown)[:_SHOWN]}"
        if status in (401, 403):
            return AuthenticationError(f"{message}; check the key")
        return ServiceError(message, retryable=status in _LATER)

    def _body(self, response: httpx.Response, most_bytes: int) -> bytes:
        self.refuse_size(response, most_bytes)
        body = bytearray()
        for part in response.iter_raw():
            checkpoint()
            body += part
            if len(body) > most_bytes:
                raise self.too_large(most_bytes)
        return bytes(body)

    def refuse_size(self, response: httpx.Response, most_bytes: int) -> None:
        """Refuse an answer that says itself that it is too large."""
        length = response.headers.get("content-length", "")
        # Digits that stand for no number of bytes are refused below, by h11.
        if length.isdigit() and int(length[:19]) > most_bytes:
            raise self.too_large(most_bytes)

    def refuse_kind(self, response: httpx.Response, kinds: tuple[str, ...]) -> None:
        """Refuse an answer that is of another media type than was asked for."""
        kind = media_type(response)
        if not kind.startswith(kinds):
            raise ServiceError(
                f"{self.service} sent {self._clean(kind)[:_SHOWN] or 'a file of no known kind'} "
                f"where {' or '.join(kinds)} was to be"
            )

    def too_large(self, most_bytes: int) -> ServiceError:
        """Make the error for an answer that has no end."""
        return ServiceError(
            f"{self.service} sends more than {most_bytes / 1e6:g} MB; nothing was kept of it"
        )

    def _clean(self, text: str) -> str:
        return redacted(text, self._secrets.values())

    def _shown(self, url: str) -> str:
        return self._clean(without_parameters(url, self._secrets))[:_SHOWN]


def media_type(response: httpx.Response) -> str:
    """Return the media type of an answer, without its parameters."""
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _is_certificate(error: Exception) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__
    return False
