"""Songs of every metre, and sound without any, at any length: exactly, and readable again."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musify import CueSheet, Track
from musify.audio.fit import FittableSong, fittable
from musify.songs import SongAnalysis
from musify.testing.generated_songs import generated_song

RATE = 16_000
TEMPOS = {4: 120.0, 3: 104.0, 5: 150.0, 7: 168.0}


@functools.cache
def song_in(metre: int) -> tuple[float, FittableSong]:
    """Prepare a song, with its length of a bar; metre 0 is noise."""
    if not metre:
        noise = 0.1 * np.random.default_rng(1).standard_normal((30 * RATE, 2)).astype(np.float32)
        return 0.0, fittable([noise], RATE, SongAnalysis(duration=30.0))
    song = generated_song(
        metre, bpm=TEMPOS[metre], beats_per_bar=metre, bars_per_section=4, sample_rate=RATE
    )
    analysis = SongAnalysis(
        duration=song.duration,
        beats=song.beats,
        downbeats=song.downbeats,
        bpm=song.bpm,
        beats_per_bar=metre,
        beat_clarity=1.0,
        section_edges=song.section_edges,
        section_labels=song.section_labels,
    )
    return 60 / song.bpm * metre, fittable([song.pcm], RATE, analysis)


def frames_of(fit):
    played = sum(
        round((round(s.end * RATE) - round(s.start * RATE)) / s.speed) for s in fit.sources
    )
    return played - sum(round(s.crossfade * RATE) for s in fit.sources[1:])


@pytest.mark.parametrize("metre", [0, *TEMPOS])
@settings(max_examples=25)
@given(factor=st.floats(0.15, 10), ending=st.booleans())
def test_every_length_is_met(metre, factor, ending):
    bar, fitted = song_in(metre)
    song = fitted.sound.duration
    fit = fitted.fit(factor * song, ending=ending)
    missing = round(factor * song * RATE) - frames_of(fit)
    assert 0 <= missing <= 1.05 * bar * RATE
    assert fit.speed_change <= 0.00801
    sheet = fit.sheet(Track("song.wav", song), sample_rate=RATE)
    assert CueSheet.from_json(sheet.to_json()).cues[0].sources == fit.sources
    if ending and not fit.fade_out:
        assert fit.sources[-1].end == song
