"""The network that looks at pictures: shapes, batches, sameness, and files that are damaged."""

import hashlib
import pickle
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from musify import _onnx_file
from musify._onnx_file import OnnxFile
from musify.errors import BackendError, ParameterError
from musify.vision.network import CLASSES, FEATURE_VERSION, FEATURES, PictureNetwork

FILE = Path(str(files("musify.vision"))) / "data" / "efficientnet_lite0_int8.onnx"
SHOWN = {"coffee.png": {967}, "chelsea.png": {281, 282, 285}}


@pytest.fixture(scope="module")
def looker():
    return PictureNetwork(threads=1)


@pytest.fixture
def images(rng):
    """Pictures of many sizes, more of them than fit into a batch."""
    sizes = [(180, 320), (1, 1), (320, 180), (3, 500), (224, 224), (600, 40), (2, 2), (90, 90)]
    sizes += [(45, 80), (17, 5)]
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]


@pytest.fixture
def other_data(tmp_path, monkeypatch):
    """Let the networks be looked for in a folder of the test's own."""
    monkeypatch.setattr(_onnx_file, "files", lambda _package: tmp_path)
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_shapes_and_ranges(looker, images):
    probabilities, features = looker.run(images)
    assert probabilities.shape == (10, CLASSES)
    assert features.shape == (10, FEATURES)
    assert probabilities.dtype == features.dtype == np.float32
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert features.min() >= 0
    assert features.max() <= 6.1
    # It does look: pictures differ.
    assert len(np.unique(features.round(4), axis=0)) == 10


def test_no_picture_is_no_row(looker):
    probabilities, features = looker.run([])
    assert probabilities.shape == (0, CLASSES)
    assert features.shape == (0, FEATURES)


def test_neither_batch_nor_threads_change_a_result(looker, images):
    together = looker.run(images)
    for place in (0, 7, 9):
        for whole, alone in zip(together, looker.run([images[place]]), strict=True):
            np.testing.assert_array_equal(whole[place], alone[0])
    for one, two in zip(together, PictureNetwork(threads=2).run(images), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_pickled_one_works_and_carries_no_session(looker, images):
    expected = looker.run(images[:1])
    content = pickle.dumps(looker)
    assert len(content) < 1000
    for one, two in zip(expected, pickle.loads(content).run(images[:1]), strict=True):
        np.testing.assert_array_equal(one, two)


def test_the_version_names_the_file():
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    assert PictureNetwork.feature_version == FEATURE_VERSION
    assert FEATURE_VERSION.endswith(digest[:16])


def test_nothing_is_written_to_the_error_output(images, capfd):
    PictureNetwork().run(images[:1])
    assert capfd.readouterr() == ("", "")


def test_making_one_loads_nothing(other_data):
    PictureNetwork()  # there is no file, and nobody missed it


@pytest.mark.parametrize("image", [np.zeros((4, 4)), np.zeros((0, 4, 3), dtype=np.uint8)])
def test_what_is_no_picture_is_refused(looker, image):
    with pytest.raises(ParameterError, match="an image must be uint8"):
        looker.run([image])


@pytest.mark.parametrize("threads", [0, -1, 1.5, True])
def test_threads_are_at_least_one(threads):
    with pytest.raises(ParameterError, match="threads must be at least 1"):
        PictureNetwork(threads=threads)


def test_a_missing_file_is_told(other_data, images):
    with pytest.raises(BackendError, match=r"efficientnet_lite0_int8\.onnx cannot be read.*again"):
        PictureNetwork().run(images[:1])


def test_a_damaged_file_is_told(other_data, images):
    (other_data / FILE.name).write_bytes(FILE.read_bytes()[:-1] + b"?")
    with pytest.raises(BackendError, match="is damaged: its SHA-256 is"):
        PictureNetwork().run(images[:1])


def test_what_onnxruntime_cannot_read_is_told(other_data):
    (other_data / "x.onnx").write_bytes(b"nonsense")
    digest = hashlib.sha256(b"nonsense").hexdigest()
    with pytest.raises(BackendError, match=r"cannot run the network x\.onnx"):
        OnnxFile("musify.vision", "x.onnx", digest, threads=1).run(["y"], {"x": np.zeros(3)})


def test_a_failing_run_is_told():
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    with pytest.raises(BackendError, match=r"cannot run the network .*InvalidArgument"):
        OnnxFile("musify.vision", FILE.name, digest, threads=1).run(
            ["logits"], {"image": np.zeros((1, 5), dtype=np.float32)}
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_it_knows_what_pictures_show(looker, name):
    pictures = pytest.importorskip("skimage.data")
    image = np.asarray(getattr(pictures, name.partition(".")[0])())
    probabilities, _ = looker.run([image])
    assert int(probabilities[0].argmax()) in SHOWN[name]
