"""Rules of the mix that hold for any plan. Songs are noise that is made up, not decoded."""

import dataclasses
import hashlib
import math
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musify import Cue, CueSheet, SourceRange, Track, mix
from musify.audio.mix import CEILING

RATE = 8000
SONG_SECONDS = 60.0
QUIET_DB = -60.0  # noise of this level stays clear of the ceiling
LOUD_AND_QUIET_DB = st.floats(-80, 12)


def song(path):
    """Full-scale noise that depends on the name of the file alone."""
    seed = int.from_bytes(hashlib.sha256(str(path).encode()).digest()[:4], "big")
    noise = np.random.default_rng(seed).uniform(-1, 1, (int(SONG_SECONDS * 12_000), 2))
    return noise.astype(np.float32)


SONGS = {name: song(name) for name in ("a.wav", "b.wav", "c.wav")}
SONGS["steady.wav"] = np.full((int(SONG_SECONDS * 12_000), 2), 0.5, np.float32)


def made_up(path, start, end, sample_rate):
    """Stand in for decode_range, in blocks of a size that fits nothing."""
    for first in range(start, end, 3001):
        yield SONGS[str(path)][first : min(first + 3001, end)]


@pytest.fixture(scope="module", autouse=True)
def songs_are_made_up():
    with mock.patch("musify.audio.spool.decode_range", made_up):
        yield


def track(name):
    return Track(name, SONG_SECONDS)


@st.composite
def cues(draw, start, longest):
    crossfade = draw(st.floats(0, 1))
    # A range may be as short as its crossfades.
    lengths = draw(st.lists(st.floats(max(2 * crossfade, 0.01), 4), min_size=1, max_size=4))
    begins = [draw(st.floats(0, 50)) for _ in lengths]
    sources = [SourceRange(at, at + length) for at, length in zip(begins, lengths, strict=True)]
    if draw(st.booleans()):
        sources = [sources[0]] * len(sources)  # a loop
    played = sum(source.duration for source in sources) - crossfade * (len(sources) - 1)
    length = min(played, longest) * draw(st.floats(0.05, 1))
    fades = [length * draw(st.floats(0, 0.5)) for _ in range(2)]
    name = draw(st.sampled_from(["a.wav", "b.wav", "c.wav"]))
    return Cue(start, start + length, track(name), sources, *fades, 0.0, crossfade)


@st.composite
def sheets(draw, gains_db=LOUD_AND_QUIET_DB):
    """Lay cues out with gaps and overlaps, two at once at most."""
    duration = draw(st.floats(0.01, 12))
    placed: list[Cue] = []
    free = 0.0
    for _ in range(draw(st.integers(0, 4))):
        earliest = max((cue.end for cue in placed[:-1]), default=0.0)
        start = max(earliest, free * draw(st.floats(0.7, 1.2)), placed[-1].start if placed else 0)
        if duration - start < 0.01:
            break
        placed.append(draw(cues(start, duration - start)))
        free = max(free, placed[-1].end)
    rate = draw(st.integers(RATE, 12_000))
    return CueSheet(placed, duration, sample_rate=rate, music_gain_db=draw(gains_db))


quiet_sheets = sheets(gains_db=st.just(QUIET_DB))


@given(sheets())
def test_a_mix_has_exactly_its_length_and_keeps_under_the_ceiling(sheet):
    sound = mix(sheet)
    pcm = sound.render()
    assert len(pcm) == sound.length == round(sheet.duration * sheet.sample_rate)
    assert np.isfinite(pcm).all()
    # The last bit of float32 rounds.
    assert np.abs(pcm).max(initial=0) <= np.nextafter(np.float32(CEILING), np.float32(1))


@given(sheets())
def test_the_same_plan_gives_the_same_sound(sheet):
    sound = mix(sheet)
    again = mix(CueSheet.from_json(sheet.to_json()))
    assert again.sha256() == sound.sha256()
    np.testing.assert_array_equal(
        np.concatenate([*sound.blocks(), np.zeros((0, 2))]), sound.render()
    )


@given(quiet_sheets)
def test_half_the_gain_is_half_the_sound(sheet):
    halved = dataclasses.replace(sheet, music_gain_db=QUIET_DB - 20 * math.log10(2))
    np.testing.assert_allclose(mix(halved).render(), mix(sheet).render() / 2, rtol=1e-5, atol=1e-9)


@given(quiet_sheets)
def test_the_mix_is_the_sum_of_its_cues(sheet):
    alone = [mix(dataclasses.replace(sheet, cues=(cue,))).render() for cue in sheet.cues]
    np.testing.assert_allclose(mix(sheet).render(), sum(alone), rtol=1e-5, atol=1e-8)


@given(quiet_sheets, st.integers(0, 4000))
def test_outside_of_cues_there_is_silence(sheet, frame):
    pcm = mix(sheet).render()
    time = frame / 4000 * sheet.duration
    near = 1 / sheet.sample_rate
    if len(pcm) and not any(cue.start - near <= time <= cue.end + near for cue in sheet.cues):
        assert not pcm[min(int(time * sheet.sample_rate), len(pcm) - 1)].any()


@given(
    crossfade=st.floats(0.01, 1.5),
    lengths=st.lists(st.floats(0, 3), min_size=1, max_size=5),
    start=st.floats(0, 20),
)
def test_a_crossfade_keeps_the_length(crossfade, lengths, start):
    sources = [SourceRange(start, start + 2 * crossfade + length) for length in lengths]
    played = sum(source.duration for source in sources) - crossfade * (len(sources) - 1)
    cue = Cue(0.0, played, track("steady.wav"), sources, crossfade=crossfade)
    pcm = mix(CueSheet((cue,), played, sample_rate=RATE, music_gain_db=-20)).render()
    # Each range may be cut by less than a frame on both sides; nothing else may be missing.
    sounding = len(pcm) - len(sources) - 1
    level = 0.5 * 10 ** (-20 / 20)
    assert (pcm[: max(0, sounding)] >= level * (1 - 1e-5)).all()
    assert (pcm <= level * math.sqrt(2) * (1 + 1e-5)).all()


@given(crossfade=st.floats(0.5, 4), edge=st.floats(5, 10))
def test_a_crossfade_of_two_songs_keeps_the_power(crossfade, edge):
    half = crossfade / 2
    cues = (
        Cue(0.0, edge + half, track("a.wav"), (SourceRange(0.0, 30.0),), 0.0, crossfade),
        Cue(edge - half, 15.0, track("b.wav"), (SourceRange(0.0, 30.0),), crossfade, 0.0),
    )
    pcm = mix(CueSheet(cues, 15.0, sample_rate=RATE, music_gain_db=-20)).render()
    assert_even_power(pcm)


@given(crossfade=st.floats(0.5, 4))
def test_a_crossfade_of_two_stretches_of_a_song_keeps_the_power(crossfade):
    sources = (SourceRange(0.0, 10.0), SourceRange(20.0, 30.0))
    end = 20.0 - crossfade
    cue = Cue(0.0, end, track("a.wav"), sources, crossfade=crossfade)
    assert_even_power(mix(CueSheet((cue,), end, sample_rate=RATE, music_gain_db=-20)).render())


def assert_even_power(pcm):
    """Check each quarter of a second against the mean, within 1 dB."""
    windows = pcm[: len(pcm) // 2000 * 2000].reshape(-1, 2000 * 2)
    power = (windows.astype(np.float64) ** 2).mean(axis=1)
    assert np.abs(10 * np.log10(power / power.mean())).max() < 1
