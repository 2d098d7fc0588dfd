import dataclasses

import numpy as np
import pytest

from musify import ParameterError
from musify.composer.cue_table import cue_rows, cues_at
from musify.composer.musical_cues import MusicalCues
from musify.composer.theory.keys import MODES, Key

GRID = [(v, a) for v in np.linspace(-1, 1, 21) for a in np.linspace(-1, 1, 21)]


def test_every_cue_has_a_row_with_its_source():
    rows = cue_rows()
    assert {row.cue for row in rows} == {field.name for field in dataclasses.fields(MusicalCues)}
    assert len(rows) == len({row.cue for row in rows})
    assert all(row.source and row.low < row.high for row in rows)


@pytest.mark.parametrize(
    ("cue", "low", "high"),
    [
        ("bpm", 30, 240),
        ("register", 36, 84),
        ("gate", 0.05, 1),
        ("velocity", 0, 1),
        ("density", 0.25, 4),
        ("layers", 0, 1),
        ("drums", 0, 1),
        ("tension", 0, 1),
        ("brightness", 0, 1),
    ],
)
def test_cues_stay_in_the_range_of_their_type(cue, low, high):
    values = [getattr(cues_at(*point), cue) for point in GRID]
    assert low <= min(values) < max(values) <= high


def test_cues_are_sums_of_what_valence_and_arousal_add():
    for row in cue_rows():
        # Small steps about the middle, where no range ends, unless the middle is at its end.
        parts = [row.at(v, a) - row.at(0, 0) for v, a in [(0.1, 0), (0, 0.1), (0.1, 0.1)]]
        assert parts[0] + parts[1] == pytest.approx(parts[2], abs=1e-12)


def test_active_music_is_faster_louder_denser_and_less_bound():
    still, active = cues_at(0.2, -0.8), cues_at(0.2, 0.8)
    for cue in ("bpm", "velocity", "density", "layers", "drums", "brightness"):
        assert getattr(active, cue) > getattr(still, cue), cue
    assert active.gate < still.gate


def test_valence_decides_the_third_and_arousal_does_not():
    for valence in (-1, -0.6, -0.2, -0.01, 0, 0.01, 0.4, 1):
        modes = {cues_at(valence, arousal).mode for arousal in (-1, 0, 1)}
        assert len(modes) == 1
        assert modes <= set(MODES)
        assert Key(0, modes.pop()).is_minor == (valence < 0)


@pytest.mark.parametrize("point", [(1.1, 0), (0, -1.01), (float("nan"), 0), ("happy", 0)])
def test_a_mood_outside_the_plane_is_refused(point):
    with pytest.raises(ParameterError, match=r"must be (a number )?in \[-1, 1\]"):
        cues_at(*point)
