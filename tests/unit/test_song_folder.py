"""A folder of songs and its index; what is in files is said by the test, and nothing decoded."""

import os
import sqlite3
import threading
import time

import pytest

from musify import AudioDecodeError, FFmpegError, Mood, OutputError, ParameterError, Track
from musify.backends.folder_library import FEW_SONGS, FolderLibrary
from musify.index import listening, places, song_folder, survey
from musify.index.find_songs import folder_of, known_song_folders, locate
from musify.index.listening import LONGEST_HEARD
from musify.index.song_files import SongFacts, find_songs
from musify.index.song_folder import SongFolder
from musify.notices import collect_notices
from musify.songs import SongAnalysis

pytestmark = pytest.mark.usefixtures("quick_index")


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv(places.DATA_VARIABLE, str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "songs"
    for name in ("calm/a.mp3", "b.ogg", "deep/c.wav"):
        write(path / name)
    return path


def write(path, text=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.fsencode(text or path.name))
    # Long ago: what changed just now is looked at once more the next time.
    os.utime(path, ns=(10**18, 10**18))
    return path


@pytest.fixture(autouse=True)
def ear(monkeypatch):
    """Play ffmpeg and the analysis, and count what they were asked."""
    return Ear(monkeypatch)


class Ear:
    def __init__(self, monkeypatch):
        self.read, self.heard = [], []
        self.tags, self.faults, self.duration = {}, {}, 30.0
        monkeypatch.setattr(listening, "read_facts", self.facts)
        monkeypatch.setattr(song_folder, "listen", self.listen)

    def facts(self, path):
        self.read.append(path.name)
        if path.name in self.faults:
            raise self.faults[path.name]
        return SongFacts(self.duration, self.tags.get(path.name, {}))

    def listen(self, path):
        self.heard.append(path.name)
        if isinstance(self.faults.get(f"ear {path.name}"), Exception):
            raise self.faults[f"ear {path.name}"]
        return SongAnalysis(30.0, -0.6, 0.6, -15.0, bpm=111.0, key="C major", instrumental=0.9)


def moods(folder):
    return {entry.path.name: entry.track.mood for entry in SongFolder(folder).entries()}


# What is done, and what is not done again


def test_songs_are_listened_to_once(folder, ear):
    done = SongFolder(folder).update()
    assert done.songs == 3
    assert sorted(ear.heard) == ["a.mp3", "b.ogg", "c.wav"]
    assert done.unheard == ()
    again = SongFolder(folder).update()
    assert (again.songs, again.heard) == (3, ())
    assert len(ear.heard) == len(ear.read) == 3


def test_only_what_changed_is_listened_to(folder, ear):
    SongFolder(folder).update()
    write(folder / "b.ogg", "another")
    write(folder / "new.flac")
    assert SongFolder(folder).update().heard == ("b.ogg", "new.flac")
    assert sorted(ear.heard[3:]) == ["b.ogg", "new.flac"]


def test_a_file_that_was_touched_is_not_listened_to_again(folder, ear):
    SongFolder(folder).update()
    os.utime(folder / "b.ogg", ns=(2 * 10**18, 2 * 10**18))
    assert SongFolder(folder).check().changed == ()
    assert SongFolder(folder).update().heard == ()
    assert len(ear.heard) == 3


def test_a_change_within_one_tick_of_the_clock_is_seen(folder, ear, monkeypatch):
    monkeypatch.setattr(survey, "_TICK_NS", 10**10)
    now = time.time_ns() | 1
    for text in ("aaaaa", "bbbbb"):
        write(folder / "b.ogg", text)
        os.utime(folder / "b.ogg", ns=(now, now))
        assert "b.ogg" in SongFolder(folder).update().heard
    assert len(ear.heard) == 4


def test_files_of_the_same_content_are_listened_to_once(folder, ear):
    write(folder / "copy.ogg", "b.ogg")
    done = SongFolder(folder).update()
    assert done.songs == 4
    assert len(ear.heard) == 3


def test_a_moved_file_is_recognised(folder, ear):
    SongFolder(folder).update()
    SongFolder(folder).tag(folder / "b.ogg", {"genre": "folk"})
    (folder / "b.ogg").rename(folder / "calm" / "b2.ogg")
    check = SongFolder(folder).check()
    assert (check.moved, check.new, check.missing) == ({"b.ogg": "calm/b2.ogg"}, (), ())
    done = SongFolder(folder).update()
    assert (done.moved, done.missing, done.songs) == (("calm/b2.ogg",), (), 3)
    assert len(ear.heard) == 3
    assert SongFolder(folder).entry(folder / "calm" / "b2.ogg").track.genre == "folk"


def test_a_missing_file_comes_back_with_all_that_was_said_of_it(folder, ear):
    SongFolder(folder).update()
    SongFolder(folder).tag(folder / "b.ogg", {"genre": "folk"})
    (folder / "b.ogg").unlink()
    assert SongFolder(folder).check().missing == ("b.ogg",)
    assert SongFolder(folder).update().missing == ("b.ogg",)
    assert [track.path.name for track in FolderLibrary(folder)] == ["a.mp3", "c.wav"]
    write(folder / "b.ogg")
    assert SongFolder(folder).update().missing == ()
    assert SongFolder(folder).entry(folder / "b.ogg").track.genre == "folk"
    assert len(ear.heard) == 3


def test_work_that_was_ended_goes_on(folder, ear):
    def listen(path):
        if len(ear.heard) == 2:
            raise KeyboardInterrupt
        return ear.listen(path)

    with pytest.raises(KeyboardInterrupt):
        SongFolder(folder, analyze=listen).update(workers=1)
    assert len(SongFolder(folder).check().unheard + SongFolder(folder).check().new) == 1
    assert len(SongFolder(folder).update(workers=1).heard) == 1
    assert len(ear.heard) == 3


def test_reading_heads_only(folder, ear):
    done = SongFolder(folder).update(listening=False)
    assert (len(done.unheard), done.songs, ear.heard) == (3, 3, [])
    assert len(SongFolder(folder).update().heard) == 3


def test_two_at_once_share_the_work(folder, ear):
    for number in range(12):
        write(folder / f"{number}.mp3")
    slow = threading.Event()

    def listen(path):
        slow.wait(0.02)
        return ear.listen(path)

    def work():
        SongFolder(folder, analyze=listen).update(workers=2)

    SongFolder(folder).settle()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ear.heard) == sorted(
        file.path.split("/")[-1] for file in find_songs(folder).files
    )
    assert SongFolder(folder).check().is_clean


