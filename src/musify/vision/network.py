"""The network that looks at pictures: what is on them, and features to learn moods from.

It is EfficientNet-Lite0 (Tan & Le 2019, arXiv 1905.11946, in the variant without
squeeze-and-excitation and with ReLU6), trained on ImageNet-1k and quantised to 8 bits; where the
weights come from stands in NOTICE, and ``tools/convert_picture_network.py`` makes the file. It runs
in onnxruntime, which is loaded on the first use.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._onnx_file import OnnxFile
from musify.vision.resize import require_image, resize

__all__ = ["CLASSES", "FEATURES", "FEATURE_VERSION", "PictureNetwork"]

CLASSES: Final = 1000
"""Classes of ImageNet-1k, in its usual order (0 is "tench", 999 "toilet tissue")."""

FEATURES: Final = 1280
"""Numbers that describe a picture: what the last layer of the network reads."""

_FILE: Final = "efficientnet_lite0_int8.onnx"
_SHA256: Final = "cea27ca7c40c9d1c1f32e4e455ac0233ece6fd6d4efbe33d0a349894f0107899"

FEATURE_VERSION: Final = f"efficientnet-lite0-int8-{_SHA256[:16]}"
"""Names the features: what was trained on features of another version cannot read these."""

_SIDE: Final = 224
_BATCH: Final = 8
# With more, the machine has nothing left for ffmpeg, which decodes meanwhile.
_THREADS: Final = 2


class PictureNetwork:
    """Looks at pictures with the network that musify ships.

    It is loaded on the first picture. An instance can be copied and pickled; the copy loads it
    again. Results do not depend on what else is in a batch, nor on the number of threads.

    Parameters
    ----------
    threads : int, default 2
        How many threads a run may use, at least 1.

    Raises
    ------
    ParameterError
        When `threads` is below 1.
    """

    feature_version: Final = FEATURE_VERSION
    """Names the features, see `FEATURE_VERSION`."""

    def __init__(self, *, threads: int = _THREADS) -> None:
        self._network = OnnxFile("musify.vision", _FILE, _SHA256, threads=threads)

    def run(
        self, images: Sequence[NDArray[np.uint8]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what is on each picture, and its features.

        Parameters
        ----------
        images : sequence of ndarray of uint8, shape (height, width, 3)
            RGB, of any sizes; each is squashed whole to 224 x 224.

        Returns
        -------
        probabilities : ndarray of float32, shape (n, 1000)
            Of the classes of ImageNet-1k; each row sums to 1.
        features : ndarray of float32, shape (n, 1280)
            Each in [0, 6]; `feature_version` names their meaning.

        Raises
        ------
        ParameterError
            When a picture is not uint8 of shape (height, width, 3), or has no pixel.
        BackendError
            When the network or onnxruntime is missing, damaged or fails.
        """
        probabilities = np.empty((len(images), CLASSES), dtype=np.float32)
        features = np.empty((len(images), FEATURES), dtype=np.float32)
        for start in range(0, len(images), _BATCH):
            part = slice(start, start + _BATCH)
            batch = _prepare(images[part])
            logits, features[part] = self._network.run(["logits", "features"], {"image": batch})
            # In double precision, so that rows sum to 1 as nearly as single precision can say it.
            chances = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
            probabilities[part] = chances / chances.sum(axis=1, keepdims=True)
        return probabilities, features


def _prepare(images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Squash pictures into what the network takes, (n, 3, 224, 224) in [-127/128, 1]."""
    batch = np.empty((len(images), 3, _SIDE, _SIDE), dtype=np.float32)
    for place, image in zip(batch, images, strict=True):
        require_image(image)
        place[...] = resize(image, _SIDE, _SIDE).transpose(2, 0, 1)
    batch -= 127
    batch /= 128
    return batch
