"""What users write is right under pyright too; mypy is run by itself over the whole."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYRIGHT = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("basedpyright") is None, reason="pyright is not installed"
    ),
]


def checked(project):
    command = [*PYRIGHT, "--project", project]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


def test_what_users_write_passes_pyright():
    done = checked(ROOT)
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] >= 1
    assert found["generalDiagnostics"] == []
    assert done.returncode == 0


def test_pyright_sees_what_is_wrong(tmp_path):
    """The check can fail: a wrong word for an argument and a name that is not there are told."""
    code = "import musify\nmusify.add_music('a.mp4', 'b.mp4', original='mute')\nmusify.nothing\n"
    (tmp_path / "wrong.py").write_text(code)
    settings = {"include": ["wrong.py"], "extraPaths": [str(ROOT / "src")]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    rules = {one.get("rule") for one in json.loads(checked(tmp_path).stdout)["generalDiagnostics"]}
    assert {"reportArgumentType", "reportAttributeAccessIssue"} <= rules


DEPRECATED = """
from musify._deprecation import deprecated_name

@deprecated_name("old() is deprecated since 1.1.0 and goes in 2.0.0; use new() instead")
def old(value: int) -> int:
    return value

old(1)
"""


def test_type_checkers_tell_what_is_deprecated(tmp_path):
    (tmp_path / "wrong.py").write_text(DEPRECATED)
    source = str(ROOT / "src")
    settings = {"include": ["wrong.py"], "extraPaths": [source], "reportDeprecated": "warning"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    said = [one["message"] for one in json.loads(checked(tmp_path).stdout)["generalDiagnostics"]]
    assert any("use new() instead" in words for words in said)
    mypy = ["--enable-error-code", "deprecated", "--follow-imports=silent", "wrong.py"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *mypy],
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": source},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "wrong.py:8: error: function wrong.old is deprecated" in done.stdout