def test_progress_counts_songs(folder, ear):
    steps, started = [], []
    SongFolder(folder).update(on_progress=steps.append, on_start=started.append)
    assert [(step.stage, step.done, step.total) for step in steps] == [
        ("index", done, 3) for done in (1, 2, 3)
    ]
    assert started == [3]
    SongFolder(folder).update(on_progress=steps.append, on_start=started.append)
    assert (len(steps), started) == (3, [3])


# Faults


def test_broken_files_are_listed_and_the_rest_goes_on(folder, ear):
    ear.faults["b.ogg"] = AudioDecodeError(f"{str(folder / 'b.ogg')!r} has no sound")
    done = SongFolder(folder).update()
    assert done.broken == {"b.ogg": "it has no sound"}
    assert done.songs == 2
    SongFolder(folder).update()
    assert ear.read.count("b.ogg") == 1, "nothing has changed"
    del ear.faults["b.ogg"]
    assert SongFolder(folder).update(again=True).broken == {}


def test_a_fault_of_the_analysis_costs_its_result_only(folder, ear):
    ear.faults["ear b.ogg"] = ValueError("odd")
    assert SongFolder(folder).update().songs == 3
    entry = SongFolder(folder).entry(folder / "b.ogg")
    assert entry.note == "listening failed: ValueError: odd"
    assert entry.track.analysis is None
    assert SongFolder(folder).update().heard == ()


@pytest.mark.parametrize("error", [FFmpegError("there is none"), ImportError("x"), MemoryError()])
def test_what_is_no_fault_of_a_song_ends_the_work_and_is_not_kept(folder, ear, error):
    ear.faults["ear b.ogg"] = error
    with pytest.raises(type(error)):
        SongFolder(folder).update()
    del ear.faults["ear b.ogg"]
    assert SongFolder(folder).update().broken == {}
    assert SongFolder(folder).check().is_clean


def test_songs_of_hours_are_not_listened_to(folder, ear):
    ear.duration = LONGEST_HEARD + 1
    done = SongFolder(folder).update()
    assert (done.songs, ear.heard, done.unheard) == (3, [], ())
    assert "is not listened to" in SongFolder(folder).check().notes["b.ogg"]


