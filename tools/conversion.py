"""What the tools that convert networks to ONNX have in common."""

# mypy: disable-error-code="import-not-found,import-untyped"
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from checked_files import SOURCE, checksum, tell_written, verified
from numpy.typing import NDArray
from onnx import helper, numpy_helper

__all__ = ["OPSET", "SOURCE", "Graph", "checksum", "packaged", "tell_written", "verified"]

OPSET = 17


def packaged(package: str, file: str) -> Path:
    """Return the path of a file that an installed package holds."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed; see the top of this tool")
    return Path(spec.origin).parent / file


class Graph:
    """An ONNX graph that grows by one node at a time."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add a node and return the name of what it gives."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add a constant, stored as it is, and return its name."""
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def weights(self, name: str, value: NDArray[Any]) -> str:
        """Add weights, stored in 16 bits and widened to 32 when loaded."""
        self.constants.append(numpy_helper.from_array(value.astype(np.float16), f"{name}.half"))
        return self.add("Cast", [f"{name}.half"], name, to=onnx.TensorProto.FLOAT)

    def model(
        self,
        name: str,
        inputs: dict[str, list[int | str]],
        outputs: dict[str, list[int | str]],
    ) -> Any:
        """Return the network, checked; its inputs and outputs are given with their shapes."""

        def values(shapes: dict[str, list[int | str]]) -> list[Any]:
            kind = onnx.TensorProto.FLOAT
            return [helper.make_tensor_value_info(key, kind, s) for key, s in shapes.items()]

        made = helper.make_model(
            helper.make_graph(self.nodes, name, values(inputs), values(outputs), self.constants),
            opset_imports=[helper.make_opsetid("", OPSET)],
            producer_name="musify",
            ir_version=8,
        )
        onnx.checker.check_model(made, full_check=True)
        return made
