"""Numerals, functional harmony and voicing."""

from dataclasses import replace
from itertools import pairwise

import pytest

from musify.composer.chance import Chance
from musify.composer.form.section import Form, Section
from musify.composer.style.load import load_style
from musify.composer.tempo import TempoMap
from musify.composer.theory.chords import QUALITIES, Chord
from musify.composer.theory.harmony import harmonized
from musify.composer.theory.keys import MODES, Key
from musify.composer.theory.modulation import common_chords, eases_into
from musify.composer.theory.numerals import numeral_of, read_numeral, spelled
from musify.composer.theory.phrases import phrases_of
from musify.composer.theory.voicing import voiced
from musify.errors import ParameterError

COLOURS = ("triads", "sevenths", "extended", "open")


def a_form(seed, *, bars=None, mode=None):
    """Plan a piece of one to five sections, in any mode, with bars of odd lengths among them."""
    chance = Chance(seed, "form of a test")
    metre = chance.pick((3, 4, 4))
    at, sections = 0, []
    for place in range(1 if bars else chance.whole(1, 5)):
        lengths = [metre] * (bars or chance.whole(1, 12))
        if not bars and chance.happens(0.4):
            lengths[chance.whole(0, len(lengths) - 1)] = chance.whole(1, 6)
        key = Key(chance.whole(0, 11), mode or chance.pick(tuple(MODES)))
        valence, arousal = chance.between(-1, 1), chance.between(-1, 1)
        name = "ABACA"[place]
        sections.append(
            Section(name, "theme", at, lengths, valence, arousal, key, 100 * seed + place)
        )
        at += sum(lengths)
    seconds = (at + 4) * 0.5
    return Form(seconds, TempoMap([0, at + 4], [0, seconds]), sections)


def a_style(*, colour="triads", rhythm=1.0):
    return replace(load_style("piano"), colour=colour, harmonic_rhythm=rhythm)


def steps(chords, key):
    return [(chord.root - key.tonic) % 12 for chord in chords]


@pytest.mark.parametrize(
    ("text", "key", "name"),
    [
        ("I", "C major", "C"),
        ("vi7", "C major", "Am7"),
        ("V/V", "C major", "D"),
        ("V7/ii", "C major", "A7"),
        ("bVII", "C major", "Bb"),
        ("ii65", "C major", "Dm7/F"),
        ("iv", "C major", "Fm"),
        ("Imaj9", "C major", "Cmaj9"),
        ("i", "A minor", "Am"),
        ("VI", "A minor", "F"),
        ("bVI", "A minor", "F"),
        ("V", "A minor", "E"),
        ("v", "A minor", "Em"),
        ("viio7", "A minor", "Abdim7"),
        ("ii", "A dorian", "Bm"),
        ("IV", "A dorian", "D"),
        ("IV", "F lydian", "G"),
        ("bII", "E phrygian", "F"),
    ],
)
def test_numerals_are_spelled_in_their_key(text, key, name):
    there = spelled(read_numeral(text), Key.named(key))
    tones = QUALITIES[there.quality]
    bass = (there.root + tones[there.inversion]) % 12 if there.inversion else None
    assert Chord(0, 1, there.root, there.quality, bass).name == name


@pytest.mark.parametrize("text", ["", "VIII", "H", "IIII", "I/", "Vx", "bb7", "iV", "V/W"])
def test_what_is_no_numeral_is_told(text):
    with pytest.raises(ParameterError, match="roman numeral"):
        read_numeral(text)


@pytest.mark.parametrize("mode", MODES)
def test_numerals_are_read_as_they_are_named(mode):
    key = Key(7, mode)
    for quality in ("", "m", "7", "m7", "maj7", "dim", "m7b5"):
        for root in range(12):
            read = spelled(read_numeral(numeral_of(root, quality, key)), key, modal=False)
            assert read.root == root or quality == "dim" or (read.root - root) % 12 in (1, 11)


@pytest.mark.parametrize("bars", range(1, 40))
def test_phrases_fill_a_section_and_the_last_closes(bars):
    phrases = phrases_of(bars)
    assert sum(phrase.bars for phrase in phrases) == bars
    assert [p.first for p in phrases] == [
        sum(q.bars for q in phrases[:n]) for n in range(len(phrases))
    ]
    assert phrases[-1].closes
    assert max(phrase.bars for phrase in phrases) <= 5


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("rhythm", [0.5, 1.0, 2.0])
def test_chords_touch_and_every_section_ends_with_a_cadence(colour, rhythm):
    for seed in range(40):
        form = a_form(seed)
        chords = harmonized(form, a_style(colour=colour, rhythm=rhythm), seed=seed)
        assert chords[0].start == 0
        assert all(one.end == other.start for one, other in pairwise(chords))
        downbeats = {beat for section in form.sections for beat in section.downbeats}
        last = form.sections[-1]
        assert (chords[-1].start, chords[-1].root) == (form.final, last.key.tonic)
        assert chords[-1].quality == ("m" if last.key.is_minor else "")
        assert chords[-1].end == pytest.approx(last.end + 4)
        for section in form.sections:
            inside = [chord for chord in chords if section.start <= chord.start < section.end]
            assert inside[0].start == section.start
            assert inside[-1].end == section.end
            goal = steps(inside, section.key)
            if section is last:
                assert goal[-1] in (7, 5, 10, 2)
            else:
                assert inside[-1].cadence
                assert goal[-1] in (0, 7, 10)
                assert len(inside) == 1 or goal[-1] != 0 or goal[-2] in (7, 5, 10, 2)
        if rhythm >= 1:
            # Only what leads to a goal shares a bar.
            halves = [chord for chord in chords[:-1] if chord.start not in downbeats]
            assert all(chord.start + chord.duration in {*downbeats, form.final} for chord in halves)


