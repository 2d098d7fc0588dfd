"""Scores as MIDI, read back by mido: the same notes at the same time as the score says."""

from dataclasses import replace

import mido
import numpy as np
import pytest

from musify import ParameterError
from musify.composer.midi import midi_of
from musify.composer.score import Notes, Part, Score
from musify.composer.tempo import TempoMap


def note_times(made: mido.MidiFile, part: int) -> list[tuple[float, float, int]]:
    """Beginning and end in seconds, and pitch, of the notes of a part, by the file's tempi."""
    tempi = []
    at = 0
    for message in made.tracks[0]:
        at += message.time
        if message.type == "set_tempo":
            tempi.append((at, message.tempo))

    ticks = [tick for tick, _ in tempi] + [10**8]
    lengths = np.diff(ticks) * [tempo for _, tempo in tempi] / 1e6 / made.ticks_per_beat
    times = np.concatenate([[0.0], np.cumsum(lengths)])

    def seconds(tick: int) -> float:
        return float(np.interp(tick, ticks, times))

    found, sounding, at = [], {}, 0
    for message in made.tracks[part + 1]:
        at += message.time
        if message.type == "note_on":
            assert message.note not in sounding
            sounding[message.note] = at
        elif message.type == "note_off":
            found.append((seconds(sounding.pop(message.note)), seconds(at), message.note))
    assert not sounding
    return sorted(found)


def long_score(*, first: float) -> Score:
    """Half an hour of quarter notes in a tempo that no whole microsecond hits."""
    beats = np.arange(4_000.0)
    tempo = TempoMap([0, 1000.5, 4_000], [first, first + 501.123, first + 2077.7])
    notes = Notes(beats, np.full(4_000, 0.5), np.full(4_000, 60.0), np.full(4_000, 80.0))
    return Score(2100.0, tempo, (), (), (Part("a", "melody", "piano", notes),), "piano", 1, "0.1")


@pytest.mark.parametrize("first", [0.0, 0.35, 3.2])
def test_notes_sound_when_the_score_says(first):
    score = long_score(first=first)
    found = np.array(note_times(midi_of(score), 0))
    notes = score.parts[0].notes
    starts = score.tempo.seconds_at(notes.onset)
    ends = score.tempo.seconds_at(notes.onset + notes.duration)
    assert np.abs(found[:, 0] - starts).max() < 0.0005
    assert np.abs(found[:, 1] - ends).max() < 0.0005


def test_playing_that_differs_from_notation_is_in_the_file(small_score):
    found = note_times(midi_of(small_score), 0)
    notes = small_score.parts[0].notes
    starts = small_score.tempo.seconds_at(notes.onset) + notes.shift
    assert [pitch for *_, pitch in found] == notes.pitch.tolist()
    np.testing.assert_allclose([start for start, *_ in found], starts, atol=0.001)


def test_what_the_file_tells_besides_notes(small_score, tmp_path):
    path = small_score.to_midi(tmp_path / "score.mid")
    made = mido.MidiFile(path, charset="utf-8")
    assert made.length == pytest.approx(small_score.duration, abs=0.001)
    assert [track.name for track in made.tracks] == ["Lo-fi in D minor", "tune", "chords", "kit"]
    head = made.tracks[0]
    assert [message.text for message in head if message.type == "marker"] == [
        "A intro",
        "B ending",
        "final chord",
    ]
    assert [message.numerator for message in head if message.type == "time_signature"] == [4, 3]
    assert [message.key for message in head if message.type == "key_signature"] == ["Dm", "C"]
    assert [message.text for message in head if message.type == "copyright"] == [small_score.credit]
    programs = [
        (message.channel, message.program)
        for track in made.tracks
        for message in track
        if message.type == "program_change"
    ]
    assert programs == [(0, 11), (1, 4), (9, 40)]
    controls = {
        (message.control, message.value)
        for message in made.tracks[2]
        if message.type == "control_change"
    }
    assert {(7, 71), (10, 32), (91, 25), (64, 127), (64, 0), (11, 127), (11, 90)} <= controls


def test_a_note_struck_again_ends_before(small_score):
    notes = Notes([0, 1, 1], [3, 1, 1], [60, 60, 60], [80, 80, 90])
    score = replace(small_score, parts=(Part("a", "melody", "piano", notes),))
    first, second = note_times(midi_of(score), 0)
    assert first[1] == pytest.approx(second[0])


def test_more_parts_than_channels_are_on_further_ports(small_score):
    notes = Notes([0], [1], [60], [80])
    parts = [Part(f"part {place}", "pad", "warm-pad", notes) for place in range(17)]
    parts += [Part(f"kit {place}", "drums", "standard-kit", notes) for place in range(2)]
    made = midi_of(replace(small_score, parts=tuple(parts)))
    places = []
    for track in made.tracks[1:]:
        port = next(message.port for message in track if message.type == "midi_port")
        channels = {message.channel for message in track if hasattr(message, "channel")}
        assert len(channels) == 1
        places.append((port, channels.pop()))
    assert len(set(places)) == 19
    assert places[-2:] == [(0, 9), (1, 9)]
    assert all(channel != 9 for _, channel in places[:17])


def test_an_instrument_that_nobody_knows_is_refused(small_score, tmp_path):
    part = Part("a", "melody", "kazoo", Notes([0], [1], [60], [80]))
    with pytest.raises(ParameterError, match="no instrument is called 'kazoo'"):
        replace(small_score, parts=(part,)).to_midi(tmp_path / "a.mid")
    assert not list(tmp_path.iterdir())
