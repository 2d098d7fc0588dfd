"""``musify library``: what it shows, and how it ends."""

import json
import sqlite3

import pytest
from typer.testing import CliRunner

from musify import cli as shell
from musify.index import listening, places, song_folder
from musify.index.song_files import SongFacts
from musify.index.song_folder import SongFolder
from musify.songs import SongAnalysis

pytestmark = pytest.mark.usefixtures("quick_index")


@pytest.fixture(autouse=True)
def ear(monkeypatch, tmp_path):
    monkeypatch.setenv(places.DATA_VARIABLE, str(tmp_path / "data"))

    def read(path):
        if path.name.startswith("broken"):
            from musify import AudioDecodeError

            raise AudioDecodeError(f"{str(path)!r} has no sound")
        return SongFacts(65.0, {"title": f"The {path.stem}", "licence": "CC-BY-4.0"})

    def listen(path):
        return SongAnalysis(
            65.0, 0.75, 0.4, -14.0, [1.0, 1.5], [1.0], 120.0, 4, 0.8, "D minor", 0.7,
            (0, 30, 65), "AB", 4.0, 60.0, 0.9, [15, 45], [0.2, 0.8], [(0.1, 0.2), (0.3, 0.4)],
            {"guitar": 0.75},
        )  # fmt: skip

    monkeypatch.setattr(listening, "read_facts", read)
    monkeypatch.setattr(song_folder, "listen", listen)


@pytest.fixture
def folder(tmp_path):
    for name in ("evening.mp3", "calm/harbour.flac", "broken.ogg"):
        (tmp_path / "songs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "songs" / name).write_text(name)
    return tmp_path / "songs"


def run(*args):
    return CliRunner().invoke(shell.make_app(), ["library", *map(str, args)])


def records(*args):
    done = run(*args, "--json")
    return json.loads(done.stdout)


def test_adding_says_what_was_done_and_what_is_broken(folder):
    done = run("add", folder)
    assert done.exit_code == 0, done.output
    assert f"{folder}: 2 songs, 2 listened to, 0 moved, 0 missing, 1 broken" in done.stdout
    assert "broken: broken.ogg: it has no sound" in done.stdout
    (again,) = records("add", folder)
    assert (again["songs"], again["heard"]) == (2, [])
    assert again["index"] == str(folder / places.BESIDE)


def test_adding_tags_only(folder):
    (done,) = records("add", folder, "--tags-only")
    assert (done["heard"], done["unheard"]) == ([], ["calm/harbour.flac", "evening.mp3"])


def test_the_list_says_where_things_are_known_from(folder):
    run("add", folder)
    run("tag", folder / "evening.mp3", "--mood", "tense", "--bpm", 60)
    shown = run("list").stdout
    assert "The harbour  calm" in shown
    assert "you: mood bpm; tags: licence; heard: key sung" in shown
    assert "broken: it has no sound" in shown
    rows = {row["path"].rpartition("/")[2]: row for row in records("list", folder)}
    assert rows["harbour.flac"]["sources"]["mood"] == "folder"
    assert rows["evening.mp3"]["mood"] == {"name": "tense", "valence": -0.6, "arousal": 0.6}
    assert (rows["evening.mp3"]["bpm"], rows["evening.mp3"]["licence"]["name"]) == (60, "CC-BY-4.0")
    assert (rows["broken.ogg"]["usable"], rows["broken.ogg"]["fault"]) == (False, "it has no sound")


def test_showing_a_song_shows_all_of_it(folder):
    run("add", folder)
    shown = run("show", "harbour").stdout
    for words in (
        "The harbour",
        "1:05.0",
        "D minor",
        "guitar 0.75",
        "4 beats",
        "-14.0 LUFS",
        "0:30.0",
    ):
        assert words in shown, words
    record = records("show", folder / "calm/harbour.flac")
    assert record["analysis"]["section_labels"] == ["A", "B"]
    assert record["analysis"]["plane"] == [[0.1, 0.2], [0.3, 0.4]]


def test_a_song_that_nobody_knows(folder):
    run("add", folder)
    done = run("show", "symphony")
    assert (done.exit_code, "no song that was added is called 'symphony'" in done.stderr) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    ("mood", "kept"),
    [
        ("Horror", ["scary", -0.8, 0.7]),
        ("spooky=-0.4,0.5", ["spooky", -0.4, 0.5]),
        ("eldritch", ["eldritch", -0.9, 0.1]),
    ],
)
def test_moods_by_name_point_and_the_users_own(folder, mood, kept):
    (folder / "musify.toml").write_text("[moods]\neldritch = [-0.9, 0.1]\n")
    run("add", folder)
    done = run("tag", "evening", "--mood", mood)
    assert done.exit_code == 0, done.output
    with SongFolder(folder).opened() as index:
        assert index.words("evening.mp3") == {"mood": kept}


