"""What all tests share: media made on the spot, and rules that hold for every test."""

import contextlib
import gc
import hashlib
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from musify import _ffmpeg
from musify._registry import forget_plugins
from musify.index import schema
from musify.testing import media

if TYPE_CHECKING:
    from musify.composer.score import Score

MakeClip = Callable[..., Path]

# Each takes up to a minute: begun last, one core would wait for the other.
LONGEST = (
    "tests/test_docs_build.py",
    "tests/test_docs.py::test_every_block_runs[README]",
    "tests/test_notebooks.py",
    "tests/test_plugin_kit.py",
    "tests/test_docs.py::test_every_block_runs",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""

    def rank(item: pytest.Item) -> int:
        starts = [place for place, name in enumerate(LONGEST) if item.nodeid.startswith(name)]
        return min(starts, default=len(LONGEST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Spare each collection of garbage the thousands of tests, which stay until the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(440)


def children() -> list[psutil.Process]:
    """List the processes that this one started, and those that they did."""
    tasks = Path("/proc/self/task")
    with contextlib.suppress(OSError):
        # Where Linux tells it is a hundred times cheaper than looking at every process there is.
        if tasks.is_dir() and not any((task / "children").read_text() for task in tasks.iterdir()):
            return []
    return psutil.Process().children(recursive=True)


@pytest.fixture(autouse=True)
def no_child_left() -> Iterator[None]:
    """No test may leave a process behind."""
    before = {child.pid for child in children()}
    yield
    left = [
        child
        for child in children()
        if child.pid not in before and child.status() != psutil.STATUS_ZOMBIE
    ]
    assert not left, f"left running: {left}"


@pytest.fixture(autouse=True)
def no_error_logged(
    caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> Iterator[None]:
    """A library does not log an error that it raises; a test that expects one says so."""
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    errors = [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert not errors, [record.getMessage() for record in errors]


@pytest.fixture(scope="session", autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what tests learn about songs out of the data folder of whoever runs them."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSIFY_DATA_DIR", str(folder))
        patch.setenv("MUSIFY_CACHE_DIR", str(folder / "cache"))
        yield folder


@pytest.fixture
def quick_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the indexes of songs not wait for the disk, where nobody cuts the power."""
    connect = schema._plain_connection

    def quick(name: str) -> sqlite3.Connection:
        connection = connect(name)
        try:
            connection.execute("PRAGMA synchronous = OFF")
        except sqlite3.Error:  # it is damaged
            connection.close()
            raise
        return connection

    monkeypatch.setattr(schema, "_plain_connection", quick)


@pytest.fixture
def fresh_plugins() -> Iterator[None]:
    """Look for plugins anew before and after."""
    forget_plugins()
    yield
    forget_plugins()


def ffmpeg(*args: str | os.PathLike[str]) -> None:
    """Run the ffmpeg that musify runs, to make media."""
    command = [_ffmpeg.executable(), "-hide_banner", "-nostdin", "-v", "error", "-y"]
    done = subprocess.run([*command, *map(os.fspath, args)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def stream_hashes(path: Path) -> list[tuple[str, str]]:
    """Kind and hash of the packets of every stream, in order."""
    out = subprocess.run(
        [
            _ffmpeg.executable(),
            "-v",
            "error",
            "-i",
            f"file:{path}",
            "-map",
            "0",
            "-c",
            "copy",
            "-copy_unknown",
            "-copyinkf",
            "-f",
            "streamhash",
            "-",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split(",") for line in out.splitlines()]
    return [(kind, digest) for _, kind, digest in rows]


def decode_pcm(path: Path, sample_rate: int = 48_000, stream: int = 0) -> np.ndarray:
    """Decode a sound stream as a player would, shape (frames, 2)."""
    out = subprocess.run(
        [
            _ffmpeg.executable(),
            "-v",
            "error",
            "-i",
            f"file:{path}",
            "-map",
            f"0:a:{stream}",
            "-ac",
            "2",
            "-ar",
            str(sample_rate),
            "-f",
            "f32le",
            "-",
        ],
        capture_output=True,
        check=True,
    ).stdout
    return np.frombuffer(out, "<f4").reshape(-1, 2)


@pytest.fixture(scope="session")
def media_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def make_clip(media_dir: Path) -> MakeClip:
    """Make a clip once a session: ``make_clip("a.mp4", *ffmpeg_args)``."""

    def make(name: str, *args: str | os.PathLike[str]) -> Path:
        # Two tests may give one name to different clips.
        made_of = hashlib.sha256("\0".join(map(os.fspath, args)).encode()).hexdigest()
        path = media_dir / made_of[:12] / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            ffmpeg(*args, path)
        return path

    return make


@pytest.fixture(scope="session")
def tiny_video(media_dir: Path) -> Path:
    """12 s, 160x90, 25 fps, H.264 with a key frame a second, and a quiet tone as own sound."""
    return media.tiny_video(media_dir / "tiny.mp4")


@pytest.fixture(scope="session")
def silent_video(media_dir: Path) -> Path:
    """Like tiny_video, 8 s, without sound."""
    return media.tiny_video(media_dir / "silent.mp4", seconds=8, sound_hertz=None)


@pytest.fixture(scope="session")
def songs(media_dir: Path) -> Path:
    """A folder of four songs of 4 s: steady tones in folders named after moods."""
    return media.tiny_songs(media_dir / "songs")


@pytest.fixture(scope="session")
def pictures(media_dir: Path) -> Path:
    """Two folders named after moods, of six pictures each: warm curves and grey patterns."""
    folder = media_dir / "pictures"
    for mood, source in (
        ("cosy", "mandelbrot=s=96x72:start_scale={scale},hue=h=20:s=2"),
        ("eerie", "cellauto=s=96x72:rule={rule}:seed=5,hue=s=0"),
    ):
        if not (folder / mood).exists():
            (folder / mood).mkdir(parents=True)
            for place, rule in enumerate((30, 45, 73, 90, 105, 110)):
                picture = source.format(rule=rule, scale=2 / 3**place)
                ffmpeg(
                    "-f", "lavfi", "-i", picture, "-frames:v", "1", folder / mood / f"{rule}.png"
                )
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 200 kB."""
    path = tmp_path / "disk"
    path.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "musify-test", path],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"cannot mount a small disk: {done.stderr.strip()}")
    yield path
    subprocess.run(["umount", path], check=True)


def run_python(
    code: str, *args: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        timeout=120,
    )


@pytest.fixture
def looped_songs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loop songs instead of fitting them, where their files are names alone."""
    from dataclasses import replace

    from musify.audio.arrange import loop_ranges
    from musify.audio.fit import Fit

    def looped(track, length: float, **wishes: object) -> object:
        ranges, overlap = loop_ranges(track.duration, length, 1.0)
        sources = tuple(replace(source, crossfade=overlap) for source in ranges)
        return Fit(sources, length, how="loop")

    monkeypatch.setattr("musify.audio.arrange.fit_song", looped)


@pytest.fixture
def small_score() -> "Score":
    """A score of 5 s with a tune, chords and drums, in 4/4 and 3/4."""
    from musify import MoodTimeline
    from musify.composer.commission import Commission
    from musify.composer.form.section import Section
    from musify.composer.score import Notes, Part, Score
    from musify.composer.tempo import TempoMap
    from musify.composer.theory.chords import Chord
    from musify.composer.theory.keys import Key

    timeline = MoodTimeline([0, 2, 5], ("sad", "calm"), [1, 1], [[-0.5, -0.3], [0.4, -0.6]], [2.0])
    tune = Notes(
        [0, 2, 4, 7], [1, 2, 1, 2], [60, 67, 65, 62], [90, 80, 84, 70], [0.0125, 0, 0, -0.01]
    )
    chords = Notes([0, 4], [4, 3], [50, 48], [60, 60])
    wishes = {"style": "lo-fi", "bpm": 120, "seed": 7, "section_seeds": ((1, 2**62),)}
    return Score(
        duration=5.0,
        tempo=TempoMap([0, 4, 9], [0, 2.0, 4.6]),
        sections=(
            Section("A", "intro", 0, (4,), -0.5, -0.3, Key(2, "minor"), 1),
            Section("B", "ending", 4, (3,), 0.4, -0.6, Key(0, "major"), 2),
        ),
        chords=(
            Chord(0, 4, 2, "m", numeral="i"),
            Chord(4, 3, 7, "7", bass=11, numeral="V65", cadence=True),
            Chord(7, 2, 0, numeral="I"),
        ),
        parts=(
            Part("tune", "melody", "vibraphone", tune),
            Part(
                "chords", "harmony", "electric-piano", chords, gain_db=-6.0, pan=-0.5,
                pedal=[[0, 3.5]], expression=[[0, 1.0], [4, 0.5]],
            ),
            Part("kit", "drums", "brush-kit", Notes([0], [0.25], [36], [100]), reverb=0.1),
        ),
        style="lo-fi",
        seed=7,
        version="0.1",
        hits=[4],
        commission=Commission(timeline, **wishes),
    )  # fmt: skip
