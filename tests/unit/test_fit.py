"""Fitting generated songs, of which beats and bars are known, to any length."""

import functools
import itertools
from unittest import mock

import numpy as np
import pytest

from musify import ParameterError, Track
from musify.audio.fit import FittableSong, fit_song, fittable, render_fit
from musify.songs import SongAnalysis
from musify.testing.generated_songs import GeneratedSong, generated_song

RATE = 16_000
METRES = {4: 120.0, 3: 104.0, 5: 150.0, 7: 168.0}


def truth(song: GeneratedSong) -> SongAnalysis:
    return SongAnalysis(
        duration=song.duration,
        beats=song.beats,
        downbeats=song.downbeats,
        bpm=song.bpm,
        beats_per_bar=song.beats_per_bar,
        beat_clarity=1.0,
        section_edges=song.section_edges,
        section_labels=song.section_labels,
    )


@functools.cache
def prepared(metre: int) -> tuple[GeneratedSong, FittableSong]:
    song = generated_song(
        metre, bpm=METRES[metre], beats_per_bar=metre, bars_per_section=4, sample_rate=RATE
    )
    return song, fittable([song.pcm], RATE, truth(song))


def rendered(fit, pcm):
    """Render a fit of sound in memory."""

    def stretch(path, start, end, sample_rate):
        yield pcm[start:end]

    with mock.patch("musify.audio.spool.decode_range", stretch):
        return render_fit(fit, Track("song.wav", len(pcm) / RATE), sample_rate=RATE).render()


def likeness(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


def joints_of(fit):
    """Seconds of the song at the end of each crossfade, on both sides."""
    return [
        (early.end, late.start + late.crossfade * late.speed)
        for early, late in itertools.pairwise(fit.sources)
        if late.crossfade
    ]


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("factor", [0.4, 1.7])
def test_bars_meet_and_beats_are_in_phase(metre, factor):
    song, fitted = prepared(metre)
    places = np.arange(len(song.beats))
    joints = joints_of(fitted.fit(factor * song.duration))
    assert joints
    for leave, enter in joints:
        apart = np.interp(enter, song.beats, places) - np.interp(leave, song.beats, places)
        assert round(apart) % metre == 0
        assert abs(apart - round(apart)) * 60 / song.bpm < 0.002


@pytest.mark.parametrize("factor", [0.3, 0.8, 1.5])
def test_beginning_and_ending_are_the_songs_own(factor):
    song, fitted = prepared(4)
    length = factor * song.duration
    fit = fitted.fit(length)
    sound = rendered(fit, song.pcm)
    assert len(sound) == round(length * RATE)
    kept = 3 * RATE
    assert likeness(sound[:kept], song.pcm[:kept]) > 0.99
    end = round(fit.played * RATE)
    assert likeness(sound[end - kept : end], song.pcm[-kept:]) > 0.99


def test_a_song_is_not_joined_more_often_than_it_needs():
    song = generated_song(2, bpm=132, sample_rate=RATE)
    fitted = fittable([song.pcm], RATE, truth(song))
    for factor in (0.3, 1.3, 2.0, 4.0):
        length = factor * song.duration
        allowed = max(1, np.ceil(abs(length - song.duration) / 40))
        assert len(fitted.fit(length).joints) <= allowed


def test_the_same_length_again_is_the_same_fit():
    _, fitted = prepared(4)
    assert fitted.fit(70.0) == fitted.fit(70.0)


def test_its_own_length_is_the_song():
    song, fitted = prepared(4)
    fit = fitted.fit(song.duration)
    assert (fit.how, len(fit.sources)) == ("whole", 1)
    assert np.array_equal(rendered(fit, song.pcm), song.pcm)


def test_a_hit_falls_on_a_beat():
    song, fitted = prepared(4)
    length = 2 * song.duration
    hit = 60.13
    fit = fitted.fit(length, hits=[hit])
    beats, position = [], 0.0
    for source in fit.sources:
        begin = position - (source.crossfade or 0.0)
        inside = song.beats[(song.beats >= source.start) & (song.beats < source.end)]
        beats += (begin + (inside - source.start) / source.speed).tolist()
        position = begin + source.played
    assert min(abs(beat - hit) for beat in beats) < 0.02
    assert fit.speed_change <= 0.00801


def test_sections_follow_the_mood():
    song, fitted = prepared(4)
    bars = 60 / song.bpm * 4
    change = 22 * bars
    plain = fitted.fit(1.6 * song.duration)
    wished = fitted.fit(1.6 * song.duration, changes=[change])

    def nearest(fit):
        found, position = [], 0.0
        for source in fit.sources:
            begin = position - (source.crossfade or 0.0)
            edges = song.section_edges[1:-1]
            inside = edges[(edges >= source.start) & (edges < source.end)]
            found += (begin + inside - source.start).tolist()
            position = begin + source.played
        return min(abs(time - change) for time in found)

    assert nearest(wished) <= nearest(plain)


def noise(seconds, level=0.1):
    rng = np.random.default_rng(5)
    slow = np.repeat(rng.uniform(0.3, 1, int(seconds) + 1), RATE)[: round(seconds * RATE), None]
    return (level * slow * rng.standard_normal((round(seconds * RATE), 2))).astype(np.float32)


@pytest.mark.parametrize("seconds", [8.0, 25.0])
@pytest.mark.parametrize("factor", [0.3, 0.9, 1.1, 3.3, 10.0])
def test_sound_without_beats_is_joined_without_counting(seconds, factor):
    pcm = noise(seconds)
    fit = fittable([pcm], RATE, SongAnalysis(duration=seconds)).fit(factor * seconds)
    assert fit.played == pytest.approx(fit.length, abs=1.5 / RATE)
    assert len(rendered(fit, pcm)) == round(factor * seconds * RATE)


@pytest.mark.parametrize(("seconds", "length", "how"), [(2.0, 9.0, "loop"), (2.0, 0.7, "ending")])
def test_very_short_songs(seconds, length, how):
    pcm = noise(seconds)
    fit = fittable([pcm], RATE, SongAnalysis(duration=seconds)).fit(length)
    assert fit.how == how
    sound = rendered(fit, pcm)
    assert len(sound) == round(length * RATE)
    assert likeness(sound[-RATE // 4 :], pcm[-RATE // 4 :]) > 0.99  # the ending comes first


def test_silence_is_as_long_as_it_has_to_be():
    pcm = np.zeros((10 * RATE, 2), np.float32)
    fit = fittable([pcm], RATE, SongAnalysis(duration=10.0)).fit(34.5)
    assert fit.how == "silence"
    assert not rendered(fit, pcm).any()


def test_without_an_ending_it_goes_on_until_the_end():
    song, fitted = prepared(4)
    fit = fitted.fit(1.5 * song.duration, ending=False)
    assert fit.played == pytest.approx(1.5 * song.duration, abs=1.5 / RATE)
    short = fitted.fit(20.0, ending=False)
    assert (len(short.sources), short.sources[0].start) == (1, 0.0)


@pytest.mark.parametrize("length", [0.0, -1.0, float("nan"), float("inf")])
def test_a_length_is_above_nothing(length):
    _, fitted = prepared(4)
    with pytest.raises(ParameterError, match="length must be above 0 s"):
        fitted.fit(length)


def test_a_song_without_a_frame_is_refused():
    with pytest.raises(ParameterError, match="without a PCM frame"):
        fittable([], RATE, SongAnalysis(duration=1.0))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(OSError, match="cannot read"):
        fit_song(tmp_path / "none.wav", 10.0)