def test_a_song_that_ends_early_is_noted_and_used(folder, ear):
    ear.duration = 60.0
    SongFolder(folder).update()
    entry = SongFolder(folder).entry(folder / "b.ogg")
    assert entry.note == "it ends early: after 30.00 s instead of 60.00 s"
    assert entry.track.duration == 30.0


def test_a_file_that_goes_while_it_is_listened_to(folder, ear):
    def listen(path):
        found = ear.listen(path)
        if path.name == "b.ogg":
            path.unlink()
        return found

    done = SongFolder(folder, analyze=listen).update()
    assert (done.songs, done.broken) == (2, {})
    assert SongFolder(folder).check().is_clean


def test_a_file_that_is_still_written_waits_for_the_next_time(folder, ear):
    def listen(path):
        found = ear.listen(path)
        if path.name == "b.ogg":
            with path.open("ab") as file:
                file.write(b"more")
        return found

    done = SongFolder(folder, analyze=listen).update()
    assert (done.changing, done.songs) == (("b.ogg",), 2)
    assert SongFolder(folder).check().new == ("b.ogg",)


def test_a_damaged_index_is_mended_by_adding_again(folder, ear):
    SongFolder(folder).settle()
    SongFolder(folder).update()
    SongFolder(folder).tag(folder / "b.ogg", {"genre": "folk"})
    file = places.beside(folder)
    with file.open("r+b") as index:
        index.seek(0)
        index.write(b"no database any more")
    with collect_notices() as notices:
        assert SongFolder(folder).update(thorough=True).songs == 3
    assert "was damaged" in notices[0]
    assert len(list(folder.glob(".musify-songs.sqlite3.damaged-*"))) == 1


def test_an_index_of_a_newer_musify_is_refused(folder, ear):
    SongFolder(folder).settle()
    connection = sqlite3.connect(places.beside(folder))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = places.beside(folder).read_bytes()
    for act in (
        lambda: list(FolderLibrary(folder)),
        lambda: SongFolder(folder).update(),
        lambda: SongFolder(folder).check(),
        lambda: SongFolder(folder).settle(),
    ):
        with pytest.raises(ParameterError, match="made by a newer musify"):
            act()
    assert places.beside(folder).read_bytes() == before


# Where the index lies


def test_added_folders_have_it_beside_the_songs(folder, data):
    assert SongFolder(folder).index_file is None
    assert SongFolder(folder).settle() == places.beside(folder)
    assert [known.path for known in known_song_folders()] == [folder]
    assert not list((data / "libraries").glob("*.sqlite3"))


def test_a_folder_that_is_only_used_is_not_written_into(folder, data):
    before = sorted(folder.rglob("*"))
    assert len(list(FolderLibrary(folder))) == 3
    assert sorted(folder.rglob("*")) == before
    assert SongFolder(folder).index_file.parent == data / "libraries"


def test_adding_a_folder_that_was_used_takes_its_index_along(folder, ear, data):
    list(FolderLibrary(folder))
    SongFolder(folder).tag(folder / "b.ogg", {"genre": "folk"})
    assert SongFolder(folder).settle() == places.beside(folder)
    assert not list((data / "libraries").glob("*.sqlite3"))
    assert SongFolder(folder).update().heard == ()
    assert SongFolder(folder).entry(folder / "b.ogg").track.genre == "folk"
    assert len(ear.heard) == 3


@pytest.fixture
def unwritable(monkeypatch):
    """Let SQLite write only where the test says."""
    denied = []

    def can_write(file):
        return not any(file.is_relative_to(place) for place in denied) and file.parent.is_dir()

    monkeypatch.setattr(song_folder, "can_write", can_write)
    return denied


def test_a_read_only_folder_has_its_index_in_the_data_folder(folder, data, unwritable):
    unwritable.append(folder)
    with collect_notices() as notices:
        file = SongFolder(folder).settle()
    assert file.parent == data / "libraries"
    assert "cannot be written; the index of its songs lies in" in notices[0]
    assert SongFolder(folder).update().songs == 3
    assert [known.path for known in known_song_folders()] == [folder]


