"""The network that looks at pictures: what is on them, and features to learn moods from.

It is EfficientNet-Lite0 (Tan & Le 2019, arXiv 1905.11946, in the variant without
squeeze-and-excitation and with ReLU6), trained on ImageNet-1k and quantised to 8 bits; where the
weights come from stands in NOTICE, and ``tools/convert_picture_network.py`` makes the file. It runs
in onnxruntime, which is loaded on the first use.
"""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from musify.errors import BackendError, ParameterError
from musify.vision.resize import require_image, resize

__all__ = ["CLASSES", "FEATURES", "FEATURE_VERSION", "PictureNetwork", "load_session"]

CLASSES: Final = 1000
"""Classes of ImageNet-1k, in its usual order (0 is "tench", 999 "toilet tissue")."""

FEATURES: Final = 1280
"""Numbers that describe a picture: what the last layer of the network reads."""

_FILE: Final = "efficientnet_lite0_int8.onnx"
_SHA256: Final = "5a2a22393776ccc7eadff9a37622c2aa44940867e5ec709d25c35687707424ef"

FEATURE_VERSION: Final = f"efficientnet-lite0-int8-{_SHA256[:16]}"
"""Names the features: what was trained on features of another version cannot read these."""

_SIDE: Final = 224
_BATCH: Final = 8
# With more the machine has nothing left for ffmpeg, which decodes meanwhile.
_THREADS: Final = 2
# onnxruntime's levels are 0 verbose, 1 info, 2 warning, 3 error, 4 fatal. It warns of graphics
# cards it does not find; what goes wrong is raised as well.
_ONLY_FATAL: Final = 4


def load_session(file: str, sha256: str, threads: int) -> Any:
    """Make an onnxruntime session of a network that musify ships.

    Parameters
    ----------
    file : str
        Name of the file in ``musify/vision/data``.
    sha256 : str
        What its SHA-256 has to be.
    threads : int
        How many threads one run may use.

    Raises
    ------
    BackendError
        When the file is missing or is not the one that was shipped, or when onnxruntime is missing
        or cannot run it.
    """
    path = files("musify.vision") / "data" / file
    remedy = "install musify-video again: pip install --force-reinstall musify-video"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BackendError(f"the network {path} cannot be read ({error}); {remedy}") from error
    if (found := hashlib.sha256(content).hexdigest()) != sha256:
        raise BackendError(
            f"the network {path} is damaged: its SHA-256 is {found}, not {sha256}; {remedy}"
        )
    try:
        # Only who uses a network pays for loading it.
        import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415

        onnxruntime.set_default_logger_severity(_ONLY_FATAL)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ONLY_FATAL
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that wait by spinning would take the processor from ffmpeg.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # Its exceptions have no common class but this one.
        raise BackendError(
            f"onnxruntime cannot run the network {file} ({type(error).__name__}: {error}); "
            "install a working one: pip install --force-reinstall onnxruntime"
        ) from error


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
        if threads < 1:
            raise ParameterError(f"threads must be at least 1, got {threads}")
        self._threads = threads
        self._session: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_session": None}

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
            logits, features[part] = self._run(_prepare(images[part]))
            # In double precision, so that rows sum to 1 as nearly as single precision can say it.
            chances = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
            probabilities[part] = chances / chances.sum(axis=1, keepdims=True)
        return probabilities, features

    def _run(self, batch: NDArray[np.float32]) -> Sequence[NDArray[np.float32]]:
        if self._session is None:
            self._session = load_session(_FILE, _SHA256, self._threads)
        results: Sequence[NDArray[np.float32]] = self._session.run(
            ["logits", "features"], {"image": batch}
        )
        return results


def _prepare(images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Squash pictures into what the network takes, (n, 3, 224, 224) in [-127/128, 1]."""
    batch = np.empty((len(images), 3, _SIDE, _SIDE), dtype=np.float32)
    for place, image in zip(batch, images, strict=True):
        require_image(image)
        place[...] = resize(image, _SIDE, _SIDE).transpose(2, 0, 1)
    batch -= 127
    batch /= 128
    return batch
