"""A good plugin is found; a broken one is told once and stops nobody else."""

import warnings

import pytest

from musify import MusifyWarning, PluginLoadError, get_backend, list_backends
from musify.plugins import plugin_failures

GOOD = """
import musify

class Hue(musify.MoodClassifier):
    labels = ("calm",)

    def __init__(self, strength=1.0):
        self.strength = strength

    def classify(self, samples):
        raise NotImplementedError

@musify.hookimpl
def musify_mood_classifiers():
    yield musify.BackendSpec("hue", "musify_hue:Hue", "by hue")
"""

OFFERS_AND_FAILS = """
import musify

@musify.hookimpl
def musify_mood_classifiers():
    yield musify.BackendSpec("half", "a.b:C")
    {rest}
"""

# What the plugin is, and what its warning says.
BROKEN = {
    "import": (
        "import nothing_like_this",
        (
            "the plugin musify-bad:bad cannot be imported (ModuleNotFoundError: No module named "
            "'nothing_like_this') (musify_bad.py:1); mend or uninstall it, or set "
            "MUSIFY_DISABLE_PLUGINS=musify-bad:bad"
        ),
    ),
    "syntax": ("def", "the plugin musify-bad:bad cannot be imported (SyntaxError: "),
    "exits": ("raise SystemExit(1)", "the plugin musify-bad:bad cannot be imported (SystemExit"),
    "raises": (
        OFFERS_AND_FAILS.format(rest="raise KeyError('boom')"),
        (
            "the plugin musify-bad:bad failed: musify_mood_classifiers raised KeyError: 'boom' "
            "(musify_bad.py:7 in musify_mood_classifiers); mend or"
        ),
    ),
    "misspelt": (
        "import musify\n@musify.hookimpl\ndef musify_mood_clasifiers(): ...",
        (
            "does not follow the hooks of musify: unknown hook 'musify_mood_clasifiers'; did you "
            "mean 'musify_mood_classifiers'; mend"
        ),
    ),
    "nothing-like-a-hook": (
        "import musify\n@musify.hookimpl\ndef xyz(): ...",
        "unknown hook 'xyz'; there are musify_frame_samplers, musify_mood_classifiers, musify_",
    ),
    "misspelt-and-unmarked": (
        "def musify_mood_clasifiers(): ...",
        (
            "'musify_mood_clasifiers' has no @musify.hookimpl, and is called "
            "'musify_mood_classifiers' when it is right; without, it offers nothing"
        ),
    ),
    "unmarked": (
        "def musify_mood_classifiers(): return []",
        "'musify_mood_classifiers' has no @musify.hookimpl; without, it offers nothing",
    ),
    "of-a-class": (
        "import musify\n@musify.hookimpl\ndef musify_mood_classifiers(self): return []",
        "the hook 'musify_mood_classifiers' takes no arguments, and not 'self'",
    ),
    "unknown-argument": (
        "import musify\n@musify.hookimpl\ndef musify_run_failed(stage, eror): ...",
        "the hook 'musify_run_failed' takes stage, error, and not 'eror'",
    ),
    "no-spec": (
        OFFERS_AND_FAILS.format(rest="yield 'hue'"),
        "musify_mood_classifiers must yield BackendSpec, got 'hue'",
    ),
    "not-iterable": (
        "import musify\n@musify.hookimpl\ndef musify_mood_classifiers(): return 3",
        "musify_mood_classifiers returned a int; yield BackendSpec(...), or return a list of",
    ),
    "nothing": (
        "import musify\n@musify.hookimpl\ndef musify_mood_classifiers(): ...",
        "musify_mood_classifiers returned None; yield BackendSpec(...), or return a list of them",
    ),
    "alone": (
        (
            "import musify\n@musify.hookimpl\ndef musify_mood_classifiers():\n"
            "    return musify.BackendSpec('hue', 'a.b:C')"
        ),
        "musify_mood_classifiers returned a BackendSpec; yield BackendSpec(...), or return a list",
    ),
    "made": (
        "import musify\nclass Hue: ...\n"
        + OFFERS_AND_FAILS.format(rest="yield musify.BackendSpec('hue', Hue())"),
        "give the class Hue, without ()",
    ),
    "bad-name": (
        OFFERS_AND_FAILS.format(rest="yield musify.BackendSpec('Hue', 'a.b:C')"),
        "a backend's name is lower case letters, digits and hyphens, got 'Hue'",
    ),
    "twice": (
        OFFERS_AND_FAILS.format(rest="yield musify.BackendSpec('half', 'a.b:D')"),
        "it offers the mood_classifier 'half' twice",
    ),
}


def names():
    return {(backend.name, backend.provider) for backend in list_backends("mood_classifier")}


