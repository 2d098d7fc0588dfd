"""``musify fit`` on a file."""

import json
import wave

import numpy as np
import pytest
from typer.testing import CliRunner

from musify.cli import make_app
from musify.testing.generated_songs import generated_song
from thinned import thinned

RATE = 48_000


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    made = generated_song(1, bars_per_section=4, sample_rate=RATE)
    path = tmp_path_factory.mktemp("songs") / "song.wav"
    write(path, made.pcm)
    return path, made


def write(path, pcm):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((pcm * 32767).round().astype("<i2").tobytes())


def run(*args):
    return CliRunner().invoke(make_app(), ["fit", *map(str, args)])


@pytest.mark.slow
def test_a_song_is_fitted_and_its_plan_fits_again(song, tmp_path):
    path, made = song
    out, again, plan = tmp_path / "out.wav", tmp_path / "again.wav", tmp_path / "plan.json"
    done = run(path, "--length", "1:17.5", "-o", out, "--plan", plan, "--json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.output)
    assert record["length"] == 77.5
    assert record["speed_change"] <= 0.008
    assert len(record["joints"]) >= 1
    assert run(plan, "-o", again).exit_code == 0
    assert again.read_bytes() == out.read_bytes()
    # 24 bits: ffmpeg's header is longer than what `wave` reads.
    data = out.read_bytes()
    start = data.index(b"data") + 8
    raw = np.frombuffer(data[start:], np.uint8).reshape(-1, 2, 3)
    assert len(raw) == round(77.5 * RATE)
    high = raw[..., 2].astype(np.int8).astype(float) + raw[..., 1] / 256
    first = np.corrcoef(high[: 3 * RATE, 0], made.pcm[: 3 * RATE, 0])[0, 1]
    assert first > 0.99


@pytest.mark.parametrize("ending", thinned(["flac", "m4a", "mp3", "ogg", "opus"], every=3))
def test_formats(song, tmp_path, ending):
    path, _ = song
    out = tmp_path / f"out.{ending}"
    assert run(path, "--length", "20", "-o", out).exit_code == 0
    assert out.stat().st_size > 1000
    assert run(path, "--length", "20", "-o", out).exit_code != 0  # it exists


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--length", "soon"], "a time is written like 2:37"),
        ([], "say how long it shall be"),
    ],
)
def test_what_is_wrong_is_said(song, tmp_path, args, words):
    path, _ = song
    done = run(path, "-o", tmp_path / "out.wav", *args)
    assert done.exit_code == 2
    assert words in done.output
