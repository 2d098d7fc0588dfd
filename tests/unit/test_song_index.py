"""The index of songs: its file, its versions, its damage, and what is kept in it."""

import sqlite3
import threading

import numpy as np
import pytest

from musify import OutputError, ParameterError
from musify.index import schema
from musify.index.analysis_blob import pack_analysis, unpack_analysis
from musify.index.schema import MIGRATIONS, copy_index
from musify.index.song_files import FoundFile
from musify.index.song_index import SongIndex
from musify.notices import collect_notices
from musify.songs import ANALYSIS_VERSION, SongAnalysis

A, B = b"a" * 16, b"b" * 16

pytestmark = pytest.mark.usefixtures("quick_index")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "index.sqlite3"


@pytest.fixture
def analysis(rng):
    return SongAnalysis(
        duration=8.1,
        valence=0.1 + 0.2,
        arousal=-1 / 3,
        loudness_lufs=-14.2,
        beats=np.cumsum(rng.uniform(0.4, 0.6, 12)),
        downbeats=[0.5, 2.5],
        bpm=np.float64(119.7),
        beats_per_bar=4,
        beat_clarity=0.9,
        key="D minor",
        section_edges=(0, 4, 8.1),
        section_labels="AB",
        curve_times=[0.5, 1.5],
        energy=[0.1, 0.2],
        plane=rng.uniform(-1, 1, (2, 2)),
        tags={"guitar": np.float32(0.5)},
    )


def song(path, size=10, mtime_ns=5):
    return FoundFile(path, size, mtime_ns)


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in SongAnalysis.__dataclass_fields__
    )


def filled(index, path="a.mp3", digest=A, **facts):
    index.put_file(song(path), digest)
    index.put_song(digest, **({"duration": 30.0, "tags": {"title": "T"}} | facts))


def test_an_analysis_comes_back_to_the_last_bit(analysis):
    assert same(unpack_analysis(pack_analysis(analysis)), analysis)
    bare = SongAnalysis(3.0)
    assert same(unpack_analysis(pack_analysis(bare)), bare)


@pytest.mark.parametrize("blob", [b"", b"x", pack_analysis(SongAnalysis(3.0))[:-9]])
def test_bytes_that_are_no_analysis(blob):
    with pytest.raises(ParameterError, match="what was kept of a song cannot be read"):
        unpack_analysis(blob)


def test_what_is_kept_is_there_after_opening_again(file, analysis):
    with SongIndex(file) as index:
        filled(index, heard=True, analysis=analysis, note="odd")
        index.say("a.mp3", {"genre": "folk"})
    with SongIndex(file) as index:
        (row,) = index.songs()
        assert (row.path, row.duration, row.heard_duration, row.note) == ("a.mp3", 30, 8.1, "odd")
        assert (row.tags, row.words) == ({"title": "T"}, {"genre": "folk"})
        assert (row.bpm, row.key, row.heard_version) == (119.7, "D minor", ANALYSIS_VERSION)
        assert same(index.analysis(A), analysis)
        assert index.analysis(B) is None


def test_an_analysis_of_another_version_is_not_believed(file, analysis, monkeypatch):
    with SongIndex(file) as index:
        filled(index, heard=True, analysis=analysis)
        assert index.content(A).is_complete(listen=True)
        from musify.index import rows, song_index

        for module in (rows, song_index):
            monkeypatch.setattr(module, "ANALYSIS_VERSION", ANALYSIS_VERSION + 1)
        assert index.analysis(A) is None
        assert not index.content(A).is_complete(listen=True)
        assert index.content(A).is_complete(listen=False)


@pytest.mark.parametrize(
    "path",
    ["new\nline.mp3", "\U0001f3b5 emoji.mp3", "a'b\"c.mp3", "\udcff\udcfe.mp3", "x/\u202eltr.ogg"],
)
def test_names_may_be_anything(file, path):
    with SongIndex(file) as index:
        filled(index, path)
        index.say(path, {"title": path.encode("utf-8", "replace").decode()})
        assert [row.path for row in index.songs()] == [path]
        assert index.files()[path].hash == A
        assert index.known_file(path).path == path
        assert index.known_file("none.mp3") is None


def test_a_file_that_moved_keeps_its_words(file):
    with SongIndex(file) as index:
        filled(index)
        index.say("a.mp3", {"genre": "folk"})
        index.set_missing({index.files()["a.mp3"].id: True})
        assert index.put_file(song("b/new.mp3"), A).path == "a.mp3"
        assert list(index.files()) == ["b/new.mp3"]
        assert index.words("b/new.mp3") == {"genre": "folk"}
        assert not index.files()["b/new.mp3"].missing


def test_a_copy_is_no_move(file):
    with SongIndex(file) as index:
        filled(index)
        index.say("a.mp3", {"genre": "folk"})
        assert index.put_file(song("copy.mp3"), A) is None
        assert set(index.files()) == {"a.mp3", "copy.mp3"}
        assert index.words("copy.mp3") == {}


