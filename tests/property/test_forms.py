"""Whatever the timeline, the form follows it."""

import sys
import time
from itertools import pairwise

import numpy as np
import pytest

from musify import MoodTimeline
from musify.composer.commission import Commission
from musify.composer.form.hit_points import FRAME, LIMIT
from musify.composer.form.shape import shape
from musify.composer.style.style import Style
from musify.composer.writing import compose

STYLE = Style("plain", "Plain", "", (60, 150), (4, 3), 0, "triads", 1, {}, (0, 0), (1, 1), {})
LABELS = ("happy", "tense", "sad", "calm")


def random_timeline(seed):
    """Moods of 3 s to 40 s, and as many cuts as there are five seconds, anywhere."""
    chance = np.random.default_rng(seed)
    edges = [0.0]
    duration = chance.uniform(10, 180)
    while edges[-1] < duration:
        edges.append(edges[-1] + chance.uniform(3, 40))
    moods = len(edges) - 1
    cuts = np.sort(chance.uniform(0, edges[-1], round(edges[-1] / 5)))
    labels = chance.choice(LABELS, moods).tolist()
    return MoodTimeline(edges, labels, [1] * moods, chance.uniform(-1, 1, (moods, 2)), cuts)


def check(timelines, capsys):
    met = cuts = by_chance = 0.0
    for seed, timeline in enumerate(timelines):
        form = shape(Commission(timeline, seed=seed), STYLE)
        downbeats = [beat for section in form.sections for beat in section.downbeats]
        down = form.tempo.seconds_at([*downbeats, form.final])
        for edge in timeline.edges[1:-1]:
            assert np.abs(down - edge).min() < 1e-3, (seed, edge)
        assert sum(section.beats for section in form.sections) == form.final
        for one, two in pairwise(form.sections):
            assert one.key == two.key or one.valence != two.valence, seed
        rings = form.duration - form.tempo.seconds_at(form.final)
        assert 1 <= rings < 6, seed
        bpm = form.tempo.bpm
        assert bpm.max() / bpm.min() <= (1 + LIMIT) / (1 - LIMIT) + 1e-9, seed
        beats = form.tempo.seconds_at(np.arange(form.tempo.end + 1))
        met += (np.abs(timeline.cuts[:, None] - beats).min(axis=1) <= FRAME).sum()
        cuts += len(timeline.cuts)
        by_chance += len(timeline.cuts) * min(1.0, 2 * FRAME * bpm.mean() / 60)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{met / cuts:.1%} of {cuts:.0f} cuts on beats, {by_chance / cuts:.1%} by chance\n"
        )
    assert met / cuts >= 0.6


def test_forms_follow_random_timelines(capsys):
    check(map(random_timeline, range(60)), capsys)


@pytest.mark.slow
@pytest.mark.timeout(1200)  # processor seconds are counted, others may use the machine
def test_a_thousand_pieces_are_written_in_two_minutes(capsys):
    """Symbolic: every note of them, so that the form is not paid for by writing later."""
    began = time.process_time()
    met = cuts = minutes = 0.0
    for seed in range(1000):
        chance = np.random.default_rng(seed)
        edges = np.concatenate([[0], np.cumsum(chance.uniform(4, 25, chance.integers(1, 4)))])
        marks = np.sort(chance.uniform(0, edges[-1], round(edges[-1] / 5)))
        labels = chance.choice(LABELS, len(edges) - 1).tolist()
        plane = chance.uniform(-1, 1, (len(labels), 2))
        timeline = MoodTimeline(edges, labels, [1] * len(labels), plane, marks)
        score = compose(Commission(timeline, seed=seed))
        final = score.sections[-1].end
        down = [beat for section in score.sections for beat in section.downbeats]
        seconds = score.tempo.seconds_at([*down, final])
        for edge in edges[1:-1]:
            assert np.abs(seconds - edge).min() < 1e-3, (seed, edge)
        assert score.duration - seconds[-1] < 6, seed
        beats = score.tempo.seconds_at(np.arange(score.tempo.end + 1))
        met += (np.abs(marks[:, None] - beats).min(axis=1) <= FRAME).sum()
        cuts += len(marks)
        minutes += score.duration / 60
    took = time.process_time() - began
    with capsys.disabled():
        sys.stdout.write(
            f"\n{minutes:.0f} minutes of music in {took:.0f} cpu seconds; "
            f"{met / cuts:.1%} of {cuts:.0f} cuts on beats\n"
        )
    assert met / cuts >= 0.6
    assert took < 120


@pytest.mark.slow
def test_forms_follow_a_thousand_random_timelines(capsys):
    check(map(random_timeline, range(1000)), capsys)
