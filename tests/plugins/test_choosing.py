"""What get_backend says when a backend cannot be had; every message to the letter."""

import pytest

from musify import (
    BackendError,
    MissingExtraError,
    ParameterError,
    PluginConflictError,
    PluginLoadError,
    UnknownBackendError,
    get_backend,
    list_backends,
)
from musify.plugins import provider_of

CLASSIFIER = """
import musify

class Hue(musify.MoodClassifier):
    labels = ("calm",)

    def __init__(self, strength, *, hues=3, warmth: float = 0.5, wide: "bool" = False):
        len(hues)

    def classify(self, samples): ...

class Plain(Hue):
    def __init__(self): ...

def wrapped():
    return musify.get_backend("mood_classifier", "palette", temperature=2.0)

number = 3

@musify.hookimpl
def musify_mood_classifiers():
    for name, factory in (
        ("hue", Hue),
        ("plain", "musify_hue:Plain"),
        ("wrapped", wrapped),
        ("dict", dict),
        ("number", "musify_hue:number"),
        ("nowhere", "musify_hue:nothing.at.all"),
        ("lost", "musify_hue.lost:Lost"),
    ):
        yield musify.BackendSpec(name, factory)
    yield musify.BackendSpec("online", "musify_hue_online:Online", install="musify-hue[online]")
    yield musify.BackendSpec("lost-too", "musify_hue.lost:Lost", install="musify-hue[lost]")
"""


@pytest.fixture
def hue(install):
    install("musify-hue", CLASSIFIER)


def message_of(error, name, kind="mood_classifier", **options):
    with pytest.raises(error) as caught:
        get_backend(kind, name, **options)
    assert type(caught.value) is error
    return str(caught.value)


def test_a_name_that_is_nearly_one(fresh_plugins):
    names = ", ".join(backend.name for backend in list_backends("mood_aggregator"))
    assert message_of(UnknownBackendError, "majorty", "mood_aggregator") == (
        f"no mood_aggregator is called 'majorty'; there are {names}\ndid you mean 'majority'?"
    )


def test_a_name_that_is_nothing_like_one(fresh_plugins):
    assert message_of(UnknownBackendError, "xyz", "audio_muxer") == (
        "no audio_muxer is called 'xyz'; there are ffmpeg"
    )


def test_a_kind_that_is_none():
    message = (
        "no kind is called 'muxer'; there are frame_sampler, mood_classifier, mood_aggregator, "
        "track_selector, song_library, audio_muxer"
    )
    assert message_of(ParameterError, "ffmpeg", "muxer") == message
    with pytest.raises(ParameterError) as caught:
        list_backends("muxer")
    assert str(caught.value) == message


def test_two_distributions_that_offer_one_name(install, offering, monkeypatch):
    install("musify-hue", offering("hue", "a.b:C"))
    install("musify-colour", offering("hue", "a.b:C"), main="musify_colour")
    assert message_of(PluginConflictError, "hue") == (
        "two plugins offer the mood_classifier 'hue': musify-colour:main and musify-hue:hue; "
        "set MUSIFY_DISABLE_PLUGINS to one of musify-colour, musify-hue, or give one another name"
    )
    assert [backend.name for backend in list_backends("mood_classifier")].count("hue") == 2
    get_backend("mood_classifier", "palette")
    # Doing as told solves it.
    monkeypatch.setenv("MUSIFY_DISABLE_PLUGINS", "musify-colour")
    install("musify-other", "")
    assert [backend.name for backend in list_backends("mood_classifier")].count("hue") == 1


def test_three_distributions_that_offer_one_name(install, offering):
    for name in ("a", "b", "c"):
        install(f"musify-{name}", offering("hue", "a.b:C"))
    assert message_of(PluginConflictError, "hue").startswith(
        "three plugins offer the mood_classifier 'hue': musify-a:a and musify-b:b and musify-c:c; "
    )


def test_a_name_of_a_builtin(install, offering):
    install("musify-hue", offering("palette", "a.b:C"))
    assert message_of(PluginConflictError, "palette") == (
        "two plugins offer the mood_classifier 'palette': musify:builtin and musify-hue:hue; "
        "set MUSIFY_DISABLE_PLUGINS to musify-hue, or give one another name"
    )


