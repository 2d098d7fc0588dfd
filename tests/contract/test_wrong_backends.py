"""Each rule is worth something: a backend with one fault is caught by exactly that rule."""

import gc
from pathlib import Path

import pytest

from musify import ParameterError, Track
from musify.testing import (
    FAKE_MUXER_EXCEPTIONS,
    FAKE_SAMPLER_EXCEPTIONS,
    RULES,
    ContractError,
    FakeAggregator,
    FakeClassifier,
    FakeLibrary,
    FakeMuxer,
    FakeSampler,
    FakeSelector,
    check_audio_muxer,
    check_frame_sampler,
    check_mood_aggregator,
    check_mood_classifier,
    check_song_library,
    check_track_selector,
    tone,
    write_wav,
)
from musify.testing.media import tiny_video
from musify.testing.rules import Bench
from stand_ins import mistakes
from stand_ins.wrong import aggregators, classifiers, libraries, muxers, samplers, selectors

WRONG = {
    "frame_sampler": samplers.WRONG,
    "mood_classifier": classifiers.WRONG,
    "mood_aggregator": aggregators.WRONG,
    "track_selector": selectors.WRONG,
    "song_library": libraries.WRONG,
    "audio_muxer": muxers.WRONG,
}
MISTAKES = {
    "frame_sampler": mistakes.samplers.MISTAKES,
    "mood_classifier": mistakes.classifiers.MISTAKES,
    "mood_aggregator": mistakes.aggregators.MISTAKES,
    "track_selector": mistakes.selectors.MISTAKES,
    "song_library": mistakes.libraries.MISTAKES,
    "audio_muxer": mistakes.muxers.MISTAKES,
}


def cases(*kinds):
    return pytest.mark.parametrize(
        ("kind", "name"),
        [pytest.param(kind, name, id=f"{kind}-{name}") for kind in kinds for name in RULES[kind]],
    )


@pytest.fixture(scope="session")
def short_clip(media_dir) -> Path:
    path = media_dir / "short.mp4"
    return path if path.exists() else tiny_video(path, seconds=3.0, size=(64, 36))


@pytest.fixture
def tracks(tmp_path):
    sound = tone(seconds=1.0, sample_rate=8000, channels=1)
    names = ("one.wav", "two.wav")
    return tuple(Track(write_wav(tmp_path / name, sound), 1.0) for name in names)


@pytest.fixture
def broken_by(tmp_path, tracks, request):
    """Name the rules that a backend of this kind breaks, of all or of some."""

    def find(kind, make, rules):
        clip = request.getfixturevalue("short_clip") if kind == "audio_muxer" else None
        broken = []
        for name in rules:
            (tmp_path / name).mkdir()
            backend = made(kind, make, tracks)
            try:
                RULES[kind][name].hold(backend, Bench(tmp_path / name, clip))
            except ContractError:
                broken.append(name)
        return broken

    yield find
    if "media" in request.keywords:
        gc.collect()  # what a fault keeps running ends with the backend that has it; it takes long


@pytest.mark.parametrize("kind", RULES)
def test_for_each_rule_there_is_a_wrong_backend(kind):
    assert set(WRONG[kind]) == set(RULES[kind])


@cases("mood_classifier", "mood_aggregator", "track_selector")
def test_a_fault_is_caught_by_exactly_its_rule(kind, name, broken_by):
    assert broken_by(kind, WRONG[kind][name], RULES[kind]) == [name]


@pytest.mark.media
@cases("frame_sampler", "song_library", "audio_muxer")
def test_a_fault_that_is_seen_in_media_is_caught_by_its_rule(kind, name, broken_by):
    assert broken_by(kind, WRONG[kind][name], [name]) == [name]


@pytest.mark.media
@pytest.mark.slow
@cases("frame_sampler", "song_library", "audio_muxer")
def test_a_fault_that_is_seen_in_media_is_caught_by_no_other_rule(kind, name, broken_by):
    assert broken_by(kind, WRONG[kind][name], RULES[kind]) == [name]