def test_an_index_that_has_become_read_only_goes_on_in_the_data_folder(folder, data, unwritable):
    SongFolder(folder).settle()
    SongFolder(folder).update()
    unwritable.append(folder)
    assert SongFolder(folder).check().is_clean, "to be read it may stay"
    with collect_notices() as notices:
        SongFolder(folder).tag(folder / "b.ogg", {"genre": "folk"})
    assert "cannot be changed; it goes on in" in notices[0]
    assert SongFolder(folder).entry(folder / "b.ogg").track.genre == "folk"


def test_where_nothing_can_be_written_it_is_kept_in_memory(folder, data, ear, unwritable):
    unwritable.extend([folder, data])
    library = FolderLibrary(folder)
    with collect_notices() as notices:
        tracks = list(library)
    assert "is forgotten at the end" in notices[0]
    assert tracks[0].analysis.bpm == 111.0
    assert len(list(library)) == len(ear.heard) == 3


def test_forgetting(folder, data):
    SongFolder(folder).settle()
    SongFolder(folder).update()
    assert SongFolder(folder).forget() == [places.beside(folder)]
    assert SongFolder(folder).index_file is None
    assert known_song_folders() == []
    assert sorted(file.name for file in folder.rglob("*.*")) == ["a.mp3", "b.ogg", "c.wav"]


def test_a_folder_that_is_gone_is_told(folder):
    SongFolder(folder).settle()
    folder.rename(folder.with_name("elsewhere"))
    with collect_notices() as notices:
        assert known_song_folders() == []
    assert "is not there; is its drive connected?" in notices[0]


def test_a_data_folder_that_cannot_be_made(folder, data):
    data.write_text("a file")
    with collect_notices() as notices:
        assert SongFolder(folder).settle() == places.beside(folder)
    assert "is not remembered" in notices[0]


@pytest.mark.parametrize(
    ("system", "variables", "folder"),
    [
        ("linux", {"XDG_DATA_HOME": "/x/data"}, "/x/data/musify"),
        ("linux", {}, "/home/ann/.local/share/musify"),
        ("darwin", {}, "/home/ann/Library/Application Support/musify"),
        ("win32", {"LOCALAPPDATA": "/c/local"}, "/c/local/musify"),
        ("win32", {places.DATA_VARIABLE: "/mine"}, "/mine"),
    ],
)
def test_the_data_folder_of_each_system(monkeypatch, system, variables, folder):
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", places.DATA_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/ann", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(places.sys, "platform", system)
    assert places.data_folder().as_posix() == folder


# What is known


def test_the_user_wins_over_tags_and_they_over_folders_and_analysis(folder, ear):
    ear.tags = {"a.mp3": {"mood": "happy", "bpm": 80.0}, "c.wav": {"loudness_lufs": -9.0}}
    SongFolder(folder).update()
    assert [mood.name for mood in moods(folder).values()] == ["tense", "happy", "tense"]
    (folder / "musify.toml").write_text('[songs."calm/a.mp3"]\nmood = "epic"\nbpm = 70\n')
    entry = SongFolder(folder).entry(folder / "calm/a.mp3")
    assert (entry.track.mood.name, entry.track.bpm, entry.track.key) == ("epic", 70, "C major")
    assert entry.sources == {
        "mood": "musify.toml", "bpm": "musify.toml", "key": "heard", "instrumental": "heard",
        "loudness_lufs": "heard",
    }  # fmt: skip
    entry = SongFolder(folder).tag(folder / "calm/a.mp3", {"mood": Mood("spooky", -0.4, 0.5)})
    assert entry.track.mood == Mood("spooky", -0.4, 0.5)
    assert (entry.sources["mood"], entry.sources["bpm"]) == ("you", "musify.toml")
    # A number that is measured is believed before one that somebody wrote.
    assert SongFolder(folder).entry(folder / "deep/c.wav").track.loudness_lufs == -15.0


def test_the_name_of_a_folder_wins_over_the_analysis(folder):
    SongFolder(folder).update()
    entries = {entry.path.name: entry for entry in SongFolder(folder).entries()}
    assert entries["a.mp3"].track.mood.name == "calm"
    assert entries["a.mp3"].sources["mood"] == "folder"
    # Heard: named after the nearest known mood, at its own point.
    assert entries["b.ogg"].track.mood == Mood("tense", -0.6, 0.6)
    assert entries["b.ogg"].sources["mood"] == "heard"


@pytest.mark.parametrize(("heard", "told"), [(0.95, True), (0.05, False), (0.5, None)])
def test_whether_somebody_sings_is_told_where_it_is_plain(folder, heard, told):
    SongFolder(folder, analyze=lambda path: SongAnalysis(30.0, instrumental=heard)).update()
    assert {entry.track.instrumental for entry in SongFolder(folder).entries()} == {told}


