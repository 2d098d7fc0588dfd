"""A server that speaks Clarifai's protocol on this machine, and misbehaves when it is told to.

It is built on the vendor's own ``V2Servicer``: what is not written here answers UNIMPLEMENTED. What
it holds to is what the vendor's packages and documentation say: 128 inputs a request, statuses
inside answers that gRPC takes for successes, codes for each output, one answer for each input in
their order.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

from stand_ins.clarifai_app import ClarifaiApp
from stand_ins.clarifai_status import FAILURE, MIXED, MOST_INPUTS, SUCCESS, status

KEY = "standin0pat0of0thirty0two0digits0"


@dataclass
class Fault:
    """What goes wrong with one call; the call is answered well but for what is given."""

    code: int = 0
    """Status code of the whole answer, without outputs."""
    abort: grpc.StatusCode | None = None
    """The call fails as gRPC calls fail."""
    details: str = ""
    """What is said about it."""
    seconds: float = 0.0
    """How much later it is answered."""
    outputs: Sequence[int] = ()
    """Status codes of the single outputs, as in a partial failure."""
    count: int | None = None
    """How many outputs are given, whatever was asked."""
    is_done: bool = False
    """Whether the call is carried out although it fails: an answer that was lost on the way."""
    then: Callable[[], None] | None = None
    """What happens when the call arrives."""


@dataclass
class Call:
    """A call as it arrived."""

    method: str
    time: float
    request: Any
    metadata: dict[str, str]


def see_brightness(jpeg: bytes) -> list[tuple[str, float]]:
    """See something that depends on nothing but the bytes of a picture."""
    names = ("beach", "race", "funeral", "party")
    number = sum(jpeg) % 97
    return [(names[number % 4], 0.99), ("no person", 0.9), (names[number % 3], 0.4)]


def see_one_of(names: Sequence[str], jpeg: bytes) -> list[tuple[str, float]]:
    """See, as a trained model, mostly one of its concepts; they sum to 1."""
    place = sum(jpeg) % len(names)
    rest = 0.2 / max(1, len(names) - 1)
    return [(name, 0.8 if index == place else rest) for index, name in enumerate(names)]


@dataclass
class ClarifaiServer(ClarifaiApp):
    """Start it with ``with``; its address is ``base``.

    ``faults`` holds what goes wrong, by the name of the method, call after call. ``see`` gives the
    concepts of a picture. What is stored outlives a stop.
    """

    see: Callable[[bytes], list[tuple[str, float]]] = see_brightness
    key: str = KEY
    latency: float = 0.0
    keeps_calls: bool = True
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    model_concepts: dict[str, list[str]] = field(default_factory=dict)
    bad_pictures: dict[bytes, int] = field(default_factory=dict)
    """Pictures, by a part of their bytes, that fail whenever they are asked about, and how."""
    is_all_or_nothing: bool = False
    """Whether one picture that fails makes all of its request fail."""
    counted: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.at_once = 0
        self.port = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "ClarifaiServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; after a stop, where it listened before."""
        self.server = grpc.server(
            ThreadPoolExecutor(16),
            options=[("grpc.so_reuseport", 0)],  # messages: up to 4 MiB, as servers do by default
        )
        service_pb2_grpc.add_V2Servicer_to_server(self, self.server)
        self.port = self.server.add_insecure_port(f"127.0.0.1:{self.port}")
        self.server.start()

    def stop(self) -> None:
        """Drop every connection."""
        self.server.stop(0).wait()

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method go wrong."""
        self.faults.setdefault(method, deque()).extend(faults)

    def of(self, method: str) -> list[Call]:
        """Give the calls of a method so far."""
        return [call for call in self.calls if call.method == method]

    def begin(self, method: str, request: Any, context: grpc.ServicerContext) -> Fault:
        """Take a call down, and give what goes wrong with it."""
        metadata = {key: str(value) for key, value in context.invocation_metadata()}
        with self.lock:
            self.counted += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            if self.keeps_calls:
                self.calls.append(Call(method, time.monotonic(), request, metadata))
            waiting = self.faults.get(method)
            fault = waiting.popleft() if waiting else Fault()
        context.add_callback(self._end)
        if metadata.get("authorization") != f"Key {self.key}":
            # The vendor says what it was given.
            fault = Fault(code=11_008, details=metadata.get("authorization", "no key"))
        if fault.then is not None:
            fault.then()
        time.sleep(self.latency + fault.seconds)
        if fault.abort is not None and not fault.is_done:
            context.abort(fault.abort, fault.details)
        return fault

    def finish(self, fault: Fault, context: grpc.ServicerContext) -> None:
        """Lose the answer to a call that was carried out, if that is what goes wrong."""
        if fault.abort is not None:
            context.abort(fault.abort, fault.details)

    def _end(self) -> None:
        with self.lock:
            self.at_once -= 1

    def PostModelOutputs(self, request, context):  # noqa: N802 - the protocol's own name
        fault = self.begin("PostModelOutputs", request, context)
        if fault.code:
            return service_pb2.MultiOutputResponse(status=status(fault.code, fault.details))
        if len(request.inputs) > MOST_INPUTS:
            return service_pb2.MultiOutputResponse(status=status(11_006))
        pictures = [one.data.image.base64 for one in request.inputs]
        codes = list(fault.outputs) or [self._code_of(picture) for picture in pictures]
        failed = [code for code in codes if code != SUCCESS]
        if failed and self.is_all_or_nothing:
            codes = [failed[0]] * len(codes)
            failed = codes
        outputs = [
            self._output(code, picture, request.model_id)
            for code, picture in zip(codes, pictures, strict=True)
        ]
        if fault.count is not None:
            outputs = (outputs * 3)[: fault.count]
        whole = SUCCESS if not failed else FAILURE if len(failed) == len(codes) else MIXED
        return service_pb2.MultiOutputResponse(status=status(whole), outputs=outputs)

    def _code_of(self, picture: bytes) -> int:
        for part, code in self.bad_pictures.items():
            if part in picture:
                return code
        return SUCCESS

    def _output(self, code: int, picture: bytes, model: str) -> resources_pb2.Output:
        output = resources_pb2.Output(status=status(code))
        if code == SUCCESS:
            names = self.model_concepts.get(model)
            is_own = names and self.see is see_brightness
            seen = see_one_of(names, picture) if is_own else self.see(picture)
            for name, value in seen:
                output.data.concepts.add(id=f"ai_{name}", name=name, value=value)
        return output

    def GetModelOutputInfo(self, request, context):  # noqa: N802
        fault = self.begin("GetModelOutputInfo", request, context)
        if fault.code:
            return service_pb2.SingleModelResponse(status=status(fault.code, fault.details))
        names = self.model_concepts.get(request.model_id)
        if names is None:
            return service_pb2.SingleModelResponse(status=status(21_200))
        info = resources_pb2.OutputInfo(
            data=resources_pb2.Data(
                concepts=[resources_pb2.Concept(id=f"ai_{name}", name=name) for name in names]
            )
        )
        model = resources_pb2.Model(id=request.model_id, output_info=info)
        return service_pb2.SingleModelResponse(status=status(SUCCESS), model=model)
