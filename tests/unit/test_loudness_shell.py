import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from musify import _loudness_shell
from musify._shell import Shell
from musify.audio.bs1770 import Loudness


@pytest.fixture
def shell(monkeypatch):
    nothing = np.zeros(0)
    found = {
        "loud.mp3": Loudness(-9.04, 4.2, -7.0, -8.0, 0.3, 200.0, nothing, nothing),
        "quiet.mp3": Loudness(-20.0, 4.2, -17.0, -18.0, -4.0, 200.0, nothing, nothing),
        "silent.wav": Loudness(None, None, None, None, None, 3.0, nothing, nothing),
    }
    monkeypatch.setattr(_loudness_shell, "measure_file", lambda path, stream: found[path.name])
    app = typer.Typer()

    @app.callback()
    def _common() -> None:
        pass

    _loudness_shell.add_loudness(Shell(app))
    return lambda *args: CliRunner().invoke(app, ["loudness", *args])


def test_a_row_for_each_file(shell):
    lines = shell("loud.mp3", "silent.wav").output.splitlines()
    assert lines[1].split()[:3] == ["file", "LUFS", "range"]
    assert lines[2].split() == ["loud.mp3", "-9.0", "4.2", "-7.0", "-8.0", "0.3"]
    assert lines[3].split() == ["silent.wav", "-", "-", "-", "-", "-"]


@pytest.mark.parametrize(("target", "lufs"), [("web", -14), ("-16", -16), ("ebu", -23)])
def test_the_gain_to_a_target(shell, target, lufs):
    given = shell("loud.mp3", "quiet.mp3", "silent.wav", "--target", target, "--json")
    loud, quiet, silent = json.loads(given.output)
    assert loud["gain_db"] == loud["gain_db_without_limiter"] == pytest.approx(lufs + 9.04)
    assert quiet["gain_db"] == pytest.approx(lufs + 20)
    assert quiet["gain_db_without_limiter"] == pytest.approx(min(3, lufs + 20))
    assert (silent["integrated_lufs"], silent["gain_db"]) == (None, 0)
    assert f"gain to {lufs}" in shell("loud.mp3", "--target", target).output


@pytest.mark.parametrize("bad", ["loud", "nan", "5"])
def test_no_such_target(shell, bad):
    failed = shell("loud.mp3", "--target", bad)
    assert failed.exit_code == 2
    assert "loudness target" in failed.output
