"""Each rule is worth something: a backend with one fault is caught by exactly that rule."""

import gc
from pathlib import Path

import pytest

from musify import ParameterError, Track
from musify.testing import (
    FAKE_MUXER_EXCEPTIONS,
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
)
from musify.testing.media import tiny_video
from musify.testing.rules import Bench
from stand_ins.wrong import aggregators, classifiers, libraries, muxers, samplers, selectors

WRONG = {
    "frame_sampler": samplers.WRONG,
    "mood_classifier": classifiers.WRONG,
    "mood_aggregator": aggregators.WRONG,
    "track_selector": selectors.WRONG,
    "song_library": libraries.WRONG,
    "audio_muxer": muxers.WRONG,
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
    for name in ("one.wav", "two.wav"):
        (tmp_path / name).write_bytes(b"sound")
    return tuple(Track(tmp_path / name, 20.0) for name in ("one.wav", "two.wav"))


@pytest.fixture
def broken_by(tmp_path, tracks, request):
    """Name the rules that a backend of this kind breaks, of all or of some."""

    def find(kind, make, rules):
        clip = request.getfixturevalue("short_clip") if kind == "audio_muxer" else None
        broken = []
        for name in rules:
            (tmp_path / name).mkdir()
            backend = make(*tracks) if kind == "song_library" else make()
            try:
                RULES[kind][name].hold(backend, Bench(tmp_path / name, clip))
            except ContractError:
                broken.append(name)
        return broken

    yield find
    gc.collect()  # what a fault keeps running ends with the backend that has it


@pytest.mark.parametrize("kind", RULES)
def test_for_each_rule_there_is_a_wrong_backend(kind):
    assert set(WRONG[kind]) == set(RULES[kind])


@cases("mood_classifier", "mood_aggregator", "track_selector", "song_library")
def test_a_fault_is_caught_by_exactly_its_rule(kind, name, broken_by):
    assert broken_by(kind, WRONG[kind][name], RULES[kind]) == [name]


@pytest.mark.media
@cases("frame_sampler")
def test_a_fault_of_a_sampler_is_caught_by_exactly_its_rule(kind, name, broken_by):
    assert broken_by(kind, WRONG[kind][name], RULES[kind]) == [name]


@pytest.mark.media
@cases("audio_muxer")
def test_a_fault_of_a_muxer_is_caught_by_its_rule(kind, name, broken_by):
    assert broken_by(kind, WRONG[kind][name], [name]) == [name]


@pytest.mark.media
@pytest.mark.slow
@cases("audio_muxer")
def test_a_fault_of_a_muxer_is_caught_by_no_other_rule(kind, name, broken_by):
    assert broken_by(kind, WRONG[kind][name], RULES[kind]) == [name]


def test_the_fakes_keep_every_rule(tracks):
    check_mood_classifier(FakeClassifier())
    check_mood_aggregator(FakeAggregator())
    check_track_selector(FakeSelector())
    check_song_library(FakeLibrary(*tracks))


@pytest.mark.media
def test_the_fakes_that_see_a_video_keep_every_rule(short_clip):
    check_frame_sampler(FakeSampler(), video=short_clip)
    check_audio_muxer(FakeMuxer(), exceptions=FAKE_MUXER_EXCEPTIONS, video=short_clip)


def test_all_that_is_broken_is_told():
    with pytest.raises(ContractError) as caught:
        check_mood_classifier(classifiers.Frozen(), exceptions={"labels_are_names": "for a test"})
    kept, broken = str(caught.value).splitlines()
    assert kept.startswith("Frozen keeps the rule 'labels_are_names' (The labels are a tuple")
    assert kept.endswith("take away its exception (for a test)")
    assert broken == (
        "Frozen breaks the rule 'mood_temperature_is_above_zero' (The mood temperature is above "
        "0): it is 0.0"
    )


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
