from pathlib import Path

import pytest

from musify import (
    CueSheet,
    EmptyLibraryError,
    Mood,
    MoodTimeline,
    NoSuitableTrackError,
    SongLibrary,
    Track,
)

KIND = "track_selector"


def tiny_model(request):
    for extra in ("torch", "transformers"):
        pytest.importorskip(extra)
    from stand_ins.tiny_musicgen import save_tiny_musicgen

    folder = request.getfixturevalue("tmp_path_factory").mktemp("model")
    return {"model": save_tiny_musicgen(folder), "most_seconds": 2, "window": 2, "overlap": 0.5}


OPTIONS = {
    "composer": {"seed": 5},
    "letter-code": {},
    "musicgen": tiny_model,
    "nearest": {"seed": 5},
}

TIMELINE = MoodTimeline(
    edges=[0, 30, 45, 60.5],
    labels=("calm", "action", "happy"),
    confidence=[0.9, 0.8, 0.7],
    plane=[[0.4, -0.6], [0.2, 0.8], [0.7, 0.4]],
    moods=("action", "happy", "sad", "calm"),
    scores=[[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]],
)


class Songs(SongLibrary):
    """A song for every mood, called by letters too, so that every selector finds something."""

    def __init__(self, *tracks):
        self.tracks = tracks

    def __iter__(self):
        return iter(self.tracks)


def song(name, mood=None):
    return Track(Path(f"{name}.wav"), 20.0, mood=mood, loudness_lufs=-16.0)


LIBRARY = Songs(
    *(song(name, Mood("any", *point)) for name, *point in [
        ("AA", 0.2, 0.8), ("HH", 0.7, 0.4), ("SS", -0.7, -0.4), ("CC", 0.4, -0.6),
        ("AH", 0.5, 0.6), ("AS", -0.2, 0.2), ("CH", 0.6, -0.1), ("CS", -0.1, -0.5),
    ])
)  # fmt: skip


def test_the_sheet_is_as_long_as_the_timeline(backend):
    sheet = backend.select(TIMELINE, LIBRARY)
    assert isinstance(sheet, CueSheet)
    assert sheet.duration == TIMELINE.duration
    assert sheet.cues


def test_songs_are_those_of_the_library(backend):
    if backend.needs_library:
        songs = {track.path for track in LIBRARY}
        assert {track.path for track in backend.select(TIMELINE, LIBRARY).tracks} <= songs


def test_the_same_arguments_give_the_same_sheet(backend):
    one, other = (backend.select(TIMELINE, LIBRARY).to_json() for _ in range(2))
    assert one == other


def test_a_selector_that_needs_a_library_says_so_when_it_is_empty(backend):
    if backend.needs_library:
        with pytest.raises(EmptyLibraryError):
            backend.select(TIMELINE, Songs())
    else:
        backend.select(TIMELINE, None)


def test_a_library_where_nothing_fits(backend):
    if backend.needs_library:
        with pytest.raises(NoSuitableTrackError):
            backend.select(TIMELINE, Songs(song("neither a mood nor a code")))