def test_a_track_is_a_track_whose_analysis_is_read_when_it_is_asked_for(folder):
    import copy
    import dataclasses
    import pickle

    SongFolder(folder).update()
    track = SongFolder(folder).entry(folder / "b.ogg").track
    places.in_data_folder(folder).rename(folder / "away")
    with pytest.raises(OutputError):
        _ = track.analysis
    (folder / "away").rename(places.in_data_folder(folder))
    assert track.analysis.key == "C major"
    assert track.analysis is track.analysis
    plain = Track(**{name: getattr(track, name) for name in Track.__slots__})
    assert (track == plain, plain == track, hash(track) == hash(plain)) == (True, True, True)
    assert repr(track) == repr(plain)
    changed = dataclasses.replace(track, title="Other")
    assert (changed.title, changed.analysis.key) == ("Other", "C major")
    assert changed != track
    for made in (pickle.loads(pickle.dumps(track)), copy.deepcopy(track)):
        assert made == track
        assert made.analysis.key == "C major"
    with pytest.raises(dataclasses.FrozenInstanceError):
        track.analysis = None


@pytest.mark.parametrize(
    ("words", "message"), [({"bpm": 0}, "bpm must be in"), ({"licence": " "}, "a licence needs")]
)
def test_a_word_that_cannot_be_is_refused(folder, words, message):
    SongFolder(folder).update()
    with pytest.raises(ParameterError, match=message):
        SongFolder(folder).tag(folder / "b.ogg", words)
    with SongFolder(folder).opened() as index:
        assert index.count_words() == 0


def test_words_on_a_song_that_is_not_there(folder):
    SongFolder(folder).update()
    for song, message in (
        ("none.ogg", "is not in the index of"),
        ("/x.ogg", "is not in the folder"),
    ):
        with pytest.raises(ParameterError, match=message):
            SongFolder(folder).tag(folder / song if song[0] != "/" else song, {"bpm": 90})


def test_leaving_a_song_out_and_taking_it_back(folder, ear):
    SongFolder(folder).update()
    assert SongFolder(folder).leave_out(folder / "b.ogg").left_out
    assert [track.path.name for track in FolderLibrary(folder)] == ["a.mp3", "c.wav"]
    assert SongFolder(folder).check().is_clean
    SongFolder(folder).update()
    SongFolder(folder).leave_out(folder / "b.ogg", left_out=False)
    assert len(list(FolderLibrary(folder))) == 3
    (folder / "b.ogg").unlink()
    assert SongFolder(folder).leave_out(folder / "b.ogg") is None
    assert [entry.path.name for entry in SongFolder(folder).entries()] == ["a.mp3", "c.wav"]


def test_songs_are_found_by_path_title_or_part_of_it(folder, ear, monkeypatch):
    ear.tags = {"a.mp3": {"title": "Evening Song"}, "c.wav": {"title": "Song"}}
    SongFolder(folder).settle()
    SongFolder(folder).update()
    monkeypatch.chdir(folder / "deep")
    for text, name in (
        (str(folder / "b.ogg"), "b.ogg"),
        ("c.wav", "c.wav"),
        ("../b.ogg", "b.ogg"),
        ("evening", "a.mp3"),
        ("song", "c.wav"),
        ("B.OGG", "b.ogg"),
        ("so", None),
        ("nothing like it", None),
    ):
        if name is None:
            with pytest.raises(ParameterError, match=f"called '{text}'"):
                locate(text)
        else:
            assert locate(text)[1].path.name == name
    with pytest.raises(ParameterError, match="is in no folder that was added"):
        folder_of(folder.parent / "x.mp3")


def test_a_single_song_spares_listening_again(folder, ear, tmp_path):
    from musify.index.song_cache import cached, known_analysis, put_cached

    song = folder / "calm/a.mp3"
    assert (known_analysis(song), put_cached(song, "joints", 1, b"x")) == (None, False)
    SongFolder(folder).update()
    assert known_analysis(song).bpm == 111.0
    assert (put_cached(song, "joints", 1, b"x"), cached(song, "joints", 1)) == (True, b"x")
    assert cached(song, "joints", 2) is None
    write(song, "another")
    os.utime(song, ns=(2 * 10**18, 2 * 10**18))
    assert (known_analysis(song), cached(song, "joints", 1)) == (None, None)
    assert known_analysis(folder / "none.mp3") is None
    assert known_analysis(tmp_path / "elsewhere.mp3") is None


