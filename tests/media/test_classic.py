"""The program of 2016: a frame every 5 s, Clarifai, a vote, a song by two letters, pydub."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import musify
from musify._pydub import segment_blocks, segment_of, spliced
from musify.backends.clarifai_classifier import ClarifaiClassifier
from musify.cli import make_app
from musify.errors import AuthenticationError, ParameterError
from stand_ins.clarifai_server import KEY, ClarifaiServer

pytestmark = pytest.mark.media

CODES = ("AA", "HH", "SS", "CC", "CH", "AH", "CS", "AS")
RATE = 48_000


@pytest.fixture(scope="module")
def coded_songs(tmp_path_factory: pytest.TempPathFactory, outer) -> Path:
    folder = tmp_path_factory.mktemp("coded")
    for place, code in enumerate(CODES):
        tone = f"sine={200 + 100 * place}:d=5.3:r={RATE}"
        outer.ffmpeg("-f", "lavfi", "-i", tone, "-ac", "2", folder / f"{code}.wav")
    return folder


def pitch(pcm: np.ndarray) -> float:
    mono = pcm.mean(axis=1)
    return np.abs(np.fft.rfft(mono * np.hanning(len(mono)))).argmax() * RATE / len(mono)


def test_every_step_is_that_of_2016(tiny_video, coded_songs, tmp_path, decode_pcm):
    def see(_: bytes) -> list[tuple[str, float]]:
        return [("calm", 0.7), ("happy", 0.2), ("sad", 0.05), ("action", 0.05)]

    moods = ["action", "happy", "sad", "calm"]
    with ClarifaiServer(see=see, model_concepts={"moods": moods}) as server:
        classifier = ClarifaiClassifier(
            "moods", user="me", app="films", api_key=KEY, base=server.base
        )
        pipeline = musify.Pipeline.classic(coded_songs, mood_classifier=classifier)
        result = pipeline.run(tiny_video, tmp_path / "out.mp4")
        asked = [call for call in server.of("PostModelOutputs") if call.request.inputs]
    assert sum(len(call.request.inputs) for call in asked) == 3
    assert result.scores is not None
    assert result.scores.times.tolist() == [0.0, 5.0, 10.0]
    assert result.timeline is not None
    assert result.timeline.labels == ("calm",)
    # Calm has won, and happy scored four times as much as sad.
    (cue,) = result.cues.cues
    assert cue.track.path.stem == "CH"
    assert cue.joined_by == "pydub"
    assert result.cues.original == "replace"
    pcm = decode_pcm(result.output)
    assert len(pcm) == 12 * RATE
    assert pitch(pcm[RATE : 5 * RATE]) == pytest.approx(600, abs=1)


def test_without_a_key_it_is_told_before_anything_is_asked(tiny_video, coded_songs, monkeypatch):
    monkeypatch.delenv("CLARIFAI_PAT", raising=False)
    with pytest.raises(AuthenticationError, match="CLARIFAI_PAT"):
        musify.Pipeline.classic(coded_songs)


def test_a_song_is_repeated_to_the_frame(tiny_video, coded_songs, tmp_path, decode_pcm):
    pipeline = musify.Pipeline.classic(coded_songs, mood_classifier="palette")
    sheet = pipeline.plan(tiny_video)
    (cue,) = sheet.cues
    sound = musify.mix(musify.CueSheet([cue], sheet.duration, original="replace")).render()
    song = decode_pcm(cue.track.path)
    once = len(song)
    for start in (0, once, 2 * once):
        part = sound[start : start + once]
        # pydub works in 16 bits.
        assert np.abs(part - song[: len(part)]).max() <= 1.5 / 32767
    again = musify.CueSheet.from_json(sheet.to_json())
    assert again == sheet
    assert musify.mix(again).sha256() == musify.mix(sheet).sha256()


def test_pieces_are_not_added_one_by_one():
    song = segment_of(np.linspace(-1, 1, 2000, dtype=np.float32).reshape(-1, 2), 8000)
    ranges = [(0, 1000), (0, 1000), (10, 20), (500, 1000), (0, 1000)]
    whole = np.concatenate([*segment_blocks(spliced(song, ranges), 333)])
    pcm = np.concatenate([*segment_blocks(song, 1000)])
    assert (whole == np.concatenate([pcm[start:end] for start, end in ranges])).all()


def test_pydub_knows_no_crossfade(coded_songs):
    track = musify.Track(coded_songs / "AA.wav", 5.3)
    twice = [musify.SourceRange(0, 5.3)] * 2
    with pytest.raises(ParameterError, match="without crossfade"):
        musify.Cue(0, 8, track, twice, crossfade=1.0, joined_by="pydub")
    with pytest.raises(ParameterError, match="joined_by must be one of"):
        musify.Cue(0, 8, track, twice, joined_by="audacity")


def test_at_the_shell(tiny_video, coded_songs, tmp_path):
    words = ["add", tiny_video, tmp_path / "out.mp4", "--classic", "-l", coded_songs]
    done = CliRunner().invoke(make_app(), [*map(str, words), "--classifier", "palette", "--json"])
    assert done.exit_code == 0, done.output
    (cue,) = json.loads(done.stdout)["plan"]["cues"]
    assert cue["joined_by"] == "pydub"
    assert Path(cue["track"]["path"]).stem in CODES
    without = CliRunner().invoke(make_app(), [*map(str, words)], env={"CLARIFAI_PAT": ""})
    assert without.exit_code == 6
    assert "CLARIFAI_PAT" in without.output


@pytest.mark.skipif(sys.version_info < (3, 13), reason="Python 3.13 dropped audioop")
def test_pydub_finds_audioop():
    import audioop

    assert audioop.rms(b"\0\0", 2) == 0
