"""Songs made on the spot are what they say."""

import numpy as np
import pytest

from musify.errors import ParameterError
from musify.testing.generated_songs import generated_song


def onset_strength(song):
    """Return how much more power each hundredth of a second has than the one before it."""
    hop = song.sample_rate // 100
    power = (song.pcm[: len(song.pcm) // hop * hop] ** 2).reshape(-1, hop * 2).mean(axis=1)
    return np.maximum(0, np.diff(power, prepend=0))


@pytest.mark.parametrize("metre", [3, 4, 5, 7])
def test_sound_begins_on_the_beats(metre):
    song = generated_song(1, bpm=97, beats_per_bar=metre, form="AAO", bars_per_section=4)
    strength = onset_strength(song)
    places = np.round(song.beats[1:-1] * 100).astype(int)
    on = np.mean([strength[place - 1 : place + 2].max() for place in places])
    off = np.mean([strength[place + 10 : place + 13].max() for place in places])
    assert on > 3 * off


def test_the_truth_fits_together():
    song = generated_song(2, beats_per_bar=3, form="IABO", bars_per_section=4, drift=0.03)
    assert set(song.downbeats) <= set(song.beats)
    assert len(song.beats) == 3 * (4 + 4 + 4 + 2) + 1
    assert song.section_labels == ("I", "A", "B", "O")
    assert song.section_edges[0] == 0
    assert song.section_edges[-1] == song.duration
    assert set(song.section_edges[1:-1]) <= set(song.downbeats)


def test_the_same_seed_gives_the_same_sound_and_another_does_not():
    one, same, other = (generated_song(seed, form="AO", bars_per_section=2) for seed in (3, 3, 4))
    assert np.array_equal(one.pcm, same.pcm)
    assert one.pcm.shape != other.pcm.shape or not np.array_equal(one.pcm, other.pcm)


def test_it_dies_away_and_never_clips():
    song = generated_song(5, form="AO", bars_per_section=2)
    assert np.abs(song.pcm).max() == pytest.approx(0.8, abs=1e-3)
    assert np.abs(song.pcm[-song.sample_rate // 100 :]).max() < 1e-3


@pytest.mark.parametrize("wrong", [{"key": "H major"}, {"key": "C"}, {"beats_per_bar": 1}])
def test_a_wrong_value_is_named(wrong):
    with pytest.raises(ParameterError, match=str(next(iter(wrong.values())))):
        generated_song(**wrong)
