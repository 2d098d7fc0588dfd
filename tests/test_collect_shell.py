"""``musify collect`` and options of song libraries, as somebody at a shell sees them."""

import json

import pytest
from typer.testing import CliRunner

from musify.cli import make_app
from stand_ins.picture_services import OpenversePictures, Pixabay


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSIFY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("PIXABAY_API_KEY", raising=False)
    monkeypatch.delenv("JAMENDO_CLIENT_ID", raising=False)


def musify(*arguments):
    return CliRunner().invoke(make_app(), [str(argument) for argument in arguments])


def test_pictures_are_gathered_and_told(tmp_path, monkeypatch):
    with OpenversePictures() as service:
        monkeypatch.setenv("MUSIFY_OPENVERSE_URL", service.base_url)
        folder = tmp_path / "moods"
        options = ("--per-mood", 3, "--spacing", 0, "--query", "fog=harbour")
        done = musify("collect", folder, "fog", "calm", *options, "--json")
        assert done.exit_code == 0, done.output
        report = json.loads(done.stdout)
        assert [(mood["mood"], mood["kept"]) for mood in report["moods"]] == [
            ("fog", 3), ("calm", 3)
        ]  # fmt: skip
        assert len(list((folder / "fog").iterdir())) == 3
        again = musify("collect", folder, "fog", *options)
    assert again.exit_code == 0, again.output
    assert "musify train local" in again.stdout


def test_a_key_comes_from_the_environment(tmp_path, monkeypatch):
    with Pixabay() as service:
        monkeypatch.setenv("MUSIFY_PIXABAY_URL", service.base_url)
        options = ("--source", "pixabay", "--per-mood", 1, "--spacing", 0)
        refused = musify("collect", tmp_path / "moods", "calm", *options)
        assert refused.exit_code == 6
        assert "PIXABAY_API_KEY" in refused.output
        assert not (tmp_path / "moods").exists()
        wrong = musify("collect", tmp_path / "moods", "calm", *options, "--key", "wrong-key-0000")
        assert wrong.exit_code == 6
        assert "wrong-key-0000" not in wrong.output
        monkeypatch.setenv("PIXABAY_API_KEY", Pixabay.KEY)
        done = musify("collect", tmp_path / "moods", "calm", *options)
    assert done.exit_code == 0, done.output
    assert Pixabay.KEY not in done.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--per-mood", "5000"), 2),
        (("--query", "nothing"), 2),
        (("--query", "sad=rain"), 2),
        (("../evil",), 2),
        (("--source", "flickr"), 2),
    ],
)
def test_wrong_usage(tmp_path, arguments, code):
    done = musify("collect", tmp_path / "moods", "calm", *arguments)
    assert done.exit_code == code
    assert not (tmp_path / "moods").exists()


def test_options_of_a_library_reach_it(tmp_path):
    video = tmp_path / "film.mp4"
    video.touch()
    asked = ("plan", video, "-o", tmp_path / "plan.json")
    done = musify(*asked, "-l", "openverse", "--option", "song_library.noncommercial=true")
    assert done.exit_code == 2
    assert "did you mean 'non_commercial'" in done.output
    done = musify(*asked, "--option", "song_library.songs=2")
    assert done.exit_code == 2
    assert "--option must be" in done.output
    done = musify(*asked, "-l", "jamendo", "--option", "song_library.songs=2")
    assert done.exit_code == 6
    assert "JAMENDO_CLIENT_ID" in done.output
    done = musify(*asked, "-l", tmp_path, "--option", "song_library.songs=2")
    assert done.exit_code == 2
    assert "'folder' cannot take" in done.output
