import numpy as np
import pytest

from musify.audio.spans import above, bridged, clipped, long_enough, overlap, padded, seconds_in


def test_a_span_begins_at_on_and_lasts_until_off():
    values = np.array([0.4, 0.6, 0.4, 0.4, 0.1, 0.4, 0.4, 0.1, 0.9])
    np.testing.assert_allclose(above(values, 0.5, on=0.5, off=0.35), [[0.5, 2.0], [4.0, 4.5]])
    assert above(np.zeros(0), 0.5, on=0.5, off=0.3).shape == (0, 2)
    assert above(np.full(4, 0.4), 0.5, on=0.5, off=0.3).shape == (0, 2)


def test_bridges_paddings_and_lengths():
    spans = np.array([[1.0, 2.0], [2.2, 3.0], [5.0, 5.1]])
    np.testing.assert_allclose(bridged(spans, 0.3), [[1, 3], [5, 5.1]])
    np.testing.assert_allclose(bridged(spans, 0.1), spans)
    np.testing.assert_allclose(long_enough(spans, 0.5), spans[:2])
    np.testing.assert_allclose(padded(spans, 2.0, 0.1, 5.15), [[0, 5.15]])
    np.testing.assert_allclose(padded(spans, 0.0, -0.05, 9), [[1, 1.95], [2.2, 2.95], [5, 5.05]])
    np.testing.assert_allclose(clipped(spans, 2.5), [[1, 2], [2.2, 2.5]])
    assert seconds_in(spans) == pytest.approx(1.9)


def test_overlap_counts_what_lies_in_both():
    first = np.array([[0.0, 2.0], [4.0, 6.0]])
    second = np.array([[1.0, 5.0], [7.0, 8.0]])
    assert overlap(first, second) == pytest.approx(2.0)
    assert overlap(first, np.zeros((0, 2))) == 0
