import contextlib
import json
import struct
import zipfile

import numpy as np
import pytest

from musify import BackendError, Mood, MoodSpace, OutputError, ParameterError
from musify.vision.linear_head import LinearHead
from musify.vision.model_file import MoodModel

MOODS = MoodSpace(["calm", Mood("spooky", -0.4, 0.5), "happy"])


@pytest.fixture
def model(rng):
    head = LinearHead(rng.normal(size=(10, 3)).astype(np.float32), [0.5, -0.25, 0])
    return MoodModel(MOODS, head, 1.5, "features-1", {"accuracy": 0.7})


@pytest.fixture
def path(model, tmp_path):
    return model.save(tmp_path / "mine.musify")


def rewrite(path, members, packing=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def members_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def change(path, **facts):
    members = members_of(path)
    about = json.loads(members["model.json"]) | facts
    rewrite(path, members | {"model.json": json.dumps(about)})


def test_what_is_saved_is_loaded(model, path):
    loaded = MoodModel.load(path)
    assert loaded.moods == MOODS
    np.testing.assert_array_equal(loaded.head.weights, model.head.weights)
    np.testing.assert_array_equal(loaded.head.bias, model.head.bias)
    assert (loaded.temperature, loaded.feature_version) == (1.5, "features-1")
    assert loaded.report == {"accuracy": 0.7}


def test_the_same_model_is_the_same_file(model, path, tmp_path):
    assert model.save(tmp_path / "again.musify").read_bytes() == path.read_bytes()


def test_nothing_in_it_could_run(path):
    members = members_of(path)
    assert sorted(members) == ["head.f32", "model.json"]
    assert len(members["head.f32"]) == 11 * 3 * 4
    assert json.loads(members["model.json"])["moods"][1]["name"] == "spooky"


def test_it_is_not_replaced_unasked(model, path):
    with pytest.raises(OutputError, match="overwrite"):
        model.save(path)
    model.save(path, overwrite=True)


def test_other_features_are_refused(model, path):
    model.check_features("features-1", path)
    with pytest.raises(
        BackendError, match=r"'features-1', and this musify has 'features-2'.*train it"
    ):
        model.check_features("features-2", path)


def test_a_newer_format_is_refused(path):
    # Whatever else it holds, which we cannot know.
    change(path, format_version=2, musify_version="9.1", novelty=[1])
    with pytest.raises(
        BackendError, match=r"format version 2.*musify '9\.1'.*pip install --upgrade"
    ):
        MoodModel.load(path)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"format": "something"}, "is no mood model"),
        ({"format_version": "1"}, "format_version must be a whole number"),
        ({"features": 11}, "is damaged: head.f32 holds 132 bytes, not the 144"),
        ({"features": 10**9}, "from 1 to 100000"),
        ({"moods": []}, "at least one mood"),
        ({"moods": [{"name": "a", "valence": 2, "arousal": 0}]}, r"valence must be from -1 to 1"),
        ({"temperature": 0}, "temperature must be from"),
        ({"temperature": "x"}, "temperature must be a number"),
        ({"feature_version": ""}, "feature_version must be text"),
        ({"extra": 1}, "extra is not a known key"),
    ],
)
def test_what_does_not_fit_is_refused(path, facts, words):
    change(path, **facts)
    with pytest.raises(ParameterError, match=words):
        MoodModel.load(path)


def test_a_document_that_is_no_object_is_refused(path):
    rewrite(path, members_of(path) | {"model.json": "[1]"})
    with pytest.raises(ParameterError, match="is no mood model"):
        MoodModel.load(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_are_finite(path, value):
    rewrite(path, members_of(path) | {"head.f32": np.full(33, value, "<f4").tobytes()})
    with pytest.raises(ParameterError, match="not finite"):
        MoodModel.load(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ParameterError, match=r"cannot read the mood model '.*no\.musify': No such"):
        MoodModel.load(tmp_path / "no.musify")


def test_a_folder_is_told(tmp_path):
    with pytest.raises(ParameterError, match="cannot read"):
        MoodModel.load(tmp_path)


def test_every_cut_and_flipped_byte_is_an_error_of_ours_or_harmless(path):
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place])
        with pytest.raises(ParameterError):
            MoodModel.load(path)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with contextlib.suppress(ParameterError, BackendError):  # anything else is a fault
            MoodModel.load(path)


@pytest.mark.parametrize("data", [b"", b"PK", b"hello", b"\x80\x04\x95pickle"])
def test_something_else_is_refused(path, data):
    path.write_bytes(data)
    with pytest.raises(ParameterError, match="damaged, or no mood model"):
        MoodModel.load(path)


def test_other_members_are_refused(path):
    rewrite(path, members_of(path) | {"../evil.py": b"x"})
    with pytest.raises(ParameterError, match="nothing else"):
        MoodModel.load(path)


def test_a_bomb_is_not_unpacked(path):
    rewrite(path, members_of(path) | {"model.json": b" " * 20_000_000})
    assert path.stat().st_size < 100_000
    with pytest.raises(ParameterError, match=r"model\.json is over 4000000 bytes"):
        MoodModel.load(path)


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(path):
    rewrite(path, members_of(path) | {"model.json": b" " * 20_000_000})
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x01\x02")  # of either member: the sizes stand at 20 and 24
    for start in (data.index(b"PK\x01\x02"), place):
        data[start + 24 : start + 28] = struct.pack("<I", 100)
    path.write_bytes(data)
    with pytest.raises(ParameterError):
        MoodModel.load(path)


def test_a_packing_that_cannot_be_stopped_is_refused(path):
    rewrite(path, members_of(path), zipfile.ZIP_BZIP2)
    with pytest.raises(ParameterError, match="packed in a way"):
        MoodModel.load(path)


def test_head_and_moods_fit(model):
    with pytest.raises(ParameterError, match="tells 3 moods apart, not 1"):
        MoodModel(MoodSpace(["calm"]), model.head, 1.0, "f")
    with pytest.raises(ParameterError, match="temperature"):
        MoodModel(MOODS, model.head, 0.0, "f")
