"""Every example runs, as a user would run it."""

import re
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
DOCS = EXAMPLES.parent / "docs"


def shown(page: str) -> set[str]:
    """Name what a page shows and plays out of the gallery."""
    text = (DOCS / page).read_text("utf-8")
    return set(re.findall(r'(?:src|poster)="gallery/([^"]+)"', text))


def test_every_example_of_the_gallery_is_on_its_page() -> None:
    page = (DOCS / "gallery.md").read_text("utf-8")
    for file in GALLERY:
        assert f"../examples/gallery/{file.name}" in page
        title, _, said = file.read_text("utf-8").split('"""')[1].strip().partition("\n\n")
        title = title.rstrip(".")
        assert f"## {title}\n\n{said}" in page
        anchor = re.sub(r"[^a-z0-9]+", "-", title.lower())
        assert f'<a href="#{anchor}">' in page, "a card leads to it"
        assert any(name.startswith(file.stem) for name in shown("gallery.md"))


def test_pages_show_only_what_the_gallery_makes() -> None:
    stems = tuple(file.stem for file in GALLERY)
    for page in ("gallery.md", "index.md"):
        assert shown(page)
        assert all(name.startswith(stems) for name in shown(page))
    assert shown("index.md") <= shown("gallery.md")


def test_every_example_is_tested() -> None:
    source = Path(__file__).read_text("utf-8")
    assert all(f'run("{file.name}"' in source for file in EXAMPLES.glob("*.py"))