def test_words_follow_songs_that_changed_places(file):
    with SongIndex(file) as index:
        for path, digest in (("a.mp3", A), ("b.mp3", B)):
            filled(index, path, digest)
            index.say(path, {"title": path})
        index.put_file(song("a.mp3", 11), B)
        index.put_file(song("b.mp3", 12), A)
        index.words_follow(["a.mp3", "b.mp3"])
        assert index.words("a.mp3") == {"title": "b.mp3"}
        assert index.words("b.mp3") == {"title": "a.mp3"}


def test_words_stay_on_a_file_that_was_given_other_tags(file):
    with SongIndex(file) as index:
        filled(index)
        filled(index, "copy.mp3")
        index.say("a.mp3", {"genre": "folk"})
        index.put_file(song("a.mp3", 11), B)
        index.words_follow(["a.mp3"])
        assert index.words("a.mp3") == {"genre": "folk"}


def test_words_are_added_taken_back_and_replaced(file):
    with SongIndex(file) as index:
        filled(index)
        assert index.say("a.mp3", {"genre": "folk", "bpm": 90}) == {"genre": "folk", "bpm": 90}
        assert index.say("a.mp3", {"bpm": None}) == {"genre": "folk"}
        assert index.say("a.mp3", {"key": "C major"}, clear=True) == {"key": "C major"}
        assert index.say("a.mp3", {}, clear=True) == {}
        assert index.count_words() == 0
        with pytest.raises(ParameterError, match=r"knows no song 'none\.mp3'"):
            index.say("none.mp3", {"bpm": 90})


def test_what_is_computed_from_a_song_is_kept_by_kind_and_version(file):
    with SongIndex(file) as index:
        index.put_cached(A, "joints", 1, b"one")
        index.put_cached(A, "other", 1, b"else")
        assert index.cached(A, "joints", 1) == b"one"
        assert index.cached(A, "joints", 2) is None
        index.put_cached(A, "joints", 2, b"two")
        assert (index.cached(A, "joints", 1), index.cached(A, "joints", 2)) == (None, b"two")
        assert index.cached(A, "other", 1) == b"else"
        assert index.cached(B, "joints", 2) is None


def test_forgetting_a_file_forgets_what_nothing_else_needs(file, analysis):
    with SongIndex(file) as index:
        filled(index, heard=True, analysis=analysis)
        filled(index, "copy.mp3", heard=True, analysis=analysis)
        index.say("a.mp3", {"bpm": 90})
        index.drop_file("a.mp3")
        assert index.analysis(A) is not None
        assert index.count_words() == 0
        index.drop_file("copy.mp3")
        assert index.analysis(A) is None


def test_one_owner_works_on_a_song_until_it_has_been_silent(file, monkeypatch):
    from musify.index import song_index

    now = [1000.0]
    monkeypatch.setattr(song_index.time, "time", lambda: now[0])
    with SongIndex(file) as one, SongIndex(file) as other:
        assert one.claim(A, "one")
        assert not other.claim(A, "other")
        assert other.claim(B, "other")
        now[0] += 4
        one.beat("one")
        now[0] += 4
        assert not other.claim(A, "other")
        assert one.claim(B, "one"), "the other has been silent for 8 s"
        now[0] += 2
        assert other.claim(A, "other")
        other.give_up_claims("other", A)
        assert one.claim(A, "one")
        now[0] = 10.0  # a clock that was set back keeps nothing alive
        assert other.claim(A, "other")


def test_a_song_that_is_finished_is_free(file):
    with SongIndex(file) as index:
        assert index.claim(A, "one")
        index.put_song(A, duration=1.0, tags={})
        assert index.claim(A, "other")


# The file


def versions(file):
    connection = sqlite3.connect(file)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return version


def set_version(file, number):
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {number}")
    connection.commit()
    connection.close()


def test_an_index_of_a_newer_musify_is_refused_and_not_touched(file):
    with SongIndex(file) as index:
        filled(index)
    set_version(file, len(MIGRATIONS) + 1)
    before = file.read_bytes()
    for create in (True, False):
        with pytest.raises(ParameterError, match=r"made by a newer musify .* update musify with"):
            SongIndex(file, create=create)
    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_an_older_index_is_brought_up_to_date(file, monkeypatch):
    with SongIndex(file) as index:
        filled(index)
    more = (*MIGRATIONS, ("ALTER TABLE files ADD COLUMN stars INTEGER NOT NULL DEFAULT 3",))
    monkeypatch.setattr(schema, "MIGRATIONS", more)
    with SongIndex(file, create=False) as index:
        assert list(index.files()) == ["a.mp3"]
    assert versions(file) == len(more)
    stars = sqlite3.connect(file)
    assert stars.execute("SELECT stars FROM files").fetchall() == [(3,)]
    stars.close()


