"""Bringing an index up to date: reading heads and listening, on all cores, each song kept at once.

A song is done when its transaction is; what ends the process in between costs the songs in work, no
other. Processes that do it at the same time share the work by claims in the index.
"""

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final, TypeAlias

from musify.cancelling import checkpoint, in_this_context, pause
from musify.errors import CancelledError, FFmpegError, MediaError
from musify.index.song_files import FoundFile, SongFacts, content_hash, read_facts
from musify.index.song_index import SongIndex
from musify.notices import collect_notices
from musify.progress import ProgressCallback, tell
from musify.songs import SongAnalysis

__all__ = ["LONGEST_HEARD", "Analyze", "Outcome", "Worker", "work_through"]

Analyze: TypeAlias = Callable[[Path], SongAnalysis]

LONGEST_HEARD: Final = 1800.0
"""Seconds; what is longer is a mix or a book, would take minutes, and is not listened to."""
# Listening takes about 0.75 MB a second: songs that are long are listened to one after another.
_LONG: Final = 480.0
_ENDS_EARLY: Final = 1.0
_BEAT_SECONDS: Final = 1.0
# How often it is looked whether to go on.
_LOOK_SECONDS: Final = 0.2
_AGAIN_SECONDS: Final = 0.5
_TRIES: Final = 3


class Outcome(Enum):
    """What became of a file."""

    KNOWN = "its content was known"
    MOVED = "it was known under another name"
    DONE = "it was read"
    HEARD = "it was listened to"
    BROKEN = "it cannot be used"
    GONE = "it is gone"
    CLAIMED = "somebody else is listening to it"
    CHANGING = "it is being written"
    STOPPED = "the work was ended"


@dataclass(slots=True)
class Worker:
    """Finds out what there is to know of one file after another.

    Parameters
    ----------
    folder : Path
        The folder of songs.
    index : SongIndex
        Where it is kept.
    analyze : callable or None
        Listens to a file; None to read heads only.
    again : bool, default False
        Whether files that could not be used are tried once more.
    """

    folder: Path
    index: SongIndex
    analyze: Analyze | None
    again: bool = False
    owner: str = field(default_factory=lambda: secrets.token_hex(8))
    stop: threading.Event = field(default_factory=threading.Event)
    long_turn: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, file: FoundFile) -> Outcome:
        """Deal with one file; FFmpegError when there is no ffmpeg."""
        path = self.folder / file.path
        try:
            file, digest = self._hash(file, path)
        except InterruptedError:
            return Outcome.STOPPED
        except FileNotFoundError:
            return Outcome.GONE
        except OSError as error:
            self.index.put_file(file, None, f"it cannot be read: {error.strerror or error}")
            return Outcome.BROKEN
        known = self._known(file, digest)
        if known is not None:
            return known
        if self.stop.is_set():
            return Outcome.STOPPED
        if not self.index.claim(digest, self.owner):
            return Outcome.CLAIMED
        known = self._known(file, digest)  # somebody may have finished it since
        if known is not None:
            self.index.give_up_claims(self.owner, digest)
            return known
        outcome = self._find_out(file, path, digest)
        if outcome in (Outcome.STOPPED, Outcome.GONE, Outcome.CHANGING):
            self.index.give_up_claims(self.owner, digest)
        return outcome

    def _known(self, file: FoundFile, digest: bytes) -> Outcome | None:
        """Keep the file if there is nothing left to find out about its content."""
        known = self.index.content(digest)
        if not known.is_complete(listen=self.analyze is not None) or (self.again and known.fault):
            return None
        moved = self.index.put_file(file, digest)
        if known.fault is not None:
            return Outcome.BROKEN
        return Outcome.KNOWN if moved is None else Outcome.MOVED

    def _hash(self, file: FoundFile, path: Path) -> tuple[FoundFile, bytes]:
        """Hash a file, and say how it looked when that began."""
        now, status = time.time_ns(), path.stat()
        digest = content_hash(path, self.stop.is_set)
        return FoundFile(file.path, status.st_size, status.st_mtime_ns, now), digest

    def _find_out(self, file: FoundFile, path: Path, digest: bytes) -> Outcome:
        facts: SongFacts | None = None
        analysis: SongAnalysis | None = None
        fault: str | None = None
        heard = False
        with collect_notices() as notices:
            try:
                facts = read_facts(path)
                if self.stop.is_set():
                    return Outcome.STOPPED
                if self.analyze is not None:
                    heard = True
                    if facts.duration > LONGEST_HEARD:
                        notices.append(
                            f"it lasts {facts.duration / 3600:.1f} hours, and is not listened to"
                        )
                    else:
                        is_long = facts.duration > _LONG
                        with self.long_turn if is_long else contextlib.nullcontext():
                            analysis = self.analyze(path)
            except FFmpegError as error:
                if error.returncode is None:
                    raise  # there is no ffmpeg: nothing is wrong with the song
                fault = str(error)
            except MediaError as error:
                fault = str(error)
            except (ImportError, MemoryError, CancelledError):
                raise  # of musify, the machine or the user, not of the song
            except Exception as error:  # noqa: BLE001 - one odd file must not end the work on all
                heard = True
                notices.append(f"listening failed: {type(error).__name__}: {error}")
        try:
            status = path.stat()
        except OSError:
            return Outcome.GONE
        if (status.st_size, status.st_mtime_ns) != (file.size, file.mtime_ns):
            return Outcome.CHANGING  # what was heard may be of another content
        if facts and analysis and facts.duration - analysis.duration > _ENDS_EARLY:
            notices.append(
                f"it ends early: after {analysis.duration:.2f} s instead of {facts.duration:.2f} s"
            )
        self.index.put_song(
            digest,
            duration=facts.duration if facts else None,
            tags=facts.tags if facts else {},
            fault=None if fault is None else _without_name(fault, path),
            note="; ".join(_without_name(notice, path) for notice in notices) or None,
            heard=heard,
            analysis=analysis,
            found=file,
        )
        if fault is not None:
            return Outcome.BROKEN
        return Outcome.DONE if analysis is None else Outcome.HEARD


