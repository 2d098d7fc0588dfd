"""What each pattern plays: within its section, its instrument and its chords."""

import itertools
from dataclasses import replace
from itertools import groupby

import pytest

from musify.composer.chance import Chance
from musify.composer.cue_table import cues_at
from musify.composer.form.section import Section
from musify.composer.instruments.catalogue import INSTRUMENTS, find_instrument
from musify.composer.parts.catalogue import PATTERNS, find_pattern
from musify.composer.parts.closing import closed
from musify.composer.parts.grooves import DRUMS, GROOVES
from musify.composer.parts.guitar import gripped
from musify.composer.parts.pitch import into_range
from musify.composer.parts.registers import melody_range, window
from musify.composer.parts.rhythm import figure_for
from musify.composer.parts.setting import Bar, Setting
from musify.composer.parts.variation import untangled, varied
from musify.composer.theory.chords import Chord
from musify.composer.theory.keys import Key
from musify.composer.written import Written
from musify.errors import ParameterError

FIRST_OF_FAMILY = {
    family: next(name for name, e in INSTRUMENTS.items() if e.family == family)
    for family in dict.fromkeys(entry.family for entry in INSTRUMENTS.values())
}
ROOTS = ((0, ""), (9, "m7"), (2, "m"), (7, "7"))


def a_section(bars=(4,) * 8, *, role="theme", arousal=0.4, seed=5, start=16):
    return Section("A", role, start, bars, 0.5, arousal, Key(0), seed)


