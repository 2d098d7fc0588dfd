"""What ships with musify of the songs of the pack."""

import shutil
from pathlib import Path

import immich_memories_music
import numpy as np
import pytest

from musify import ParameterError
from musify.backends import bundled_library
from musify.backends.bundled_library import BundledLibrary
from musify.index import listening, packed_songs, places, song_folder
from musify.index.packed_songs import PackedSong, dump_songs, load_songs
from musify.index.song_files import SongFacts, content_hash, find_songs
from musify.songs import SongAnalysis

PACK = Path(immich_memories_music.tracks_dir())

pytestmark = pytest.mark.usefixtures("quick_index")


@pytest.fixture
def no_decoding(monkeypatch):
    def refuse(*args):
        raise AssertionError(f"asked to open {args}")

    monkeypatch.setattr(listening, "read_facts", refuse)
    monkeypatch.setattr(song_folder, "listen", refuse)


@pytest.fixture
def two(tmp_path):
    songs = [
        PackedSong("a/b.ogg", b"1" * 16, SongFacts(3.5, {"bpm": 90.0}), SongAnalysis(3.4, 0.1)),
        PackedSong("\udcff.ogg", b"2" * 16, SongFacts(1 / 3, {}), SongAnalysis(9.0, bpm=99.5)),
    ]
    (tmp_path / "songs.jsonl").write_text(dump_songs(songs), encoding="ascii")
    return songs, tmp_path / "songs.jsonl"


def test_songs_come_back_as_they_were(two):
    songs, file = two
    found = load_songs(file)
    assert list(found) == [song.hash for song in songs]
    for song in songs:
        again = found[song.hash]
        assert (again.path, again.facts) == (song.path, song.facts)
        assert (again.analysis.valence, again.row.bpm) == (song.analysis.valence, song.row.bpm)


def test_what_another_version_found_out_is_not_believed(two, monkeypatch):
    _, file = two
    monkeypatch.setitem(packed_songs._HEAD, "analysis", 999)
    assert load_songs(file) == {}
    assert load_songs(file.with_name("none")) == {}


@pytest.mark.parametrize("spoil", [lambda text: text[:-30], lambda text: "x" + text, lambda _: ""])
def test_a_file_that_is_spoilt(two, spoil):
    _, file = two
    file.write_text(spoil(file.read_text(encoding="ascii")), encoding="ascii")
    with pytest.raises(ParameterError, match="cannot read the songs in"):
        load_songs(file)


def test_the_whole_pack_was_listened_to_ahead():
    # If this fails, run: python tools/analyze_bundled_pack.py
    known = load_songs(bundled_library._AHEAD)
    files = find_songs(PACK).files
    assert {content_hash(PACK / file.path) for file in files} == set(known)
    assert [song.path for song in known.values()] == [file.path for file in files]


def test_the_first_run_does_not_wait(no_decoding):
    tracks = list(BundledLibrary())
    assert len(tracks) == 28
    for track in tracks:
        assert track.analysis.duration == track.duration
        assert track.mood.name == track.path.parent.name
        assert np.isfinite(track.analysis.plane).all()
        assert (track.licence.name, bool(track.key), bool(track.bpm)) == ("MIT", True, True)


def test_another_pack_is_listened_to(tmp_path, monkeypatch):
    monkeypatch.setenv(places.DATA_VARIABLE, str(tmp_path / "data"))
    monkeypatch.setattr(listening, "read_facts", lambda path: SongFacts(20.0, {}))
    monkeypatch.setattr(song_folder, "listen", lambda path: SongAnalysis(21.0))
    shutil.copytree(PACK / "calm", tmp_path / "pack" / "calm")
    (tmp_path / "pack" / "calm" / "new.opus").write_bytes(b"another")
    monkeypatch.setattr(immich_memories_music, "tracks_dir", lambda: str(tmp_path / "pack"))
    tracks = list(BundledLibrary())
    assert "new" in [track.title for track in tracks]
    assert {track.analysis.duration for track in tracks} == {21.0}
