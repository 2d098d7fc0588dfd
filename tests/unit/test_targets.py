import math

import pytest

from musify import ParameterError
from musify.audio.targets import TARGETS, gain_to_target, target_lufs


def test_names_stand_for_what_their_documents_say():
    assert dict(TARGETS) == {"web": -14, "apple": -16, "podcast": -16, "ebu": -23, "atsc": -24}
    assert target_lufs("ebu") == -23
    assert target_lufs(-18) == -18


@pytest.mark.parametrize("bad", ["loud", "", 3, -80, math.nan, None, True])
def test_other_targets_are_refused(bad):
    with pytest.raises(ParameterError, match="loudness target"):
        target_lufs(bad)


@pytest.mark.parametrize(
    ("lufs", "options", "gain"),
    [
        (-20, {}, 6),
        (-9, {}, -5),
        (-20, {"target": "ebu"}, -3),
        (-20, {"true_peak_dbtp": -9}, 6),
        (-20, {"true_peak_dbtp": -3}, 2),
        (-9, {"true_peak_dbtp": 1}, -5),
        (-15, {"true_peak_dbtp": 1}, -2),
        (-20, {"true_peak_dbtp": -3, "ceiling_dbtp": -2}, 1),
        (-65, {}, 40),
        (-65, {"most_gain_db": 20}, 20),
        (None, {}, 0),
    ],
)
def test_the_gain(lufs, options, gain):
    assert gain_to_target(lufs, **options) == pytest.approx(gain)
