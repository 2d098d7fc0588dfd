import shutil

import pytest

from musify import get_backend
from musify.notices import collect_notices
from musify.testing import SongLibraryContract
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


class TestSongLibraries(SongLibraryContract):
    """Every built-in library keeps every rule."""


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
