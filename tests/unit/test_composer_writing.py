"""The whole of writing: the same again, sections apart, parts as they should be, and the lint."""

import hashlib
import itertools
from importlib.resources import files

import numpy as np
import pytest

from composer_lint import faults_of, grams_of, jaccard, longest_runs, parallels_of
from musify.composer.commission import Commission
from musify.composer.instruments.catalogue import find_instrument
from musify.composer.style.load import style_names
from musify.composer.theory.keys import Key
from musify.composer.writing import compose
from musify.errors import ParameterError
from musify.timeline import MoodTimeline

POINTS = {"happy": (0.7, 0.6), "tense": (-0.6, 0.7), "sad": (-0.7, -0.5), "calm": (0.5, -0.6)}
COLUMNS = ("onset", "duration", "pitch", "velocity", "shift")


def a_timeline(*moods, seconds=12.0, cuts=()):
    edges = seconds * np.arange(len(moods) + 1)
    points = [POINTS[mood] for mood in moods]
    return MoodTimeline(edges, moods, np.ones(len(moods)), points, cuts=cuts)


def rows_of(part, first=0.0, end=np.inf):
    """List the notes of a part that begin in a span of beats, as tuples."""
    inside = (part.notes.onset >= first) & (part.notes.onset < end)
    return list(zip(*(getattr(part.notes, name)[inside].tolist() for name in COLUMNS), strict=True))


def digest(score):
    """Shorten a score to a name: every note, chord, pedal and swell is in it."""
    words = hashlib.blake2b(digest_size=8)
    for part in score.parts:
        words.update(repr((part.name, part.instrument, rows_of(part))).encode())
        words.update(repr((part.pedal.tolist(), part.expression.tolist())).encode())
    words.update(repr([chord.name for chord in score.chords]).encode())
    return words.hexdigest()


@pytest.mark.parametrize("style", style_names())
def test_every_style_writes_every_mood(style):
    timeline = a_timeline("happy", "tense", "sad", "calm", cuts=[3.1, 7.0, 12.0, 17.2, 24.0, 30.0])
    score = compose(Commission(timeline, style=style, seed=4, strengths=[0.3, 0.9] * 3))
    assert score.duration == 48.0
    assert score.style == style
    assert [fault for fault in faults_of(score) if fault.rule != "parallels"] == []
    parts = {part.name: part for part in score.parts}
    assert parts["melody"].role == "melody"
    assert parts["bass"].role == "bass"
    assert max(longest_runs(score).values()) <= 4
    final = score.sections[-1].end
    for part in score.parts:
        entry = find_instrument(part.instrument)
        notes = part.notes
        assert notes.pitch.min() >= entry.low
        assert notes.pitch.max() <= entry.high
        assert set(notes.velocity % 1) == {0.0}
        begins = score.tempo.seconds_at(notes.onset) + notes.shift
        ends = score.tempo.seconds_at(notes.onset + notes.duration) + notes.shift
        assert begins.min() >= 0
        assert (ends - begins).min() > 0.01
        assert ends.max() <= 48 - 0.3, "it dies away before the end"
        assert np.abs(notes.shift).max() < 0.35
        assert (np.diff(part.expression[:, 0]) > 0).all()
        assert (np.diff(part.pedal.ravel()) >= 0).all()
        for pitch in np.unique(notes.pitch):
            same = notes.pitch == pitch
            assert (np.diff(notes.onset[same]) > 0).all(), "a pitch is struck once at a time"
            free = notes.onset[same][1:] - (notes.onset + notes.duration)[same][:-1]
            assert free.min(initial=0) >= -1e-9
    lines = [part for part in score.parts if part.role in ("melody", "bass")]
    assert all((np.diff(part.notes.onset) > 0).all() for part in lines)
    struck = {part.name for part in score.parts if (part.notes.onset == final).any()}
    assert "bass" in {name.split()[0] for name in struck}
    assert "melody" in {name.split()[0] for name in struck}


def test_the_same_commission_gives_the_same_score():
    def write():
        return digest(compose(Commission(a_timeline("happy", "sad"), seed=9, style="folk")))

    assert write() == write()


@pytest.mark.parametrize("style", ["acoustic", "orchestral"])
def test_one_section_is_written_anew_and_the_others_stay(style):
    timeline = a_timeline("happy", "tense", "calm", seconds=13, cuts=[4.0, 9.0, 13.0, 33.0])
    old = compose(Commission(timeline, style=style, seed=2))
    for number, section in enumerate(old.sections):
        wanted = Commission(timeline, style=style, seed=2, section_seeds=((number, 12345),))
        new = compose(wanted)
        assert [part.name for part in new.parts if part.role == "melody"]
        names = {part.name for part in old.parts} | {part.name for part in new.parts}
        before = {part.name: part for part in old.parts}
        after = {part.name: part for part in new.parts}
        changed = False
        for other in old.sections:
            # The final chord belongs to the last section.
            end = np.inf if other is old.sections[-1] else other.end
            for name in names:
                one = rows_of(before[name], other.start, end) if name in before else []
                two = rows_of(after[name], other.start, end) if name in after else []
                if other is section:
                    changed |= one != two
                else:
                    assert one == two, (number, other.name, name)
        assert changed, number


def test_twenty_videos_do_not_get_one_tune():
    scores = [
        compose(Commission(a_timeline("calm", "happy", seconds=13.0), seed=seed))
        for seed in range(20)
    ]
    assert len({score.style for score in scores}) >= 3
    ensembles = {tuple(sorted(part.instrument for part in score.parts)) for score in scores}
    assert len(ensembles) >= 10
    grams = [grams_of(score) for score in scores]
    assert max(jaccard(*pair) for pair in itertools.combinations(grams, 2)) < 0.5