def made(kind, make, tracks):
    return make(*tracks) if kind == "song_library" else make()


QUICK = ("mood_classifier", "mood_aggregator", "track_selector")
# Each takes a second.
SLOW = ("audio_muxer", "frame_sampler")


@pytest.mark.parametrize(
    ("kind", "make", "rule"),
    [
        pytest.param(
            *(kind, make, rule),
            id=f"{kind}-{make.__name__}",
            marks=[pytest.mark.media] * (kind not in QUICK) + [pytest.mark.slow] * (kind in SLOW),
        )
        for kind, mistakes in MISTAKES.items()
        for make, rule in mistakes.items()
    ],
)
def test_what_authors_get_wrong_is_caught(kind, make, rule, tmp_path, tracks, request):
    clip = (
        request.getfixturevalue("short_clip") if kind in ("audio_muxer", "frame_sampler") else None
    )
    (tmp_path / "bench").mkdir()
    with pytest.raises(ContractError, match=f"^{make.__name__} breaks the rule '{rule}'"):
        RULES[kind][rule].hold(made(kind, make, tracks), Bench(tmp_path / "bench", clip))
    if make.__name__.startswith("Leaves") or clip is not None:
        gc.collect()


def test_the_fakes_keep_every_rule(tracks):
    check_mood_classifier(FakeClassifier())
    check_mood_aggregator(FakeAggregator())
    check_track_selector(FakeSelector())


@pytest.mark.media
def test_the_fakes_that_see_media_keep_every_rule(short_clip, tracks):
    check_song_library(FakeLibrary(*tracks))
    check_frame_sampler(FakeSampler(), exceptions=FAKE_SAMPLER_EXCEPTIONS, video=short_clip)


@pytest.mark.media
@pytest.mark.slow
def test_the_fake_muxer_keeps_every_rule(short_clip):
    check_audio_muxer(FakeMuxer(), exceptions=FAKE_MUXER_EXCEPTIONS, video=short_clip)


def test_all_that_is_broken_is_told():
    with pytest.raises(ContractError) as caught:
        check_mood_classifier(classifiers.Frozen(), exceptions={"labels_are_names": "for a test"})
    kept, broken = str(caught.value).splitlines()
    assert kept.startswith("Frozen keeps the rule 'labels_are_names' (The labels are a tuple")
    assert kept.endswith("take away its exception (for a test)")
    assert broken == (
        "Frozen breaks the rule 'mood_temperature_is_above_zero' (The mood temperature is a number "
        "above 0): it is 0.0"
    )


def test_one_fault_is_told_once_with_all_the_rules_that_it_breaks():
    class Fails(FakeClassifier):
        def classify(self, samples):
            raise RuntimeError("no model file")

    with pytest.raises(ContractError) as caught:
        check_mood_classifier(Fails())
    told, rules, *more = str(caught.value).splitlines()
    assert told.startswith("Fails breaks 11 rules: it raised RuntimeError: no model file (")
    assert told.endswith(" in classify)"), "it says where"
    assert rules.count("'") == 22
    assert len(more) == 1, "one rule wants an error of the samples to go on as it is"


def test_an_exception_with_its_reason_lets_a_fault_pass():
    reason = {"mood_temperature_is_above_zero": "its moods are points"}
    check_mood_classifier(classifiers.Frozen(), exceptions=reason)


@pytest.mark.parametrize(
    ("exceptions", "message"),
    [
        ({"no_such_rule": "why"}, "no rule is called 'no_such_rule'; there are labels_are_names,"),
        ({"labels_are_names": " "}, "needs its reason: why is 'labels_are_names' not kept"),
    ],
)
def test_exceptions_are_named_and_reasoned(exceptions, message):
    with pytest.raises(ParameterError, match=message):
        check_mood_classifier(FakeClassifier(), exceptions=exceptions)
