"""The classes to subclass are strict: seen from outside, as tests that fail or pass."""

import subprocess
import sys

import pytest

from musify import ParameterError
from musify.testing import FakeClassifier, MoodClassifierContract, check_mood_classifier
from musify.testing.checks import RULES

TESTS = """
import pytest
from musify.testing import FakeClassifier, MoodClassifierContract


class Cold(FakeClassifier):
    mood_temperature = 0.0


class Fixture(MoodClassifierContract):
    @pytest.fixture
    def backend(self):
        return Cold()


class TestBare(Fixture):
    pass


class TestExcepted(Fixture):
    exceptions = {"mood_temperature_is_above_zero": "its moods are points"}


class TestNotNeeded(TestExcepted):
    @pytest.fixture
    def backend(self):
        return FakeClassifier()
"""


def run_pytest(folder, tests):
    (folder / "test_it.py").write_text(tests)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rfEx", "test_it.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout


def test_exceptions_are_strict(tmp_path):
    said = run_pytest(tmp_path, TESTS)
    rule = "test_rule[mood_temperature_is_above_zero]"
    assert f"FAILED test_it.py::TestBare::{rule} - " in said
    assert "Cold breaks the rule 'mood_temperature_is_above_zero'" in said
    assert f"XFAIL test_it.py::TestExcepted::{rule} - its moods are points" in said
    assert f"FAILED test_it.py::TestNotNeeded::{rule}" in said
    assert "[XPASS(strict)] its moods are points" in said
    assert "2 failed, 42 passed, 1 xfailed" in said


def test_an_exception_that_names_no_rule(tmp_path):
    said = run_pytest(tmp_path, TESTS.replace("mood_temperature_is_above_zero", "no_such_rule"))
    assert "no rule is called 'no_such_rule'; there are labels_are_names" in said
    assert "passed" not in said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (FakeClassifier, r"got the class FakeClassifier; have you forgotten the \(\)\?"),
        (dict, "got the class dict; dict must derive from musify.MoodClassifier"),
        (None, r"got None; have you forgotten the return\?"),
    ],
)
def test_what_is_no_backend_is_told_once(given, words, tmp_path):
    (rule, *_) = RULES["mood_classifier"].values()
    with pytest.raises(ParameterError, match=f"^what is judged is a mood_classifier, {words}$"):
        MoodClassifierContract().test_rule(rule, given, tmp_path)
    with pytest.raises(ParameterError, match=words):
        check_mood_classifier(given)
