import contextlib

import pytest

from musify import BackendSpec, PluginLoadError, get_backend, hookimpl, list_backends
from musify._registry import BUILTIN, registry
from musify.testing import FakeClassifier, only_builtin_plugins
from musify.testing.fixtures import isolated_plugins  # noqa: F401 - it is what is tested


class Plugin:
    @hookimpl
    def musify_mood_classifiers(self):
        yield BackendSpec("fake", FakeClassifier, "made for a test")


class Unmarked:
    def musify_mood_classifiers(self):
        return ()


class Misspelt:
    @hookimpl
    def musify_mood_classifier(self):
        return ()


def providers():
    return {backend.provider for backend in list_backends()}


def test_what_is_installed_is_not_seen(install, offering):
    install("musify-hue", offering("hue", "musify_hue:Hue"))
    assert providers() == {BUILTIN, "musify-hue:hue"}
    before = registry()
    with only_builtin_plugins() as plugins:
        assert providers() == {BUILTIN}
        plugins.register(Plugin(), "musify-fake:fake", version="1.2")
        assert providers() == {BUILTIN, "musify-fake:fake"}
        assert isinstance(get_backend("mood_classifier", "fake"), FakeClassifier)
    assert registry() is before
    assert providers() == {BUILTIN, "musify-hue:hue"}


def test_a_hook_without_its_mark_is_told():
    with (
        only_builtin_plugins() as plugins,
        pytest.raises(PluginLoadError, match=r"_classifiers' has no @musify\.hookimpl"),
    ):
        plugins.register(Unmarked())


def test_nothing_is_left_after_an_error():
    before = registry()
    with contextlib.suppress(RuntimeError), only_builtin_plugins() as plugins:
        plugins.register(Plugin())
        raise RuntimeError
    assert registry() is before


def test_a_plugin_is_checked_as_if_it_were_installed():
    with only_builtin_plugins() as plugins:
        with pytest.raises(PluginLoadError, match="musify_mood_classifier"):
            plugins.register(Misspelt())
        plugins.register(Plugin())
        with pytest.raises(PluginLoadError):
            plugins.register(Plugin())


def test_the_fixture_isolates(isolated_plugins):  # noqa: F811
    isolated_plugins.register(Plugin())
    assert providers() == {BUILTIN, "test:plugin"}