def test_no_chord_stays_for_more_than_four_bars():
    for seed in range(60):
        form = a_form(seed)
        longest = 4 * max(beats for section in form.sections for beats in section.bars)
        chords = harmonized(form, a_style(), seed=seed)
        assert max(chord.duration for chord in chords[:-1]) <= longest


def test_keys_that_are_near_share_chords():
    near = common_chords(Key.named("C major"), Key.named("A minor"))
    assert {(0, ""), (9, "m"), (5, "")} <= set(near)
    assert common_chords(Key.named("C major"), Key.named("F# major")) == ()


def test_sections_lead_into_the_key_of_the_next():
    """Where two keys have chords in common, the last chord is mostly one, or the next dominant."""
    eased = count = 0
    for seed in range(200):
        form = a_form(seed)
        chords = harmonized(form, a_style(), seed=seed)
        for section, following in pairwise(form.sections):
            if section.key == following.key or not common_chords(section.key, following.key):
                continue
            goal = [chord for chord in chords if chord.start < section.end][-1]
            count += 1
            eased += eases_into(goal.root, goal.quality, following.key)
    tonics = sum(
        eases_into(section.key.tonic, "m" if section.key.is_minor else "", following.key)
        for seed in range(200)
        for section, following in pairwise(a_form(seed).sections)
        if section.key != following.key and common_chords(section.key, following.key)
    )
    assert count > 100
    assert eased > tonics + 0.1 * count  # more than if every section ended on its tonic


def test_another_seed_is_another_harmony():
    roots = set()
    for seed in range(12):
        form = a_form(3, bars=16, mode="major")
        section = replace(form.sections[0], seed=seed)
        form = Form(form.duration, form.tempo, (section,))
        roots.add(tuple(c.root for c in harmonized(form, a_style(), seed=seed)))
    assert len(roots) > 8


def test_sections_do_not_depend_on_the_seeds_of_others():
    for seed in range(30):
        form = a_form(seed)
        place = len(form.sections) // 2
        anew = list(form.sections)
        anew[place] = replace(anew[place], seed=987)
        other = Form(form.duration, form.tempo, tuple(anew))
        one, two = (harmonized(f, a_style(), seed=seed) for f in (form, other))
        kept = form.sections[place]
        outside = [[c for c in cs if not kept.start <= c.start < kept.end] for cs in (one, two)]
        assert outside[0] == outside[1]


@pytest.mark.parametrize(
    ("mode", "tone"), [("lydian", 6), ("dorian", 9), ("phrygian", 1), ("mixolydian", 10)]
)
def test_church_modes_show_the_tone_that_tells_them(mode, tone):
    shows = 0
    for seed in range(20):
        form = a_form(seed, bars=8, mode=mode)
        key = form.sections[0].key
        chords = harmonized(form, a_style(), seed=seed)
        shows += any((key.tonic + tone) % 12 in chord.tones for chord in chords)
    assert shows >= 18


@pytest.mark.parametrize("voices", [3, 4, 5])
@pytest.mark.parametrize("colour", COLOURS)
def test_voices_lead(voices, colour):
    low, high = 50, 74
    moved = leaps = 0
    for seed in range(20):
        chords = harmonized(a_form(seed), a_style(colour=colour), seed=seed)
        rows = voiced(chords, voices=voices, low=low, high=high)
        for chord, row in zip(chords, rows, strict=True):
            assert len(row) == voices
            assert list(row) == sorted(set(row))
            assert low <= row[0] < row[-1] <= high
            tones = {pitch % 12 for pitch in row}
            assert tones <= set(chord.tones)
            third = next(s for s in (4, 3, 5, 2) if s in QUALITIES[chord.quality])
            assert (chord.root + third) % 12 in tones
        for one, other in pairwise(rows):
            if one[0] != other[0] and one[-1] != other[-1]:
                before, after = (one[-1] - one[0]) % 12, (other[-1] - other[0]) % 12
                assert not (before == after and before in (0, 7))
            moved += sum(abs(a - b) for a, b in zip(one, other, strict=True)) / voices
            leaps += 1
    assert moved / leaps < 2.0


@pytest.mark.parametrize(("voices", "low", "high"), [(0, 40, 60), (7, 40, 80), (4, 60, 71)])
def test_voices_need_room(voices, low, high):
    with pytest.raises(ParameterError, match="voices and an octave of room"):
        voiced([Chord(0, 4, 0)], voices=voices, low=low, high=high)


def test_no_chords_have_no_voices():
    assert voiced([], voices=4, low=48, high=72) == ()
