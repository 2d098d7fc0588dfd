"""A part that uses musify wrongly, or fails, is named with its package and the line."""

import logging
import re

import pytest

from musify import (
    AudioDecodeError,
    AuthenticationError,
    BackendError,
    CancelledError,
    CueSheet,
    MoodClassifier,
    ParameterError,
    Pipeline,
    PluginLoadError,
    TrackSelector,
    UnknownBackendError,
    get_backend,
)
from musify.testing import check_mood_classifier

PLUGIN = """
import musify
import numpy as np
from musify import BackendSpec, Cue, CueSheet, FrameSample, MoodScores, MoodTimeline, hookimpl


class Classifier(musify.MoodClassifier):
    labels = ("calm", "sad")

    def __init__(self, fault):
        self.fault = fault
        if fault == "label":
            self.labels = "happy"

    def classify(self, samples):
        times = [sample.time for sample in samples]
        values = np.ones((len(times), 2))
        labels = self.labels
        if self.fault == "nan":
            values[0] = np.nan
        if self.fault == "shape":
            values = np.ones((len(times), 3))
        if self.fault == "range":
            values *= 2
        if self.fault == "label":
            values = values[:, :1]
        if self.fault == "unknown":
            labels = ("hue", "sad")
        if self.fault == "key":
            return {}["x"]
        if self.fault == "option":
            raise musify.ParameterError("strength must be in [0, 1], got 3")
        if self.fault == "login":
            raise musify.AuthenticationError("no key: set HUE_KEY")
        if self.fault == "cancelled":
            raise musify.CancelledError("stopped")
        return MoodScores(times, labels, values)


class Sampler(musify.FrameSampler):
    def sample(self, video):
        yield FrameSample(0.0, np.zeros((2, 2, 3)))


class Selector(musify.TrackSelector):
    def __init__(self, fault):
        self.fault = fault

    @property
    def needs_library(self):
        if self.fault == "needs":
            raise KeyError("needs")
        return True

    def select(self, timeline, library, *, speech=None):
        if self.fault == "speech":
            speech()
        track = list(library)[0]
        end = timeline.duration
        if self.fault == "tuples":
            sources = [(0.0, end)]
        else:
            sources = [musify.SourceRange(0.0, end - 1)]
        return CueSheet((Cue(0.0, end, track, sources),), end)


class Library(musify.SongLibrary):
    def __init__(self, fault):
        self.fault = fault

    def __iter__(self):
        if self.fault == "str":
            yield "song.mp3"
        yield musify.Track("song.wav", -1)

    def __len__(self):
        return 28


class Sour(musify.MoodClassifier):
    labels = ("calm",)

    def __init__(self, model=None, calm=None):
        if calm is not None:
            musify.Mood("calm", calm, 0.0)
        if model == "mood":
            musify.Mood.named("hue")
        if model is None:
            raise RuntimeError("no model file")

    def classify(self, samples): ...


def made_wrongly():
    return musify.Mood("calm", 3.0, 0.0)


class Slip(musify.MoodClassifier):
    def lables(self):
        return ("calm",)

    def classify(self, samples): ...


class Plain:
    labels = ("calm",)


@hookimpl
def musify_frame_samplers():
    yield BackendSpec("hue", Sampler)


@hookimpl
def musify_mood_classifiers():
    yield BackendSpec("hue", Classifier)
    yield BackendSpec("sour", Sour)
    yield BackendSpec("slip", Slip)
    yield BackendSpec("plain", Plain)
    yield BackendSpec("unmade", made_wrongly)


@hookimpl
def musify_track_selectors():
    yield BackendSpec("hue", Selector)


@hookimpl
def musify_song_libraries():
    yield BackendSpec("hue", Library)
"""
LINES = PLUGIN.splitlines()


@pytest.fixture(autouse=True)
def hue(install):
    install("musify-hue", PLUGIN)


@pytest.fixture
def said(pipeline, tmp_path):
    """Run with one bad part, and return what is said of it."""

    def run(error=BackendError, **parts):
        with pytest.raises(error) as caught:
            pipeline(**{"mood_classifier": "palette", **parts}).run(
                "film.mp4", tmp_path / "out.mp4"
            )
        assert type(caught.value) is error
        return str(caught.value)

    return run


