import numpy as np
import pytest

from musify.errors import ParameterError
from musify.testing.generated_speech import generated_speech


def test_it_sounds_in_its_intervals_alone_and_at_its_level():
    spoken = generated_speech(3, duration=12, level_db=-26, sample_rate=16_000)
    silent = np.ones(len(spoken.pcm), bool)
    assert len(spoken.intervals) >= 2
    for start, end in spoken.intervals:
        part = slice(round(start * 16_000), round(end * 16_000))
        silent[part] = False
        level = 20 * np.log10(np.sqrt(np.square(spoken.pcm[part, 0]).mean()))
        assert level == pytest.approx(-26, abs=0.1)
    assert not spoken.pcm[silent].any()
    assert spoken.pcm.shape == (12 * 16_000, 2)
    assert spoken.intervals[0, 0] == 2


def test_a_seed_says_the_same_again_and_another_something_else():
    first = generated_speech(1, duration=5, sample_rate=16_000).pcm
    np.testing.assert_array_equal(first, generated_speech(1, duration=5, sample_rate=16_000).pcm)
    assert (first != generated_speech(2, duration=5, sample_rate=16_000).pcm).any()


def test_wrong_numbers_are_refused():
    with pytest.raises(ParameterError, match="sample_rate"):
        generated_speech(sample_rate=4000)
    with pytest.raises(ParameterError, match="duration"):
        generated_speech(duration=0)
