"""Makes the two networks that tag songs, as ONNX, in src/musify/audio/data.

- musicnn_msd.onnx from `MSD_musicnn` of musicnn 0.1.0 (ISC; Pons & Serra 2019, arXiv 1909.06654),
  trained on the Million Song Dataset;
- musicnn_mtt.onnx from `MTT_musicnn`, trained on MagnaTagATune.

The checkpoints are tensor bundles of TensorFlow: a sorted table (the SSTable of LevelDB) that says
where each tensor stands, beside a file of raw data. Both are read here without TensorFlow. Adam's
moments are left behind, the normalisations before dense layers are folded in, and weights are
stored in 16 bits. It needs Python 3.11 and, in an environment of their own::

    pip install --no-deps musicnn==0.1.0
    pip install onnx==1.22.0 onnxruntime==1.32.0 tensorflow-cpu==2.19.0 tf_keras==2.19.0

TensorFlow serves only the comparison: musicnn's own code restores the checkpoint and is run beside
what was made. On 16 patches of noise, tones and silence the probabilities differ by at most
0.0005 (MSD) and 0.0003 (MTT) in 16 bits, by 0.0000013 in 32.
"""

# mypy: disable-error-code="import-not-found,import-untyped"
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from conversion import SOURCE, Graph, packaged, tell_written, verified
from numpy.typing import NDArray

TARGET = SOURCE / "audio/data"
READ = {
    "MSD_musicnn": {
        ".index": "87f3e0f3550c8d3bafc840374003e5c8af5eeb5ecf6add61af09a7822d3282c8",
        ".data-00000-of-00001": "8579734ee6388f799ed0def4bbd0d1fdcbeaf213ef2a9dc860917bd76a303de6",
    },
    "MTT_musicnn": {
        ".index": "da2d7bb670b2b31e9bc441bb1bd75eca31b5b061f963cc1f9630c1aff3238f57",
        ".data-00000-of-00001": "041f3935e981a65cea739842d30c188d3a7d2adf4410955c8668eb3de4a5acab",
    },
}
FRAMES, BANDS, TAGS, BN_EPSILON, SEED = 187, 96, 50, 1e-3, 440
# The footer of a table: two handles, padded to 40 bytes, and the magic number.
FOOTER, MAGIC = 48, 0xDB4775248B80FB57
FLOAT32 = 1


