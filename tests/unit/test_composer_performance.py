"""Performance: how what is written is played."""

import itertools

import numpy as np
import pytest

from musify.composer.chance import Chance
from musify.composer.cue_table import cues_at
from musify.composer.form.section import Section
from musify.composer.instruments.catalogue import find_instrument
from musify.composer.parts.setting import Setting
from musify.composer.performance.articulation import articulated
from musify.composer.performance.controls import pedalled, swelled
from musify.composer.performance.dynamics import shaded
from musify.composer.performance.timing import swung, timed
from musify.composer.theory.chords import Chord
from musify.composer.theory.keys import Key
from musify.composer.written import Written

QUARTERS = [Written(float(beat), 1.0, 60) for beat in range(32)]


def a_setting(role="theme", *, arousal=0.0, **more):
    section = Section("A", role, 0, (4,) * 8, 0.2, arousal, Key(0), 1)
    return Setting(
        section=section,
        chords=(Chord(0, 32, 0),),
        cues=cues_at(0.2, arousal),
        instrument=find_instrument("piano"),
        low=48,
        high=72,
        chance=Chance(1),
        **more,
    )


def velocities(setting, notes=QUARTERS, role="harmony"):
    return np.array([note.velocity for note in shaded(notes, setting, role)])


def test_loudness_is_the_moods():
    means = [velocities(a_setting(arousal=a)).mean() for a in (-0.9, -0.3, 0.3, 0.9)]
    assert means == sorted(means)
    assert means[-1] > means[0] + 40
    wanted = 127 * cues_at(0.2, -0.3).velocity
    assert means[1] == pytest.approx(wanted, abs=3)


def test_velocities_are_whole_and_differ():
    played = velocities(a_setting())
    assert (played == np.round(played)).all()
    assert len(set(played.tolist())) > 5
    assert played.min() >= 1
    assert velocities(a_setting(arousal=1.0), [Written(0.0, 1.0, 60, 127)])[0] <= 127


def test_an_accent_stays_an_accent():
    notes = [note._replace(velocity=100 if note.onset % 4 == 0 else 70) for note in QUARTERS]
    for arousal in (-0.9, 0.0, 0.9):
        played = velocities(a_setting(arousal=arousal), notes)
        assert played[0::4].mean() > played[1::4].mean() + 10


def test_a_build_grows_and_a_hit_is_struck_harder():
    growing = velocities(a_setting("build"))
    assert growing[-8:].mean() > growing[:8].mean() + 8
    assert velocities(a_setting("break")).mean() < velocities(a_setting()).mean() - 4
    hit = velocities(a_setting(hits=((10.0, 1.0),)))
    assert hit[10] - velocities(a_setting())[10] == pytest.approx(12, abs=1)
    into = velocities(a_setting(into=1.0)) - velocities(a_setting())
    assert into[:28].max() == 0 < into[-1]


def played_in_time(role, swing=0.0, exact=frozenset()):
    notes = [Written(0.5 * half, 0.5, 60 + voice) for half in range(200) for voice in (0, 4)]
    options = {"role": role, "swing": swing, "seconds_a_beat": 0.5, "exact": exact}
    return timed(notes, chance=Chance(3), **options)


def test_bass_and_drums_are_tight():
    spread = {role: np.std([n.shift for n in played_in_time(role)]) for role in ("drums", "melody")}
    assert 0.0015 < spread["drums"] < 0.004 < spread["melody"] < 0.01


def test_a_chord_stays_together_and_a_strum_apart():
    notes = played_in_time("harmony")
    assert all(one.shift == two.shift for one, two in zip(notes[::2], notes[1::2], strict=True))
    strum = [Written(1.0, 1.0, 60, 80, 0.0), Written(1.0, 1.0, 64, 80, 0.03)]
    options = {"role": "harmony", "swing": 0.0, "seconds_a_beat": 0.5, "exact": frozenset()}
    first, second = timed(strum, chance=Chance(3), **options)
    assert second.shift - first.shift == pytest.approx(0.03)


def test_swing_makes_the_second_eighth_late_but_not_on_a_hit():
    notes = played_in_time("bass", swing=1.0, exact=frozenset({10.5}))
    late = np.array([note.shift for note in notes if note.onset % 1 == 0.5 and note.onset != 10.5])
    assert late.mean() == pytest.approx(0.5 / 6, abs=0.002)
    assert {note.shift for note in notes if note.onset == 10.5} == {0.0}
    assert [round(swung(at, 1.0), 4) for at in (0.0, 0.25, 0.5, 0.75)] == [
        0,
        0.0833,
        0.1667,
        0.0833,
    ]


@pytest.mark.parametrize(
    ("role", "name", "shorter"),
    [
        ("melody", "flute", True),
        ("harmony", "piano", True),
        ("harmony", "steel-guitar", False),
        ("pad", "strings", False),
        ("drums", "standard-kit", False),
    ],
)
def test_articulation_is_the_moods_where_the_instrument_can(role, name, shorter):
    notes = [Written(0.0, 1.0, 72), Written(1.0, 4.0, 74)]
    held = articulated(notes, role=role, instrument=find_instrument(name), gate=0.6)
    assert (held[0].duration < 1.0) == shorter
    assert held[1].duration / 4 >= held[0].duration, "long notes are cut by less"
    legato = articulated(notes, role=role, instrument=find_instrument(name), gate=1.0)
    assert [note.duration for note in legato] == [1.0, 4.0]


def test_the_pedal_is_changed_with_the_chord():
    chords = [Chord(0, 4, 0), Chord(4, 2, 7), Chord(6, 2, 5)]
    calm, wild = cues_at(0.3, -0.5), cues_at(0.0, 1.0)
    spans = pedalled("harmony", find_instrument("piano"), chords, calm)
    assert [start for start, _ in spans] == [0, 4, 6]
    for (_, up), (down, _) in itertools.pairwise(spans):
        assert up < down
    assert pedalled("harmony", find_instrument("piano"), chords, wild) == []
    assert pedalled("harmony", find_instrument("harp"), chords, calm) == []
    assert pedalled("melody", find_instrument("piano"), chords, calm) == []


def test_sustained_sounds_swell_with_the_phrase():
    section = a_setting().section
    points = swelled("pad", find_instrument("strings"), section)
    beats, gains = zip(*points, strict=True)
    assert list(beats) == sorted(set(beats))
    assert beats[0] == 0
    assert beats[-1] < 32
    assert min(gains) > 0.5
    assert max(gains) == 1.0
    assert gains[1] > gains[0]
    assert swelled("pad", find_instrument("piano"), section) == []
    growing = swelled("pad", find_instrument("strings"), a_setting("build").section)
    assert [gain for _, gain in growing] == sorted(gain for _, gain in growing)
