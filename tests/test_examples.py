"""Every example runs, as a user would run it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import musify
from musify.audio.fit import song_of

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
QUICK = "a_mood_over_time"


def shown(page: str) -> set[str]:
    """Name what a page shows and plays out of the gallery."""
    text = (DOCS / page).read_text("utf-8")
    return set(re.findall(r'(?:src|poster)="gallery/([^"]+)"', text))


@pytest.mark.parametrize(
    "file",
    [pytest.param(file, marks=() if file.stem == QUICK else pytest.mark.slow) for file in GALLERY],
    ids=lambda file: file.stem,
)
def test_the_gallery_can_be_seen_and_heard(file: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    run(f"gallery/{file.name}", tmp_path)
    made = {one.name: one for one in tmp_path.iterdir()}
    assert set(made) == {name for name in shown("gallery.md") if name.startswith(file.stem)}
    assert {"picture", "sound"} == {KINDS[one.suffix] for one in made.values()}
    for one in made.values():
        if one.suffix == ".svg":
            assert one.read_text("utf-8").count("<path") > 20
        elif one.suffix == ".mp3":
            assert song_of(one).duration > 13
        elif one.suffix == ".mp4":
            assert musify.probe(one).has_audio
        else:
            assert one.read_bytes().startswith(b"\x89PNG")


KINDS = {".svg": "picture", ".png": "picture", ".mp3": "sound", ".mp4": "sound"}


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
