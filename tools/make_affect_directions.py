"""Makes src/musify/vision/data/affect_directions.npz from the table of classes.

The last layer of the network holds, for each of its thousand classes, the 1280 features by which it
knows that class. A ridge regression from these to the table of ``imagenet_moods.csv`` gives two
directions in the space of features, for valence and for arousal: what pleasant classes have in
common, rather than which class it is. Nothing else is fitted, and to nobody's ratings but the
table's own. It reads only files of this repository; it needs ``pip install onnx==1.23.2``.

    python tools/make_affect_directions.py [FOLDER OF PICTURES]

It prints how well a class is foretold by all the others (leave one out), and, with a folder of
ordinary pictures, the means and standard deviations that ``musify/vision/affect.py`` standardises
by. Those there are of the 120 pictures of ``ratings_of_package_pictures.csv``.
"""

# mypy: disable-error-code="import-not-found,import-untyped,unused-ignore"
import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from musify.vision.affect import TABLE_FILE, class_table
from musify.vision.network import CLASSES, FEATURES, PictureNetwork
from musify.vision.pictures import find_pictures, read_pictures

DATA = Path(__file__).parents[1] / "src/musify/vision/data"
# In units of the mean variance of the class weights; chosen where leaving one class out does best.
RIDGE = 1.0


def class_weights() -> NDArray[np.float64]:
    """Read the weights of the last layer, shape (1000, 1280)."""
    graph = onnx.load(DATA / "efficientnet_lite0_int8.onnx").graph
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    for node in graph.node:
        if node.op_type != "DequantizeLinear" or node.input[0] not in arrays:
            continue
        stored = arrays[node.input[0]]
        if stored.shape not in ((CLASSES, FEATURES), (FEATURES, CLASSES)):
            continue
        scale, zero = arrays[node.input[1]], arrays[node.input[2]]
        by_class: tuple[Any, ...] = (
            (slice(None), None) if stored.shape[0] == CLASSES else (None, slice(None))
        )
        weights: NDArray[np.float64] = (stored.astype(np.float64) - zero[by_class]) * scale[
            by_class
        ]
        return weights if stored.shape[0] == CLASSES else weights.T
    raise SystemExit("the network holds no layer of 1000 classes by 1280 features")


def main() -> None:
    """Fit, say how well, and write."""
    table = class_table()
    weights = class_weights()
    centred = weights - weights.mean(axis=0)
    gram = centred.T @ centred
    ridge = RIDGE * np.trace(gram) / FEATURES * np.eye(FEATURES)
    target = table.plane - table.plane.mean(axis=0)
    inverse = np.linalg.inv(gram + ridge)
    directions = inverse @ centred.T @ target
    hat = np.einsum("ij,jk,ik->i", centred, inverse, centred)
    left_out = target - (target - centred @ directions) / (1 - hat)[:, None]
    for axis, name in enumerate(("valence", "arousal")):
        r = np.corrcoef(left_out[:, axis], target[:, axis])[0, 1]
        print(f"{name}: a class from the other 999, r = {r:.3f}")
    np.savez(
        DATA / "affect_directions.npz",
        directions=directions.astype(np.float32),
        table_sha256=hashlib.sha256((DATA / TABLE_FILE).read_bytes()).hexdigest(),
    )
    if len(sys.argv) > 1:
        images = [image for _, image in read_pictures(find_pictures(Path(sys.argv[1])))]
        probabilities, features = PictureNetwork().run(images)
        for name, values in (
            ("classes", probabilities @ table.plane),
            ("features", features @ directions),
        ):
            mean, spread = values.mean(axis=0), values.std(axis=0)
            print(f"{name} over {len(images)} pictures: mean {mean}, sd {spread}")


if __name__ == "__main__":
    main()
