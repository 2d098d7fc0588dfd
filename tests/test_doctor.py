"""What the doctor says of extras and plugins, each with the command that mends it."""

import re
import sys
from importlib import metadata

import pytest

from musify import doctor
from musify._version import __version__

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