# The library


def test_many_new_songs_are_not_listened_to_without_being_asked(folder, ear):
    for number in range(FEW_SONGS):
        write(folder / f"{number}.mp3")
    with collect_notices() as notices:
        assert len(list(FolderLibrary(folder))) == FEW_SONGS + 3
    assert ear.heard == []
    assert f"{FEW_SONGS + 3} of {FEW_SONGS + 3} songs" in notices[-1]
    assert "listen to them once with: musify library add" in notices[-1]
    assert len(list(FolderLibrary(folder, analyze=True))) == len(ear.heard) == FEW_SONGS + 3


def test_a_library_that_must_not_listen(folder, ear):
    tracks = list(FolderLibrary(folder, analyze=False))
    assert ear.heard == []
    assert [track.analysis for track in tracks] == [None] * 3
    assert [track.mood and track.mood.name for track in tracks] == [None, "calm", None]


# Finding files


def test_links_in_a_circle_come_to_an_end(folder):
    (folder / "deep" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "calm" / "self").symlink_to(folder / "calm", target_is_directory=True)
    (folder / "nowhere.mp3").symlink_to(folder / "none.mp3")
    assert [file.path for file in find_songs(folder).files] == [
        "b.ogg", "calm/a.mp3", "deep/c.wav",
    ]  # fmt: skip


def test_linked_folders_are_followed_once_and_known_by_their_own_place(folder, tmp_path):
    write(tmp_path / "more" / "d.mp3")
    (folder / "aaa").symlink_to(folder / "deep", target_is_directory=True)
    (folder / "linked").symlink_to(tmp_path / "more", target_is_directory=True)
    (folder / "linked2").symlink_to(tmp_path / "more", target_is_directory=True)
    assert [file.path for file in find_songs(folder).files] == [
        "b.ogg", "calm/a.mp3", "deep/c.wav", "linked/d.mp3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", [b"new\nline.mp3", "\U0001f3b5.mp3".encode(), b"\xff\xfe.mp3", b"a'\"b.mp3"]
)
def test_names_may_hold_anything(folder, name):
    try:
        write(folder / os.fsdecode(name))
    except OSError:
        pytest.skip("this file system has no such names")
    SongFolder(folder).settle()
    assert SongFolder(folder).update().songs == 4
    assert os.fsencode(SongFolder(folder).entry(folder / os.fsdecode(name)).path.name) == name
    assert SongFolder(folder).check().is_clean


def test_a_folder_that_cannot_be_looked_into_loses_no_song(folder, monkeypatch):
    SongFolder(folder).update()
    scandir = os.scandir

    def deny(place):
        if str(place).endswith("calm"):
            raise PermissionError("denied")
        return scandir(place)

    monkeypatch.setattr(os, "scandir", deny)
    check = SongFolder(folder).check()
    assert (check.unread, check.missing) == (("calm",), ())
    assert SongFolder(folder).update().missing == ()


def test_long_songs_are_listened_to_one_after_another(folder, ear):
    ear.duration = 1000.0
    at_once = []

    def listen(path):
        at_once.append(1)
        time.sleep(0.02)
        assert len(at_once) == 1
        at_once.clear()
        return ear.listen(path)

    assert SongFolder(folder, analyze=listen).update(workers=3).songs == 3


@pytest.mark.slow
def test_ten_thousand_songs_are_loaded_at_once(folder):
    from musify.index.song_index import SongIndex

    for number in range(10_000):
        write(folder / f"{number % 300}" / f"{number}.mp3")
    with SongIndex(places.beside(folder)) as index:
        index._connection.execute("PRAGMA synchronous = OFF")
        for number, file in enumerate(find_songs(folder).files):
            index.put_song(
                number.to_bytes(16, "big"), duration=240.0, tags={"title": "A Song"}, heard=True,
                analysis=SongAnalysis(240.0, 0.1, 0.2, bpm=120.0), found=file,
            )  # fmt: skip
    library = FolderLibrary(folder)
    start = time.process_time()
    assert len(list(library)) == 10_003
    # 0.64 s on the machine it was written on.
    assert time.process_time() - start < 2
