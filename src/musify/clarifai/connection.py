"""Calls to the service: each with a deadline, at the rate it allows, asked again with patience."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Self

import grpc
from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import service_pb2_grpc
from clarifai_grpc.grpc.api.status import status_code_pb2

from musify._checks import number
from musify.cancelling import checkpoint, current_token
from musify.clarifai.access import Address, ApiKey
from musify.clarifai.status import SUCCESS, Verdict, meaning_of
from musify.clarifai.waiting import Patience, rate_limit
from musify.errors import (
    AuthenticationError,
    CancelledError,
    MusifyError,
    ParameterError,
    ServiceError,
)

__all__ = ["Connection", "Stopped", "TooLargeError", "service_error"]

log = logging.getLogger(__name__)

_HICCUPS: Final = 3
# How often it is looked whether to go on.
_LOOK_SECONDS: Final = 0.2
"""How often a call is made that fails for no reason to be named."""

# The stub reads a global of the module that only the vendor's makers of channels set.
_making = threading.Lock()


class Stopped(Exception):  # noqa: N818 - no error: somebody else's error came first
    """The connection was closed while a call was under way."""


class TooLargeError(ServiceError):
    """A request holds more than the service takes at once."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a call gave no answer, and what is to be done."""

    verdict: Verdict
    words: str
    advice: str


