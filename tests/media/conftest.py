"""What the tests of media share: the plain functions of the outer conftest, as fixtures."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def outer(pytestconfig: pytest.Config) -> ModuleType:
    # With --import-mode=importlib no test can import a conftest; pytest knows it by its path.
    plugin = pytestconfig.pluginmanager.get_plugin(str(Path(__file__).parents[1] / "conftest.py"))
    assert plugin is not None
    return plugin


@pytest.fixture(scope="session")
def ffmpeg(outer: ModuleType) -> Callable:
    return outer.ffmpeg


@pytest.fixture(scope="session")
def stream_hashes(outer: ModuleType) -> Callable:
    return outer.stream_hashes


@pytest.fixture(scope="session")
def decode_pcm(outer: ModuleType) -> Callable:
    return outer.decode_pcm


@pytest.fixture(scope="session")
def run_python(outer: ModuleType) -> Callable:
    return outer.run_python
