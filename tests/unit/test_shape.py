from dataclasses import replace

import numpy as np
import pytest

from musify import MoodTimeline
from musify.composer.chance import Chance
from musify.composer.commission import Commission
from musify.composer.form.brief import timeline_of
from musify.composer.form.hit_points import FRAME, LIMIT
from musify.composer.form.materials import Letters, keys_of
from musify.composer.form.shape import shape
from musify.composer.form.spans import Span, bars_of, pieces_of
from musify.composer.style.style import Style
from musify.composer.theory.keys import Key

STYLE = Style("plain", "Plain", "", (60, 150), (4, 3), 0, "triads", 1, {}, (0, 0), (1, 1), {})
MARCH = Style("march", "March", "", (60, 150), (4,), 0, "triads", 1, {}, (0, 0), (1, 1), {})
WALTZ = Style("waltz", "Waltz", "", (80, 120), (3,), 0, "triads", 1, {}, (0, 0), (1, 1), {})


def piece(text, length, style=STYLE, **wishes):
    return shape(Commission(timeline_of(text, length), **wishes), style)


def with_cuts(duration, cuts, edges=(), plane=None, **wishes):
    edges = [0, *edges, duration]
    moods = len(edges) - 1
    plane = [[0.5, 0.3]] * moods if plane is None else plane
    timeline = MoodTimeline(edges, [f"mood {p}" for p in plane], [1] * moods, plane, cuts)
    return shape(Commission(timeline, **wishes), MARCH)


def starts(form):
    beats = [beat for section in form.sections for beat in section.downbeats]
    return form.tempo.seconds_at([*beats, form.final])


def test_moods_begin_on_downbeats():
    form = piece("happy 20.3s, tense 15.1s, calm 33s, tense", 90)
    for edge in (20.3, 35.4, 68.4):
        assert np.abs(starts(form) - edge).min() < 1e-9
    at = [form.tempo.seconds_at(section.start) for section in form.sections]
    moods = [(section.valence, section.arousal) for section in form.sections]
    for time, mood in zip(at, moods, strict=True):
        wanted = [(0.75, 0.4), (-0.6, 0.6), (0.45, -0.65), (-0.6, 0.6)]
        assert mood == wanted[np.searchsorted([20.3, 35.4, 68.4], time + 1e-6)]


@pytest.mark.parametrize("duration", [1, 1.7, 3, 5, 8, 12, 31.4, 300])
def test_the_final_chord_has_time_to_ring_and_is_among_the_last_six_seconds(duration):
    form = piece("sad", duration)
    rings = duration - form.tempo.seconds_at(form.final)
    assert min(2, 0.35 * duration) < rings < 6
    assert form.duration == duration
    assert form.tempo.seconds.tolist()[-1] == duration
    assert form.final == sum(section.beats for section in form.sections) >= 1


def test_a_last_mood_too_short_for_a_section_is_the_final_chord():
    form = piece("happy 20s, calm", 21.5)
    assert form.tempo.seconds_at(form.final) == pytest.approx(20, abs=1e-9)
    assert {section.valence for section in form.sections} == {0.75}


def test_a_mood_too_short_to_be_heard_belongs_to_the_one_before():
    form = with_cuts(20, [], [8, 8.1], [[0.5, 0.3], [-0.5, 0.3], [0.5, -0.3]])
    assert {section.valence for section in form.sections} == {0.5}
    assert np.abs(starts(form) - 8.1).min() < 1e-9
    form = with_cuts(20, [], [0.1], [[0.5, 0.3], [-0.5, 0.3]])
    assert {section.valence for section in form.sections} == {-0.5}


def test_cuts_that_suit_the_tempo_are_all_met_without_a_change_of_it():
    period = 60 / 96
    cuts = period * np.array([8, 13, 20, 32, 37, 48])
    form = with_cuts(40, cuts, bpm=96)
    assert form.hits.tolist() == [8, 13, 20, 32, 37, 48]
    assert form.tempo.bpm == pytest.approx(96)


def test_cuts_that_do_not_suit_are_met_by_small_changes_of_tempo():
    cuts = np.array([5.0, 9.9, 16.2, 22.1, 28.4])
    form = with_cuts(40, cuts, bpm=100)
    assert np.abs(form.tempo.seconds_at(np.rint(form.hits)) - cuts).max() <= FRAME
    assert np.abs(form.tempo.bpm / 100 - 1).max() <= LIMIT + 1e-9
    assert len(set(form.tempo.bpm.round(3))) > 1


def test_half_beats_are_told_from_beats():
    cuts = [4.0, 6.25, 10.0]
    form = with_cuts(20, cuts, bpm=120)
    assert 8 in form.hits
    assert 20 in form.hits
    assert all(2 * hit % 1 == 0 for hit in form.hits)
    assert (np.diff(form.hits) > 0).all()
    assert len(form.hits) == len(form.strengths)


def test_a_wished_tempo_and_key_are_honoured():
    form = piece("happy 20s, calm", 60, bpm=77.5, key=Key.named("F# minor"))
    # The mood that lasts longest has the main key.
    (calm,) = {section.key for section in form.sections if section.valence == 0.45}
    assert calm == Key.named("F# minor")
    assert np.abs(form.tempo.bpm / 77.5 - 1).max() <= LIMIT


def test_energy_is_added_to_every_arousal():
    form = piece("happy 20s, tense", 60, energy=0.5)
    assert {round(section.arousal, 3) for section in form.sections} == {0.9, 1.0}
    slow = piece("happy 20s, tense", 60, energy=-0.9).tempo.bpm.mean()
    assert form.tempo.bpm.mean() > slow + 20


