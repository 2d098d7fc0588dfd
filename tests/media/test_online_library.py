"""Fetched songs are listened to, and what is no song is left out."""

import pytest

from musify import EmptyLibraryError, get_backend
from musify.notices import collect_notices
from stand_ins.music_services import Openverse, Song

pytestmark = pytest.mark.media


@pytest.fixture
def service(songs, make_clip, monkeypatch, tmp_path):
    monkeypatch.setenv("MUSIFY_CACHE_DIR", str(tmp_path / "cache"))
    beat = make_clip("beat-120.mp3", "-f", "lavfi", "-i", "sine=f=330:b=2:d=12:r=48000")
    tone = songs / "calm" / "calm.wav"
    on_offer = [
        Song("a-1", "No Sound", artist="A", content=b"ID3" + b"nothing" * 5000),
        Song("b-2", "Half", artist="B", content=tone.read_bytes()[:40], kind="audio/wav"),
        Song("c-3", "Beat", artist="C", content=beat.read_bytes()),
        Song("d-4", "Tone", artist="D", content=tone.read_bytes(), kind="audio/wav"),
    ]
    with Openverse(*on_offer) as server:
        yield server


def library(service, folder, **options):
    options = {"moods": ["calm"], "instrumental": False, "folder": folder} | options
    return get_backend("song_library", "openverse", base_url=service.base_url, **options)


def test_what_is_no_song_is_left_out_and_told(service, tmp_path):
    with collect_notices() as notices:
        tracks = list(library(service, tmp_path / "songs"))
    assert [track.title for track in tracks] == ["Beat", "Tone"]
    assert sum("left out the song 'No Sound'" in notice for notice in notices) == 1
    assert sum("left out the song 'Half'" in notice for notice in notices) == 1
    # Heard, and not as the service says.
    beat, tone = tracks
    assert beat.duration == pytest.approx(12, abs=0.1)
    assert beat.bpm is not None
    assert tone.analysis is not None
    assert all(track.licence.name == "CC-BY-4.0" for track in tracks)
    low, high = beat.bpm - 1, beat.bpm + 1
    within = library(service, tmp_path / "songs", bpm=(low, high))
    assert [track.title for track in within] == ["Beat"]
    with pytest.raises(EmptyLibraryError):
        list(library(service, tmp_path / "songs", bpm=(high + 50, high + 51)))
