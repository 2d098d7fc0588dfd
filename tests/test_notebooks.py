"""Every notebook runs from top to bottom, as a reader would run it, and is kept without outputs."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import musify

NOTEBOOKS = sorted((Path(__file__).parents[1] / "examples" / "notebooks").glob("*.ipynb"))
SOURCE = str(Path(musify.__file__).parents[1])
LIMIT = 300_000


def run(notebook: nbformat.NotebookNode, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run it in a kernel of its own, whose working folder is empty."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([SOURCE, os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    client = NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [one for cell in notebook.cells for one in cell.get("outputs", [])]


def written(notebook: nbformat.NotebookNode) -> str:
    """What was written on the error output."""
    shown = (one for one in outputs(notebook) if one.output_type == "stream")
    return "".join(one.text for one in shown if one.name == "stderr")


def test_there_are_four() -> None:
    assert len(NOTEBOOKS) == 4


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_is_kept_without_outputs(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.media
@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_runs_from_top_to_bottom(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = nbformat.read(file, as_version=4)
    run(notebook, tmp_path, monkeypatch)
    shown = [one.data for one in outputs(notebook) if "data" in one]
    pages = [data["text/html"] for data in shown if "text/html" in data]
    assert pages
    for page in pages:
        assert len(page.encode()) <= LIMIT
        assert not re.search(r"<script|<link|@import|(?:src|href)=\"(?!data:)", page)
    plots = sum(".plot(" in cell.source for cell in notebook.cells)
    pictures = [data for data in shown if "image/png" in data]
    assert len(pictures) >= plots >= 1, "a plot at the end of a cell shows itself"


def test_progress_is_rewritten_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = (
        "from musify import Progress, print_progress\n"
        "from IPython.display import DisplayHandle\n"
        "sent, update = [], DisplayHandle.update\n"
        "DisplayHandle.update = lambda *a, **k: (sent.append(1), update(*a, **k))\n"
    )
    told = (
        "for stage in 'sample', 'mux':\n"
        "    for done in range(2001):\n"
        "        print_progress(Progress(stage, done, 2000))\n"
    )
    cells = [nbformat.v4.new_code_cell(text) for text in (counted, told, told, "print(len(sent))")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    run(notebook, tmp_path, monkeypatch)
    *shown, count = [one for cell in notebook.cells for one in cell.outputs]
    assert [one.data["text/plain"] for one in shown] == ["sample     100%\nmux        100%"] * 2
    assert 300 < int(count.text) <= 404, "a message for each percent, not for each frame"
    assert written(notebook) == ""
