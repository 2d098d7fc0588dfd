"""What is around a backend, and must be as before when it has done its work."""

import asyncio
import contextlib
import gc
import io
import logging
import os
import random
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from musify.testing.rules import Bench, require

__all__ = ["open_files", "require_nothing_else_changes", "require_works_in_a_loop"]

Work: TypeAlias = Callable[[], object]
# Reading what is around, and putting it back.
_Fact: TypeAlias = tuple[Callable[[], Any], Callable[[Any], object]]
# Threads that were told to end may need a moment.
_GRACE: Final = 0.5
_DESCRIPTORS: Final = Path("/dev/fd")


def _environment(before: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(before)


def _filters(before: list[Any]) -> None:
    warnings.filters[:] = before  # type: ignore[index] # a list, typed as a sequence


def _handlers(before: list[logging.Handler]) -> None:
    logging.getLogger().handlers[:] = before


def _numpy_random() -> str:
    with np.printoptions(threshold=10_000):
        return repr(np.random.get_state())  # noqa: NPY002 - what others may use


@contextlib.contextmanager
def _other_random_numbers() -> Iterator[None]:
    """Let random numbers of others stand where nobody would seed them to."""
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    random.seed(os.urandom(16))
    np.random.seed(int.from_bytes(os.urandom(4)))  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002


_FACTS: Final[Mapping[str, _Fact]] = {
    "the working folder": (os.getcwd, os.chdir),
    "the environment": (lambda: dict(os.environ), _environment),
    "the state of random": (random.getstate, random.setstate),
    "the state of numpy.random": (_numpy_random, lambda _: None),  # drawn anew for each run
    "how numpy takes errors (seterr)": (np.geterr, lambda before: np.seterr(**before)),
    "which warnings are shown": (lambda: list(warnings.filters), _filters),
    "the handlers of the root logger": (lambda: list(logging.getLogger().handlers), _handlers),
}


def require_nothing_else_changes(work: Work, bench: Bench) -> None:
    """Require that work leaves the process as it was.

    What a first run changes is put back, and counts only where a second run changes it too: what
    is loaded or opened once and then stays is no fault.
    """
    found = _changes(work, bench.folder)
    if found:
        found = _again(work, bench.folder, found)
    require(not found, "; ".join(found))


def _again(work: Work, folder: Path, first: list[str]) -> list[str]:
    kinds = {change.partition(":")[0] for change in first}
    return [change for change in _changes(work, folder) if change.partition(":")[0] in kinds]


def _changes(work: Work, folder: Path) -> list[str]:
    """Do the work, name what it changed, and put it back."""
    threads, descriptors = set(threading.enumerate()), open_files()
    with _other_random_numbers(), _watched(folder) as (said, temporary):
        before = {name: read() for name, (read, _) in _FACTS.items()}
        try:
            work()
        finally:
            after = {name: read() for name, (read, _) in _FACTS.items()}
            for name, (_, put_back) in _FACTS.items():
                if before[name] != after[name]:
                    put_back(before[name])
        left = sorted(file.name for file in temporary.rglob("*"))
    found = [f"it changed {name}" for name in _FACTS if before[name] != after[name]]
    if said.getvalue():
        found.append(f"it printed: {said.getvalue()[:60]!r}; use musify.notify or logging")
    if left:
        found.append(f"it left files in the temporary folder: {', '.join(left[:3])}")
    if more := _stay(threads):
        found.append(f"it left threads running: {', '.join(more)}")
    if open_files() - descriptors:
        gc.collect()  # what nobody holds any more may only wait for that; it takes a while
    if more_open := open_files() - descriptors:
        found.append(f"it left files open: {len(more_open)}")
    return found


@contextlib.contextmanager
def _watched(folder: Path) -> Iterator[tuple[io.StringIO, Path]]:
    """Hear what is printed, and see what is left where temporary files go."""
    said, silent = io.StringIO(), logging.NullHandler()
    root = logging.getLogger()
    # Without a handler logging prints, which a backend that logs cannot know.
    root.addHandler(silent)
    place, tempfile.tempdir = tempfile.tempdir, tempfile.mkdtemp(dir=folder)
    try:
        with (
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
            warnings.catch_warnings(record=True),
        ):
            yield said, Path(tempfile.tempdir)
    finally:
        tempfile.tempdir = place
        root.removeHandler(silent)


def _stay(before: set[threading.Thread]) -> list[str]:
    """Name the threads that are new, and stay."""
    until = time.monotonic() + _GRACE
    while more := [one for one in threading.enumerate() if one not in before]:
        if time.monotonic() > until:
            return [one.name for one in more]
        more[0].join(0.05)
    return []


def open_files() -> set[tuple[str, int, int]]:
    """Tell the files that are open, by descriptor and file, where the system tells it."""
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in _DESCRIPTORS.iterdir():
            with contextlib.suppress(OSError):  # that of the listing itself is closed again
                state = descriptor.stat()
                found.add((descriptor.name, state.st_dev, state.st_ino))
    return found


def require_works_in_a_loop(work: Work) -> None:
    """Do work where a loop of asyncio runs, as in a notebook."""

    async def cell() -> None:
        work()

    # A thread has a loop of its own, also where one runs already.
    errors: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(cell())
        except BaseException as error:  # noqa: BLE001 - it is raised again
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
