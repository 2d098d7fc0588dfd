"""Themes, their development, melodies and counter lines."""

from collections import Counter
from itertools import pairwise

import pytest

from musify.composer.chance import Chance
from musify.composer.commission import Commission
from musify.composer.cue_table import cues_at
from musify.composer.form.brief import timeline_of
from musify.composer.form.shape import shape
from musify.composer.motifs.counter import counter_line
from musify.composer.motifs.development import (
    Tone,
    augmented,
    fragmented,
    inverted,
    motif_of,
    ornamented,
    sequenced,
    thinned,
)
from musify.composer.motifs.melody import closing_note, melody
from musify.composer.motifs.themes import themes_of
from musify.composer.style.load import load_style
from musify.composer.theory.chords import Chord
from musify.composer.theory.harmony import harmonized
from musify.errors import ParameterError

LOW, HIGH = 55, 88
BRIEFS = ("happy 40s", "sad 40s", "tense 40s", "calm 40s", "happy 20s, sad 20s, tense 20s")
MOTIF = (Tone(0.0, 0), Tone(1.0, 2), Tone(1.5, 1), Tone(3.0, -1))


class Piece:
    """Melodies of all sections of a piece, and what they were written over."""

    def __init__(self, brief, seed, style="folk", **options):
        self.style = load_style(style)
        self.form = shape(Commission(timeline_of(brief), seed=seed), self.style)
        self.chords = harmonized(self.form, self.style, seed=seed)
        self.themes = themes_of(self.form, self.style, seed=seed)
        self.melodies = [self.melody(section, **options) for section in self.form.sections]
        self.notes = [note for tune in self.melodies for note in tune]

    def melody(self, section, **options):
        return melody(
            section,
            self.chords,
            self.themes[section.letter],
            low=LOW,
            high=HIGH,
            cues=cues_at(section.valence, section.arousal),
            chance=Chance(section.seed, "melody"),
            **options,
        )

    def chord_at(self, beat):
        return [chord for chord in self.chords if chord.start <= beat][-1]


@pytest.fixture(scope="module")
def pieces():
    return [Piece(brief, seed) for brief in BRIEFS for seed in range(4)]


def test_a_motif_is_found_again_whatever_is_done_with_it():
    rhythm = [tone.at for tone in MOTIF]
    assert [tone.at for tone in sequenced(MOTIF, 2)] == rhythm
    assert [tone.turn for tone in sequenced(MOTIF, 2)] == [2, 4, 3, 1]
    assert [tone.turn for tone in inverted(MOTIF)] == [0, -2, -1, 1]
    assert inverted(inverted(MOTIF)) == MOTIF
    assert augmented(MOTIF, 4) == (Tone(0, 0), Tone(2, 2), Tone(3, 1))
    assert thinned(MOTIF) == (Tone(0, 0), Tone(3, -1))
    assert set(MOTIF) < set(ornamented(MOTIF, 4))


@pytest.mark.parametrize("beats", [1, 2, 3, 4, 5, 6, 7, 8])
def test_motifs_stay_in_their_bar(beats):
    rhythm = [0.0, 2.0, 1.0, 3.0, 0.5, 4.5, 6.0, 7.5]
    for notes in (1, 3, 8):
        motif = motif_of(rhythm, range(16), beats=beats, notes=notes)
        ways = (
            motif,
            augmented(motif, beats),
            fragmented(motif, beats, 1),
            ornamented(motif, beats),
            thinned(motif),
        )
        for way in ways:
            assert [tone.at for tone in way] == sorted({tone.at for tone in way})
            assert way[0].at >= 0
            assert way[-1].at < beats


def test_themes_depend_on_seed_and_letter_alone():
    style = load_style("piano")
    long, short = (
        shape(Commission(timeline_of(brief), seed=5), style) for brief in ("happy 60s", "sad 9s")
    )
    one, other = themes_of(long, style, seed=5), themes_of(short, style, seed=5)
    assert one["A"] == other["A"]
    assert one["A"].rhythms != one["B"].rhythms
    assert one["A"] != themes_of(long, style, seed=6)["A"]


def test_notes_come_one_at_a_time_inside_their_section(pieces):
    for piece in pieces:
        for section, tune in zip(piece.form.sections, piece.melodies, strict=True):
            assert tune
            assert section.start <= tune[0].onset
            assert tune[-1].onset + tune[-1].duration <= section.end
            for one, other in pairwise(tune):
                assert one.onset + one.duration <= other.onset + 1e-9
            assert all(LOW <= note.pitch <= HIGH for note in tune)


def test_strong_beats_have_chord_tones_or_what_resolves_to_one(pieces):
    strong = 0
    for piece in pieces:
        downbeats = {beat for section in piece.form.sections for beat in section.downbeats}
        for note, after in pairwise(piece.notes):
            if note.onset not in downbeats or note.pitch % 12 in piece.chord_at(note.onset).tones:
                strong += note.onset in downbeats
                continue
            assert 0 < abs(after.pitch - note.pitch) <= 2
            assert after.pitch % 12 in piece.chord_at(after.onset).tones
    assert strong > 200


