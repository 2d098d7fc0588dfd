import numpy as np
import pytest

from musify import ParameterError
from musify._arrays import frozen_floats


def test_numbers_become_a_read_only_array_of_their_own():
    source = np.array([1, 2], np.int16)
    array = frozen_floats("a", source, (None,))
    assert array.dtype == np.float64
    assert not array.flags.writeable
    assert not np.shares_memory(array, source)


def test_nothing_has_any_width():
    assert frozen_floats("a", [], (None, 2)).shape == (0, 2)


@pytest.mark.parametrize(
    ("values", "shape", "message"),
    [
        ([1, 2], (3,), r"a must have shape \(3\), got \(2,\)"),
        ([[1]], (None,), r"a must have shape \(n\), got \(1, 1\)"),
        ([], (1, 2), r"a must have shape \(1, 2\), got \(0, 2\)"),
        ([[1], [2, 3]], (None, None), "a must be numbers"),
        (["x"], (None,), "a must be numbers"),
        (None, (None,), "a must"),
        ([0, np.inf], (None,), "a must be finite, got inf"),
    ],
)
def test_refused(values, shape, message):
    with pytest.raises(ParameterError, match=message):
        frozen_floats("a", values, shape)