def test_a_distribution_that_clashes_with_itself(install, offering):
    code = offering("hue", "a.b:C") + "\nimport types\nother = types.ModuleType('other')\n"
    code += "other.musify_mood_classifiers = musify_mood_classifiers\n"
    install("musify-hue", code, one="musify_hue", two="musify_hue:other")
    assert message_of(PluginConflictError, "hue").endswith(
        "set MUSIFY_DISABLE_PLUGINS to one of musify-hue:one, musify-hue:two, "
        "or give one another name"
    )


def test_the_same_name_of_another_kind_is_no_clash(install, offering):
    install("musify-hue", offering("ffmpeg", "a.b:C", "musify_track_selectors"))
    get_backend("audio_muxer", "ffmpeg")


def test_a_missing_package_that_install_brings(hue):
    assert message_of(MissingExtraError, "online") == (
        "the mood_classifier 'online' needs the module 'musify_hue_online', which is not "
        "installed;\ninstall it with: pip install 'musify-hue[online]'"
    )


def test_a_missing_extra(install, tmp_path):
    (tmp_path / "site-packages" / "musify_jam_client.py").write_text("import httpx_like_this")
    code = """
    import musify

    @musify.hookimpl
    def musify_song_libraries():
        yield musify.BackendSpec("jam", "musify_jam_client:Jam", install="musify-video[online]")
    """
    install("musify-jam", code)
    assert message_of(MissingExtraError, "jam", "song_library") == (
        "the song_library 'jam' needs the module 'httpx_like_this', which is not installed;\n"
        "install it with: pip install 'musify-video[online]'"
    )


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("nowhere", "AttributeError: module 'musify_hue' has no attribute 'nothing'"),
        ("number", "TypeError: musify_hue:number cannot be called"),
        ("lost", "ModuleNotFoundError: No module named 'musify_hue.lost'"),
        # No extra brings a module that the plugin itself should have.
        ("lost-too", "ModuleNotFoundError: No module named 'musify_hue.lost'"),
    ],
)
def test_a_factory_that_cannot_be_had(hue, name, because):
    message = message_of(PluginLoadError, name)
    start = f"the mood_classifier {name!r} of the plugin musify-hue:hue cannot be loaded from 'mus"
    assert message.startswith(start)
    assert because in message


def test_a_misspelt_option(hue):
    assert message_of(ParameterError, "hue", strenght=1.0) == (
        "the mood_classifier 'hue' cannot take these options: missing a required argument: "
        "'strength'; it takes strength, hues, warmth, wide\ndid you mean 'strength'?"
    )


def test_options_that_are_missing_or_not_taken(hue):
    assert "missing a required argument: 'strength'" in message_of(ParameterError, "hue")
    assert message_of(ParameterError, "plain", strength=1) == (
        "the mood_classifier 'plain' cannot take these options: got an unexpected keyword "
        "argument 'strength'; it takes none"
    )


@pytest.mark.parametrize(("name", "wanted"), [("warmth", "a number"), ("wide", "true or false")])
def test_words_where_a_number_or_a_switch_is_said_to_be_wanted(hue, name, wanted):
    assert message_of(ParameterError, "hue", strength=1.0, **{name: "hot"}) == (
        f"the option {name} of the mood_classifier 'hue' must be {wanted}, got 'hot'"
    )


def test_a_fault_inside_is_told_from_a_misspelt_option(hue):
    assert message_of(BackendError, "hue", strength=1.0, hues=3) == (
        "the mood_classifier 'hue' (musify-hue 0.1) cannot be made: TypeError: object of type "
        "'int' has no len() (musify_hue.py:8 in __init__)"
    )


def test_a_factory_that_makes_something_else(hue):
    assert message_of(BackendError, "dict") == (
        "the mood_classifier 'dict' (musify-hue 0.1) is a dict, which is no MoodClassifier; dict "
        "must derive from musify.MoodClassifier"
    )


def test_a_backend_is_named_with_who_ships_it(hue):
    plain = get_backend("mood_classifier", "plain")
    assert provider_of(plain) == "'plain' (musify-hue 0.1)"
    assert provider_of(get_backend("mood_classifier", "palette")) == "'palette'"
    assert provider_of(object()) == "'object'"


def test_a_backend_is_not_blamed_on_who_wraps_it(hue):
    palette = get_backend("mood_classifier", "palette")
    wrapped = get_backend("mood_classifier", "wrapped")
    assert provider_of(wrapped) == "'wrapped' (musify-hue 0.1)"
    assert provider_of(palette) == "'palette'"
