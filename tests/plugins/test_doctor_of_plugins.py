"""What the doctor says of plugins: a row for each, and what mends it."""

import json

import pytest
from typer.testing import CliRunner

from musify import doctor, list_backends
from musify.cli import make_app

SLOW = """
import musify
import time

time.sleep(0.6)

@musify.hookimpl
def musify_mood_classifiers():
    yield musify.BackendSpec("hue", "a.b:C")
"""


@pytest.fixture(autouse=True)
def _no_ffmpeg(monkeypatch):
    monkeypatch.setattr(doctor, "_ffmpeg_findings", list)


def finding(name):
    (found,) = [one for one in doctor.diagnose() if one.name == name]
    return found


@pytest.mark.filterwarnings("error")
def test_a_plugin_that_fails_is_told_here_and_once(install, tmp_path):
    install("musify-bad", "1 / 0")
    found = finding("plugin musify-bad:bad")
    assert not found.ok
    assert found.detail == (
        "cannot be imported (ZeroDivisionError: division by zero) (musify_bad.py:1)"
    )
    assert found.fix.endswith("leave it out with MUSIFY_DISABLE_PLUGINS=musify-bad, or take it out")
    assert found.commands == ("pip install --upgrade musify-bad", "pip uninstall -y musify-bad")


@pytest.mark.filterwarnings("error")
def test_a_plugin_of_ones_own_is_mended_where_it_is(install, tmp_path):
    install("musify-bad", "1 / 0")
    (info,) = (tmp_path / "site-packages").glob("*.dist-info")
    origin = {"url": "file:///home/anna/musify-bad", "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(origin))
    found = finding("plugin musify-bad:bad")
    assert found.fix.startswith(
        "mend what it was installed from, /home/anna/musify-bad; or leave it out with "
    )
    assert found.commands == ("pip uninstall -y musify-bad",)


def test_a_hook_that_nobody_would_call_is_a_fault(install):
    install("musify-bad", "def musify_mood_classifiers(): ...")
    found = finding("plugin musify-bad:bad")
    assert not found.ok
    assert found.detail.endswith(
        "'musify_mood_classifiers' has no @musify.hookimpl; without, it offers nothing"
    )


@pytest.mark.parametrize(
    ("code", "detail", "ok"),
    [
        ("", "loaded 0.1, but offers nothing: it has no hook of musify", False),
        (
            "import musify\n@musify.hookimpl\ndef musify_run_failed(error): ...",
            "loaded 0.1; offers nothing (musify_run_failed)",
            True,
        ),
        (
            "import musify\n@musify.hookimpl\ndef musify_song_libraries(): return ()",
            "loaded 0.1; offers nothing (musify_song_libraries)",
            True,
        ),
    ],
)
def test_every_plugin_has_a_row(install, code, detail, ok):
    install("musify-hue", code)
    found = finding("plugin musify-hue:hue")
    assert (found.detail, found.ok) == (detail, ok)


def test_a_plugin_that_is_slow_to_load_is_told_so(install):
    install("musify-hue", SLOW)
    found = finding("plugin musify-hue:hue")
    assert found.ok
    assert found.detail.startswith("loaded 0.1 (hue); took 0.")
    assert "BackendSpec(name, 'package.module:Class')" in found.fix


def test_a_name_that_two_offer_is_a_fault(install, offering):
    install("musify-hue", offering("keyframe", "a.b:C", "musify_frame_samplers"))
    found = finding("frame_sampler keyframe")
    assert not found.ok
    assert found.detail == "cannot be had: musify:builtin and musify-hue:hue both offer it"
    mend = "set MUSIFY_DISABLE_PLUGINS to musify-hue, give one another name"
    assert found.fix == f"{mend}, or take one of them out"
    assert found.commands == ("pip uninstall -y musify-hue",)


def test_another_musify_comes_first_and_hides_what_follows_from_it(install, recwarn, tmp_path):
    info = tmp_path / "site-packages" / "musify-0.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: musify\nVersion: 0.9\n")
    install("musify-bad", "1 / 0")
    names = [one.name for one in doctor.diagnose()]
    assert names == ["name clash", "musify", "python"]
    assert finding("name clash").commands == (
        "pip uninstall -y musify musify-video",
        "pip install musify-video",
    )
    assert not recwarn.list
    # Elsewhere it is the one thing that is warned of.
    install("musify-worse", "1 / 0")
    list_backends()
    (told,) = recwarn.list
    assert str(told.message).startswith("musify 0.9, a music-library manager, installs a package ")


def test_commands_stand_on_lines_of_their_own(install):
    install("musify-bad", "1 / 0")
    done = CliRunner(env={"COLUMNS": "80"}).invoke(make_app(), ["doctor"])
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert "To mend" in lines
    assert "    pip uninstall -y musify-bad" in lines
    assert all(line == line.rstrip() for line in lines)
    told = json.loads(CliRunner().invoke(make_app(), ["doctor", "--json"]).stdout)
    (bad,) = [one for one in told if one["name"] == "plugin musify-bad:bad"]
    assert bad["commands"] == ["pip install --upgrade musify-bad", "pip uninstall -y musify-bad"]
