import json
import pickle

import numpy as np
import pytest

from musify.errors import ParameterError
from musify.gain_curve import GainCurve

CURVE = GainCurve([1.0, 1.5, 4.0, 5.0], [0.0, -15.0, -15.0, 0.0])


def test_gains_stand_at_the_points_and_stay_outside():
    np.testing.assert_allclose(CURVE.at([0, 1, 1.5, 2, 4, 5, 99]), [0, 0, -15, -15, -15, 0, 0])


def test_a_cosine_sets_out_and_arrives_gently_and_a_line_does_not():
    tenth = 1 + 0.05
    assert CURVE.at(tenth) == pytest.approx(-15 * (1 - np.cos(0.1 * np.pi)) / 2)
    straight = GainCurve(CURVE.times, CURVE.gains_db, "linear")
    assert straight.at(tenth) == pytest.approx(-1.5)
    assert CURVE.at(1.25) == pytest.approx(-7.5)
    assert straight.at(1.25) == pytest.approx(-7.5)


def test_no_point_changes_nothing_and_one_point_is_a_level():
    block = np.ones((4, 2), np.float32)
    assert GainCurve([], []).apply(block, 0, 48_000) is block
    assert GainCurve([3.0], [-6.0]).at([0.0, 9.0]).tolist() == [-6.0, -6.0]


def test_where_the_gain_is_0_the_block_itself_comes_back():
    block = np.ones((480, 2), np.float32)
    assert CURVE.apply(block, 0, 48_000) is block
    assert CURVE.apply(block, 48_000 * 6, 48_000) is block


def test_applied_in_blocks_of_any_size_it_is_the_same(rng):
    pcm = rng.uniform(-1, 1, (6000, 2)).astype(np.float32)
    whole = CURVE.apply(pcm, 0, 1000)
    parts = [CURVE.apply(pcm[start : start + 7], start, 1000) for start in range(0, 6000, 7)]
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-6)
    expected = pcm * 10 ** (CURVE.at(np.arange(6000) / 1000) / 20)[:, None]
    np.testing.assert_allclose(whole, expected, rtol=1e-6)
    assert whole.dtype == np.float32


def test_a_dip_inside_a_block_is_not_overlooked():
    dip = GainCurve([1.0, 1.1, 1.2], [0, -20, 0])
    out = dip.apply(np.ones((3000, 1), np.float32), 0, 1000)
    assert out.min() == pytest.approx(0.1)


def test_json_brings_back_an_equal_curve():
    assert GainCurve.from_json(CURVE.to_json()) == CURVE
    line = GainCurve([0.1], [-3.25], "linear")
    assert GainCurve.from_json(line.to_json()) == line
    assert hash(GainCurve.from_json(line.to_json())) == hash(line)
    assert line != CURVE
    assert pickle.loads(pickle.dumps(CURVE)) == CURVE


def test_csv_has_a_line_for_each_point():
    lines = CURVE.to_csv().splitlines()
    assert lines[0] == "time,gain_db"
    assert lines[2] == "1.500000,-15.000"
    assert len(lines) == 5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"points": [[1, -3], [1, 0]]}, "must ascend"),
        ({"points": [[1, -3, 4]]}, r"points\[0\] must be a pair"),
        ({"points": [[1, -300]]}, r"points\[0\]\[1\] must be from -120 to 40"),
        ({"points": [[-1, 0]]}, r"points\[0\]\[0\] must be at least 0"),
        ({"shape": "spline"}, "shape must be 'cosine' or 'linear'"),
        ({"colour": 1}, "colour is not a known key"),
    ],
)
def test_a_wrong_document_is_refused_by_the_path_of_what_is_wrong(change, words):
    document = json.loads(CURVE.to_json()) | change
    with pytest.raises(ParameterError, match=words):
        GainCurve.from_json(json.dumps(document))


@pytest.mark.parametrize(
    ("times", "gains", "words"),
    [
        ([0, 1], [0], "2 times and 1 gains_db"),
        ([1, 0], [0, 0], "must ascend, got 1 before 0"),
        ([-1], [0], "at least 0 s"),
        ([0], [41], r"in \[-120, 40\], got 41"),
        ([0], [np.nan], "finite"),
    ],
)
def test_wrong_points_are_refused(times, gains, words):
    with pytest.raises(ParameterError, match=words):
        GainCurve(times, gains)


def test_it_shows_itself():
    html = CURVE._repr_html_()
    assert html.startswith("<svg")
    assert "-15 dB" in html
    assert GainCurve([], [])._repr_html_().startswith("<svg")
    many = GainCurve(np.arange(20_000.0), np.where(np.arange(20_000) % 2, 0.0, -15.0))
    assert len(many._repr_html_()) < 200_000


def test_it_draws_itself_on_given_axes():
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = figure.subplots()
    assert CURVE.plot(axes) is axes
    (line,) = axes.lines
    assert line.get_ydata().min() == -15
    assert CURVE.plot().get_ylabel() == "gain (dB)"
