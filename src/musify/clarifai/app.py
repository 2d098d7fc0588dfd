"""An app on the service: its inputs, and the versions of its models."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from google.protobuf import struct_pb2

from musify.clarifai.batches import MOST_INPUTS
from musify.clarifai.connection import Connection
from musify.clarifai.examples import Example, concept_id
from musify.clarifai.status import SUCCESS, meaning_of
from musify.clarifai.waiting import Patience
from musify.errors import ParameterError, ServiceError

__all__ = ["TRAINED", "UNDER_WAY", "App", "Kept", "Upload", "Version"]

TRAINED: Final = 21_100
"""Code of a version that can be used."""

# Also what a version may say before its training is thought of: nothing, success, untrained.
UNDER_WAY: Final = frozenset({0, SUCCESS, 21_101, 21_102, 21_103, 21_104, 21_107, 21_116})
"""Codes of a version that is being trained, or waits for it."""

_MIXED: Final = 10_010
_FAILURE: Final = 10_020
_IS_THERE: Final = 30_100
# Ingested, waiting to be, being ingested.
_TAKEN: Final = frozenset({SUCCESS, 30_000, 30_001, 30_003, _IS_THERE})
_NO_MODEL: Final = 21_200
_NO_INPUT: Final = 30_102
_TYPE: Final = "embedding-classifier"
_NOTE: Final = "musify_pictures"
_MOST_VERSIONS: Final = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that is to be sent.

    Parameters
    ----------
    example : Example
        What it shows.
    jpeg : bytes
        The picture.
    """

    example: Example
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """What the service says of an input.

    Parameters
    ----------
    code : int
        Of its status.
    why : str
        Its status in words, and what the user can do.
    concepts : frozenset of str
        Ids of the concepts it shows.
    """

    code: int
    why: str
    concepts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Version:
    """What the service says of a version of a model.

    Parameters
    ----------
    id : str
        Its id.
    code : int
        Of its status.
    words : str
        Its status in words.
    note : str
        What it was trained on, as musify wrote it down.
    """

    id: str
    code: int
    words: str
    note: str