def varint(content: bytes, at: int) -> tuple[int, int]:
    """Return a number of 7 bits a byte, least first, and where it ends."""
    value = shift = 0
    while True:
        byte = content[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def entries(content: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values of a block of a table; a key leaves out what it shares with the last.

    See table_format.md of LevelDB.
    """
    start, at = varint(handle, 0)
    size, _ = varint(handle, at)
    if content[start + size]:
        raise SystemExit("the index is compressed, which this does not read")
    block, at, key = content[start : start + size], 0, b""
    (restarts,) = struct.unpack("<I", block[-4:])
    while at < size - 4 * (restarts + 1):
        shared, at = varint(block, at)
        fresh, at = varint(block, at)
        length, at = varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        yield key, block[at + fresh : at + fresh + length]
        at += fresh + length


def fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Yield numbers and values of the fields of a protocol buffer."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        value: Any
        if tag & 7 == 0:
            value, at = varint(message, at)
        elif tag & 7 == 2:
            length, at = varint(message, at)
            value, at = message[at : at + length], at + length
        elif tag & 7 == 5:
            value, at = message[at : at + 4], at + 4
        else:
            raise SystemExit(f"a field of the index is of wire type {tag & 7}")
        yield tag >> 3, value


def tensors(index: bytes, data: bytes) -> dict[str, NDArray[np.float32]]:
    """Read the tensors of single precision of a bundle; tensor_bundle.proto has the fields."""
    if struct.unpack("<Q", index[-8:]) != (MAGIC,):
        raise SystemExit("the index is no table of LevelDB's kind")
    _, at = varint(index, len(index) - FOOTER)
    _, at = varint(index, at)
    found = {}
    for _, handle in entries(index, index[at:]):
        for key, value in entries(index, handle):
            if not key:
                continue  # the header of the bundle
            entry = {1: 0, 4: 0, 2: b"", **dict(fields(value))}
            if entry[1] == FLOAT32:
                # Zeros are not written, nor does a dimension of the shape have any but its size.
                shape = [dict(fields(side)).get(1, 0) for _, side in fields(entry[2])]
                values = np.frombuffer(data[entry[4] : entry[4] + entry[5]], dtype="<f4")
                found[key.decode()] = values.reshape(shape)
    return found


class Tagger(Graph):
    """The graph of musicnn (`models.build_musicnn` of the package), channels first."""

    def __init__(self, state: dict[str, NDArray[np.float32]], *, half: bool) -> None:
        super().__init__()
        self.state = state
        if not half:
            self.weights = self.single  # type: ignore[method-assign]

    def single(self, name: str, value: NDArray[Any]) -> str:
        """Add weights in single precision."""
        return self.constant(name, value.astype(np.float32))

    def affine(self, number: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return scale and shift of a normalisation."""
        name = f"batch_normalization_{number}" if number else "batch_normalization"
        stored = [
            self.state[f"{name}/{part}"].astype(np.float64)
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        ]
        scale = stored[0] / np.sqrt(stored[3] + BN_EPSILON)
        return scale, stored[1] - stored[2] * scale

    def normalise(self, x: str, number: int, sides: int) -> str:
        """Add a normalisation; it follows a rectifier, so it cannot be folded in."""
        shape = (-1, *([1] * sides))
        scale, shift = (value.reshape(shape) for value in self.affine(number))
        # Few numbers, at which rounding would hurt: single precision.
        x = self.add("Mul", [x, self.single(f"bn{number}.scale", scale)], f"bn{number}.times")
        return self.add("Add", [x, self.single(f"bn{number}.shift", shift)], f"bn{number}")

    def convolve(self, x: str, number: int, pads: list[int], *, over: str) -> str:
        """Add convolution, rectifier and the normalisation after them."""
        name = f"conv2d_{number}" if number else "conv2d"
        kernel, bias = self.state[f"{name}/kernel"], self.state[f"{name}/bias"]
        if over == "time":
            kernel = kernel[:, :, 0].transpose(2, 1, 0)  # time, features, 1, out
        else:
            kernel = kernel.transpose(3, 2, 0, 1)  # time, bands, 1, out
        inputs = [x, self.weights(f"{name}.w", kernel), self.single(f"{name}.b", bias)]
        x = self.add("Conv", inputs, name, pads=pads)
        x = self.add("Relu", [x], f"{name}.relu")
        return self.normalise(x, number + 1, 1 if over == "time" else 2)

    def dense(self, x: str, name: str, before: int) -> str:
        """Add a dense layer with the normalisation before it folded in."""
        kernel = self.state[f"{name}/kernel"].astype(np.float64)
        scale, shift = self.affine(before)
        if name == "dense":
            # There, maximum and mean of a feature stand side by side; here, all maxima come first.
            order = np.arange(len(kernel)).reshape(-1, 2).T.ravel()
            kernel, scale, shift = kernel[order], scale[order], shift[order]
        bias = self.state[f"{name}/bias"] + shift @ kernel
        names = [
            self.weights(f"{name}.w", kernel * scale[:, None]),
            self.single(f"{name}.b", bias),
        ]
        return self.add("Gemm", [x, *names], name)

    def build(self, name: str) -> Any:
        """Return the network: `mel` (n, 187, 96) to `tags` (n, 50)."""
        axis = self.constant("axis", np.array([1], dtype=np.int64))
        x = self.add("Unsqueeze", ["mel", axis], "image")
        x = self.normalise(x, 0, 0)
        sides = []
        for number in range(5):
            # Two over all of the timbre, then three over time ("same" padding of even kernels).
            length = self.state[f"conv2d_{number}/kernel" if number else "conv2d/kernel"].shape[0]
            before = (length - 1) // 2
            wide = self.convolve(x, number, [before, 0, length - 1 - before, 0], over="bands")
            sides.append(self.add("ReduceMax", [wide], f"side{number}", axes=[3], keepdims=0))
        features = [self.add("Concat", sides, "front", axis=1)]
        for number in range(5, 8):
            made = self.convolve(features[-1], number, [3, 3], over="time")
            if number > 5:
                made = self.add("Add", [made, features[-1]], f"sum{number}")
            features.append(made)
        x = self.add("Concat", features, "features", axis=1)
        ends = [
            self.add("ReduceMax", [x], "max", axes=[2], keepdims=0),
            self.add("ReduceMean", [x], "mean", axes=[2], keepdims=0),
        ]
        x = self.dense(self.add("Concat", ends, "pool", axis=1), "dense", 9)
        x = self.dense(self.add("Relu", [x], "dense.relu"), "dense_1", 10)
        self.add("Sigmoid", [x], "tags")
        return self.model(name, {"mel": ["n", FRAMES, BANDS]}, {"tags": ["n", TAGS]})


def patches() -> NDArray[np.float32]:
    """Return 16 patches to compare on: silence, then steps of noisy tones, ever louder."""
    rng = np.random.default_rng(SEED)
    made = np.zeros((16, FRAMES, BANDS))
    for patch, level in zip(made[1:], np.linspace(-3, 2, 15), strict=True):
        centres = np.repeat(rng.uniform(0, BANDS, 24), 8)[:FRAMES, None]
        tones = np.exp(-0.5 * ((np.arange(BANDS) - centres) / 2) ** 2)
        patch[:] = 10**level * (rng.exponential(size=patch.shape) * rng.uniform() + 5 * tones)
    return np.log10(1e4 * made + 1).astype(np.float32)


def original(name: str, folder: Path, batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what musicnn's own code says, restored by TensorFlow."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow as tf  # noqa: PLC0415
    from musicnn import models  # noqa: PLC0415

    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float32, [None, FRAMES, BANDS])
        training = tf.compat.v1.placeholder(tf.bool)
        tags = tf.nn.sigmoid(models.define_model(x, training, name, TAGS)[0])
        with tf.compat.v1.Session() as session:
            tf.compat.v1.train.Saver().restore(session, f"{folder}/")
            return np.asarray(session.run(tags, {x: batch, training: False}))


def run(model: Any, batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a network says."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return np.asarray(session.run(["tags"], {"mel": batch})[0])


def main() -> None:
    """Read, convert, compare, write."""
    batch = patches()
    for name, files in READ.items():
        paths = [
            verified(packaged("musicnn", f"{name}/{file}"), sha256)
            for file, sha256 in files.items()
        ]
        state = tensors(*(path.read_bytes() for path in paths))
        short = f"musicnn_{name[:3].lower()}"
        made = Tagger(state, half=True).build(short)
        path = TARGET / f"{short}.onnx"
        onnx.save(made, path)
        tell_written(path)
        wanted = original(name, paths[0].parent, batch)
        single = run(Tagger(state, half=False).build(short), batch)
        print(f"    probabilities span {wanted.min():.1e} to {wanted.max():.3f}; ", end="")
        print(f"they differ by at most {np.abs(single - wanted).max():.1e} in 32 bits, ", end="")
        print(f"{np.abs(run(made, batch) - wanted).max():.1e} in 16")


if __name__ == "__main__":
    main()
