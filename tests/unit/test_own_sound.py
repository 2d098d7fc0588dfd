"""Values that cannot be used are refused before a video is looked at."""

import pytest

from musify import Cue, ParameterError, SourceRange, Track
from musify._own_sound import SoundWishes


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"original": "mute"}, "original must be one of"),
        ({"sample_rate": 100}, "sample_rate must be in"),
        ({"loudness": "loud"}, "no loudness target is called 'loud'"),
        ({"loudness": 3}, "loudness target in LUFS must be in"),
        ({"ducking": "much"}, "preset must be one of"),
        ({"detector": "ears"}, "detector must be"),
        ({"audio_stream": -1}, "audio_stream must be in"),
        ({"music_gain_db": 99}, "music_gain_db must be in"),
    ],
)
def test_a_wrong_wish_is_named(wrong, message):
    with pytest.raises(ParameterError, match=message):
        SoundWishes(**wrong)


def test_joints_are_where_a_song_jumps_and_not_where_it_only_changes_its_speed():
    sources = [
        SourceRange(0, 10),
        SourceRange(10, 20, crossfade=0.0),
        SourceRange(40, 50, crossfade=0.5),
    ]
    cue = Cue(5, 30, Track("song.wav", 60), sources)
    assert cue.joints == pytest.approx((5 + 20 - 0.25,))
