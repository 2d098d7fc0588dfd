"""The pages are built as for readers: without a warning, and every link in them leads somewhere."""

import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import musify
from musify.audio.fit import song_of

ROOT = Path(__file__).parents[1]
GALLERY = sorted((ROOT / "examples" / "gallery").glob("*.py"))


class Page(HTMLParser):
    """The places of a page, and where its links lead."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            if name in ("href", "src") and value and tag != "base":
                self.links.append(value)


def broken(html: Path) -> list[str]:
    """List the links that stay inside and lead nowhere."""
    pages = {file: Page(file) for file in html.rglob("*.html")}
    found = []
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            place = unquote(parts.fragment)
            is_there = target.is_file() and (
                not place or target not in pages or place in pages[target].anchors
            )
            if not is_there:
                found.append(f"{file.relative_to(html)}: {link}")
    return found


KINDS = {".svg": "picture", ".png": "picture", ".mp3": "sound", ".mp4": "sound", ".done": "mark"}


def check_made(files: list[Path]) -> None:
    """See that an example of the gallery can be seen and heard."""
    assert {KINDS[one.suffix] for one in files} >= {"picture", "sound"}
    for one in files:
        if one.suffix == ".svg":
            assert one.read_text("utf-8").count("<path") > 20
        elif one.suffix == ".mp3":
            assert song_of(one).duration > 13
        elif one.suffix == ".mp4":
            assert musify.probe(one).has_audio
        elif one.suffix == ".png":
            assert one.read_bytes().startswith(b"\x89PNG")


@pytest.mark.media
def test_the_docs_build(tmp_path: Path) -> None:
    # What the build makes stays out of the tree; what the pages refer to beside them is there.
    ignored = shutil.ignore_patterns("_build", "_gallery")
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=ignored)
    for beside in ROOT.iterdir():
        if beside.name != "docs" and not beside.name.startswith("."):
            (tmp_path / beside.name).symlink_to(beside)
    html = tmp_path / "made-of-docs"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-nW", "--keep-going", "-q", "-b", "html"),
            *(tmp_path / "docs", html),
        ],
        capture_output=True,
        text=True,
        timeout=500,
        env={**os.environ, "MPLBACKEND": "Agg"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for example in GALLERY:
        check_made(list((html / "gallery").glob(f"{example.stem}[.-]*")))
    assert broken(html) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "here.html").write_text(
        '<a href="there.html#a">1</a> <a href="there.html#b">2</a> <img src="gone.png">'
        '<a href="https://example.org/x">3</a> <a href="#up">4</a>'
    )
    (tmp_path / "there.html").write_text('<p id="a">')
    assert broken(tmp_path) == [
        "here.html: there.html#b",
        "here.html: gone.png",
        "here.html: #up",
    ]
