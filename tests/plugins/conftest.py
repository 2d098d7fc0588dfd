"""Distributions that are really installed, for the time of one test."""

import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from musify import (
    KNOWN_MOODS,
    AudioMuxer,
    FrameSample,
    FrameSampler,
    Pipeline,
    SongLibrary,
    Track,
    VideoInfo,
)
from musify._registry import forget_plugins
from musify.video import StreamInfo

Install = Callable[..., None]


@pytest.fixture
def install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_plugins: None
) -> Iterator[Install]:
    """Install a distribution of one module, with what ``pip install`` leaves behind.

    ``install("musify-hue", code)`` makes the module ``musify_hue`` and the entry point ``hue``.
    """
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    modules = []

    def add(distribution: str, code: str, version: str = "0.1", **entry_points: str) -> None:
        module = distribution.replace("-", "_")
        modules.append(module)
        (site / f"{module}.py").write_text(textwrap.dedent(code), encoding="utf-8")
        info = site / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        points = entry_points or {distribution.partition("-")[2]: module}
        lines = [f"{name} = {target}" for name, target in points.items()]
        (info / "entry_points.txt").write_text("\n".join(["[musify]", *lines, ""]))
        importlib.invalidate_caches()
        forget_plugins()

    yield add
    for module in modules:
        sys.modules.pop(module, None)


def offering(name: str, factory: str, hook: str = "musify_mood_classifiers") -> str:
    """Write the code of a plugin that offers one backend."""
    return textwrap.dedent(
        f"""
        import musify

        @musify.hookimpl
        def {hook}():
            yield musify.BackendSpec({name!r}, {factory!r}, "made for a test")
        """
    )


@pytest.fixture(name="offering")
def offering_fixture() -> Callable[..., str]:
    return offering


class FiveFrames(FrameSampler):
    def sample(self, video):
        for index in range(5):
            yield FrameSample(float(index), np.full((2, 2, 3), 40 * index, np.uint8))


class OneSong(SongLibrary):
    def __iter__(self):
        yield Track("song.wav", 30.0, loudness_lufs=-16.0, mood=KNOWN_MOODS["calm"])


class TextMuxer(AudioMuxer):
    def mux(self, video, soundtrack, output, *, original="keep", overwrite=False):
        Path(output).write_text("film")
        return Path(output)


@pytest.fixture
def video() -> VideoInfo:
    film = StreamInfo(0, "video", "h264", width=160, height=90)
    return VideoInfo(
        path=Path("film.mp4"),
        duration=5.0,
        start_time=0.0,
        frame_rate=Fraction(25),
        width=160,
        height=90,
        rotation=0.0,
        streams=(film,),
        video_index=0,
        audio_index=None,
    )


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch, video: VideoInfo) -> Callable[..., Pipeline]:
    """Make a pipeline of fakes, in which a test sets the part it looks at."""
    monkeypatch.setattr("musify.pipeline.probe", lambda path: video)

    def make(**parts: object) -> Pipeline:
        return Pipeline(
            **{
                "frame_sampler": FiveFrames(),
                "audio_muxer": TextMuxer(),
                "library": OneSong(),
                "dynamics": None,  # there is no file in which to look for cuts
                "loudness": None,  # and no song to measure
                **parts,
            }
        )

    return make


@pytest.fixture(autouse=True)
def _names_alone(looped_songs: None) -> None:
    """Loop songs instead of fitting them: the files of most of these tests are names alone."""
