"""Asking a model about frames: many a request, several requests at a time, in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeAlias, TypeVar

from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from musify._iterators import ended
from musify.cancelling import checkpoint
from musify.clarifai.batches import MOST_INPUTS, batched
from musify.clarifai.connection import Connection, TooLargeError, service_error
from musify.clarifai.selector import Selector
from musify.clarifai.status import SUCCESS, Verdict, is_of_input, meaning_of
from musify.clarifai.waiting import Patience
from musify.errors import ServiceError
from musify.samples import FrameSample

__all__ = ["Answer", "Frame", "Target", "ask_about"]

_IN_FLIGHT: Final = 4
# How often it is looked whether to go on.
_LOOK_SECONDS: Final = 0.2
# One picture that cannot be read may fail all that came with it: then halves are asked, down to
# single ones. When so many of a request have failed alone, it is not the pictures.
_MOST_ALONE: Final = 8
_TRIES_OF_INPUT: Final = 2
_MIXED: Final = 10_010
_FAILURE: Final = 10_020

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, as it is sent.

    Parameters
    ----------
    time : float
        In seconds.
    jpeg : bytes
        The picture.
    """

    time: float
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """Which model is asked, and where it runs.

    Parameters
    ----------
    user, app, model : str
        Ids; user and app of the owner of the model.
    version : str
        Empty for the latest.
    most_concepts : int
        How many concepts to give for each frame.
    selector : Selector
        Where the model runs.
    """

    user: str
    app: str
    model: str
    version: str = ""
    most_concepts: int = 0
    selector: Selector = field(default_factory=Selector)

    def request(self, frames: Iterable[Frame]) -> Any:
        """Make the request about some frames."""
        config = resources_pb2.OutputConfig(max_concepts=self.most_concepts)
        return service_pb2.PostModelOutputsRequest(
            user_app_id=resources_pb2.UserAppIDSet(user_id=self.user, app_id=self.app),
            model_id=self.model,
            version_id=self.version,
            inputs=[
                resources_pb2.Input(
                    data=resources_pb2.Data(image=resources_pb2.Image(base64=frame.jpeg))
                )
                for frame in frames
            ],
            model=resources_pb2.Model(
                output_info=resources_pb2.OutputInfo(output_config=config),
            ),
            runner_selector=self.selector.message(),
        )


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What came back for one frame.

    Parameters
    ----------
    time : float
        Of the frame, in seconds.
    value : object or None
        What was read from the answer.
    why : str
        Why there is none.
    """

    time: float
    value: T | None = None
    why: str = ""


Read: TypeAlias = Callable[[Any], T]
"""From the concepts of an output to what is kept of them."""


def ask_about(
    samples: Iterable[FrameSample],
    connection: Connection,
    target: Target,
    read: Read[T],
    *,
    encode: Callable[[FrameSample], bytes],
    batch: int = MOST_INPUTS,
) -> Iterator[Answer[T]]:
    """Ask a model about frames.

    Some requests are under way while the next frames are encoded; no more frames are held than
    those need.

    Parameters
    ----------
    samples : iterable of FrameSample
        Read once, in order.
    connection : Connection
        Closed when anything fails, so that no call is waited for.
    target : Target
        The model.
    read : callable
        Called in other threads, with the concepts of each output.
    encode : callable
        Makes a JPEG file of a sample.
    batch : int, default 128
        Frames in a request, at most.

    Yields
    ------
    Answer
        One for each sample, in order.

    Raises
    ------
    MusifyError
        What :meth:`Connection.call` raises.
    """
    waiting: deque[Future[list[Answer[T]]]] = deque()
    pool = ThreadPoolExecutor(_IN_FLIGHT, thread_name_prefix="musify-clarifai")
    try:
        with ended(samples) as given:
            frames = (Frame(sample.time, encode(sample)) for sample in given)
            for group in batched(frames, batch):
                waiting.append(pool.submit(_Request(connection, target, read).ask, group))
                while len(waiting) > _IN_FLIGHT or (waiting and waiting[0].done()):
                    yield from _next(waiting)
        while waiting:
            yield from _next(waiting)
    except BaseException:
        connection.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _next(waiting: deque[Future[list[Answer[T]]]]) -> list[Answer[T]]:
    """Wait for the first of some requests, or for an error of any of them."""
    while True:
        for future in waiting:
            if future.done() and future.exception() is not None:
                future.result()
        if waiting[0].done():
            return waiting.popleft().result()
        checkpoint()
        left = [future for future in waiting if not future.done()]
        wait(left, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)


@dataclass(slots=True)
class _Part:
    """Some frames of a request, by their places, which are asked about together."""

    places: list[int]
    tries: int = 0


@dataclass(slots=True)
class _Request(Generic[T]):
    """One request, and what is asked again of it."""

    connection: Connection
    target: Target
    read: Read[T]
    parts: list[_Part] = field(default_factory=list)

    def ask(self, frames: list[Frame]) -> list[Answer[T]]:
        answers: list[Answer[T]] = [Answer(frame.time) for frame in frames]
        patience = self.connection.new_patience()
        self.parts = [_Part(list(range(len(frames))))]
        alone = 0
        while self.parts:
            part = self.parts.pop()
            if alone >= _MOST_ALONE and part.tries:
                continue  # what stands in their answers is why they failed before
            failed = self._ask_part(part, frames, answers, patience)
            alone += self._ask_again(part, failed, patience)
        return answers

    def _ask_part(
        self,
        part: _Part,
        frames: list[Frame],
        answers: list[Answer[T]],
        patience: Patience,
    ) -> dict[int, int]:
        """Ask about some frames; give the code of each that failed, by its place."""
        count = len(part.places)
        doing = f"score {count} frame{'s' * (count > 1)} with {self.target.model!r}"
        try:
            answer = self.connection.call(
                "PostModelOutputs",
                self.target.request([frames[place] for place in part.places]),
                doing,
                patience=patience,
                accepts=_OWN_DECISION,
            )
        except TooLargeError:
            if len(part.places) == 1:
                raise
            self._halve(part)
            return {}
        outputs = answer.outputs
        whole = answer.status.code
        if not outputs and whole not in (SUCCESS, _MIXED):
            if not is_of_input(whole):
                raise self._error(whole, answer.status, doing)
            for place in part.places:
                answers[place] = Answer(frames[place].time, why=self._why(answer.status))
            return dict.fromkeys(part.places, whole)
        if len(outputs) != len(part.places):
            raise ServiceError(
                f"Clarifai gave {len(outputs)} answers for {len(part.places)} frames, so that "
                "none can be told from another; report it to Clarifai with the request id "
                f"{self.connection.key.scrubbed(answer.status.req_id) or '(none)'}"
            )
        failed = {}
        for place, output in zip(part.places, outputs, strict=True):
            code = output.status.code
            if code in (SUCCESS, 0):  # 0: a server that fills in the status of the whole only
                answers[place] = Answer(frames[place].time, self.read(output.data.concepts))
            else:
                failed[place] = code
                answers[place] = Answer(frames[place].time, why=self._why(output.status))
        if len(failed) == len(outputs):
            self._raise_if_hopeless(outputs, doing)
        return failed

    def _raise_if_hopeless(self, outputs: Any, doing: str) -> None:
        """Raise where every frame failed for what is no fault of theirs."""
        status = outputs[0].status
        if meaning_of(status.code).verdict in (Verdict.KEY, Verdict.ARGUMENT) and all(
            output.status.code == status.code for output in outputs
        ):
            raise self._error(status.code, status, doing)

    def _ask_again(self, part: _Part, failed: dict[int, int], patience: Patience) -> int:
        """Line up what is to be asked again; give how many have failed alone for good."""
        if not failed:
            return 0
        may_wait = [place for place, code in failed.items() if _passes(code)]
        others = [place for place in failed if place not in set(may_wait)]
        if may_wait:
            seconds = patience.next_wait()
            if seconds is not None:
                self.connection.pause(seconds)
                self.parts.append(_Part(may_wait, part.tries))
        if not others:
            return 0
        if part.tries + 1 < _TRIES_OF_INPUT:
            self.parts.append(_Part(others, part.tries + 1))
        elif len(others) > 1 and len(others) == len(part.places):
            self._halve(_Part(others, part.tries))
        elif len(others) > 1:
            self.parts.append(_Part(others, part.tries))
        else:
            return 1
        return 0

    def _halve(self, part: _Part) -> None:
        middle = len(part.places) // 2
        for places in (part.places[middle:], part.places[:middle]):
            self.parts.append(_Part(places, part.tries))

    def _why(self, status: Any) -> str:
        return self.connection.words_of(status)

    def _error(self, code: int, status: Any, doing: str) -> Exception:
        meaning = meaning_of(code)
        return service_error(meaning.verdict, self._why(status), meaning.advice, doing)


# Answers about single frames, which are looked at one by one: the codes of inputs among them.
_OWN_DECISION: Final = frozenset(
    {SUCCESS, _MIXED, _FAILURE, 30_002, 30_100, 30_101, 30_104, 30_105, 30_300}
)


def _passes(code: int) -> bool:
    """Whether what failed may work after a while."""
    return meaning_of(code).verdict in (Verdict.THROTTLED, Verdict.BUSY, Verdict.HICCUP)
