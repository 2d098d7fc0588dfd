"""What unit tests share: fakes, and the rule that none of them starts ffmpeg."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from musify import MoodSpace, MoodTimeline, SongLibrary, Track, VideoInfo, _ffmpeg
from musify.video import StreamInfo


@pytest.fixture(autouse=True)
def no_child_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no process at all, which spares looking for those that are left."""

    def refuse(*args: object, **options: object) -> None:
        pytest.fail("a unit test started ffmpeg")

    monkeypatch.setattr(_ffmpeg.FFmpegProcess, "__init__", refuse)


@pytest.fixture(autouse=True)
def _names_alone(looped_songs: None) -> None:
    """Loop songs instead of fitting them: the files of most unit tests are names alone."""


class Songs(SongLibrary):
    """A library of given tracks."""

    def __init__(self, *tracks: Track) -> None:
        self.tracks = tracks

    def __iter__(self) -> Iterator[Track]:
        return iter(self.tracks)


@pytest.fixture
def library() -> Callable[..., Songs]:
    return Songs


@pytest.fixture
def make_track() -> Callable[..., Track]:
    """Make a track whose loudness is known, so that nothing is measured."""

    def make(path: str = "song.wav", mood: str | None = "calm", **facts: Any) -> Track:
        point = None if mood is None else next(iter(MoodSpace([mood])))
        return Track(
            path=Path(path), mood=point, **{"duration": 30.0, "loudness_lufs": -16.0} | facts
        )

    return make


@pytest.fixture
def make_timeline() -> Callable[..., MoodTimeline]:
    """Make a timeline of known moods: ``make_timeline([0, 10, 20], "calm", "happy")``."""

    def make(edges: list[float], *labels: str, **more: Any) -> MoodTimeline:
        plane = MoodSpace(dict.fromkeys(labels)).plane
        places = [list(dict.fromkeys(labels)).index(label) for label in labels]
        return MoodTimeline(edges, labels, np.ones(len(labels)), plane[places], **more)

    return make


@pytest.fixture
def make_video() -> Callable[..., VideoInfo]:
    """Describe a film that no file holds."""

    def make(duration: float = 12.0, *, audio: bool = False, **facts: Any) -> VideoInfo:
        film = StreamInfo(0, "video", "h264", width=160, height=90, aspect=Fraction(1))
        sound = StreamInfo(1, "audio", "aac", sample_rate=48_000, channels=2)
        return VideoInfo(
            **{
                "path": Path("film.mp4"),
                "duration": duration,
                "start_time": 0.0,
                "frame_rate": Fraction(25),
                "width": 160,
                "height": 90,
                "rotation": 0.0,
                "streams": (film, sound) if audio else (film,),
                "video_index": 0,
                "audio_index": 1 if audio else None,
            }
            | facts
        )

    return make