def chords_of(section, bars_a_chord=1):
    out = []
    for number, (at, beats) in enumerate(zip(section.downbeats, section.bars, strict=True)):
        root, quality = ROOTS[(number // bars_a_chord) % len(ROOTS)]
        out.append(Chord(at, beats, root, quality))
    return tuple(out)


def a_setting(name, section=None, *, instrument=None, options=None, **more):
    section = section or a_section()
    pattern = PATTERNS[name]
    entry = find_instrument(instrument or FIRST_OF_FAMILY[pattern.families[0]])
    if name == "timpani":
        entry = find_instrument("timpani")
    elif name == "groove":
        entry = find_instrument("standard-kit")
    cues = cues_at(section.valence, section.arousal)
    low, high = window(pattern.roles[0], cues, entry)
    tune = tuple(
        Written(float(beat), 2.0 if beat % 4 == 2 else 1.0, 72 + beat % 5)
        for beat in range(section.start, section.end)
        if beat % 4 != 3
    )
    values = {"drums": cues.drums, "tune": tune, "chords": chords_of(section), **more}
    return Setting(
        section=section,
        cues=cues,
        instrument=entry,
        low=low,
        high=high,
        chance=Chance(section.seed, name),
        options=options or {},
        **values,
    )


def played(setting, name):
    return list(PATTERNS[name].play(setting))


def starts(notes):
    return sorted({note.onset for note in notes})


MAY_REST = {"tune", "accents", "answer", "double", "timpani", "groove"}
SINGS_OUTSIDE = {"tune", "double", "answer"}  # the arrangement moves them by octaves


def check_kept(setting, name):
    section, entry = setting.section, setting.instrument
    notes = played(setting, name)
    for note in notes:
        assert section.start <= note.onset < section.end
        assert note.duration > 0
        assert 20 <= note.velocity <= 127
        assert entry.low <= note.pitch <= entry.high or name in SINGS_OUTSIDE
    if name not in MAY_REST:
        assert notes, "something is played"
        assert min(note.onset for note in notes) <= section.start + 1


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_a_pattern_stays_in_its_section_and_in_range(name):
    for bars in ((4, 4, 4, 4, 3), (3,) * 5, (2,), (1,), (5,)):
        for arousal in (-0.9, 0.3, 0.95):
            check_kept(a_setting(name, a_section(bars, arousal=arousal)), name)
    check_kept(a_setting(name, tune=(), hits=((16.0, 0.9), (17.5, 0.9), (47.5, 1.0))), name)
    for family in PATTERNS[name].families:
        instrument = FIRST_OF_FAMILY[family]
        check_kept(a_setting(name, a_section((4, 3)), instrument=instrument), name)


@pytest.mark.parametrize(
    "name", sorted(PATTERNS.keys() - {"tune", "counter", "double", "groove", "drone"})
)
def test_the_same_chance_gives_the_same_notes_and_accompaniment_keeps_to_the_chords(name):
    setting = a_setting(name, hits=((20.0, 0.9), (28.0, 0.8)))
    notes = played(setting, name)
    assert notes == played(setting, name)
    inside = 0
    for note in notes:
        chord = next(c for c in setting.chords if c.start <= note.onset < c.end)
        inside += note.pitch % 12 in (*chord.tones, (chord.root + 7) % 12)
    assert inside >= 0.8 * len(notes)
    if name != "walking":
        assert inside == len(notes)


@pytest.mark.parametrize(
    "name", ["roots", "root-fifth", "octaves", "eighths", "walking", "syncopated", "sub"]
)
def test_a_bass_plays_the_root_where_the_chord_begins(name):
    setting = a_setting(name)
    roots = {note.onset: note.pitch % 12 for note in played(setting, name)}
    for chord in setting.chords:
        assert roots[chord.start] == chord.root


def test_a_bass_plays_the_tone_under_an_inverted_chord():
    section = a_section((4, 4))
    chords = (Chord(16, 4, 0, "", bass=4), Chord(20, 4, 5))
    notes = played(a_setting("roots", section, chords=chords), "roots")
    assert [note.pitch % 12 for note in notes if note.onset in (16, 20)] == [4, 5]


@pytest.mark.parametrize(
    "name",
    ["strum", "pick", "alberti", "arpeggio", "spiccato", "pulse", "pizzicato", "eighths", "comp"],
)
def test_more_is_played_where_the_mood_is_more_active(name):
    counts = [len(played(a_setting(name, a_section(arousal=a)), name)) for a in (-0.9, 0.0, 0.9)]
    assert counts[0] <= counts[1] <= counts[2]
    assert counts[0] < counts[2]


@pytest.mark.parametrize("name", sorted(PATTERNS.keys() - {"tune", "counter", "double", "accents"}))
def test_no_bar_is_heard_more_than_four_times_in_a_row(name):
    for arousal in (-0.8, 0.0, 0.6):
        section = a_section((4,) * 12, arousal=arousal)
        chords = tuple(Chord(at, 4, 0, "") for at in section.downbeats)
        setting = a_setting(name, section, chords=chords)
        notes = varied(untangled(played(setting, name)), setting.bars)
        bars = []
        for bar in setting.bars:
            inside = [note for note in notes if bar.start <= note.onset < bar.end]
            bars.append(tuple((n.onset - bar.start, round(n.duration, 3), n.pitch) for n in inside))
        assert max((len(list(run)) for bar, run in groupby(bars) if bar), default=0) <= 4


@pytest.mark.parametrize("quality", ["", "m", "7", "maj7", "m7", "dim", "sus4", "5", "add9"])
def test_a_hand_can_grip_the_chord(quality):
    for root, position in itertools.product(range(12), (0, 3, 7)):
        check_grip(Chord(0, 4, root, quality), gripped(Chord(0, 4, root, quality), position))


def check_grip(chord, grip):
    assert all(pitch % 12 in chord.tones for pitch in grip)
    assert grip[0] % 12 == chord.root
    assert list(grip) == sorted(set(grip))
    assert 3 <= len(grip) <= 6
    if chord.quality != "5":
        assert any(pitch % 12 == chord.tones[1] for pitch in grip)


def test_a_strum_spreads_down_strokes_upwards_and_up_strokes_downwards():
    notes = played(a_setting("strum", a_section(arousal=0.6)), "strum")
    for _, together in groupby(notes, key=lambda note: note.onset):
        stroke = sorted(together, key=lambda note: note.shift)
        shifts = [note.shift for note in stroke]
        pitches = [note.pitch for note in stroke]
        assert shifts[0] == 0 < shifts[-1] < 0.2
        assert pitches in (sorted(pitches), sorted(pitches, reverse=True))
        if pitches != sorted(pitches):
            assert stroke[0].onset % 1 > 0, "up strokes lie between beats"


def test_a_pad_holds_common_tones_over():
    section = a_section((4, 4))
    chords = (Chord(16, 4, 0), Chord(20, 4, 9, "m"))
    notes = played(a_setting("pad", section, chords=chords, instrument="strings"), "pad")
    assert any(note.onset == 16 and note.duration == 8 for note in notes)
    assert any(note.onset == 20 for note in notes)


@pytest.mark.parametrize("groove", GROOVES)
def test_a_groove_grows_with_the_mood_and_fills_at_the_end(groove):
    counts = []
    for arousal in (0.0, 0.3, 0.5, 0.95):
        section = a_section((4,) * 8, arousal=arousal)
        setting = a_setting("groove", section, options={"groove": groove}, before="contrast")
        notes = played(setting, "groove")
        assert {note.pitch for note in notes} <= set(DRUMS.values())
        onsets = [(note.onset, note.pitch) for note in notes]
        bars = [
            sorted((at - bar.start, pitch) for at, pitch in onsets if bar.start <= at < bar.end)
            for bar in setting.bars
        ]
        assert bars[-1] != bars[0], "a fill"
        assert bars[3] != bars[0], "a phrase ends"
        counts.append(len(notes))
    assert counts == sorted(counts)


def test_a_drone_stays_on_the_tonic():
    pitches = {note.pitch % 12 for note in played(a_setting("drone"), "drone")}
    assert 0 in pitches
    assert pitches <= {0, 7}


def test_drums_rest_where_the_mood_has_none():
    assert played(a_setting("groove", drums=0.0), "groove") == []


def test_a_strong_cut_gets_a_crash_and_a_fill_before_it():
    plain = a_setting("groove", options={"groove": "rock"})
    cut = a_setting("groove", options={"groove": "rock"}, hits=((24.0, 0.9), (36.0, 0.2)))
    crashes = [n.onset for n in played(cut, "groove") if n.pitch == DRUMS["crash"]]
    assert crashes == [24.0]
    before = [(n.onset, n.pitch) for n in played(plain, "groove") if 23 <= n.onset < 24]
    filled = [(n.onset, n.pitch) for n in played(cut, "groove") if 23 <= n.onset < 24]
    assert filled != before


def test_a_build_gets_faster_and_louder_and_stops_before_what_follows():
    section = a_section((4, 4), role="build", arousal=0.7)
    notes = played(a_setting("groove", section, before="contrast"), "groove")
    rolls = [n for n in notes if n.pitch == DRUMS["snare"] and n.onset >= 20]
    assert len(rolls) >= 8
    assert rolls[-1].velocity > rolls[0].velocity + 15
    assert max(n.onset for n in notes) < section.end - 0.5


def test_a_break_is_silent_but_for_its_end():
    section = a_section((4, 4), role="break", arousal=0.7)
    notes = played(a_setting("groove", section, before="return"), "groove")
    assert notes
    assert min(note.onset for note in notes) >= section.end - 2


def test_accents_are_on_strong_cuts_and_after_builds():
    setting = a_setting("accents", hits=((20.0, 0.9), (24.5, 0.3), (30.5, 0.7)), after="build")
    assert starts(played(setting, "accents")) == [16.0, 20.0, 30.5]


def test_a_doubling_follows_the_tune():
    setting = a_setting("double", options={"interval": "octave-below"}, instrument="cello")
    for note, sung in zip(played(setting, "double"), setting.tune, strict=True):
        assert (note.onset, note.duration) == (sung.onset, sung.duration)
        assert (note.pitch - sung.pitch) % 12 == 0


def test_an_answer_keeps_clear_of_a_moving_tune():
    setting = a_setting("answer", instrument="flute")
    moving = [note for note in setting.tune if note.duration == 1]
    answers = played(setting, "answer")
    assert answers
    assert not {note.onset for note in answers} & {note.onset for note in moving}


def test_a_window_is_in_range_and_wide_enough():
    for entry in INSTRUMENTS.values():
        if entry.family != "drums":
            check_windows(entry)


def check_windows(entry):
    roles = ("harmony", "pad", "arpeggio", "ostinato", "counter", "bass")
    moods = ((-1, -1), (0, 0), (1, 1))
    for role, octave, mood in itertools.product(roles, (-2, 0, 2), moods):
        low, high = window(role, cues_at(*mood), entry, octave)
        assert entry.low <= low < high <= entry.high
        assert high - low >= 12
    low, high, seam = melody_range(entry)
    assert entry.low <= low <= seam - 6 < seam + 6 <= high <= entry.high


def test_happy_accompaniment_lies_higher_than_sad():
    entry = find_instrument("piano")
    sad, happy = (window("harmony", cues_at(v, -0.5), entry) for v in (-0.8, 0.8))
    assert happy[0] > sad[0]


def test_figures_fit_any_bar():
    for groove in GROOVES.values():
        assert len(groove) == 4
        for figures in groove:
            for beats, rows in figures.items():
                for drum, row in rows.items():
                    assert drum in DRUMS
                    assert len(row) == 4 * beats
    for beats in range(1, 9):
        assert len(figure_for(beats, {4: "x...x...", 3: "x....."})) == 2 * beats


def test_into_range_keeps_the_pitch_class_where_it_can():
    for pitch in range(0, 128, 5):
        moved = into_range(pitch, 50, 62)
        assert 50 <= moved <= 62
        assert (moved - pitch) % 12 == 0


def test_a_note_ends_where_its_pitch_is_struck_again():
    notes = [Written(0, 4, 60), Written(1, 1, 64), Written(2, 1, 60), Written(2, 3, 60, 99)]
    kept = untangled(notes)
    assert [(n.onset, n.duration, n.pitch) for n in kept] == [(0, 2, 60), (1, 1, 64), (2, 3, 60)]
    assert [n.duration for n in untangled(notes, one_at_a_time=True)] == [1, 1, 3]


def test_a_bar_is_changed_the_fourth_time():
    bars = [Bar(number, 4.0 * number, 4, number == 11) for number in range(12)]
    notes = [Written(bar.start, 4, 60) for bar in bars]
    changed = varied(notes, bars)
    split = [note.onset for note in changed if note.duration == 2]
    assert split == [12.0, 14.0, 28.0, 30.0, 44.0, 46.0]
    assert varied(notes[:3], bars) == notes[:3]


def test_the_final_chord_is_the_tonic():
    for name in sorted(PATTERNS):
        check_final(name)


def check_final(name):
    setting = a_setting(name)
    chord = Chord(48, 6, 0, "")
    role = PATTERNS[name].roles[0]
    notes = list(closed(setting, chord, pattern=name, role=role, until=52.0, before=71))
    assert notes
    assert {note.onset for note in notes} == {48}
    assert all(note.onset + note.duration <= 52 for note in notes)
    if name != "groove":
        assert all(note.pitch % 12 in chord.tones for note in notes)
        assert all(setting.instrument.low <= n.pitch <= setting.instrument.high for n in notes)
    if role in ("harmony", "pad", "arpeggio"):
        assert min(note.pitch for note in notes) % 12 == 0, "it rests on its root"
    if role in ("melody", "counter", "bass"):
        assert [note.pitch % 12 for note in notes] == [0]


def test_a_pattern_that_is_missing_is_told():
    with pytest.raises(ParameterError, match="no pattern is called 'slap'; there are accents"):
        find_pattern("slap")


def test_fast_tempi_do_not_ask_for_more_than_hands_can_play():
    section = a_section(arousal=0.95)
    setting = replace(a_setting("arpeggio", section), seconds_a_beat=0.35)
    onsets = starts(played(setting, "arpeggio"))
    gaps = [(b - a) * 0.35 for a, b in itertools.pairwise(onsets)]
    assert min(gaps) >= 0.1
