"""Progress that is read: one line a stage, on a terminal, in a notebook, or in a log."""

import importlib
import sys
from typing import Any

from musify.progress import Progress

__all__ = ["print_progress"]


class _Line:
    """The line that was written last, so that none is written twice."""

    last = ""


def print_progress(progress: Progress) -> None:
    """Show a line a stage: rewritten in place where that can be done.

    In Jupyter the lines are one output of the cell, also in a notebook that is saved; on a terminal
    they go to the error output. Elsewhere a line is printed at the end of each stage.

    Parameters
    ----------
    progress : Progress
        What to show. Pass this function as ``on_progress=``.
    """
    is_done = progress.done >= progress.total
    line = f"{progress.stage:<10} {progress.fraction:4.0%}"
    # The stream of a Jupyter kernel says of itself where it leads.
    if type(sys.stderr).__module__.startswith("ipykernel."):
        _in_cell.show(progress.stage, line)
    elif sys.stderr.isatty():
        if is_done or line != _Line.last:
            sys.stderr.write(f"\r{line}" + "\n" * is_done)
            sys.stderr.flush()
        _Line.last = line
    elif is_done:
        sys.stderr.write(f"{progress.stage} done\n")


class _InCell:
    """The lines of the cell that runs, as one output that is replaced."""

    def __init__(self) -> None:
        self._cell: object = None
        self._lines: dict[str, str] = {}
        self._handle: Any = None

    def show(self, stage: str, line: str) -> None:
        ipython: Any = importlib.import_module("IPython")  # where this runs, it is loaded
        cell = ipython.get_ipython().execution_count
        if cell != self._cell:
            self._cell, self._lines, self._handle = cell, {}, None
        # A kernel sends a message for each, and frames outnumber percents by far.
        if self._lines.get(stage) == line:
            return
        self._lines[stage] = line
        shown = {"text/plain": "\n".join(self._lines.values())}
        if self._handle is None:
            self._handle = ipython.display.display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)


_in_cell = _InCell()