def _without_name(words: str, path: Path) -> str:
    """Leave out the name of the file: it is said anyway, and a copy has another."""
    for name in (f"{str(path)!r} ", f"{path.name} "):
        words = words.replace(name, "it ") if words.startswith(name) else words
    return words.replace(str(path), path.name)


def work_through(
    worker: Worker,
    files: Sequence[FoundFile],
    *,
    workers: int | None = None,
    on_progress: ProgressCallback | None = None,
) -> dict[str, Outcome]:
    """Let a worker deal with files, several at a time.

    Parameters
    ----------
    worker : Worker
        Deals with one.
    files : sequence of FoundFile
        Which.
    workers : int, optional
        How many at a time; by default as many as there are cores. They are threads: numpy and
        ffmpeg, which do the work, run beside each other.
    on_progress : callable, optional
        Told the number of files that are done, in this thread.

    Returns
    -------
    dict of str to Outcome
        What became of each, by path.
    """
    outcomes: dict[str, Outcome] = {}
    todo = list(files)
    tries = dict.fromkeys((file.path for file in files), 0)
    finished = 0
    pool = ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="songs")
    beaten = time.monotonic()
    try:
        while todo:
            waiting = {pool.submit(in_this_context(worker), file): file for file in todo}
            todo = []
            while waiting:
                checkpoint()
                done, _ = wait(waiting, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
                if time.monotonic() - beaten >= _BEAT_SECONDS:
                    worker.index.beat(worker.owner)
                    beaten = time.monotonic()
                for future in done:
                    file = waiting.pop(future)
                    outcome = outcomes[file.path] = future.result()
                    tries[file.path] += outcome is Outcome.CHANGING
                    if outcome is Outcome.CLAIMED or 0 < tries[file.path] < _TRIES:
                        todo.append(file)
                        continue
                    finished += 1
                    tell(on_progress, "index", finished, len(files))
            if todo:
                pause(_AGAIN_SECONDS)
    finally:
        worker.stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
        worker.index.give_up_claims(worker.owner)
    return outcomes