class Connection:
    """A channel, made when the first call needs it and closed with the block.

    Calls may come from several threads. It is not kept over a fork: whoever needs the service in a
    new process opens another.

    Parameters
    ----------
    key : ApiKey
        Goes with every call.
    address : Address
        Where the service listens.
    timeout : float
        Seconds that one call may take.
    patience : float
        Seconds that one request may take, with all tries and waits.
    first_wait : float
        Seconds before the second try.
    per_second : float
        Calls that may begin in a second, in this process.
    """

    def __init__(
        self,
        key: ApiKey,
        address: Address,
        *,
        timeout: float,
        patience: float,
        first_wait: float,
        per_second: float,
    ) -> None:
        self.key = key
        self.address = address
        self.timeout = number("timeout", timeout, above=0)
        self.patience = number("patience", patience, low=0)
        self.first_wait = number("first_wait", first_wait, above=0)
        self._limit = rate_limit(str(address), number("per_second", per_second, above=0))
        self._channel: grpc.Channel | None = None
        self._stub: service_pb2_grpc.V2Stub | None = None
        self._opening = threading.Lock()
        self._first = threading.Lock()
        self._is_proved = False
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every call that is under way."""
        self._stopped.set()
        with self._opening:
            if self._channel is not None:
                self._channel.close()
                self._channel = self._stub = None

    def new_patience(self) -> Patience:
        """Give the time for one request from now on."""
        return Patience(self.patience, self.first_wait)

    def pause(self, seconds: float) -> None:
        """Wait, unless the connection is closed meanwhile.

        Raises
        ------
        Stopped
            If it is.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            checkpoint()
            if self._stopped.wait(min(left, _LOOK_SECONDS)):
                raise Stopped

    def call(
        self,
        method: str,
        request: Any,
        doing: str,
        *,
        patience: Patience | None = None,
        accepts: frozenset[int] = frozenset({SUCCESS}),
    ) -> Any:
        """Call the service until it answers with a status that is accepted.

        Parameters
        ----------
        method : str
            Name of the call, such as ``"PostModelOutputs"``.
        request : message
            What goes with it. Asking again must do no harm.
        doing : str
            What it does, for errors: ``"score 128 frames"``.
        patience : Patience, optional
            Time that is shared with other tries.
        accepts : frozenset of int
            Status codes that are answers; codes of single inputs are decided by the caller.

        Raises
        ------
        AuthenticationError
            If the key is refused.
        ParameterError
            If what was asked for does not exist.
        TooLargeError
            If the request must be split.
        ServiceError
            If it fails otherwise, or patience is over.
        Stopped
            If the connection was closed.
        """
        patience = patience or self.new_patience()
        last: _Refusal | None = None
        for tries in count(1):
            answer, refusal = self._try(method, request, patience, accepts)
            if refusal is None:
                return answer
            if refusal.words != _CUT_SHORT or last is None:
                last = refusal
            may_retry = last.verdict in (Verdict.THROTTLED, Verdict.BUSY) or (
                last.verdict is Verdict.HICCUP and tries < _HICCUPS
            )
            wait = patience.next_wait() if may_retry else None
            if wait is None:
                raise service_error(last.verdict, last.words, last.advice, doing, tries)
            log.debug("Clarifai: %s; trying again in %.1f s", last.words, wait)
            if last.verdict is Verdict.THROTTLED:
                self._limit.hold(wait)
            self.pause(wait)
        raise AssertionError("it counts without end")

    def _try(
        self, method: str, request: Any, patience: Patience, accepts: frozenset[int]
    ) -> tuple[Any, _Refusal | None]:
        with self._alone_at_first():
            return self._ask(method, request, patience, accepts)

    @contextmanager
    def _alone_at_first(self) -> Iterator[None]:
        """Let nobody else call before the first call was answered.

        Calls that wait for the connection would arrive together, however they were spaced.
        """
        if not self._is_proved:
            with self._first:
                if not self._is_proved:
                    yield
                    return
        yield

    def _ask(
        self, method: str, request: Any, patience: Patience, accepts: frozenset[int]
    ) -> tuple[Any, _Refusal | None]:
        self._limit.wait(self.pause)
        seconds = min(self.timeout, patience.for_a_try)
        # Errors are raised after the block: the one of grpc must not stand in a trace back.
        try:
            call = getattr(self._opened(), method)
            answer = _answer(call, request, timeout=seconds, metadata=self.key.metadata)
        except grpc.RpcError as error:
            refusal = self._refused(error, seconds)
        except ValueError:
            if not self._stopped.is_set():
                raise
            refusal = None  # the channel was closed by another thread
        else:
            self._is_proved = True
            code = answer.status.code
            if code in accepts:
                return answer, None
            meaning = meaning_of(code)
            return None, _Refusal(meaning.verdict, self.words_of(answer.status), meaning.advice)
        if self._stopped.is_set() or refusal is None:
            raise Stopped
        return None, refusal

    def _refused(self, error: grpc.RpcError, seconds: float) -> _Refusal:
        code = error.code() if isinstance(error, grpc.Call) else grpc.StatusCode.UNKNOWN
        details = (error.details() or "") if isinstance(error, grpc.Call) else str(error)
        name = f"{code.name} from {self.address}"
        words = f"{name}: {self.key.scrubbed(details)}" if details else name
        if code is grpc.StatusCode.DEADLINE_EXCEEDED and seconds < self.timeout:
            return _Refusal(Verdict.BUSY, _CUT_SHORT, _IMPATIENT)
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return _Refusal(Verdict.HICCUP, f"no answer within {seconds:.3g} s ({name})", _SLOW)
        if code is grpc.StatusCode.RESOURCE_EXHAUSTED and "larger" in details:
            return _Refusal(Verdict.TOO_LARGE, words, meaning_of(11_006).advice)
        verdict, advice = _TRANSPORT.get(code, (Verdict.FAULT, "report it to the makers of musify"))
        return _Refusal(verdict, words, advice)

    def words_of(self, status: Any) -> str:
        """Say what a status says: code, name, description, details and the request's id."""
        try:
            name = status_code_pb2.StatusCode.Name(status.code)
        except ValueError:  # a code newer than the installed clarifai-grpc
            name = "an unknown status"
        said = ": ".join(text for text in (status.description, status.details) if text)
        words = f"{status.code} {name}" + (f", {said}" if said else "")
        return self.key.scrubbed(words + (f" (request {status.req_id})" if status.req_id else ""))

    def _opened(self) -> service_pb2_grpc.V2Stub:
        with self._opening:
            if self._stopped.is_set():
                raise Stopped
            if self._stub is None:
                self._channel, self._stub = _open(self.address)
            return self._stub


