"""What users write is right under pyright too; mypy is run by itself over the whole."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("basedpyright"), reason="pyright is not installed")
def test_what_users_write_passes_pyright(tmp_path):
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(
        [*command, "--project", ROOT], capture_output=True, text=True, timeout=240
    )
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] >= 1
    assert found["generalDiagnostics"] == []
    assert done.returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("basedpyright"), reason="pyright is not installed")
def test_pyright_sees_what_is_wrong(tmp_path):
    """The check can fail: a wrong word for an argument and a name that is not there are told."""
    code = "import musify\nmusify.add_music('a.mp4', 'b.mp4', original='mute')\nmusify.nothing\n"
    (tmp_path / "wrong.py").write_text(code)
    (tmp_path / "pyrightconfig.json").write_text(
        json.dumps({"include": ["wrong.py"], "extraPaths": [str(ROOT / "src")]})
    )
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(
        [*command, "--project", tmp_path], capture_output=True, text=True, timeout=240
    )
    rules = {one.get("rule") for one in json.loads(done.stdout)["generalDiagnostics"]}
    assert "reportArgumentType" in rules
    assert rules & {"reportAttributeAccessIssue", "reportUnknownMemberType"}
