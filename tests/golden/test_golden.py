"""Arithmetic that must not change unnoticed; see README.md."""

import importlib.util
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.json"))

# The maker is a script, not part of a package that could be imported by name.
_spec = importlib.util.spec_from_file_location("make_golden", FOLDER / "make_golden.py")
make_golden = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_golden)


def assert_same(found, expected, path=""):
    assert type(found) is type(expected), path
    if isinstance(expected, dict):
        assert list(found) == list(expected), path
        for key, value in expected.items():
            assert_same(found[key], value, f"{path}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), path
        for index, value in enumerate(expected):
            assert_same(found[index], value, f"{path}[{index}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=0, abs=1e-12), path
    else:
        assert found == expected, path


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_golden(file):
    case = json.loads(file.read_text(encoding="utf-8"))
    assert_same(make_golden.result_of(file, case), case["expected"])


def test_there_are_golden_files():
    assert {file.name.partition("-")[0] for file in FILES} == {"timeline", "cues", "score"}
