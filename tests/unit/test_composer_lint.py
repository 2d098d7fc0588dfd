"""The theory lint over many scores, and over one for each rule that breaks that rule alone."""

from itertools import combinations

import pytest

import composer_lint
from musify.composer.chance import Chance
from musify.composer.commission import Commission
from musify.composer.form.brief import timeline_of
from musify.composer.form.section import Section
from musify.composer.score import Part, Score
from musify.composer.style.load import style_names
from musify.composer.tempo import TempoMap
from musify.composer.theory.chords import Chord
from musify.composer.theory.keys import Key
from musify.composer.writing import compose
from musify.composer.written import Written, notes_of

QUICK, MANY = 20, 200
ALIKE = 0.5


@pytest.fixture
def lint():
    return composer_lint


# Four bars and four bars in C major, the final chord after them.
CHORDS = [(0, 0, ""), (4, 5, ""), (8, 7, ""), (12, 0, ""), (16, 9, "m"), (20, 2, "m"), (24, 5, ""),
          (28, 7, "7"), (32, 0, "")]  # fmt: skip
BASS = {0: 48, 4: 53, 8: 55, 12: 48, 16: 45, 20: 50, 24: 53, 28: 55, 32: 48}
MELODY = {0: 76, 2: 79, 4: 81, 6: 77, 8: 74, 10: 71, 12: 72, 16: 72, 18: 76, 20: 77, 22: 74, 24: 69,
          26: 72, 28: 71, 30: 74, 32: 72}  # fmt: skip


def line(pitches):
    starts = [*pitches, 36]
    return notes_of(
        Written(onset, starts[n + 1] - onset, pitch)
        for n, (onset, pitch) in enumerate(pitches.items())
    )


def written(melody=MELODY, bass=BASS, chords=CHORDS, instrument="violin", duration=18.0):
    """Write down the score above, or what a test makes of it."""
    ends = [*(start for start, _, _ in chords[1:]), 36]
    key = Key(0)
    return Score(
        duration=duration,
        tempo=TempoMap([0, 36], [0, 18]),
        sections=(
            Section("A", "theme", 0, (4,) * 4, 0.5, 0.2, key, 1),
            Section("A'", "development", 16, (4,) * 4, 0.5, 0.2, key, 2),
        ),
        chords=[
            Chord(start, end - start, root, quality)
            for (start, root, quality), end in zip(chords, ends, strict=True)
        ],
        parts=(
            Part("melody", "melody", instrument, line(melody)),
            Part("bass", "bass", "contrabass", line(bass)),
        ),
        style="folk",
        seed=0,
        version="0",
    )


def broken(lint, score):
    return {fault.rule for fault in lint.faults_of(score)}


def test_nothing_is_wrong_with_the_plain_score(lint):
    assert lint.faults_of(written()) == []


def test_a_suspension_that_resolves_is_right(lint):
    assert lint.faults_of(written({**MELODY, 8: 72})) == []


WRONG = {
    "strong beats": lambda: written({**MELODY, 10: 72}),
    "leaps": lambda: written({**MELODY, 0: 64}),
    "parallels": lambda: written({**MELODY, 4: 84}),
    "cadences": lambda: written(chords=[*CHORDS[:3], (12, 9, "m"), *CHORDS[4:]]),
    "ranges": lambda: written(instrument="glockenspiel"),
    "repeats": lambda: written(
        {bar + beat: pitch for bar in range(0, 20, 4) for beat, pitch in ((0, 76), (2, 79))}
        | {20: 76, 28: 71, 30: 74, 32: 72},
        dict.fromkeys(range(0, 28, 4), 48) | {28: 55, 32: 48},
        [(0, 0, ""), (28, 7, ""), (32, 0, "")],
    ),
    "final tonic": lambda: written(bass={**BASS, 32: 55}),
}


@pytest.mark.parametrize("rule", WRONG)
def test_a_wrong_score_breaks_its_rule_and_no_other(lint, rule):
    assert broken(lint, WRONG[rule]()) == {rule}


def test_every_rule_has_a_wrong_score(lint):
    assert set(WRONG) == set(lint.RULES)


def test_a_final_chord_that_rings_too_long_is_told(lint):
    assert broken(lint, written(duration=23.0)) == {"final tonic"}


def test_four_bars_alike_are_no_fault(lint):
    melody = {bar + beat: pitch for bar in range(0, 16, 4) for beat, pitch in ((0, 76), (2, 79))}
    score = written(
        melody | {16: 76, 28: 71, 30: 74, 32: 72},
        dict.fromkeys(range(0, 28, 4), 48) | {28: 55, 32: 48},
        [(0, 0, ""), (28, 7, ""), (32, 0, "")],
    )
    assert lint.faults_of(score) == []


def test_pieces_alike_are_told_from_others(lint):
    one, same = (
        lint.grams_of(written()),
        lint.grams_of(written({k: v + 2 for k, v in MELODY.items()})),
    )
    other = lint.grams_of(written({**MELODY, 6: 76, 12: 76, 18: 72, 22: 77, 26: 65, 30: 79}))
    assert lint.jaccard(one, same) == 1
    assert lint.jaccard(one, other) < ALIKE


def commissioned(seed):
    """Ask for one to four moods of some seconds each, every style in turn."""
    chance = Chance(seed, "lint")
    words = ("happy", "tense", "sad", "calm")
    brief = ", ".join(
        f"{chance.pick(words)} {chance.whole(5, 30)}s" for _ in range(chance.whole(1, 4))
    )
    styles = style_names()
    return compose(Commission(timeline_of(brief), style=styles[seed % len(styles)], seed=seed))


def check(lint, seeds):
    grams, parallel, moves = {}, 0, 0
    for seed in seeds:
        score = commissioned(seed)
        faults = [fault for fault in lint.faults_of(score) if fault.rule != "parallels"]
        assert faults == [], f"seed {seed}, {score.style}"
        found, all_moves = lint.parallels_of(score)
        parallel, moves = parallel + len(found), moves + all_moves
        grams[seed] = lint.grams_of(score)
    assert moves > 10 * len(seeds)
    assert parallel <= lint.MOST_PARALLELS * moves
    for one, other in combinations(grams, 2):
        alike = lint.jaccard(grams[one], grams[other])
        assert alike < ALIKE, f"seeds {one} and {other} share {alike:.2f} of their melodies"


def test_twenty_scores_keep_the_rules(lint):
    check(lint, range(QUICK))


@pytest.mark.slow
def test_two_hundred_scores_keep_the_rules(lint):
    check(lint, range(MANY))


def test_the_same_mood_of_another_seed_is_another_tune(lint):
    timeline = timeline_of("happy 30s")
    scores = [compose(Commission(timeline, style="piano", seed=seed)) for seed in range(6)]
    grams = [lint.grams_of(score) for score in scores]
    assert all(len(counted) > 20 for counted in grams)
    assert max(lint.jaccard(*pair) for pair in combinations(grams, 2)) < ALIKE
