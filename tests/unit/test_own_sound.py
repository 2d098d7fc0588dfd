"""Values that cannot be used are refused before a video is looked at."""

from dataclasses import replace

import numpy as np
import pytest

from musify import Cue, CueSheet, GainCurve, ParameterError, SourceRange, Track
from musify._own_sound import HeardVideo, SoundWishes, settled, tell_of_leftovers
from musify.audio.power import PowerCurve
from musify.audio.speech import Speech
from musify.notices import collect_notices


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
        ({"music_gain_db": "loud"}, "music_gain_db must be a number in .*, got 'loud'"),
        ({"original": "auto"}, r"leave it out \(None\)"),
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


def heard_at(video, lufs, speech=(), music=(), **wishes):
    """A video whose own sound is steady at a loudness."""
    heard = HeardVideo(video, SoundWishes(**wishes))
    power = np.full(500, 10 ** ((lufs + 0.691) / 10))
    heard.__dict__["power"] = PowerCurve(power)
    heard.__dict__["speech"] = Speech(np.reshape(speech, (-1, 2)), 10.0, np.reshape(music, (-1, 2)))
    return heard


@pytest.mark.parametrize(
    ("own", "music"),
    [(-20.0, -23.0), (-26.0, -29.0), (-40.0, -29.0), (-70.0, -29.0)],
)
def test_music_does_not_follow_ambience_into_the_noise(own, music, make_video):
    video = make_video(10.0, audio=True)
    sheet, _ = settled(CueSheet((), 10.0), heard_at(video, own))
    assert -16 + sheet.music_gain_db == pytest.approx(music)
    assert f"at {own:.1f} LUFS" in sheet.decisions[-1]
    assert ("too quiet" in sheet.decisions[-1]) == (own < -26)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({}, "for 40% of the time, and the new music plays over it"),
        ({"step_aside": True}, "for 40% of the time, and there the new music is silent"),
    ],
)
def test_music_of_the_videos_own_is_told_of(wishes, said, make_video, monkeypatch):
    monkeypatch.setattr("musify._own_sound.with_ducking", lambda sheet, *_, **__: (sheet, None))
    video = make_video(10.0, audio=True)
    with collect_notices() as notices:
        settled(CueSheet((), 10.0), heard_at(video, -20.0, music=[(1, 5)], **wishes))
    assert len(notices) == 1
    assert said in notices[0]
    with collect_notices() as notices:
        settled(CueSheet((), 10.0), heard_at(video, -20.0, music=[(1, 2)], **wishes))
    assert notices == []


def test_a_plan_that_steps_back_for_what_is_gone_is_told():
    curve = GainCurve([0.0, 1.0, 2.0], [0.0, -12.0, 0.0])
    ducked = CueSheet((), 5.0, original="duck", gain_curve=curve)
    with collect_notices() as notices:
        tell_of_leftovers(ducked)
        tell_of_leftovers(CueSheet((), 5.0, original="replace"))
    assert notices == []
    with collect_notices() as notices:
        tell_of_leftovers(replace(ducked, original="replace"))
    assert len(notices) == 1
    assert "take gain_curve and lead_curve out" in notices[0]
