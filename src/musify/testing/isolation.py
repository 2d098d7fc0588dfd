"""Plugins for the time of a test, whatever is installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from musify._registry import Registry, builtin_alone, register_plugin

__all__ = ["Plugins", "only_builtin_plugins"]


class Plugins:
    """The plugins that can be seen inside :func:`only_builtin_plugins`."""

    def __init__(self, found: Registry) -> None:
        self._found = found

    def register(self, plugin: object, name: str = "test:plugin", version: str = "0") -> None:
        """Register a plugin, as if it were installed.

        Parameters
        ----------
        plugin : object
            A module or an object with hooks.
        name : str, default "test:plugin"
            ``"distribution:entrypoint"``; each once.
        version : str, default "0"
            What errors name as its version.

        Raises
        ------
        PluginLoadError
            If it does not follow the hooks, or the name is taken.
        """
        register_plugin(self._found, name, plugin)
        self._found.versions[name] = version


@contextmanager
def only_builtin_plugins() -> Iterator[Plugins]:
    """Let the block see the built-in backends alone, and the plugins that it registers.

    What is installed beside musify is not looked at; afterwards all is as before.

    Yields
    ------
    Plugins
        To register more.

    Examples
    --------
    >>> from musify import BackendSpec, hookimpl, list_backends
    >>> from musify.testing.fakes import FakeClassifier
    >>> class Plugin:
    ...     @hookimpl
    ...     def musify_mood_classifiers(self):
    ...         yield BackendSpec("fake", FakeClassifier, "made for a test")
    >>> with only_builtin_plugins() as plugins:
    ...     plugins.register(Plugin())
    ...     "fake" in [backend.name for backend in list_backends("mood_classifier")]
    True
    """
    with builtin_alone() as found:
        yield Plugins(found)
