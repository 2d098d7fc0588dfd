import json
from dataclasses import asdict

import numpy as np
import pytest

from musify import Evidence, ParameterError
from musify.evidence import merge_evidence


def test_the_scene_is_the_weighted_mean_of_its_frames():
    first = (Evidence("picture", "sea", 0.8, 0.4, -0.2), Evidence("colour", "colour", 1, 0.1, 0))
    second = (Evidence("picture", "sea", 0.4, 0.2, -0.1),)
    sea, colour = merge_evidence([first, second], [0.25, 0.75])
    assert (sea.source, sea.name) == ("picture", "sea")
    assert (sea.weight, sea.valence, sea.arousal) == pytest.approx((0.5, 0.25, -0.125))
    assert colour.weight == pytest.approx(0.25)


def test_the_most_telling_ten_are_kept():
    row = tuple(Evidence("picture", f"thing {n:02}", n / 20, 0, 0) for n in range(20))
    kept = merge_evidence([row], [1.0])
    assert [one.name for one in kept] == [f"thing {n:02}" for n in range(19, 9, -1)]


def test_numbers_of_numpy_become_plain_ones():
    one = Evidence("face", "happy face", np.float32(0.5), np.float64(0.1), np.float64(0.2))
    assert json.loads(json.dumps(asdict(one)))["weight"] == 0.5


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (("", "sea", 0.5, 0, 0), "source and a name"),
        (("picture", "", 0.5, 0, 0), "source and a name"),
        (("picture", "sea", 1.5, 0, 0), r"\[0, 1\], got 1.5"),
        (("picture", "sea", float("nan"), 0, 0), r"\[0, 1\], got nan"),
        (("picture", "sea", 0.5, float("inf"), 0), "finite"),
    ],
)
def test_what_is_refused(fields, words):
    with pytest.raises(ParameterError, match=words):
        Evidence(*fields)
