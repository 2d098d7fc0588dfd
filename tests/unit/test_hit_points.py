import numpy as np
import pytest

from musify.composer.form.hit_points import FRAME, LIMIT, HitPoints, walk
from musify.composer.form.smoothing import evened
from musify.composer.form.tempo_plan import ending_window, plan_tempo


def points(cuts, musts=(0.0,)):
    times = np.array(sorted({*cuts, *musts}))
    is_must = np.isin(times, musts)
    return HitPoints(times, is_must, np.where(is_must, 0.0, 1.0))


def found(cuts, bpm, ending, musts=(0.0,), metre=4):
    return walk(points(cuts, musts), np.array([bpm]), metre, ending, fine=True)[0]


def test_beats_between_hit_points_are_whole_and_near_the_base_tempo():
    cuts = np.sort(np.random.default_rng(1).uniform(1, 55, 11))
    way = found(cuts, 100.0, (55.0, 57.0, 58.0))
    gaps = np.diff(way.seconds)
    assert len(gaps) == len(way.beats) >= 6
    assert min(way.beats) >= 1
    assert np.abs(np.array(way.beats) * 0.6 / gaps - 1).max() <= LIMIT + 1e-9
    # Every hit point that it stops at, but for the final chord, is a cut.
    near = np.abs(np.array(way.seconds[1:-1])[:, None] - cuts).min(axis=1)
    assert near.max() <= FRAME


def test_cuts_that_cannot_follow_each_other_do_not_part_the_way():
    # At 60 beats a minute neither 40.4 nor 40.8 can follow 40.0, and 20 s lie before them.
    cuts = [10.0, 20.0, 40.0, 40.4, 40.8, 52.0, 62.0]
    way = found(cuts, 60.0, (70.0, 70.0, 70.0))
    met = [cut for cut in cuts if np.abs(np.array(way.seconds) - cut).min() <= FRAME]
    assert {10.0, 20.0, 52.0, 62.0} <= set(met)
    assert len(met) >= 5


def test_what_must_be_met_is_met_exactly_whatever_it_takes():
    way = found([], 60.0, (9.0, 10.0, 11.0), musts=(0.0, 0.7, 3.1))
    assert way.seconds[:3] == [0.0, 0.7, 3.1]
    assert way.score < -1  # it had to leave the limit, and says so


def test_more_freedom_is_never_worth_less():
    cuts = np.sort(np.random.default_rng(2).uniform(2, 40, 8))
    bases = np.linspace(80, 120, 9)
    some = walk(points(cuts), bases, 4, (42.0, 44.0, 45.0), fine=False)
    fewer = walk(points(cuts[:-2]), bases, 4, (42.0, 44.0, 45.0), fine=False)
    assert max(way.score for way in some) >= max(way.score for way in fewer) - 0.5


def test_evened_tempi_change_less_and_keep_their_bounds():
    chance = np.random.default_rng(3)
    beats = np.cumsum([0, *chance.integers(4, 12, 20)]).tolist()
    seconds = [beat * 0.6 for beat in beats]
    seconds[1:-1] = (np.array(seconds[1:-1]) + chance.uniform(-0.03, 0.03, 19)).tolist()
    bounds = [(s, s) if n in (0, 7, 20) else (s - 0.03, s + 0.03) for n, s in enumerate(seconds)]
    out = evened(seconds, beats, bounds)

    def change(times):
        return float((np.diff(np.diff(times) / np.diff(beats)) ** 2).sum())

    assert change(out) < 0.5 * change(seconds)
    for time, (low, high) in zip(out, bounds, strict=True):
        assert low <= time <= high
    assert out[0] == seconds[0]
    assert out[7] == seconds[7]


@pytest.mark.parametrize("duration", [1.0, 4.0, 10.0, 100.0, 10800.0])
def test_the_final_chord_rings_for_long_enough(duration):
    low, best, high = ending_window(duration)
    assert 0 < low < best < high < duration
    assert duration - low < 6
    assert duration - high >= min(2.2, 0.4 * duration) - 1e-9


def test_only_a_wished_tempo_is_not_moved():
    cuts = np.sort(np.random.default_rng(4).uniform(2, 80, 16))
    strengths = np.full(16, 0.5)
    fixed = plan_tempo(90.0, np.array([30.0]), cuts, strengths, wanted=93.0, tempi=None, metre=4)
    chosen = plan_tempo(
        90.0, np.array([30.0]), cuts, strengths, wanted=93.0, tempi=(60, 150), metre=4
    )
    assert fixed.base == 93.0
    assert 93 * 0.8 < chosen.base < 93 * 1.25
    for plan in (fixed, chosen):
        assert plan.tempo.seconds_at(plan.downbeats[1]) == pytest.approx(30.0, abs=1e-9)
