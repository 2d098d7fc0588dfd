"""What the doctor says of extras and plugins, each with the command that mends it."""

import os
import re
import subprocess
import sys
from importlib import metadata

import pytest

from musify import BackendSpec, PluginLoadError, doctor, hookimpl, list_backends
from musify._version import __version__
from musify.testing import FakeClassifier, only_builtin_plugins

pytestmark = pytest.mark.media

REQUIRES = [
    "numpy>=1.26",
    'matplotlib>=3.8; extra == "plot"',
    'httpx>=0.27 ; extra == "online"',
    'nowhere-to-be-found>=1 ; extra == "online"',
    'missing-one ; python_version >= "3.9" and extra == "neural"',
    'pytest>=8 ; extra == "test"',
    'sphinx ; extra == "docs"',
]


@pytest.fixture
def findings(monkeypatch):
    monkeypatch.setattr(metadata, "requires", lambda name: REQUIRES)
    return {finding.name: finding for finding in doctor.diagnose()}


def test_extras_are_those_of_the_distribution(findings):
    extras = {name for name in findings if name.startswith("extra ")}
    assert extras == {"extra plot", "extra online", "extra neural"}


def test_an_extra_is_there_when_all_of_it_is(findings):
    version = metadata.version("matplotlib")
    assert findings["extra plot"].detail == f"installed: matplotlib {version}"
    assert findings["extra plot"].fix == ""


@pytest.mark.parametrize(
    ("extra", "missing"), [("online", "nowhere-to-be-found"), ("neural", "missing-one")]
)
def test_an_extra_that_lacks_something_says_what_and_how_to_get_it(findings, extra, missing):
    finding = findings[f"extra {extra}"]
    assert finding.ok  # musify does its main job without
    assert finding.detail == f"absent: {missing}"
    assert finding.commands == (f"pip install 'musify-video[{extra}]'",)


def test_every_extra_of_the_real_distribution_is_told():
    real = set(metadata.metadata("musify-video").get_all("Provides-Extra")) - {"test", "docs"}
    told = {finding.name.removeprefix("extra ") for finding in doctor.diagnose()}
    assert real <= told


def test_versions_and_plugins_are_told(findings):
    assert findings["musify"].detail == __version__
    assert findings["python"].detail.startswith(sys.version.split()[0])
    assert re.match(r"loaded .*\(.*palette.*\)", findings["plugin musify:builtin"].detail)
    assert all(finding.ok for finding in findings.values())


def test_plugins_that_were_left_out_are_told(monkeypatch):
    monkeypatch.setenv("MUSIFY_DISABLE_PLUGINS", "musify-hue")
    (finding,) = [one for one in doctor.diagnose() if one.name == "plugins left out"]
    assert "musify-hue" in finding.detail
    assert finding.fix.startswith("unset MUSIFY_DISABLE_PLUGINS")


def test_what_is_too_old_is_told(monkeypatch):
    requires = ["numpy>=99.1", "rich", 'matplotlib>=77 ; extra == "plot"']
    requires += ['old-py>=1 ; python_version >= "9.9"']
    monkeypatch.setattr(metadata, "requires", lambda name: requires)
    found = {finding.name: finding for finding in doctor.diagnose()}
    assert "is older than 99.1" in found["numpy"].detail
    assert not found["numpy"].ok
    assert found["numpy"].commands == ("pip install --upgrade 'numpy>=99.1'",)
    assert found["rich"].ok
    assert "old-py" not in found  # which another Python needs
    assert "matplotlib" in found["extra plot"].detail
    assert found["extra plot"].commands == ("pip install 'musify-video[plot]'",)


@pytest.mark.parametrize("name", ["numpy", "onnxruntime", "pydub"])
def test_what_is_there_and_cannot_be_imported_is_told(monkeypatch, name):
    real = metadata.requires("musify-video")
    monkeypatch.setitem(sys.modules, name, None)  # as an extension that does not fit
    monkeypatch.delitem(sys.modules, "musify._pydub", raising=False)
    assert {one.name for one in doctor.diagnose() if not one.ok} >= {name}
    found = {one.name: one for one in doctor.diagnose()}[name]
    assert found.detail.startswith(f"{metadata.version(name)} cannot be imported: ")
    (command,) = found.commands
    (wanted,) = re.findall(r"^pip install --force-reinstall '(.*)'$", command)
    assert any(line.startswith(wanted) for line in real)


def test_the_cause_is_told_and_not_the_advice_around_it(monkeypatch, tmp_path):
    """As numpy words it, whose own extensions are missing or for another Python."""
    (tmp_path / "numpy.py").write_text(
        "try:\n    import multiarray_umath_of_another_python\n"
        "except ImportError as error:\n"
        "    raise ImportError('\\n\\nIMPORTANT: PLEASE READ THIS') from error\n"
    )
    code = (
        "from musify.doctor import diagnose\n"
        "for one in diagnose():\n    if not one.ok: print(one.name, one.detail, *one.commands)"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    told = {line.partition(" ")[0]: line for line in done.stdout.splitlines()}
    assert set(told) == {"numpy", "onnxruntime", "pydub"}
    assert "No module named 'multiarray_umath_of_another_python' pip install" in told["numpy"]
    assert told["onnxruntime"].endswith(", which needs numpy")
    assert told["pydub"].endswith(", which needs numpy")


class Offers:
    @hookimpl
    def musify_mood_classifiers(self):
        yield BackendSpec("palette", FakeClassifier, "of the same name as another")


def test_two_plugins_that_offer_one_name_are_told():
    with only_builtin_plugins() as plugins:
        plugins.register(Offers(), "musify-hue:hue")
        (clash,) = [one for one in doctor.diagnose() if not one.ok]
    assert clash.name == "mood_classifier palette"
    assert "musify-hue:hue" in clash.detail
    assert clash.fix == (
        "set MUSIFY_DISABLE_PLUGINS to musify-hue, give one another name, or take one of them out"
    )
    assert clash.commands == ("pip uninstall -y musify-hue",)


def test_broken_plugins_are_told_where_they_are_to_be_errors(monkeypatch, fresh_plugins):
    monkeypatch.setenv("MUSIFY_STRICT_PLUGINS", "1")
    broken = metadata.EntryPoint("main", "nothing_there_at_all", "musify")
    monkeypatch.setattr(metadata, "entry_points", lambda group: [broken])
    (fault,) = [one for one in doctor.diagnose() if not one.ok]
    assert "nothing_there_at_all" in fault.detail
    with pytest.raises(PluginLoadError):
        list_backends()