def _answer(method: Any, request: Any, **options: Any) -> Any:
    """Wait for a call, but not on after the token in force is cancelled."""
    if current_token() is None:
        # A call that can be left has a thread of grpc's own, which a fork at the wrong moment
        # leaves behind with its locks held; so only those have it who may leave.
        return method(request, **options)
    call = method.future(request, **options)
    while True:
        try:
            return call.result(timeout=_LOOK_SECONDS)
        except grpc.FutureCancelledError:
            raise call from None  # it is the error that says why, too
        except grpc.FutureTimeoutError:
            try:
                checkpoint()
            except CancelledError:
                call.cancel()
                raise


# The last try is cut short by the end of patience: what came before tells more.
_CUT_SHORT: Final = "no answer before patience was over (DEADLINE_EXCEEDED)"
_IMPATIENT: Final = "wait longer with patience=..."
_SLOW: Final = "check the network, or allow more with timeout=..."
_OFFLINE: Final = "check the network and, if you set it, the address (base, CLARIFAI_GRPC_BASE)"
_TRANSPORT: Final = {
    grpc.StatusCode.UNAVAILABLE: (Verdict.BUSY, _OFFLINE),
    grpc.StatusCode.RESOURCE_EXHAUSTED: (Verdict.THROTTLED, meaning_of(11_005).advice),
    grpc.StatusCode.UNAUTHENTICATED: (Verdict.KEY, meaning_of(11_008).advice),
    grpc.StatusCode.PERMISSION_DENIED: (Verdict.KEY, meaning_of(11_007).advice),
    grpc.StatusCode.NOT_FOUND: (Verdict.ARGUMENT, meaning_of(11_101).advice),
    grpc.StatusCode.INVALID_ARGUMENT: (Verdict.ARGUMENT, meaning_of(21_202).advice),
    grpc.StatusCode.UNIMPLEMENTED: (Verdict.FAULT, _OFFLINE),
    # A connection that is reset, or an answer that is cut off, arrives as one of these.
    grpc.StatusCode.UNKNOWN: (Verdict.HICCUP, _OFFLINE),
    grpc.StatusCode.INTERNAL: (Verdict.HICCUP, _OFFLINE),
    grpc.StatusCode.ABORTED: (Verdict.HICCUP, _OFFLINE),
    grpc.StatusCode.CANCELLED: (Verdict.HICCUP, _OFFLINE),
    grpc.StatusCode.DATA_LOSS: (Verdict.HICCUP, _OFFLINE),
}


def service_error(
    verdict: Verdict, words: str, advice: str, doing: str, tries: int = 1
) -> MusifyError:
    """Make the error of the tree that a verdict stands for."""
    after = f" after {tries} tries" if tries > 1 else ""
    message = f"Clarifai could not {doing}{after}: {words}; {advice}"
    if verdict is Verdict.KEY:
        return AuthenticationError(message)
    if verdict is Verdict.ARGUMENT:
        return ParameterError(message)
    if verdict is Verdict.TOO_LARGE:
        return TooLargeError(message)
    may_work_later = verdict in (Verdict.THROTTLED, Verdict.BUSY, Verdict.HICCUP)
    return ServiceError(message, retryable=may_work_later)


def _open(address: Address) -> tuple[grpc.Channel, service_pb2_grpc.V2Stub]:
    with _making:
        if address.is_plain:
            channel = ClarifaiChannel.get_insecure_grpc_channel(address.host, address.port)
        else:
            certificates = address.root_certificates
            try:
                channel = ClarifaiChannel.get_grpc_channel(
                    str(address), None if certificates is None else str(certificates)
                )
            except OSError as error:
                raise ParameterError(
                    f"cannot read the certificates {str(certificates)!r}: {error.strerror}; "
                    "set CLARIFAI_ROOT_CERTIFICATES_PATH to a file of certificates, or unset it"
                ) from error
        return channel, service_pb2_grpc.V2Stub(channel)