class App:
    """An app, by the ids of its owner and its own.

    Parameters
    ----------
    connection : Connection
        Is left open.
    user, app : str
        Ids; ``"me"`` is whoever the key belongs to.
    """

    def __init__(self, connection: Connection, user: str, app: str) -> None:
        self.connection = connection
        self._ids = resources_pb2.UserAppIDSet(user_id=user, app_id=app)

    def kept(self, ids: Iterable[str]) -> dict[str, Kept]:
        """Ask which inputs are there, and how they are."""
        found: dict[str, Kept] = {}
        asked = iter(ids)
        while batch := list(islice(asked, MOST_INPUTS)):
            answer = self.connection.call(
                "ListInputs",
                service_pb2.ListInputsRequest(
                    user_app_id=self._ids, ids=batch, page=1, per_page=len(batch)
                ),
                f"look for {len(batch)} pictures",
            )
            found |= {one.id: self._kept(one) for one in answer.inputs if one.id in batch}
            if any(one.id not in batch for one in answer.inputs):
                # A server that gives others than were asked for may have left some out.
                found |= self._kept_one_by_one(name for name in batch if name not in found)
        return found

    def _kept_one_by_one(self, ids: Iterable[str]) -> dict[str, Kept]:
        found = {}
        for name in ids:
            answer = self.connection.call(
                "GetInput",
                service_pb2.GetInputRequest(user_app_id=self._ids, input_id=name),
                f"look for the picture {name}",
                accepts=frozenset({SUCCESS, _NO_INPUT}),
            )
            if answer.status.code == SUCCESS:
                found[name] = self._kept(answer.input)
        return found

    def _kept(self, one: Any) -> Kept:
        concepts = frozenset(concept.id for concept in one.data.concepts if concept.value > 0)
        return Kept(one.status.code, self.why(one.status), concepts)

    def upload(self, batch: Sequence[Upload], job: str) -> dict[str, str]:
        """Send pictures; give why, by the id, for those that are refused.

        When the answer is lost, the service is asked what arrived before anything is sent again.
        """
        left = list(batch)
        refused: dict[str, str] = {}

        def send(patience: Patience) -> bool:
            request = service_pb2.PostInputsRequest(
                user_app_id=self._ids,
                inputs=[_input(upload) for upload in left],
                inputs_add_job_id=job,
            )
            answer = self.connection.call(
                "PostInputs",
                request,
                f"take {len(left)} pictures",
                patience=patience,
                accepts=_TAKEN | {_MIXED, _FAILURE, 30_002},
            )
            self._see_each(answer, [upload.example.id for upload in left], refused)
            return True

        def arrived() -> bool | None:
            there = self.kept(upload.example.id for upload in left)
            left[:] = [upload for upload in left if upload.example.id not in there]
            return None if left else True

        self._make_once(send, arrived)
        return refused

    def _see_each(self, answer: Any, ids: Sequence[str], refused: dict[str, str]) -> None:
        if answer.status.code == SUCCESS and not answer.inputs:
            return
        if len(answer.inputs) != len(ids):
            raise ServiceError(
                f"Clarifai gave {len(answer.inputs)} answers for {len(ids)} pictures: "
                f"{self.connection.words_of(answer.status)}; run it again"
            )
        for name, one in zip(ids, answer.inputs, strict=True):
            if one.status.code not in _TAKEN and one.status.code != 0:
                refused[name] = self.why(one.status)

    def why(self, status: Any) -> str:
        """Say what a status says, and what the user can do."""
        return f"{self.connection.words_of(status)}; {meaning_of(status.code).advice}"

    def relabel(self, examples: Sequence[Example]) -> None:
        """Let inputs that are there show the mood of the folder they lie in now."""
        left = iter(examples)
        while batch := list(islice(left, MOST_INPUTS)):
            inputs = [
                resources_pb2.Input(
                    id=one.id, data=resources_pb2.Data(concepts=[_concept(one.mood)])
                )
                for one in batch
            ]
            self.connection.call(
                "PatchInputs",
                service_pb2.PatchInputsRequest(
                    user_app_id=self._ids, inputs=inputs, action="overwrite"
                ),
                f"move {len(batch)} pictures to another mood",
            )

    def still_coming(self, job: str) -> int:
        """Ask how many inputs of an upload are still to be ingested."""
        answer = self.connection.call(
            "GetInputsAddJob",
            service_pb2.GetInputsAddJobRequest(user_app_id=self._ids, id=job),
            "ask how far the pictures are",
        )
        progress = answer.inputs_add_job.progress
        return int(progress.pending_count + progress.in_progress_count)

    def make_model(self, model: str) -> None:
        """Make a model, unless it is there.

        Raises
        ------
        ParameterError
            If one of another type has its name.
        """

        def make(patience: Patience) -> bool:
            request = service_pb2.PostModelsRequest(
                user_app_id=self._ids,
                models=[resources_pb2.Model(id=model, model_type_id=_TYPE)],
            )
            self.connection.call(
                "PostModels", request, f"make the model {model!r}", patience=patience
            )
            return True

        if self._find_model(model) is None:
            self._make_once(make, lambda: self._find_model(model))

    def _find_model(self, model: str) -> bool | None:
        answer = self.connection.call(
            "GetModel",
            service_pb2.GetModelRequest(user_app_id=self._ids, model_id=model),
            f"look for the model {model!r}",
            accepts=frozenset({SUCCESS, _NO_MODEL}),
        )
        if answer.status.code == _NO_MODEL:
            return None
        kind = answer.model.model_type_id
        if kind not in ("", _TYPE):
            raise ParameterError(
                f"the model {model!r} is a {kind}, which cannot learn moods; give another name: "
                "model=... (--model)"
            )
        return True

    def find_version(self, model: str, note: str) -> Version | None:
        """Ask for the newest version that was made of certain pictures and has not failed."""
        answer = self.connection.call(
            "ListModelVersions",
            service_pb2.ListModelVersionsRequest(
                user_app_id=self._ids, model_id=model, page=1, per_page=_MOST_VERSIONS
            ),
            f"look for versions of the model {model!r}",
            accepts=frozenset({SUCCESS, _NO_MODEL}),
        )
        for found in map(self._version, answer.model_versions):
            if found.note == note and (found.code in UNDER_WAY or found.code == TRAINED):
                return found
        return None

    def make_version(self, model: str, moods: Sequence[str], note: str) -> Version:
        """Begin to train a version of a model."""

        def make(patience: Patience) -> Version:
            noted = struct_pb2.Struct()
            noted.update({_NOTE: note})
            config = resources_pb2.OutputConfig(concepts_mutually_exclusive=True)
            concepts = [resources_pb2.Concept(id=concept_id(mood), name=mood) for mood in moods]
            version = resources_pb2.ModelVersion(
                description=note,
                metadata=noted,
                output_info=resources_pb2.OutputInfo(
                    data=resources_pb2.Data(concepts=concepts), output_config=config
                ),
            )
            request = service_pb2.PostModelVersionsRequest(
                user_app_id=self._ids, model_id=model, model_versions=[version]
            )
            answer = self.connection.call(
                "PostModelVersions", request, f"train the model {model!r}", patience=patience
            )
            return self._version(answer.model.model_version)

        return self._make_once(make, lambda: self.find_version(model, note))

    def version(self, model: str, version: str) -> Version:
        """Ask how a version is."""
        answer = self.connection.call(
            "GetModelVersion",
            service_pb2.GetModelVersionRequest(
                user_app_id=self._ids, model_id=model, version_id=version
            ),
            f"ask how far the model {model!r} is",
        )
        return self._version(answer.model_version)

    def _version(self, version: Any) -> Version:
        note = dict(version.metadata).get(_NOTE, "") or version.description
        words = self.connection.words_of(version.status)
        return Version(version.id, version.status.code, words, str(note))

    def _make_once(self, make: Callable[[Patience], T], find: Callable[[], T | None]) -> T:
        """Make something that must not be made twice, also where the answer is lost."""
        patience = self.connection.new_patience()
        while True:
            try:
                return make(Patience(0, self.connection.first_wait))
            except ServiceError as error:
                wait = patience.next_wait() if error.retryable else None
                if wait is None:
                    raise
            self.connection.pause(wait)
            found = find()
            if found is not None:
                return found


def _input(upload: Upload) -> Any:
    image = resources_pb2.Image(base64=upload.jpeg)
    data = resources_pb2.Data(image=image, concepts=[_concept(upload.example.mood)])
    return resources_pb2.Input(id=upload.example.id, data=data)


def _concept(mood: str) -> Any:
    # The value is 1 where none is given, but on the wire that cannot be told from 0.
    return resources_pb2.Concept(id=concept_id(mood), name=mood, value=1.0)