def test_tempo_follows_the_mood_within_the_style():
    assert piece("energetic", 60, WALTZ).tempo.bpm.mean() <= 120 * (1 + LIMIT)
    assert piece("peaceful", 60, WALTZ).tempo.bpm.mean() >= 80 * (1 - LIMIT)
    assert {section.bars[0] for section in piece("calm", 60, WALTZ).sections} == {3}


def test_a_style_of_a_single_tempo_keeps_it():
    style = replace(MARCH, tempi=(100, 100))
    tempo = piece("energetic 31s, calm", 70, style).tempo
    assert np.abs(tempo.bpm / 100 - 1).max() <= LIMIT
    assert tempo.bpm[-1] == pytest.approx(100)


def test_a_long_mood_is_developed():
    form = piece("happy", 240)
    proper = [s for s in form.sections if s.role in ("theme", "development", "contrast", "return")]
    assert [section.letter for section in proper[:4]] == ["A", "A", "B", "A"]
    assert [section.name for section in proper[:2]] == ["A", "A'"]
    assert form.sections[0].role == "intro"
    assert form.sections[-1].role == "ending"
    lengths = [len(section.bars) for section in proper]
    assert max(lengths) <= 16
    assert sum(length in (4, 8, 16) for length in lengths) > len(lengths) / 2
    assert len({section.key for section in form.sections}) == 1


def test_a_mood_that_comes_back_brings_its_themes_and_key_back():
    form = piece("happy 30s, sad 30s, happy 30s", None)
    happy = [section for section in form.sections if section.valence > 0]
    sad = [section for section in form.sections if section.valence < 0]
    assert not {s.letter for s in happy} & {s.letter for s in sad}
    assert len({s.key for s in happy}) == len({s.key for s in sad}) == 1
    assert sad[0].key.is_minor
    assert not happy[0].key.is_minor
    assert sad[0].role == "contrast"
    after = form.sections[form.sections.index(sad[-1]) + 1]
    assert after.role == "return"
    assert after.letter == happy[0].letter


def test_strong_cuts_are_built_up_to_and_have_a_break_before_them():
    period = 60 / 120
    cuts = [64 * period]
    form = with_cuts(60, cuts, bpm=120, strengths=[1.0])
    number = [section.start for section in form.sections].index(64)
    assert [s.role for s in form.sections[number - 2 : number]] == ["build", "break"]
    plain = with_cuts(60, cuts, bpm=120, strengths=[0.2])
    assert not {"build", "break"} & {section.role for section in plain.sections}


def test_a_rise_is_built_up_to():
    form = piece("calm 30s, energetic", 60)
    roles = [section.role for section in form.sections]
    assert "build" in roles
    assert "break" in roles
    fall = piece("happy 30s, hopeful", 60)
    assert "build" not in [section.role for section in fall.sections]


def test_sections_have_seeds_of_their_own_that_can_be_changed():
    form, other = piece("happy", 90, seed=4), piece("happy", 90, seed=5)
    assert len({section.seed for section in form.sections}) == len(form.sections)
    assert [s.seed for s in form.sections] != [s.seed for s in other.sections]
    changed = piece("happy", 90, seed=4, section_seeds=((1, 99),))
    assert changed.sections[1].seed == 99
    for number, (one, two) in enumerate(zip(form.sections, changed.sections, strict=True)):
        assert (one == two) == (number != 1)
    assert np.array_equal(form.tempo.seconds, changed.tempo.seconds)


def test_the_same_seed_gives_the_same_plan():
    cuts = np.random.default_rng(3).uniform(0, 90, 20)
    one, two = (with_cuts(90, cuts, [40], seed=8) for _ in range(2))
    assert one.sections == two.sections
    assert one.tempo.seconds.tobytes() == two.tempo.seconds.tobytes()


def test_five_hundred_cuts_in_ten_seconds():
    form = with_cuts(10, np.random.default_rng(0).uniform(0, 10, 500), [4.2])
    assert np.abs(starts(form) - 4.2).min() < 1e-9
    assert len(form.hits)


def test_moods_shorter_than_a_bar_have_a_short_bar():
    form = piece("happy 10s, tense 1.2s, happy", 25)
    (tense,) = {s for s in form.sections if s.valence < 0}
    assert len(tense.bars) == 1
    assert tense.beats < 4


def test_bars_come_out_even_but_for_the_last():
    for metre in (3, 4):
        for beats in range(1, 40):
            bars = bars_of(beats, metre)
            assert sum(bars) == beats
            assert min(bars) >= 1
            assert set(bars[:-1]) <= {metre}
            assert bars[-1] <= metre + 1


def test_pieces_fill_their_span():
    for count in range(1, 80):
        span = Span("m", 0.5, 0.5, 0, (4,) * count)
        for following in (None, 0.9, -0.9, 0.0):
            pieces = pieces_of(span, following, {4 * (count // 2): 0.9}, first=True)
            assert sum(piece.bars for piece in pieces) == count
            assert min(piece.bars for piece in pieces) >= 1


def test_letters_go_on_beyond_z():
    letters = Letters()
    names = [letters.first(mood) for mood in range(28)]
    assert names[0] == "A"
    assert names[25:] == ["Z", "AA", "AB"]


def test_keys_are_near():
    for seed in range(40):
        keys = keys_of(["major", "minor", "major"], 0, Key(2), Chance(seed))
        assert keys[0] == Key(2)
        assert (keys[1].tonic - 2) % 12 in (0, 9)
        assert keys[1].is_minor
        assert (keys[2].tonic - 2) % 12 in (0, 2, 5, 7)
        assert not keys[2].is_minor
