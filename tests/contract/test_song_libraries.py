import shutil

import pytest

from musify import Track, get_backend
from musify.notices import collect_notices
from stand_ins.music_services import Jamendo, Openverse, Song

KIND = "song_library"


def options_of(service):
    return lambda request: request.getfixturevalue("services")[service]


OPTIONS = {
    "bundled": {},
    "folder": lambda request: {"path": request.getfixturevalue("songs")},
    "jamendo": options_of(Jamendo),
    "openverse": options_of(Openverse),
}
pytestmark = pytest.mark.media


@pytest.fixture
def services(songs):
    """Put a stand-in behind each library that asks on the web, with the songs on offer."""
    on_offer = [
        Song(
            f"n-{number}",
            file.stem.title(),
            artist=f"Artist {number}",
            tags=(file.stem, "instrumental"),
            seconds=file.stat().st_size / 96_000,
            content=file.read_bytes(),
            kind="audio/x-wav",
        )
        for number, file in enumerate(sorted(songs.glob("*/*.wav")))
    ]
    common = {"length": (1, 600), "instrumental": False}
    with Openverse(*on_offer) as openverse, Jamendo(*on_offer) as jamendo:
        yield {
            Openverse: common
            | {"base_url": openverse.base_url, "folder": songs.parent / "openverse"},
            Jamendo: common
            | {
                "base_url": jamendo.base_url,
                "folder": songs.parent / "jamendo",
                "key": Jamendo.KEY,
            },
        }


def facts(track):
    # What was heard is read anew each time, and does not count in comparisons.
    return {
        name: getattr(track, name) for name in Track.__slots__ if name not in ("beats", "analysis")
    }


def test_tracks_come_in_the_same_order_each_time(backend):
    first = [facts(track) for track in backend]
    assert first
    assert [facts(track) for track in backend] == first


def test_tracks_are_files_each_once(backend):
    tracks = list(backend)
    assert all(isinstance(track, Track) and track.path.is_file() for track in tracks)
    assert len({track.path for track in tracks}) == len(tracks)


def test_two_readers_do_not_disturb_each_other(backend):
    one, other = iter(backend), iter(backend)
    assert next(one).path == next(other).path
    assert next(one).path == next(other).path


def test_files_that_cannot_be_read_are_left_out_and_told(songs, tmp_path):
    # Of the built-in libraries only a folder may hold just anything.
    shutil.copytree(songs, tmp_path / "songs")
    (tmp_path / "songs" / "broken.mp3").write_bytes(b"no sound at all" * 99)
    (tmp_path / "songs" / "empty.wav").touch()
    with collect_notices() as notices:
        names = [track.path.name for track in get_backend(KIND, "folder", path=tmp_path / "songs")]
    assert sorted(names) == ["action.wav", "calm.wav", "happy.wav", "sad.wav"]
    assert len(notices) == 2
    assert "broken.mp3" in notices[0]
    assert "empty.wav" in notices[1]