def place(code, inside):
    """Name the line of the plugin that holds a piece of code."""
    (line,) = [number for number, text in enumerate(LINES, 1) if code in text]
    return f" (musify_hue.py:{line} in {inside})"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("nan", "values must be finite, got nan"),
        ("shape", "values must have shape (5, 2), got (5, 3)"),
        ("range", "values must be in [0, 1], got 2 to 2"),
        (
            "unknown",
            (
                "labels hold 'hue', which musify cannot place; give plane, the valence and arousal "
                "of each frame, or use names that Mood.named knows"
            ),
        ),
        ("label", "labels must be names, got 'happy'; write ('happy',) for one"),
    ],
)
def test_scores_made_wrongly_are_the_fault_of_the_classifier(said, fault, words):
    message = said(mood_classifier=get_backend("mood_classifier", "hue", fault=fault))
    assert message == (
        f"the mood_classifier 'hue' (musify-hue 0.1) made a wrong MoodScores: {words}"
        + place("return MoodScores", "classify")
    )


def test_a_frame_made_wrongly_is_the_fault_of_the_sampler(said):
    assert said(frame_sampler=get_backend("frame_sampler", "hue")) == (
        "the frame_sampler 'hue' (musify-hue 0.1) made a wrong FrameSample: image must be an array "
        "of uint8, got float64" + place("np.zeros((2, 2, 3))", "sample")
    )


def test_a_part_of_musify_inside_a_part_tells_the_user_too(said):
    class Outer(TrackSelector):
        def select(self, timeline, library):
            inner = get_backend("track_selector", "nearest", song="nowhere")
            return inner.select(timeline, library)

    assert said(ParameterError, track_selector=Outer()).startswith("no song is called 'nowhere'")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("short", "the source ranges last 4 s but the cue lasts 5 s; add a range or end the cue"),
        ("tuples", "sources must be SourceRanges, got (0.0, 5.0); write SourceRange(start, end)"),
    ],
)
def test_a_cue_made_wrongly_is_the_fault_of_the_selector(said, fault, words):
    message = said(track_selector=get_backend("track_selector", "hue", fault=fault))
    assert message.startswith(
        f"the track_selector 'hue' (musify-hue 0.1) made a wrong Cue: {words}"
    )
    assert message.endswith(place("return CueSheet", "select"))


def test_what_a_library_gives_is_its_own_fault(said):
    library = get_backend("song_library", "hue", fault="str")
    assert said(library=library) == (
        "the song_library 'hue' (musify-hue 0.1) gave a str instead of a Track: 'song.mp3'"
    )
    library = get_backend("song_library", "hue", fault="track")
    assert said(library=library).startswith(
        "the song_library 'hue' (musify-hue 0.1) made a wrong Track: duration of a track must"
    )


def test_a_selector_knows_its_own_kind_of_library(pipeline):
    given = get_backend("song_library", "hue", fault="str")
    seen = []

    class Knows(TrackSelector):
        def select(self, timeline, library):
            seen.append((isinstance(library, type(given)), len(library), library.fault))
            return CueSheet((), timeline.duration)

    parts = {"mood_classifier": "palette", "track_selector": Knows()}
    pipeline(library=given, **parts).plan("film.mp4")
    assert seen == [(True, 28, "str")]


def test_any_other_error_is_named_with_its_line(said):
    assert said(mood_classifier=get_backend("mood_classifier", "hue", fault="key")) == (
        "the mood_classifier 'hue' (musify-hue 0.1) failed: KeyError: 'x'"
        + place('return {}["x"]', "classify")
    )


def test_a_property_is_asked_under_the_same_rules(said):
    selector = get_backend("track_selector", "hue", fault="needs")
    assert said(track_selector=selector, library=None) == (
        "the track_selector 'hue' (musify-hue 0.1) failed: KeyError: 'needs'"
        + place('KeyError("needs")', "needs_library")
    )


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        ("option", ParameterError, "strength must be in [0, 1], got 3"),
        ("login", AuthenticationError, "no key: set HUE_KEY"),
        ("cancelled", CancelledError, "stopped"),
    ],
)
def test_what_a_part_tells_the_user_goes_on_as_it_is(said, fault, error, message):
    classifier = get_backend("mood_classifier", "hue", fault=fault)
    assert said(error, mood_classifier=classifier) == message


