"""Where a model runs, if the service is not to choose."""

from dataclasses import dataclass
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2

from musify.errors import ParameterError

__all__ = ["Selector"]


@dataclass(frozen=True, slots=True)
class Selector:
    """A deployment, or a nodepool in a compute cluster, or the choice of the service.

    Kept as names, since messages of gRPC cannot be pickled.

    Parameters
    ----------
    deployment : str, optional
        Id.
    nodepool, cluster : str, optional
        Ids, given together.
    user : str, default ""
        Who owns the deployment or the cluster.

    Raises
    ------
    ParameterError
        If both ways to say it are given, or half of one.
    """

    deployment: str | None = None
    nodepool: str | None = None
    cluster: str | None = None
    user: str = ""

    def __post_init__(self) -> None:
        if self.deployment is not None and (self.nodepool, self.cluster) != (None, None):
            raise ParameterError("give deployment, or nodepool and cluster, not both")
        if (self.nodepool is None) != (self.cluster is None):
            raise ParameterError(
                "give nodepool and cluster together: a nodepool belongs to a cluster"
            )

    def message(self) -> Any:
        """Make what goes with a request; None to let the service choose."""
        if self.deployment is not None:
            deployment = resources_pb2.Deployment(id=self.deployment, user_id=self.user)
            return resources_pb2.RunnerSelector(deployment=deployment)
        if self.nodepool is not None:
            cluster = resources_pb2.ComputeCluster(id=self.cluster, user_id=self.user)
            nodepool = resources_pb2.Nodepool(id=self.nodepool, compute_cluster=cluster)
            return resources_pb2.RunnerSelector(nodepool=nodepool)
        return None