def test_taking_words_back(folder):
    run("add", folder)
    run("tag", "evening", "--mood", "tense", "--sung")
    assert records("tag", "evening", "--clear", "--key", "Am")["sources"]["mood"] == "heard"
    with SongFolder(folder).opened() as index:
        assert index.words("evening.mp3") == {"key": "Am"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "say what of the song"),
        (("--mood", "clam"), "no mood is called 'clam'"),
        (("--bpm", "0"), "bpm must be in [1, 1000]"),
    ],
)
def test_words_that_make_no_sense(folder, options, message):
    run("add", folder)
    done = run("tag", "evening", *options)
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr


def test_checking(folder):
    (folder / "broken.ogg").unlink()
    run("add", folder)
    done = run("check")
    assert (done.exit_code, f"{folder}: 2 songs, all as they were" in done.stdout) == (0, True)
    (folder / "evening.mp3").write_text("changed")
    (folder / "new.mp3").write_text("new")
    (folder / "calm" / "harbour.flac").rename(folder / "harbour.flac")
    done = run("check", folder)
    assert done.exit_code == 1
    for line in ("new              new.mp3", "changed          evening.mp3", "now harbour.flac"):
        assert line.split() == [w for w in line.split() if w in done.stdout], done.stdout
    (record,) = records("check", folder)
    assert record["moved"] == {"calm/harbour.flac": "harbour.flac"}
    assert (record["new"], record["changed"], record["clean"]) == (
        ["new.mp3"],
        ["evening.mp3"],
        False,
    )


def test_nothing_was_added_yet(folder):
    for command in ("list", "check"):
        done = run(command)
        assert (done.exit_code, "no folder of songs is known; add one" in done.stderr) == (2, True)
    done = run("list", folder)
    assert (done.exit_code, "has no index; make one with" in done.stderr) == (2, True)
    assert run("check", folder).exit_code == 1


def test_leaving_a_song_out_and_taking_it_back(folder):
    run("add", folder)
    assert "take it back with" in run("remove", folder / "evening.mp3").stdout
    assert "left out" in run("list").stdout
    assert run("add", folder / "evening.mp3").exit_code == 0
    assert "left out" not in run("list").stdout


def test_forgetting_a_folder_asks_where_words_would_be_lost(folder):
    run("add", folder)
    run("tag", "evening", "--mood", "tense")
    done = run("remove", folder)
    assert (done.exit_code, "--yes says that it may" in done.stderr) == (2, True)
    assert run("remove", folder, "--yes").exit_code == 0
    assert not (folder / places.BESIDE).exists()
    assert (folder / "evening.mp3").exists()


def test_an_index_of_a_newer_musify(folder):
    run("add", folder)
    connection = sqlite3.connect(folder / places.BESIDE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    for command in ("add", "list", "check"):
        done = run(command, folder)
        assert (done.exit_code, "made by a newer musify" in done.stderr) == (2, True)


def test_quiet(folder):
    assert run("add", folder, "-q").stdout == ""
    assert run("check", folder, "-q").stdout == ""


def test_names_cannot_steer_the_terminal(folder):
    (folder / "a\x1b[31m\nb.mp3").write_text("red")
    run("add", folder)
    for done in (run("list"), run("show", "a\x1b[31m\nb.mp3"), run("check")):
        assert "\x1b" not in done.stdout


def test_every_command_is_documented():
    from pathlib import Path

    page = (Path(__file__).parents[1] / "docs/how-to/your-own-songs.md").read_text("utf-8")
    [library] = shell.make_app(["library"]).registered_groups
    assert len(library.typer_instance.registered_commands) >= 6
    for command in library.typer_instance.registered_commands:
        assert f"musify library {command.name or command.callback.__name__}" in page
