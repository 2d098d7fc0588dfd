"""Every example runs, as a user would run it."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
pytestmark = pytest.mark.media


def run(name: str, *args: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *args], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_first_soundtrack(tmp_path: Path, tiny_video: Path, songs: Path) -> None:
    said = run("first_soundtrack.py", tiny_video, tmp_path / "out.mp4", songs)
    assert "sure" in said
    assert (tmp_path / "out.mp4").is_file()


def test_count_moods(tiny_video: Path) -> None:
    assert " s" in run("count_moods.py", tiny_video)


def test_every_example_is_tested() -> None:
    source = Path(__file__).read_text("utf-8")
    assert all(f'run("{file.name}"' in source for file in EXAMPLES.glob("*.py"))
