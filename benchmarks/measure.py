"""Runs a command and says what it and all of its children cost."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psutil

__all__ = ["Cost", "measure"]

_POLL_SECONDS: Final = 0.02
# Reading shares of pages is dearer: once in this many polls.
_SHARES_EVERY: Final = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took.

    Parameters
    ----------
    wall : float
        Seconds from start to end.
    cpu : float
        Seconds of all processors, of the whole process tree.
    rss_mb : float
        Largest sum over the tree of resident memory; pages that processes share count in each.
    pss_mb : float
        The same with each shared page counted once in all; polled less often.
    output : str
        What the command printed.
    """

    wall: float
    cpu: float
    rss_mb: float
    pss_mb: float
    output: str


def measure(command: Sequence[str]) -> Cost:
    """Run a command in a process of its own.

    Parameters
    ----------
    command : sequence of str
        A program and its arguments. It prints little, and succeeds.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    done = threading.Event()
    peaks = [0.0, 0.0]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = threading.Thread(target=_watch, args=(process.pid, done, peaks))
        watch.start()
        # The usage that the system gives at the end covers all descendants that were waited for.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        done.set()
        watch.join()
        assert process.stdout is not None
        output = process.stdout.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command), output)
    return Cost(wall, usage.ru_utime + usage.ru_stime, peaks[0], peaks[1], output)


def _watch(pid: int, done: threading.Event, peaks: list[float]) -> None:
    polls = 0
    while not done.wait(_POLL_SECONDS):
        rss = pss = 0
        try:
            root = psutil.Process(pid)
            tree = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in tree:
            try:
                rss += process.memory_info().rss
                if polls % _SHARES_EVERY == 0:
                    pss += process.memory_full_info().pss
            except psutil.Error:
                continue  # it has just ended
        peaks[0] = max(peaks[0], rss / 1e6)
        peaks[1] = max(peaks[1], pss / 1e6)
        polls += 1
