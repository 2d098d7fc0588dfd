"""Suggesting songs for a film, from the shell to previews that can be heard."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from musify import _ffmpeg
from musify.cli import make_app
from musify.index.song_folder import SongFolder
from musify.suggesting import suggest

pytestmark = pytest.mark.media

FILM = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=5:d=24")
CODED = ("-c:v", "libx264", "-preset", "ultrafast")


@pytest.fixture
def film(make_clip):
    return make_clip("suggest-film.mp4", *FILM, *CODED)


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Listened to by the first that asks, and then remembered beside them."""
    songs = tmp_path_factory.mktemp("suggest") / "songs"
    for mood, tone in (("calm", 220), ("action", 440), ("sad", 330)):
        folder = songs / mood
        folder.mkdir(parents=True)
        source = f"sine={tone}:d=30:r=48000"
        _ffmpeg.run(["-v", "error", "-f", "lavfi", "-i", source, str(folder / f"{mood} tune.wav")])
    SongFolder(songs).update()
    return songs


def shell(*words):
    return CliRunner().invoke(make_app(), [str(word) for word in words])


def test_songs_are_suggested_and_can_be_heard(film, songs, tmp_path):
    previews = tmp_path / "heard"
    words = ("suggest", film, "-l", songs, "--count", 2, "--previews", previews, "--json")
    done = shell(*words)
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)["candidates"]
    assert len(rows) == 2
    assert rows[0]["distance"] <= rows[1]["distance"]
    for row in rows:
        costs = [reason["cost"] for reason in row["reasons"].values()]
        assert sum(costs) == pytest.approx(row["distance"])
        sound, _ = _ffmpeg.run(
            ["-v", "error", "-i", row["preview"], "-f", "f32le", "-ac", "1", "-ar", "8000", "-"]
        )
        pcm = np.frombuffer(sound, np.float32)
        assert len(pcm) == pytest.approx(15 * 8000, abs=800)
        assert np.sqrt((pcm**2).mean()) > 0.01
    assert shell(*words).exit_code == 3  # previews are not replaced unasked
    table = shell("suggest", film, "-l", songs)
    assert table.exit_code == 0
    assert "tune" in table.stdout


def test_wishes_at_the_shell(film, songs, tmp_path):
    plan = tmp_path / "plan.json"
    done = shell(
        "plan", film, "-o", plan, "-l", songs, "--song", "sad tune", "--max-cues", 1, "--json"
    )
    assert done.exit_code == 0, done.output
    assert [cue["track"]["title"] for cue in json.loads(done.stdout)["cues"]] == ["sad tune"]
    plan.unlink()
    assert shell("plan", film, "-o", plan, "-l", songs, "--song", "tune").exit_code == 2
    assert shell("suggest", film, "-l", songs, "--avoid", "tune").exit_code == 5


def test_the_same_from_python(film, songs):
    first, second = (suggest(film, songs, seed=3, avoid="sad") for _ in range(2))
    assert [one.track.path for one in first] == [one.track.path for one in second]
    assert all("sad" not in one.track.title for one in first)