def test_leaps_are_within_an_octave_and_most_turn_back(pieces):
    turns = Counter()
    for piece in pieces:
        moves = [other.pitch - one.pitch for one, other in pairwise(piece.notes)]
        assert max(map(abs, moves)) <= 12
        turns.update(
            "back" if one * other <= 0 else "on" for one, other in pairwise(moves) if abs(one) > 7
        )
    assert turns["back"] > 5 * turns["on"]


def test_melodies_move_mostly_by_step(pieces):
    moves = [abs(b.pitch - a.pitch) for piece in pieces for a, b in pairwise(piece.notes)]
    assert sum(move <= 2 for move in moves) > 0.5 * len(moves)


def test_the_climax_comes_once(pieces):
    peaks = 0
    for piece in pieces:
        for tune in piece.melodies:
            pitches = [note.pitch for note in tune]
            if len(pitches) >= 6:
                assert pitches.count(max(pitches)) == 1
                peaks += 1
    assert peaks > 20


def test_phrases_end_with_a_long_note_and_a_breath(pieces):
    for piece in pieces:
        for section, tune in zip(piece.form.sections, piece.melodies, strict=True):
            last = tune[-1]
            if section.bars[-1] >= 3:
                assert last.onset + last.duration <= section.end - 0.5
                assert last.pitch % 12 in piece.chord_at(last.onset).tones


def test_busy_moods_have_more_notes(pieces):
    rates = {brief: [] for brief in BRIEFS}
    for piece, brief in zip(pieces, [brief for brief in BRIEFS for _ in range(4)], strict=True):
        rates[brief].append(len(piece.notes) / piece.form.duration)
    assert min(rates["happy 40s"]) > max(rates["sad 40s"])
    assert sum(rates["tense 40s"]) > sum(rates["calm 40s"])


def test_hit_points_have_notes_that_are_held():
    for seed in range(8):
        plain = Piece("happy 40s", seed)
        section = max(plain.form.sections, key=lambda s: s.beats)
        hits = [section.downbeats[2] + 1.0, section.downbeats[4] + 2.0]
        onsets = {n.onset: n for n in plain.melody(section, hits=hits)}
        rests = [hit for hit in hits if hit not in onsets]
        assert len(rests) <= 1  # a breath, or a note that ends a phrase
        assert all(onsets[hit].duration >= 0.5 for hit in hits if hit in onsets)


def test_a_melody_needs_no_chords_but_those_of_its_section():
    piece = Piece("happy 20s, sad 20s, tense 20s", 2)
    for section, tune in zip(piece.form.sections, piece.melodies, strict=True):
        own = [c for c in piece.chords if section.start <= c.start < section.end]
        alone = (section, own, piece.themes[section.letter])
        cues = cues_at(section.valence, section.arousal)
        chance = Chance(section.seed, "melody")
        assert melody(*alone, low=LOW, high=HIGH, cues=cues, chance=chance) == tune


def test_the_last_note_is_the_tonic_next_to_the_one_before():
    final = Chord(32, 4, 2, "m")
    assert closing_note(73, final, low=60, high=84) == 74
    assert closing_note(66, final, low=60, high=84) == 62


def test_lines_need_room():
    piece = Piece("happy 12s", 1)
    section = piece.form.sections[0]
    cues = cues_at(0.5, 0.5)
    with pytest.raises(ParameterError, match="octave of room"):
        melody(
            section, piece.chords, piece.themes["A"], low=60, high=70, cues=cues, chance=Chance(1)
        )
    with pytest.raises(ParameterError, match="octave of room"):
        counter_line(section, piece.chords, (), low=60, high=70, cues=cues, chance=Chance(1))


def test_counter_lines_hold_chord_tones_and_keep_out_of_the_way(pieces):
    parallel = moves = consonant = count = 0
    for piece in pieces:
        for section, tune in zip(piece.form.sections, piece.melodies, strict=True):
            line = counter_line(
                section,
                piece.chords,
                tune,
                low=48,
                high=72,
                cues=cues_at(section.valence, section.arousal),
                chance=Chance(section.seed, "counter"),
            )
            assert line[0].onset == section.start
            assert line[-1].onset + line[-1].duration == section.end
            for one, other in pairwise(line):
                assert one.onset + one.duration == other.onset
            for note in line:
                assert 48 <= note.pitch <= 72
                if note.duration > 1:
                    assert note.pitch % 12 in piece.chord_at(note.onset).tones
            starts = [note.onset for note in tune]
            over = [sum(start <= note.onset for start in starts) - 1 for note in line]
            for (one, a), (other, b) in pairwise(zip(line, over, strict=True)):
                if a < 0 or one.pitch == other.pitch or tune[a].pitch == tune[b].pitch:
                    continue
                moves += 1
                interval = (tune[b].pitch - other.pitch) % 12
                parallel += interval in (0, 7) and (tune[a].pitch - one.pitch) % 12 == interval
            for note, at in zip(line, over, strict=True):
                if at >= 0:
                    count += 1
                    consonant += (tune[at].pitch - note.pitch) % 12 in (0, 3, 4, 5, 7, 8, 9)
    assert moves > 100
    assert parallel <= 0.02 * moves
    assert consonant > 0.85 * count
