"""What becomes of a video's own sound, and how loud the whole is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import musify
from musify import AuditError, CueSheet, ParameterError, Pipeline
from musify.audio.ducking import duck_under
from musify.audio.levelled import Level
from musify.audio.mix import mix_unlimited
from musify.audio.plan_ducking import with_ducking
from musify.backends.ffmpeg_muxer import FfmpegMuxer
from musify.testing.generated_speech import generated_speech
from thinned import thinned

pytestmark = pytest.mark.media

FILM = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=14")
CODECS = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p")


@pytest.fixture
def talk(make_clip: Callable, media_dir: Path) -> Path:
    """A film of 14 s in which somebody speaks from 4 s on, at 44.1 kHz."""
    raw = media_dir / "talk.f32"
    if not raw.exists():
        speech = generated_speech(1, duration=14, start=4, pauses=(0.4, 0.8))
        pcm = speech.pcm.copy()
        pcm[speech.sample_rate * 9 :] = 0
        raw.write_bytes(pcm.astype("<f4").tobytes())
    sound = ("-f", "f32le", "-ar", "48000", "-ac", "2", "-i", raw)
    return make_clip("talk-44100.mp4", *FILM, *sound, *CODECS, "-c:a", "aac", "-ar", "44100")


def test_music_steps_back_where_somebody_speaks(talk: Path, songs: Path, tmp_path: Path):
    result = musify.add_music(talk, tmp_path / "out.mp4", library=songs)
    assert result.cues.original == "duck"
    assert result.cues.sample_rate == 44_100
    curve = result.cues.gain_curve
    first = result.speech.intervals[0, 0]
    assert curve.at(first - 0.15) == curve.at(first + 0.5) < -3
    assert curve.at([0.0, 12.0]) == pytest.approx(0.0)
    assert result.speech.worst_db >= 15
    assert result.audit.ok
    assert result.audit.loudness.integrated_lufs == pytest.approx(-14, abs=0.2)
    assert result.audit.loudness.true_peak_dbtp <= -1
    assert any("speech" in words for words in result.cues.decisions)


def test_accessible_music_is_20_db_down(talk: Path, songs: Path):
    sheet = Pipeline(library=songs, accessible=True).plan(talk)
    assert sheet.gain_curve is not None
    usual = Pipeline(library=songs).plan(talk)
    assert sheet.gain_curve.gains_db.min() == pytest.approx(
        usual.gain_curve.gains_db.min() - 5, abs=0.1
    )


def test_a_second_track_leaves_the_others_as_they_were(talk: Path, songs: Path, tmp_path: Path):
    pipeline = Pipeline(library=songs, original="second-track")
    result = pipeline.run(talk, tmp_path / "out.mkv")
    streams = musify.probe(result.output).streams
    assert [stream.kind for stream in streams] == ["video", "audio", "audio"]
    assert "default" in streams[1].disposition
    assert streams[2].disposition == ()
    assert streams[2].title == "Original sound with music"
    assert [stream.source for stream in result.audit.streams] == [0, 1, None]


@pytest.mark.parametrize("ending", thinned(["mp4", "mkv"], every=2))
def test_surround_keeps_its_channels_and_the_centre_its_speech(
    ending: str, make_clip: Callable, songs: Path, tmp_path: Path, ffmpeg: Callable
):
    pan = "volume=0.3,pan=5.1(side)|FC=c0"
    film = make_clip(
        *("surround.mkv", *FILM, "-f", "lavfi", "-i", "sine=300:d=14:r=48000"),
        *("-af", pan, *CODECS, "-c:a", "ac3", "-b:a", "448k"),
    )
    result = Pipeline(library=songs, loudness=None).run(film, tmp_path / f"out.{ending}")
    new = musify.probe(result.output).stream(result.audit.new_sound)
    assert new.channels == 6
    pcm = result.soundtrack.render()
    assert result.soundtrack.layout == "5.1(side)"
    power = (pcm[48_000:-48_000] ** 2).mean(axis=0)
    assert (power[:3] > 1e-8).all()
    assert (power[3:] < power[2] / 1000).all()
    place = np.arange(48_000) / 48_000
    tone = pcm[48_000 : 2 * 48_000, 2]
    # Nothing but the own tone in the centre: all of its power is at 300 Hz.
    part = 2 * np.abs(np.mean(tone * np.exp(-2j * np.pi * 300 * place))) ** 2
    assert part == pytest.approx(np.mean(tone**2), rel=0.01)


def test_another_stream_is_the_own_sound_when_asked_to(
    make_clip: Callable, songs: Path, tmp_path: Path
):
    film = make_clip(
        *("two.mkv", *FILM, "-f", "lavfi", "-i", "sine=300:d=14:r=48000"),
        *("-f", "lavfi", "-i", "sine=700:d=14:r=48000", "-map", "0", "-map", "1", "-map", "2"),
        *(*CODECS, "-c:a", "aac"),
    )
    pipeline = Pipeline(library=songs, audio_stream=2, original="replace")
    result = pipeline.run(film, tmp_path / "out.mkv")
    assert [stream.source for stream in result.audit.streams] == [0, None, 1]
    with pytest.raises(ParameterError, match=r"stream 7 of two\.mkv is no sound; those are 1, 2"):
        Pipeline(library=songs, audio_stream=7).run(film, tmp_path / "no.mkv")


class Forgetful(FfmpegMuxer):
    """Leaves the sound half as loud as it was told."""

    def mux(self, video, soundtrack, output, **options):
        quiet = replace(soundtrack, source=lambda: (block / 2 for block in soundtrack.blocks()))
        return super().mux(video, quiet, output, **options)


def test_a_file_that_is_wrong_is_kept_aside(
    tiny_video: Path, songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Level, "corrected", lambda *_, **__: None)
    output = tmp_path / "out.mp4"
    output.write_bytes(b"the old one")
    pipeline = Pipeline(library=songs, audio_muxer=Forgetful())
    with pytest.raises(AuditError, match="loudness: -20") as caught:
        pipeline.run(tiny_video, output, overwrite=True)
    assert output.read_bytes() == b"the old one"
    assert caught.value.kept == tmp_path / "out.failed-audit.mp4"
    assert musify.probe(caught.value.kept).has_audio
    assert not caught.value.audit.ok
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.failed-audit.mp4", "out.mp4"]


def test_a_muxer_that_halves_the_sound_is_made_up_for(
    tiny_video: Path, songs: Path, tmp_path: Path
):
    pipeline = Pipeline(library=songs, audio_muxer=Forgetful())
    result = pipeline.run(tiny_video, tmp_path / "out.mp4")
    assert result.audit.loudness.integrated_lufs == pytest.approx(-14, abs=0.2)


def test_what_a_container_cannot_carry_is_left_out_on_request(
    make_clip: Callable, songs: Path, tmp_path: Path, media_dir: Path
):
    subtitles = media_dir / "few.srt"
    subtitles.write_text("1\n00:00:00,300 --> 00:00:01,000\nHello\n")
    film = make_clip(
        "subs.mkv", *FILM, "-i", subtitles, "-map", "0", "-map", "1", *CODECS, "-c:s", "srt"
    )
    muxer = musify.get_backend("audio_muxer", "ffmpeg", drop_uncarried=True)
    result = Pipeline(library=songs, audio_muxer=muxer).run(film, tmp_path / "out.mp4")
    assert [stream.kind for stream in musify.probe(result.output).streams] == ["video", "audio"]
    assert any("1 (subtitle, subrip)" in words for words in result.warnings)


@pytest.mark.slow
def test_melodies_of_composed_music_step_back_first(talk: Path):
    """The accompaniment goes down less than a song as loud would have to."""
    wishes = {"instruments": ("soft-lead", "soft-pad"), "seed": 2, "style": "ambient"}
    selector = musify.get_backend("track_selector", "composer", **wishes)
    for accessible, ratio in ((False, 15), (True, 20)):
        sheet = Pipeline(track_selector=selector, accessible=accessible).plan(talk)
        first = musify.find_speech(talk).intervals[0, 0] + 0.5
        whole = replace(sheet, original="replace", gain_curve=None, lead_curve=None)
        together = duck_under(musify.probe(talk), mix_unlimited(whole), accessible=accessible)
        assert sheet.lead_curve.at(first) == max(-12, together.curve.at(first)) < 0
        assert together.curve.at(first) < sheet.gain_curve.at(first) < 0
        assert any("melodies step back first" in words for words in sheet.decisions)
        report = with_ducking(sheet, musify.probe(talk), accessible=accessible)[1].report
        assert report.worst_db >= ratio
        assert CueSheet.from_json(sheet.to_json()) == sheet
