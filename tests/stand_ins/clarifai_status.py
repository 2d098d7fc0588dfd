"""Statuses as Clarifai gives them, for the two halves of ``clarifai_server``."""

from clarifai_grpc.grpc.api.status import status_code_pb2, status_pb2

SUCCESS = 10_000
MIXED = 10_010
FAILURE = 10_020
MOST_INPUTS = 128


def status(code: int, details: str = "") -> status_pb2.Status:
    return status_pb2.Status(
        code=code,
        description=status_code_pb2.StatusCode.Name(code).replace("_", " ").capitalize(),
        details=details,
        req_id="request-7",
    )
