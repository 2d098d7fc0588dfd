import csv
import io
import json
import shutil
import subprocess
import wave
from itertools import pairwise

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from musify._duck_shell import add_duck
from musify._shell import Shell
from musify.audio.audio_file import AUDIO_ENDINGS, write_audio
from musify.audio.ducking import duck_under
from musify.audio.heard import HeardFile
from musify.audio.power import measure_power
from musify.audio.spans import overlap, seconds_in
from musify.audio.speech import find_speech
from musify.audio.speech_report import speech_to_music
from musify.audio.under_speech import mixed_under, music_alone
from musify.errors import AudioDecodeError, OutputError, ParameterError
from musify.gain_curve import GainCurve
from musify.soundtrack import Soundtrack
from musify.testing.generated_songs import generated_song
from musify.testing.generated_speech import generated_speech

pytestmark = pytest.mark.media
SECONDS = 24.0


def save(path, pcm, rate):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(pcm.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(pcm, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def spoken():
    return generated_speech(3, duration=SECONDS)


@pytest.fixture(scope="module")
def speech_wav(media_dir, spoken):
    return save(media_dir / "spoken.wav", spoken.pcm, spoken.sample_rate)


@pytest.fixture(scope="module")
def music_wav(media_dir):
    song = generated_song(2, form="AB")
    return save(media_dir / "under.wav", song.pcm * 0.5, song.sample_rate)


@pytest.fixture(scope="module")
def talk(make_clip, speech_wav):
    """A film in which somebody speaks; its sound is in time."""
    return make_clip(
        "talk.mp4",
        "-f", "lavfi", "-i", f"testsrc2=s=160x90:r=25:d={SECONDS:g}", "-i", speech_wav,
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-b:a", "96k",
    )  # fmt: skip


def run_shell(*args):
    app = typer.Typer()
    add_duck(Shell(app))
    app.command("other")(lambda: None)
    return CliRunner().invoke(app, ["duck", *map(str, args)])


@pytest.mark.parametrize("delay", [0.0, 1.5])
def test_times_are_those_of_the_picture(make_clip, speech_wav, spoken, delay):
    film = make_clip(
        f"talk-{delay:g}.mkv",
        "-f", "lavfi", "-i", f"testsrc2=s=160x90:r=25:d={SECONDS + 2:g}",
        "-itsoffset", str(delay), "-i", speech_wav,
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "flac",
    )  # fmt: skip
    found = find_speech(film)
    truth = spoken.intervals + delay
    assert found.duration == pytest.approx(SECONDS + 2, abs=0.05)
    assert overlap(found.intervals, truth) >= 0.95 * seconds_in(truth)
    assert found.intervals[0, 0] == pytest.approx(truth[0, 0], abs=0.15)


def test_a_file_of_sound_lasts_as_long_as_it_decodes(speech_wav, spoken):
    found = find_speech(speech_wav)
    assert found.duration == pytest.approx(SECONDS, abs=0.01)
    assert overlap(found.intervals, spoken.intervals) >= 0.95 * seconds_in(spoken.intervals)


def test_without_sound_nobody_speaks(silent_video, tmp_path):
    assert len(find_speech(silent_video)) == 0
    assert find_speech(silent_video).duration == pytest.approx(8, abs=0.05)
    picture = tmp_path / "cover.srt"
    picture.write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    with pytest.raises(AudioDecodeError, match="has no sound"):
        find_speech(picture)


@pytest.mark.parametrize(("preset", "ratio"), [("balanced", 15), ("accessible", 20)])
def test_the_written_mix_has_the_ratio_that_was_asked_for(
    tmp_path, decode_pcm, talk, speech_wav, music_wav, preset, ratio
):
    done = run_shell(talk, music_wav, "-o", tmp_path / "m.wav", "--music-only", "--preset", preset)
    assert done.exit_code == 0, done.output
    music = measure_power([decode_pcm(tmp_path / "m.wav").astype(np.float32)], 48_000, 2)
    speech = find_speech(talk)
    report = speech_to_music(speech, speech_wav, music, target_db=ratio)
    assert len(report) >= 3
    assert report.is_met, report.ratio_db
    assert report.worst_db < ratio + 2
    # Down 150 ms before each first word, back at its level in long pauses.
    loud = measure_power([decode_pcm(music_wav).astype(np.float32)], 48_000, 2)
    before = speech.intervals[0, 0] - 0.15
    fall = music.lufs(before - 0.1, before) - loud.lufs(before - 0.1, before)
    assert fall < -5
    assert music.lufs(0, 1) == pytest.approx(loud.lufs(0, 1), abs=0.05)


@pytest.mark.parametrize("ending", AUDIO_ENDINGS)
def test_sound_is_written_by_the_ending_and_comes_back(tmp_path, decode_pcm, ending):
    time = np.arange(48_000) / 48_000
    tone = np.repeat(0.5 * np.sin(2 * np.pi * 440 * time)[:, None], 2, axis=1).astype(np.float32)
    track = Soundtrack(48_000, 2, len(tone), lambda: iter([tone]))
    path = write_audio(tmp_path / f"tone{ending}", track)
    back = decode_pcm(path)[: len(tone)]
    if ending in (".wav", ".flac", ".aiff"):
        np.testing.assert_allclose(back, tone, atol=2**-22)
    else:
        middle = slice(10_000, 30_000)
        level = np.sqrt(np.square(back[middle]).mean())
        assert level == pytest.approx(0.5 / np.sqrt(2), rel=0.03)
    with pytest.raises(OutputError, match="exists"):
        write_audio(path, track)
    assert write_audio(path, track, overwrite=True) == path


def test_an_ending_of_no_kind_is_refused(tmp_path):
    with pytest.raises(ParameterError, match=r"ends in \.wav"):
        write_audio(tmp_path / "a.txt", Soundtrack(48_000, 2, 0, lambda: iter([])))


def test_own_sound_and_music_add_up_bit_for_bit_below_the_ceiling(speech_wav, music_wav):
    own = HeardFile.of(speech_wav)
    music = music_alone(HeardFile.of(music_wav), SECONDS, gain_db=-20)
    curve = GainCurve([1.0, 1.3], [0.0, -12.0])
    mix = mixed_under(own, music, curve).render()
    alone = mixed_under(own, music, curve, keep_own=False).render()
    spoken = np.concatenate(list(own.blocks(48_000)))
    np.testing.assert_array_equal(mix, alone + spoken)
    np.testing.assert_allclose(alone, curve.apply(music.render(), 0, 48_000))


def test_music_that_is_too_long_fades_out_and_too_short_ends(music_wav):
    file = HeardFile.of(music_wav)
    short = music_alone(file, 5.0).render()
    plain = music_alone(file, 5.0, fade_out=0).render()
    np.testing.assert_array_equal(short[: 3 * 48_000], plain[: 3 * 48_000])
    assert np.abs(short[-480:]).max() < 0.02
    assert np.abs(plain[-480:]).max() > np.abs(short[-480:]).max()
    long = music_alone(file, 60.0).render()
    assert len(long) == 60 * 48_000
    assert not long[-48_000:].any()


def test_the_shell_writes_a_film_and_reports(tmp_path, decode_pcm, talk, music_wav):
    output = tmp_path / "film.mp4"
    done = run_shell(talk, music_wav, "-o", output, "--accessible")
    assert done.exit_code == 0, done.output
    assert "ratio (dB)" in done.output
    assert f"wrote {output}" in done.output.replace("\n", "")
    assert len(decode_pcm(output)) == pytest.approx(SECONDS * 48_000, abs=2048)


def test_the_shell_prints_the_curve_alone(talk, music_wav):
    found = json.loads(run_shell(talk, music_wav, "--json").output)
    assert found["report"]["met"]
    assert len(found["report"]["utterances"]) == len(found["speech"])
    rows = list(csv.DictReader(io.StringIO(run_shell(talk, music_wav, "--csv").output)))
    assert [float(row["time"]) for row in rows] == pytest.approx(
        [time for time, _ in found["curve"]["points"]], abs=1e-5
    )


def test_the_shell_refuses_what_cannot_be(tmp_path, talk, music_wav):
    assert run_shell(talk, music_wav).exit_code == 2
    assert run_shell(talk, music_wav, "-o", tmp_path / "x.txt").exit_code == 2
    assert run_shell(talk, tmp_path / "none.wav", "--json").exit_code == 3
    assert run_shell(talk, music_wav, "-o", talk, "--overwrite").exit_code == 3


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
@pytest.mark.parametrize("bed_db", [-40.0, -30.0, -24.0])
def test_what_espeak_says_is_found_over_music(tmp_path, ffmpeg, bed_db):
    """At known times, over music 20, 10 and 4 dB below it."""
    rng = np.random.default_rng(5)
    lines = (
        ("en", "Welcome to the harbour, where the boats leave early in the morning."),
        ("en+f3", "Nobody had told us that the road was closed."),
        ("de", "Niemand hatte uns gesagt, dass die Strasse gesperrt war."),
        ("en-us", "Look at that! It is amazing."),
        ("fr+f2", "Bienvenue au port, où les bateaux partent tôt le matin."),
        ("en+m4", "Press the button twice, wait for the light, and turn the key slowly."),
    )
    mono, truth, time = np.zeros(60 * 16_000), [], 3.0
    for voice, words in lines:
        wav = tmp_path / "line.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-w", wav, words], check=True)
        ffmpeg("-i", wav, "-ar", "16000", "-ac", "1", "-f", "f32le", tmp_path / "line.raw")
        said = np.fromfile(tmp_path / "line.raw", "<f4")
        loud = np.flatnonzero(np.abs(said) > 0.01 * np.abs(said).max())
        said = said[loud[0] : loud[-1] + 1]
        first = round(time * 16_000)
        mono[first : first + len(said)] = said / np.sqrt(np.square(said).mean()) * 0.1
        truth.append((time, time + len(said) / 16_000))
        time = truth[-1][1] + rng.uniform(2.6, 6)
    song = generated_song(4, form="ABAB", sample_rate=16_000).pcm.mean(axis=1)
    song = np.resize(song, len(mono)) / np.sqrt(np.square(song).mean())
    path = save(tmp_path / "said.wav", (mono + song * 10 ** (bed_db / 20))[:, None], 16_000)
    found = find_speech(path)
    spans = np.array(truth)
    both = overlap(found.intervals, spans)
    assert both >= 0.95 * seconds_in(spans)
    assert found.seconds - both <= 0.05 * (60 - seconds_in(spans))
    assert found.music_share > 0.8
    # Music over it steps back in time for every first word.
    music = generated_song(6, form="ABAB").pcm
    above = Soundtrack(44_100, 2, len(music), lambda: iter([music]))
    curve = duck_under(path, above, speech=found).curve
    for start, end in truth:
        assert curve.at(np.linspace(start - 0.15, end, 50)).max() < -3
    for (_, end), (start, _) in pairwise(truth):
        if start - end > 2.6:
            assert curve.at(np.linspace(end, start, 100)).max() > -0.2
