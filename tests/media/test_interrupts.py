"""Ctrl-C between any two steps of Python, at each of them in turn."""

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
import pytest

from musify._ffmpeg import FFmpegProcess
from musify._output import check_output, finished_file
from musify.video import VideoInfo, probe
from musify.vision.frames import FrameStream

pytestmark = pytest.mark.media

ENDLESS = ["-v", "info", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"]
LOOKED_INTO = ("musify._ffmpeg", "musify._output", "musify.vision.frames", "pathlib", __name__)


def interrupted(action: Callable[[], object], at: int) -> bool:
    """Run an action with a KeyboardInterrupt at its n-th step; say whether it got that far.

    The steps are the instructions of the modules above: Python looks for signals at some of them.
    """
    steps = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal steps
        if frame.f_globals.get("__name__") not in LOOKED_INTO:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            steps += 1
            if steps == at:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def children() -> list[psutil.Process]:
    """List running children, once those that were killed have had a moment to go."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        running = [
            child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE
        ]
        if not running:
            break
        gc.collect()  # the error may be part of a ring that holds the frame it went through
        time.sleep(0.005)
    return running


@pytest.fixture
def film(tiny_video: Path) -> VideoInfo:
    return probe(tiny_video)


def start_ffmpeg(film: VideoInfo) -> None:
    with FFmpegProcess(ENDLESS) as process:
        process.read_exactly(0)


def start_a_stream(film: VideoInfo) -> None:
    with FrameStream(film, 32, limit=1) as stream:
        assert stream


@pytest.mark.parametrize(("action", "stride"), [(start_ffmpeg, 3), (start_a_stream, 7)])
def test_no_process_is_left_behind(
    action: Callable[[VideoInfo], None], stride: int, film: VideoInfo
) -> None:
    at = 1
    while interrupted(lambda: action(film), at):
        assert not children(), f"after step {at}"
        at += stride
    assert at > 50, "it was not interrupted where it matters"


# A file object that is dropped in the middle of being made is closed with a warning.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_file_is_left_behind(tmp_path: Path) -> None:
    at = 1
    while interrupted(lambda: check_output(tmp_path / "out.mp4", overwrite=False), at):
        assert not list(tmp_path.iterdir()), f"after step {at}"
        at += 10
    assert at > 50, "it was not interrupted where it matters"


def finish_a_file(path: Path) -> None:
    with finished_file(path, overwrite=True) as partial:
        partial.write_bytes(b"whole")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_partial_file_is_left_behind(tmp_path: Path) -> None:
    at = 1
    while interrupted(lambda: finish_a_file(tmp_path / "out.mp4"), at):
        gc.collect()
        assert {file.name for file in tmp_path.iterdir()} <= {"out.mp4"}, f"after step {at}"
        at += 17
    assert at > 50, "it was not interrupted where it matters"
    assert (tmp_path / "out.mp4").read_bytes() == b"whole"
