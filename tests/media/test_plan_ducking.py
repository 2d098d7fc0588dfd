"""Ducking of a plan, from film to file and back."""

from dataclasses import replace

import numpy as np
import pytest

from musify import Cue, CueSheet, SourceRange, Track, probe
from musify.audio.mix import mix
from musify.audio.plan_ducking import with_ducking
from musify.audio.speech_report import power_of, speech_to_music
from musify.testing.generated_speech import generated_speech

pytestmark = pytest.mark.media
SECONDS = 20.0


@pytest.fixture(scope="module")
def film(make_clip, media_dir):
    sound = media_dir / "plan-speech.f32"
    spoken = generated_speech(4, duration=SECONDS)
    spoken.pcm.astype("<f4").tofile(sound)
    return probe(
        make_clip(
            "plan-talk.mp4",
            "-f", "lavfi", "-i", f"testsrc2=s=160x90:r=25:d={SECONDS:g}",
            "-f", "f32le", "-ar", "48000", "-ac", "2", "-i", sound,
            "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
        )
    )  # fmt: skip


@pytest.fixture
def sheet(film, make_clip):
    song = make_clip("plan-song.wav", "-f", "lavfi", "-i", "anoisesrc=d=25:a=0.3:seed=4")
    track = Track(path=song, duration=25.0, title="song", loudness_lufs=-16.0)
    return CueSheet([Cue(0.0, film.duration, track, [SourceRange(0.0, 25.0)])], film.duration)


def test_the_plan_holds_the_curve_and_renders_with_it(film, sheet):
    ducked, found = with_ducking(sheet, film)
    assert found.report.is_met
    assert ducked.gain_curve == found.curve
    assert "somebody speaks" in ducked.decisions[-1]
    again = CueSheet.from_json(ducked.to_json())
    assert again == ducked
    music = power_of(mix(replace(again, original="replace"), film))
    assert speech_to_music(found.speech, film, music).is_met
    plain = power_of(mix(replace(sheet, original="replace"), film))
    assert music.lufs(0, 1) == pytest.approx(plain.lufs(0, 1), abs=0.05)
    start, end = found.speech.intervals[0]
    assert music.lufs(start, end) < plain.lufs(start, end) - 5
    # Own sound is left alone: what is added to the music is what was there.
    own = mix(again, film).render() - mix(replace(again, original="replace"), film).render()
    bare = mix(CueSheet([], film.duration), film).render()
    np.testing.assert_allclose(own, bare, atol=1e-6)


def test_ducking_again_starts_from_the_music_as_it_is(film, sheet):
    once, _ = with_ducking(sheet, film)
    twice, _ = with_ducking(once, film)
    assert twice.gain_curve == once.gain_curve


def test_without_sound_or_speech_the_plan_stays(silent_video, tiny_video, sheet):
    for path, none in ((silent_video, True), (tiny_video, False)):
        info = probe(path)
        plan = replace(sheet, cues=(), duration=info.duration)
        ducked, found = with_ducking(plan, info)
        assert ducked.gain_curve is None
        assert (found is None) is none
