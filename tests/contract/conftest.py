"""The rules of each interface, over every built-in backend of its kind.

A module of this folder names its ``KIND`` and the ``OPTIONS`` of each backend: a dict, or a
function that makes one from the request. The fixture ``backend`` then is each of them in turn, so
that a new backend is tested by being registered.
"""

from typing import Any

import pytest

from musify import get_backend, list_backends
from musify._registry import BUILTIN


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        offers = list_backends(metafunc.module.KIND)
        names = [offer.name for offer in offers if offer.provider == BUILTIN]
        metafunc.parametrize("backend", names, indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Any:
    kind, options = request.module.KIND, request.module.OPTIONS
    if request.param not in options:
        pytest.fail(f"say in OPTIONS how to make the {kind} {request.param!r}")
    given = options[request.param]
    return get_backend(kind, request.param, **(given(request) if callable(given) else given))


@pytest.fixture(autouse=True)
def _names_alone(looped_songs: None) -> None:
    """Loop songs instead of fitting them: the files of most of these tests are names alone."""
