"""Fixtures of pytest for who writes a plugin.

Import them where pytest finds them, in a ``conftest.py``::

    from musify.testing.fixtures import isolated_plugins  # noqa: F401
"""

from collections.abc import Iterator

import pytest

from musify.testing.isolation import Plugins, only_builtin_plugins

__all__ = ["isolated_plugins"]


@pytest.fixture
def isolated_plugins() -> Iterator[Plugins]:
    """Let a test see the built-in backends alone, and the plugins that it registers itself.

    What is installed beside musify is not looked at. See :class:`musify.testing.Plugins`.
    """
    with only_builtin_plugins() as plugins:
        yield plugins