def test_the_rules_hold_for_a_few_seeds():
    check_rules(range(8))


@pytest.mark.slow
def test_the_rules_hold_for_many_seeds():
    check_rules(range(200))


def check_rules(seeds):
    moves = parallels = 0
    faults = []
    for seed in seeds:
        moods = [("happy", "tense"), ("sad", "calm"), ("tense", "sad", "happy")][seed % 3]
        timeline = a_timeline(*moods, seconds=9.5 + seed % 24 / 3, cuts=np.arange(2.0, 18.0, 3.7))
        score = compose(Commission(timeline, seed=seed))
        faults += [fault for fault in faults_of(score) if fault.rule != "parallels"]
        found, all_moves = parallels_of(score)
        parallels += len(found)
        moves += all_moves
    assert faults == []
    assert parallels <= 0.01 * moves


def test_a_style_of_ones_own_is_written_in(tmp_path):
    file = files("musify.composer.style") / "data" / "folk.toml"
    mine = file.read_text(encoding="utf-8").replace('name = "folk"', 'name = "polka"', 1)
    path = tmp_path / "polka.toml"
    path.write_text(mine, encoding="utf-8")
    score = compose(Commission(a_timeline("happy"), style=str(path), seed=1))
    assert score.style == "polka"
    like = compose(Commission(a_timeline("happy"), style="folk", seed=1))
    assert digest(score) == digest(like)
    path.write_text(mine + "\nshuffle = 1\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="shuffle is not a known key"):
        compose(Commission(a_timeline("happy"), style=str(path)))


def test_wishes_are_kept():
    timeline = a_timeline("happy")
    wanted = Commission(
        timeline, style="piano", bpm=110, key=Key(2, "major"), instruments=("cello", "harp")
    )
    score = compose(wanted)
    assert {part.instrument for part in score.parts} == {"cello", "harp"}
    assert score.sections[0].key.tonic == 2
    assert abs(score.tempo.bpm_at(0) / 110 - 1) < 0.06


@pytest.mark.parametrize("names", [("flute",), ("acoustic-bass",), ("glockenspiel", "timpani")])
def test_even_odd_ensembles_play(names):
    score = compose(Commission(a_timeline("happy", "tense"), instruments=names, seed=1))
    assert {part.instrument for part in score.parts} <= set(names)
    assert score.parts[0].name == "melody"
    assert [fault for fault in faults_of(score) if fault.rule == "ranges"] == []


@pytest.mark.parametrize("seconds", [1.0, 1.7, 3.0, 5.0])
def test_the_shortest_pieces_have_a_melody_and_an_end(seconds):
    for seed in range(4):
        score = compose(Commission(a_timeline("happy", seconds=seconds), seed=seed))
        assert {"melody", "bass"} <= {part.name for part in score.parts}
        for part in score.parts:
            ends = score.tempo.seconds_at(part.notes.onset + part.notes.duration)
            assert ends.max() < seconds


def test_what_is_not_known_is_refused():
    timeline = a_timeline("happy")
    with pytest.raises(ParameterError, match="no style is called 'polka'"):
        compose(Commission(timeline, style="polka"))
    with pytest.raises(ParameterError, match="no instrument is called 'kazoo'"):
        compose(Commission(timeline, instruments=("kazoo",)))


def test_more_energy_is_louder_busier_and_has_drums():
    scores = [
        compose(Commission(a_timeline("calm"), style="acoustic", seed=3, energy=energy))
        for energy in (-0.4, 0.6, 1.0)
    ]
    loud = [np.mean([part.notes.velocity.mean() for part in score.parts]) for score in scores]
    busy = [sum(len(part.notes) for part in score.parts) for score in scores]
    drums = [sum(part.role == "drums" for part in score.parts) for score in scores]
    assert loud == sorted(loud)
    assert busy == sorted(busy)
    assert drums[0] == 0 < drums[-1]


def test_swing_is_in_the_playing_not_in_the_notation():
    score = compose(Commission(a_timeline("calm", "happy"), style="lo-fi", seed=5))
    late = []
    for part in score.parts:
        place = part.notes.onset % 1
        assert set(np.round(4 * place, 6) % 1) <= {0.0}
        late += part.notes.shift[place == 0.5].tolist()
    seconds = float(60 / score.tempo.bpm_at(0))
    assert np.median(late) == pytest.approx(0.55 / 6 * seconds, rel=0.35)


def test_nobody_is_late_on_a_hit():
    cuts = [4.0, 8.0, 12.0, 16.0]
    timeline = a_timeline("happy", "tense", cuts=cuts)
    score = compose(Commission(timeline, style="cinematic", seed=5))
    assert len(score.hits) >= 3
    for part in score.parts:
        if part.role in ("drums", "bass", "melody", "ostinato"):
            on_hit = np.isin(part.notes.onset, score.hits)
            assert np.abs(part.notes.shift[on_hit]).max(initial=0) == 0


@pytest.mark.parametrize("style", ["acoustic", "piano"])
def test_every_strong_cut_is_met_even_where_nothing_drums(style):
    cuts = np.arange(2.15, 22.0, 2.3)
    timeline = a_timeline("calm", seconds=24.0, cuts=cuts)
    score = compose(Commission(timeline, style=style, seed=8, strengths=np.ones(len(cuts))))
    onsets = np.concatenate([part.notes.onset for part in score.parts])
    breaks = [section for section in score.sections if section.role == "break"]
    hits = [hit for hit in score.hits if not any(b.start <= hit < b.end for b in breaks)]
    assert len(hits) >= 4
    assert np.isin(hits, onsets).all()
