from pathlib import Path

import pytest

from musify import list_backends
from musify._registry import BUILTIN
from musify.plugins import INTERFACES


@pytest.mark.parametrize("kind", INTERFACES)
def test_every_kind_has_its_contract(kind):
    name = f"test_{kind.replace('library', 'librarie')}s.py"
    assert Path(__file__).with_name(name).exists()


def test_every_builtin_says_in_a_line_what_it_is():
    for backend in list_backends():
        if backend.provider == BUILTIN:
            assert 10 < len(backend.summary) < 80, backend.name
            assert "\n" not in backend.summary
