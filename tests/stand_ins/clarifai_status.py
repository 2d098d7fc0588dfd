"""Statuses as Clarifai gives them, for the two halves of ``clarifai_server``."""

from clarifai_grpc.grpc.api.status import status_code_pb2, status_pb2

SUCCESS = 10_000
MIXED = 10_010
FAILURE = 10_020
MOST_INPUTS = 128


def status(code: int, details: str = "") -> status_pb2.Status:
    is_known = code in status_code_pb2.StatusCode.values()
    name = status_code_pb2.StatusCode.Name(code) if is_known else "Something new"
    return status_pb2.Status(
        code=code,
        description=name.replace("_", " ").capitalize(),
        details=details,
        req_id="request-7",
    )