def test_a_plugin_is_found_and_its_backend_made(install):
    install("musify-hue", GOOD)
    assert ("hue", "musify-hue:hue") in names()
    assert get_backend("mood_classifier", "hue", strength=2.0).strength == 2
    assert plugin_failures() == ()


def test_a_plugin_may_be_an_object_with_methods(install):
    code = """
    import musify

    class Plugin:
        @musify.hookimpl
        def musify_frame_samplers(self):
            return [musify.BackendSpec("every-frame", "a.b:C")]

    plugin = Plugin()
    """
    install("musify-hue", code, hue="musify_hue:plugin")
    assert "every-frame" in [backend.name for backend in list_backends("frame_sampler")]


def test_a_plugin_may_offer_nothing(install):
    install("musify-hue", "import musify\n@musify.hookimpl\ndef musify_song_libraries(): return ()")
    assert plugin_failures() == ()
    assert list_backends("song_library")


def test_the_factory_is_not_imported_before_it_is_used(install, offering):
    install("musify-hue", offering("hue", "nothing_like_this:Hue"))
    assert ("hue", "musify-hue:hue") in names()


@pytest.mark.parametrize(("code", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_told_once_and_stops_nobody(install, code, message):
    install("musify-bad", code)
    install("musify-hue", GOOD)
    with pytest.warns(MusifyWarning) as told:
        found = names()
    assert [message in str(warning.message) for warning in told] == [True]
    assert told[0].filename == __file__  # where the user is, not where musify is
    assert {("palette", "musify:builtin"), ("hue", "musify-hue:hue")} <= found
    assert "musify-bad:bad" not in {provider for _, provider in found}
    with warnings.catch_warnings(record=True) as again:
        warnings.simplefilter("always")
        assert names() == found
    assert again == []
    (failure,) = plugin_failures()
    assert failure.plugin == "musify-bad:bad"
    assert isinstance(failure.error, PluginLoadError)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("musify_bad:Plugin", "musify-bad:bad is the class Plugin, not an instance of it: name a"),
        ("musify_bad:nothing", "cannot be imported (AttributeError: module 'musify_bad' has no"),
    ],
)
def test_an_entry_point_that_names_no_plugin(install, target, message):
    install("musify-bad", "class Plugin: ...", bad=target)
    with pytest.warns(MusifyWarning) as told:
        list_backends()
    assert [message in str(warning.message) for warning in told] == [True]


@pytest.mark.parametrize(("code", "message"), BROKEN.values(), ids=BROKEN)
def test_strictly_a_broken_plugin_is_an_error_each_time(install, monkeypatch, code, message):
    monkeypatch.setenv("MUSIFY_STRICT_PLUGINS", "1")
    install("musify-bad", code)
    for _ in range(2):
        with pytest.raises(PluginLoadError) as caught:
            list_backends()
        assert message in str(caught.value)


def test_a_zero_is_not_strict(install, monkeypatch):
    monkeypatch.setenv("MUSIFY_STRICT_PLUGINS", "0")
    install("musify-bad", BROKEN["import"][0])
    with pytest.warns(MusifyWarning):
        list_backends()


@pytest.mark.parametrize("blocked", ["musify-bad", "musify-bad:bad", " musify-bad , other,"])
def test_a_plugin_can_be_disabled(install, monkeypatch, blocked):
    monkeypatch.setenv("MUSIFY_DISABLE_PLUGINS", blocked)
    install("musify-bad", BROKEN["import"][0])
    install("musify-hue", GOOD)
    assert ("hue", "musify-hue:hue") in names()
    assert plugin_failures() == ()


def test_one_entry_point_of_two_can_be_disabled(install, monkeypatch):
    code = """
import musify

class Plugin:
    def __init__(self, name):
        self.name = name

    @musify.hookimpl
    def musify_mood_classifiers(self):
        yield musify.BackendSpec(self.name, "a.b:C")

one, two = Plugin("one"), Plugin("two")
"""
    install("musify-hue", code, one="musify_hue:one", two="musify_hue:two")
    assert {"one", "two"} <= {name for name, _ in names()}
    monkeypatch.setenv("MUSIFY_DISABLE_PLUGINS", "musify-hue:one")
    install("musify-other", "")
    assert "two" in {name for name, _ in names()}
    assert "one" not in {name for name, _ in names()}


def test_distributions_may_call_their_entry_points_the_same(install, offering):
    install("musify-hue", offering("hue", "a.b:C"), main="musify_hue")
    install("musify-tint", offering("tint", "a.b:C"), main="musify_tint")
    assert {("hue", "musify-hue:main"), ("tint", "musify-tint:main")} <= names()