def test_what_musify_does_for_a_part_is_not_its_fault(said, video, monkeypatch):
    def unheard(video, *, detector, on_progress):
        raise ParameterError("never mind")

    monkeypatch.setattr("musify._own_sound.find_speech", unheard)
    monkeypatch.setattr("musify._own_sound.HeardVideo.stays", True)
    selector = get_backend("track_selector", "hue", fault="speech")
    assert said(ParameterError, track_selector=selector) == "never mind"


def test_whoever_listens_to_the_progress_is_not_the_part(pipeline, tmp_path):
    def told(step):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        pipeline(on_progress=told).run("film.mp4", tmp_path / "out.mp4")


def message_of(error, name, **options):
    with pytest.raises(error) as caught:
        get_backend("mood_classifier", name, **options)
    assert type(caught.value) is error
    return str(caught.value)


def test_a_part_that_cannot_be_made_is_named(hue):
    assert message_of(BackendError, "sour") == (
        "the mood_classifier 'sour' (musify-hue 0.1) cannot be made: RuntimeError: no model file"
        + place('RuntimeError("no model file")', "__init__")
    )


def test_a_value_that_the_user_gave_is_the_users(hue):
    assert message_of(ParameterError, "sour", calm=3.0) == (
        "valence of 'calm' must be in [-1, 1], got 3.0"
    )


def test_a_value_that_nobody_gave_is_the_parts(hue):
    assert message_of(BackendError, "unmade") == (
        "the mood_classifier 'unmade' (musify-hue 0.1) made a wrong Mood: valence of 'calm' "
        "must be in [-1, 1], got 3.0" + place('musify.Mood("calm", 3.0', "made_wrongly")
    )


def test_a_class_that_lacks_a_part_is_told_what(hue):
    assert message_of(PluginLoadError, "slip") == (
        "the mood_classifier 'slip' (musify-hue 0.1) is not whole: its class Slip lacks labels\n"
        "'lables' is there: did you mean 'labels'?"
    )


def test_a_class_that_is_none_is_told_what_to_derive_from(hue):
    assert message_of(BackendError, "plain") == (
        "the mood_classifier 'plain' (musify-hue 0.1) is a Plain, which is no MoodClassifier; "
        "Plain must derive from musify.MoodClassifier"
    )
    plain = type("Plain", (), {})
    for given in (plain, plain()):
        with pytest.raises(ParameterError, match=r"; Plain must derive from musify\.MoodC"):
            Pipeline(mood_classifier=given)
        with pytest.raises(ParameterError, match=r"; Plain must derive from musify\.Song"):
            Pipeline(library=given)
    with pytest.raises(ParameterError, match=re.escape("have you forgotten the ()?")):
        Pipeline(mood_classifier=type(get_backend("mood_classifier", "palette")))
    with pytest.raises(ParameterError, match=re.escape("have you forgotten the ()?")):
        check_mood_classifier(type(get_backend("mood_classifier", "palette")))


def test_a_name_of_another_kind_is_told(hue):
    with pytest.raises(LookupError, match="'nearest' is a track_selector"):
        get_backend("mood_classifier", "nearest")


def test_a_name_that_a_broken_plugin_may_have_had(install):
    install("musify-bad", "1 / 0")
    with pytest.warns(UserWarning, match="musify-bad:bad cannot be imported"):
        message = message_of(UnknownBackendError, "bad")
    assert message.endswith(
        "\nleft out, since they do not load: musify-bad:bad; see: musify doctor"
    )


def test_media_that_a_part_cannot_read_are_told_as_such(said):
    class Here(MoodClassifier):
        labels = ("calm",)

        def classify(self, samples):
            for _ in samples:
                raise AudioDecodeError("a file")

    assert said(AudioDecodeError, mood_classifier=Here()) == "a file"


def test_the_time_it_took_to_load_is_logged(install, caplog):
    caplog.set_level(logging.DEBUG, "musify")
    install("musify-other", "")
    get_backend("mood_classifier", "palette")
    assert re.search(r"the plugin musify-other:other took \d\.\d\d s to load", caplog.text)
