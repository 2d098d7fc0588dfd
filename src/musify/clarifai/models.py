"""What the service knows of a model."""

from typing import Final

from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from musify.clarifai.connection import Connection
from musify.clarifai.predicting import Target
from musify.errors import ParameterError

__all__ = ["concepts_of"]

_MOST_ASKED: Final = 500


def concepts_of(connection: Connection, target: Target) -> tuple[str, ...]:
    """Ask for the names of the concepts that a model tells apart, in its order.

    Raises
    ------
    ParameterError
        If it has none.
    MusifyError
        What :meth:`Connection.call` raises.
    """
    answer = connection.call(
        "GetModelOutputInfo",
        service_pb2.GetModelRequest(
            user_app_id=resources_pb2.UserAppIDSet(user_id=target.user, app_id=target.app),
            model_id=target.model,
            version_id=target.version,
        ),
        f"ask for the concepts of {target.model!r}",
    )
    concepts = answer.model.output_info.data.concepts[: _MOST_ASKED + 1]
    if not concepts:
        raise ParameterError(
            f"the model {target.model!r} has no concepts; train it first, or give a table from its "
            "concepts to moods: moods={'beach': 'calm', ...}"
        )
    if len(concepts) > _MOST_ASKED:
        raise ParameterError(
            f"the model {target.model!r} has more than {_MOST_ASKED} concepts, too many to be "
            "moods; give a table from its concepts to moods: moods={'beach': 'calm', ...}"
        )
    return tuple(concept.name or concept.id for concept in concepts)
