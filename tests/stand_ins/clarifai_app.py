"""The part of Clarifai's protocol that stores inputs and trains models, for ``clarifai_server``."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

from stand_ins.clarifai_status import FAILURE, MIXED, MOST_INPUTS, SUCCESS, status

PENDING = 30_001
INGESTED = 30_000
DUPLICATE = 30_100
NO_MODEL = 21_200


@dataclass
class Stored:
    """An input, how often it is still found pending, and what becomes of it."""

    input: resources_pb2.Input
    looks: int
    fate: int

    def code(self) -> int:
        return PENDING if self.looks > 0 else self.fate


@dataclass
class Trained:
    """A version, how often it is still found in training, and what becomes of it."""

    version: resources_pb2.ModelVersion
    looks: int
    fate: int


@dataclass
class ClarifaiApp(service_pb2_grpc.V2Servicer):
    """What is stored, and how slowly."""

    apps: tuple[str, ...] = ("my-app",)
    looks_to_ingest: int = 0
    looks_to_train: int = 0
    training_fate: int = 21_100
    ignores_ids: bool = False
    """Whether inputs are listed from the first on, whichever were asked for."""
    fate_of: Callable[[resources_pb2.Input], int] = lambda one: INGESTED
    refusal_of: Callable[[resources_pb2.Input], int] = lambda one: 0
    inputs: dict[str, Stored] = field(default_factory=dict)
    jobs: dict[str, list[str]] = field(default_factory=dict)
    models: dict[str, list[Trained]] = field(default_factory=dict)
    model_types: dict[str, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    """Ids of all inputs that ever arrived with their pictures."""

    def app_error(self, request):
        known = request.user_app_id.app_id in self.apps
        return None if known else status(11_101, f"no app {request.user_app_id.app_id}")

    def PostInputs(self, request, context):  # noqa: N802 - the protocol's own names
        fault = self.begin("PostInputs", request, context)
        problem = status(fault.code, fault.details) if fault.code else self.app_error(request)
        if problem or len(request.inputs) > MOST_INPUTS:
            return service_pb2.MultiInputResponse(status=problem or status(11_006))
        answer = service_pb2.MultiInputResponse()
        codes = []
        for one in request.inputs:
            self.sent.append(one.id)
            code = DUPLICATE if one.id in self.inputs else self.refusal_of(one)
            if not code:
                code = PENDING
                stored = Stored(one, self.looks_to_ingest, self.fate_of(one))
                self.inputs[one.id] = stored
                self.jobs.setdefault(request.inputs_add_job_id, []).append(one.id)
            codes.append(code)
            answer.inputs.add(id=one.id, status=status(code))
        good = sum(code == PENDING for code in codes)
        whole = SUCCESS if good == len(codes) else MIXED if good else FAILURE
        answer.status.CopyFrom(status(whole))
        self.finish(fault, context)
        return answer

    def GetInputsAddJob(self, request, context):  # noqa: N802
        fault = self.begin("GetInputsAddJob", request, context)
        if fault.code:
            return service_pb2.SingleInputsAddJobResponse(status=status(fault.code))
        stored = [self.inputs[one] for one in self.jobs.get(request.id, ())]
        progress = resources_pb2.InputsAddJobProgress(
            pending_count=sum(one.code() == PENDING for one in stored),
            success_count=sum(one.code() == INGESTED for one in stored),
        )
        for one in stored:
            one.looks -= 1
        job = resources_pb2.InputsAddJob(id=request.id, progress=progress)
        return service_pb2.SingleInputsAddJobResponse(status=status(SUCCESS), inputs_add_job=job)

    def ListInputs(self, request, context):  # noqa: N802
        fault = self.begin("ListInputs", request, context)
        problem = status(fault.code) if fault.code else self.app_error(request)
        if problem:
            return service_pb2.MultiInputResponse(status=problem)
        answer = service_pb2.MultiInputResponse(status=status(SUCCESS))
        wanted = [
            one for name, one in self.inputs.items() if self.ignores_ids or name in request.ids
        ]
        for stored in wanted[: request.per_page]:
            concepts = resources_pb2.Data(concepts=stored.input.data.concepts)
            answer.inputs.add(id=stored.input.id, data=concepts, status=status(stored.code()))
            stored.looks -= 1
        return answer

    def GetInput(self, request, context):  # noqa: N802
        fault = self.begin("GetInput", request, context)
        stored = self.inputs.get(request.input_id)
        if fault.code or stored is None:
            return service_pb2.SingleInputResponse(status=status(fault.code or 30_102))
        one = resources_pb2.Input(
            id=stored.input.id,
            data=resources_pb2.Data(concepts=stored.input.data.concepts),
            status=status(stored.code()),
        )
        stored.looks -= 1
        return service_pb2.SingleInputResponse(status=status(SUCCESS), input=one)

    def PatchInputs(self, request, context):  # noqa: N802
        fault = self.begin("PatchInputs", request, context)
        if fault.code:
            return service_pb2.MultiInputResponse(status=status(fault.code))
        for one in request.inputs:
            kept = self.inputs[one.id].input.data
            if request.action == "overwrite":
                del kept.concepts[:]
            kept.concepts.extend(one.data.concepts)
        return service_pb2.MultiInputResponse(status=status(SUCCESS), inputs=request.inputs)

    def GetModel(self, request, context):  # noqa: N802
        fault = self.begin("GetModel", request, context)
        problem = status(fault.code) if fault.code else self.app_error(request)
        if problem or request.model_id not in self.models:
            return service_pb2.SingleModelResponse(status=problem or status(NO_MODEL))
        model = resources_pb2.Model(
            id=request.model_id, model_type_id=self.model_types[request.model_id]
        )
        return service_pb2.SingleModelResponse(status=status(SUCCESS), model=model)

    def PostModels(self, request, context):  # noqa: N802
        fault = self.begin("PostModels", request, context)
        if fault.code:
            return service_pb2.SingleModelResponse(status=status(fault.code))
        model = request.models[0]
        if model.id in self.models:
            return service_pb2.SingleModelResponse(status=status(21_202, "it is there already"))
        self.models[model.id] = []
        self.model_types[model.id] = model.model_type_id
        self.finish(fault, context)
        return service_pb2.SingleModelResponse(status=status(SUCCESS), model=model)

    def PostModelVersions(self, request, context):  # noqa: N802
        fault = self.begin("PostModelVersions", request, context)
        if fault.code:
            return service_pb2.SingleModelResponse(status=status(fault.code))
        version = request.model_versions[0]
        versions = self.models[request.model_id]
        version.id = f"version{len(versions) + 1}"
        version.status.CopyFrom(status(21_103))
        versions.append(Trained(version, self.looks_to_train, self.training_fate))
        concepts = version.output_info.data.concepts
        self.model_concepts[request.model_id] = [concept.name for concept in concepts]
        model = resources_pb2.Model(id=request.model_id, model_version=version)
        self.finish(fault, context)
        return service_pb2.SingleModelResponse(status=status(SUCCESS), model=model)

    def ListModelVersions(self, request, context):  # noqa: N802
        fault = self.begin("ListModelVersions", request, context)
        if fault.code:
            return service_pb2.MultiModelVersionResponse(status=status(fault.code))
        versions = [one.version for one in reversed(self.models[request.model_id])]
        return service_pb2.MultiModelVersionResponse(
            status=status(SUCCESS), model_versions=itertools.islice(versions, request.per_page)
        )

    def GetModelVersion(self, request, context):  # noqa: N802
        fault = self.begin("GetModelVersion", request, context)
        if fault.code:
            return service_pb2.SingleModelVersionResponse(status=status(fault.code))
        for trained in self.models[request.model_id]:
            if trained.version.id == request.version_id:
                code = 21_101 if trained.looks > 0 else trained.fate
                trained.looks -= 1
                trained.version.status.CopyFrom(status(code))
                return service_pb2.SingleModelVersionResponse(
                    status=status(SUCCESS), model_version=trained.version
                )
        return service_pb2.SingleModelVersionResponse(status=status(NO_MODEL))