def test_a_migration_that_fails_leaves_the_index_as_it_was(file, monkeypatch):
    with SongIndex(file) as index:
        filled(index)
    broken = ("ALTER TABLE files ADD COLUMN stars INTEGER", "nonsense")
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, broken))
    with pytest.raises(OutputError, match="cannot open the index"):
        SongIndex(file)
    monkeypatch.undo()
    with SongIndex(file) as index:
        assert list(index.files()) == ["a.mp3"]
    assert versions(file) == len(MIGRATIONS)


def test_a_database_of_something_else_is_refused(file):
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE mine (x)")
    other.commit()
    other.close()
    before = file.read_bytes()
    with pytest.raises(ParameterError, match="is a database of something else"):
        SongIndex(file)
    assert file.read_bytes() == before


def test_an_empty_file_is_a_new_index(file):
    file.touch()
    with SongIndex(file) as index:
        filled(index)
        assert list(index.files()) == ["a.mp3"]


def test_an_index_that_is_not_there_is_not_made_by_reading(file):
    with pytest.raises(OutputError, match="cannot open the index"):
        SongIndex(file, create=False)
    assert not file.exists()


def test_a_file_that_is_no_database_is_put_aside_and_told(file):
    file.write_bytes(b"no database" * 999)
    with collect_notices() as notices, SongIndex(file) as index:
        assert index.songs() == []
    (aside,) = file.parent.glob("index.sqlite3.damaged-*")
    assert aside.read_bytes() == b"no database" * 999
    assert "was damaged" in notices[0]
    assert aside.name in notices[0]
    assert "no words of yours in it could be read" in notices[0]


def test_the_words_of_the_user_outlive_damage(file):
    with SongIndex(file) as index:
        index._connection.execute("PRAGMA synchronous = OFF")
        for number in range(400):
            filled(index, f"{number}.mp3", number.to_bytes(16, "big"), tags={"title": "x" * 900})
        index.say("7.mp3", {"genre": "folk"})
        index.say("300.mp3", {"bpm": 90})
        page = index._connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'contents'"
        ).fetchone()[0]
    with file.open("r+b") as data:
        data.seek((page - 1) * 4096)
        data.write(b"\xa5" * 4096)
    with collect_notices() as notices, SongIndex(file, thorough=True) as index:
        assert "your words on 2 songs were saved" in notices[0]
        # The songs are found again by their names or, where they moved, by what is in them.
        index.put_file(song("7.mp3"), (7).to_bytes(16, "big"))
        index.put_file(song("moved.mp3"), (300).to_bytes(16, "big"))
        assert index.words("7.mp3") == {"genre": "folk"}
        assert index.words("moved.mp3") == {"bpm": 90}


def test_damage_met_while_reading_is_told_with_what_to_do(file):
    with SongIndex(file) as index:
        filled(index)
    file.write_bytes(file.read_bytes()[:4096] + b"\xa5" * (file.stat().st_size - 4096))
    with SongIndex(file) as index:  # noqa: SIM117 - it opens
        with pytest.raises(OutputError, match="it is damaged; mend it with: musify library add"):
            index.songs()


def test_a_copy_is_whole(file, tmp_path):
    with SongIndex(file) as index:
        filled(index)
        index.say("a.mp3", {"bpm": 90})
    copy_index(file, tmp_path / "copy.sqlite3")
    with SongIndex(tmp_path / "copy.sqlite3", create=False) as index:
        assert index.words("a.mp3") == {"bpm": 90}


def test_a_transaction_that_fails_changes_nothing(file):
    with SongIndex(file) as index:
        with pytest.raises(TypeError, match="cannot be kept"):
            filled(index, heard=True, analysis=SongAnalysis(3.0, tags={"odd": object()}))
        assert index.content(A).facts_version is None


def test_threads_take_turns(file):
    with SongIndex(file) as index:

        def work(start):
            for number in range(start, start + 5):
                filled(index, f"{number}.mp3", number.to_bytes(16, "big"))

        threads = [threading.Thread(target=work, args=(start,)) for start in (0, 5, 10, 15)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(index.songs()) == 20


def test_two_connections_wait_for_each_other(file):
    with SongIndex(file) as one, SongIndex(file) as other:

        def work(index, start):
            for number in range(start, start + 9):
                filled(index, f"{number}.mp3", number.to_bytes(16, "big"))

        thread = threading.Thread(target=work, args=(other, 20))
        thread.start()
        work(one, 0)
        thread.join()
        assert len(one.songs()) == len(other.songs()) == 18


def test_songs_come_in_the_order_of_their_paths(file):
    with SongIndex(file) as index:
        for place, path in enumerate(("b/a.mp3", "b.mp3", "a/z.mp3", "b/B.mp3")):
            filled(index, path, bytes([place]) * 16)
        assert [row.path for row in index.songs()] == ["a/z.mp3", "b/B.mp3", "b/a.mp3", "b.mp3"]
