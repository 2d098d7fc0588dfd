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


GALLERY = sorted((EXAMPLES / "gallery").glob("*.py"))


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, marks=pytest.mark.slow) if file.stem != "a_mood_over_time" else file
        for file in GALLERY
    ],
    ids=lambda file: file.stem,
)
def test_the_gallery_can_be_seen_and_heard(file: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    run(f"gallery/{file.name}", tmp_path)
    assert {made.name for made in tmp_path.iterdir()} == {f"{file.stem}.svg", f"{file.stem}.mp3"}
    assert (tmp_path / f"{file.stem}.mp3").stat().st_size > 100_000
    picture = (tmp_path / f"{file.stem}.svg").read_text("utf-8")
    assert picture.count("<path") > 20


def test_every_example_of_the_gallery_is_on_its_page() -> None:
    page = (EXAMPLES.parent / "docs" / "gallery.md").read_text("utf-8")
    for file in GALLERY:
        assert f"../examples/gallery/{file.name}" in page
        assert f"gallery/{file.stem}.svg" in page
        title, _, said = file.read_text("utf-8").split('"""')[1].strip().partition("\n\n")
        assert f"## {title.rstrip('.')}" in page
        assert said in page


def test_every_example_is_tested() -> None:
    source = Path(__file__).read_text("utf-8")
    assert all(f'run("{file.name}"' in source for file in EXAMPLES.glob("*.py"))
