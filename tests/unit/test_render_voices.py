"""Parts played: when notes sound, how long, how loud, and what cuts them off."""

import numpy as np
import pytest

from musify.audio.clicks import CLICK, click_strength
from musify.composer.render.convolution import BLOCK
from musify.composer.render.voices import NoteCache, PartPlayer, played_notes
from musify.composer.score import Notes, Part
from musify.composer.tempo import TempoMap

RATE = 48_000
TEMPO = TempoMap([0, 8], [0, 4])  # 120 beats a minute


class Tone:
    """A tone that is held, with soft edges; counts how often it is played."""

    is_drums = False
    release = 0.05

    def __init__(self):
        self.played = []

    def play(self, pitch, velocity, held, sample_rate):
        self.played.append((pitch, velocity, held))
        time = np.arange(round((held + self.release) * sample_rate)) / sample_rate
        wave = np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time)
        edge = np.minimum(time / 0.01, np.clip((held + self.release - time) / self.release, 0, 1))
        wave *= np.sin(np.clip(edge, 0, 1) * np.pi / 2) ** 2 * (velocity / 127) ** 2
        return np.stack([wave, wave], axis=1).astype(np.float32)


class Hats(Tone):
    """An open hi-hat, 46, that a closed one ends."""

    is_drums = True

    def play(self, pitch, velocity, held, sample_rate):
        return super().play(pitch, velocity, 1.0 if pitch == 46 else 0.05, sample_rate)

    def silenced_by(self, pitch):
        return frozenset({42, 46})


def part_of(*notes, role="harmony", **changes):
    return Part("part", role, "tone", Notes(*np.array(notes, float).T), **changes)


def played(part, instrument=None, seconds=4.0):
    player = PartPlayer(
        part, instrument or Tone(), TEMPO, duration=seconds, sample_rate=RATE, cache=NoteCache()
    )
    blocks = [player.block() for _ in range(-(-round(seconds * RATE) // BLOCK))]
    whole = [np.zeros((2, BLOCK), np.float32) if block is None else block for block in blocks]
    return np.concatenate(whole, axis=1), blocks


def sounds(pcm, threshold=1e-3):
    """Seconds at which sound begins and ends."""
    loud = np.flatnonzero(np.abs(pcm).max(axis=0) > threshold)
    return loud[0] / RATE, loud[-1] / RATE


def test_notes_begin_to_the_frame_and_end_when_they_shall():
    pcm, blocks = played(part_of((3, 1, 69, 127)))
    begin, end = sounds(pcm)
    assert begin == pytest.approx(1.5, abs=0.001)
    assert end == pytest.approx(2.05, abs=0.02)
    assert blocks[0] is None  # silence costs nothing
    assert blocks[-1] is None


def test_shifts_are_in_seconds_and_nothing_begins_before_the_piece():
    part = part_of((0, 1, 69, 100, -0.1), (2, 1, 69, 100, 0.03))
    notes = played_notes(part, TEMPO, drums=False, duration=4)
    assert notes[:, 0].tolist() == [0, 1.03]
    assert notes[:, 1].tolist() == pytest.approx([0.4, 0.5])


def test_what_would_begin_after_the_end_is_left_out_and_what_lasts_longer_is_cut():
    part = part_of((0, 20, 69, 100), (7, 8, 72, 100), (9, 1, 60, 100))
    notes = played_notes(part, TEMPO, drums=False, duration=4)
    assert notes[:, 1].tolist() == [4, 0.5]


def test_notes_longer_than_the_buffer_are_whole():
    pcm, _ = played(part_of((0, 14, 69, 127), (1, 1, 57, 40)), seconds=8)
    assert sounds(pcm)[1] == pytest.approx(7.05, abs=0.2)  # lengths are rounded a little
    wanted = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    assert np.allclose(pcm[0, 3 * RATE : 4 * RATE], wanted, atol=1e-3)


def test_the_pedal_holds_notes_until_it_goes_up_or_they_are_struck_again():
    part = part_of((0, 1, 60, 90), (1, 1, 60, 90), (1, 1, 64, 90), (5, 1, 67, 90), pedal=[(0, 4)])
    notes = played_notes(part, TEMPO, drums=False, duration=4)
    by_note = {(begin, pitch): held for begin, held, pitch, _ in notes.tolist()}
    assert by_note == {(0, 60): 0.5, (0.5, 60): 1.5, (0.5, 64): 1.5, (2.5, 67): 0.5}


def test_swells_are_straight_lines():
    pcm, _ = played(part_of((0, 8, 69, 127), expression=[(0, 0), (4, 1), (8, 0.5)]))
    level = np.abs(pcm[0]).reshape(-1, 512).max(axis=1)
    at = np.interp([0.5, 1.0, 2.0, 3.0], np.arange(len(level)) * 512 / RATE, level)
    assert at == pytest.approx([0.25, 0.5, 1, 0.75], abs=0.02)


def test_gain_and_pan_act_on_the_sides():
    middle = np.abs(played(part_of((0, 4, 69, 127)))[0]).max(axis=1)
    louder = np.abs(played(part_of((0, 4, 69, 127), gain_db=6.0))[0]).max(axis=1)
    left = np.abs(played(part_of((0, 4, 69, 127), pan=-1.0))[0]).max(axis=1)
    assert louder / middle == pytest.approx(10 ** (6 / 20), rel=1e-3)
    assert left / middle == pytest.approx([2**0.5, 0], abs=1e-3)


def test_notes_that_differ_by_little_share_their_sound_but_not_their_loudness():
    tone = Tone()
    pcm, _ = played(part_of((0, 1, 69, 99), (2, 0.99, 69, 101), (4, 1, 69, 50)), tone)
    assert len(tone.played) == 2
    peaks = [np.abs(pcm[:, start * RATE : (start + 1) * RATE]).max() for start in range(3)]
    assert peaks == pytest.approx([(v / 127) ** 2 for v in (99, 101, 50)], rel=1e-3)


def test_a_closed_hi_hat_ends_an_open_one_without_a_click():
    pcm, _ = played(part_of((0, 1, 46, 127), (1, 1, 42, 40), role="drums"), Hats())
    assert sounds(pcm)[1] < 0.65
    assert click_strength(pcm.T, round(0.5 * RATE), RATE) < CLICK
    alone, _ = played(part_of((0, 1, 46, 127), role="drums"), Hats())
    assert sounds(alone)[1] > 0.95


def test_no_note_clicks_at_its_edges(rng):
    pitches = rng.integers(50, 80, 24)
    part = part_of(*[(k / 3, 0.31, pitch, 100) for k, pitch in enumerate(pitches.tolist())])
    pcm, _ = played(part, seconds=4.5)
    edges = [edge for k in range(24) for edge in (k / 6, k / 6 + 0.155, k / 6 + 0.205)]
    strength = max(click_strength(pcm.T, round(edge * RATE), RATE) for edge in edges)
    assert strength < CLICK


def test_drums_ring_as_long_as_they_do():
    part = part_of((0, 0.1, 46, 100), (4, 3, 46, 100), role="drums")
    notes = played_notes(part, TEMPO, drums=True, duration=4)
    assert len(set(notes[:, 1])) == 1
