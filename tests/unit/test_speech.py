import functools
import pickle

import numpy as np
import pytest

from musify.audio.spans import overlap, seconds_in
from musify.audio.speech import Speech, hear_speech
from musify.audio.speech_network import RATE, SpeechNetwork
from musify.errors import ParameterError
from musify.testing.generated_songs import generated_song
from musify.testing.generated_speech import generated_speech


def at_16k(pcm, sample_rate):
    times = np.arange(int(len(pcm) * RATE / sample_rate)) * sample_rate / RATE
    mono = np.interp(times, np.arange(len(pcm)), pcm.mean(axis=1))
    return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def song():
    made = generated_song(3, form="AB")
    return at_16k(made.pcm, made.sample_rate)[: 30 * RATE]


@functools.cache
def speak(seed=0, **options):
    return generated_speech(seed, sample_rate=RATE, **options)


def blocks(pcm, size=4096):
    return (pcm[at : at + size] for at in range(0, len(pcm), size))


def at_level(pcm, level_db):
    return pcm / np.sqrt(np.square(pcm).mean()) * np.float32(10 ** (level_db / 20))


def judge(found, truth, duration):
    """Covered part of speech, and part of the rest that was taken for speech."""
    both = overlap(found.intervals, truth)
    rest = duration - seconds_in(truth)
    return both / seconds_in(truth), (found.seconds - both) / rest


def judge_over(bed, **options):
    """Means over three people who speak over a bed, at 20 dB above it."""
    judged = []
    for seed in range(3):
        spoken = speak(seed, high_voice=seed % 2 == 1)
        pcm = spoken.pcm if bed is None else spoken.pcm + at_level(bed, -43)
        found = hear_speech(blocks(pcm.astype(np.float32)), **options)
        judged.append(judge(found, spoken.intervals, 30))
    return np.mean(judged, axis=0)


@pytest.mark.parametrize("over", ["nothing", "music", "noise"])
def test_speech_is_found_and_nothing_else(song, rng, over):
    noise = np.repeat(rng.standard_normal((len(song), 1)), 2, axis=1)
    covered, wrong = judge_over({"nothing": None, "music": song, "noise": noise}[over])
    assert covered >= 0.95
    assert wrong <= 0.05


def test_noise_is_no_music(rng):
    assert len(hear_speech([0.1 * rng.standard_normal((30 * RATE, 1), np.float32)]).music) == 0


def test_music_alone_is_no_speech_but_music(song):
    found = hear_speech(blocks(song))
    assert found.seconds <= 0.05 * 30
    assert found.music_share > 0.9


def test_speech_alone_is_no_music():
    assert len(hear_speech(blocks(speak(1).pcm)).music) == 0


def test_music_that_begins_in_the_middle_is_found_there(song):
    spoken = speak(5, duration=60)
    pcm = spoken.pcm.copy()
    pcm[20 * RATE : 40 * RATE] += at_level(song[: 20 * RATE], -26)
    found = hear_speech(blocks(pcm))
    assert overlap(found.music, np.array([[20.0, 40.0]])) > 16
    assert seconds_in(found.music) < 24


def test_silence_and_nothing_are_neither():
    for frames in (0, 100, RATE * 3):
        found = hear_speech([np.zeros((frames, 2), np.float32)])
        assert len(found) == 0
        assert len(found.music) == 0
        assert found.duration == frames / RATE


def test_the_size_of_blocks_changes_nothing():
    pcm = speak(2, duration=8).pcm
    whole = hear_speech([pcm])
    for size in (1, 1000, 4097):
        if size == 1:
            parts = hear_speech(blocks(pcm[: RATE * 4], 160))
            np.testing.assert_array_equal(parts.intervals, hear_speech([pcm[: RATE * 4]]).intervals)
        else:
            np.testing.assert_array_equal(hear_speech(blocks(pcm, size)).intervals, whole.intervals)


def test_the_network_can_be_pickled_while_it_listens():
    pcm = speak(2, duration=8).pcm.mean(axis=1)
    straight, copied = SpeechNetwork(), SpeechNetwork()
    expected = np.concatenate([straight.hear(pcm[:40_000]), straight.hear(pcm[40_000:])])
    first = copied.hear(pcm[:40_000])
    copied = pickle.loads(pickle.dumps(copied))
    np.testing.assert_array_equal(np.concatenate([first, copied.hear(pcm[40_000:])]), expected)


def test_energy_finds_speech_over_quiet_noise_without_the_network(rng, monkeypatch):
    monkeypatch.setattr("musify.audio.speech.SpeechNetwork", None)
    spoken = speak(4)
    pcm = spoken.pcm + 0.001 * rng.standard_normal(spoken.pcm.shape).astype(np.float32)
    found = hear_speech(blocks(pcm), detector="energy")
    covered, wrong = judge(found, spoken.intervals, 30)
    assert covered >= 0.95
    assert wrong <= 0.05
    assert found.detector == "energy"


def test_options_are_checked_and_heeded():
    pcm = speak(2, duration=8).pcm
    with pytest.raises(ParameterError, match="detector must be one of"):
        hear_speech([pcm], detector="webrtc")
    with pytest.raises(ParameterError, match="threshold"):
        hear_speech([pcm], threshold=0)
    usual = hear_speech([pcm])
    assert len(hear_speech([pcm], min_speech=100)) == 0
    assert len(hear_speech([pcm], min_silence=100)) == 1
    wide = hear_speech([pcm], padding=0.2)
    assert wide.intervals[0, 0] == pytest.approx(usual.intervals[0, 0] - 0.14)


def test_what_leaves_the_duration_is_cut_off():
    pcm = speak(2, duration=8).pcm
    found = hear_speech([pcm], duration=3.0)
    assert found.duration == 3.0
    assert found.intervals.max() <= 3.0


@pytest.mark.parametrize(
    ("intervals", "words"),
    [
        ([[2, 1]], "each start before end"),
        ([[0, 2], [1, 3]], "without overlap"),
        ([[0, 12]], "between 0 and 10 s"),
        ([[0, 1, 2]], "shape"),
    ],
)
def test_wrong_intervals_are_refused(intervals, words):
    with pytest.raises(ParameterError, match=words):
        Speech(intervals, 10.0)


def test_what_it_tells():
    speech = Speech([[1, 2], [4, 6]], 10.0, [[0, 5]])
    assert (len(speech), speech.seconds, speech.music_share) == (2, 3.0, 0.5)
    assert not speech.intervals.flags.writeable
    assert pickle.loads(pickle.dumps(speech)).intervals.tolist() == [[1, 2], [4, 6]]
