"""Answers of services, kept on disk for a day, as their terms ask."""

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from musify._output import finished_file
from musify.errors import MusifyError
from musify.notices import notify

__all__ = ["CACHE_VARIABLE", "AnswerCache", "cache_folder"]

CACHE_VARIABLE: Final = "MUSIFY_CACHE_DIR"
_DAY: Final = 86400.0


def cache_folder() -> Path:
    """Return the folder for what can be fetched again; it need not exist.

    ``MUSIFY_CACHE_DIR`` names it; else it is ``musify`` below ``XDG_CACHE_HOME`` (by default
    ``~/.cache``; XDG Base Directory Specification 0.8), ``~/Library/Caches`` on macOS or
    ``LOCALAPPDATA`` on Windows.
    """
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(base) / "musify" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "musify"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "musify"


class AnswerCache:
    """JSON answers by their address, which holds no key.

    Parameters
    ----------
    folder : Path
        Where they lie; it is made when the first is kept.
    seconds : float, default 86400
        How long an answer is good. Older ones are removed.
    now : callable, optional
        Gives the time in seconds since 1970.
    """

    def __init__(
        self, folder: Path, seconds: float = _DAY, now: Callable[[], float] = time.time
    ) -> None:
        self.folder = folder
        self._seconds = seconds
        self._now = now
        self._is_tidy = False

    def get(self, url: str) -> Any | None:
        """Return the answer to an address, or None where none is good any more."""
        with contextlib.suppress(OSError, ValueError, RecursionError, KeyError, TypeError):
            kept = json.loads(self._file(url).read_text(encoding="utf-8"))
            # One from the future was kept under a wrong clock.
            if kept["url"] == url and 0 <= self._now() - kept["fetched_at"] < self._seconds:
                return kept["answer"]
        return None

    def put(self, url: str, answer: Any) -> None:
        """Keep an answer; where that cannot be done, it is said and the answer not kept."""
        kept = {"url": url, "fetched_at": self._now(), "answer": answer}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._tidy()
            with finished_file(self._file(url), overwrite=True) as partial:
                partial.write_text(json.dumps(kept), encoding="utf-8")
        except (OSError, MusifyError) as error:
            notify(f"answers cannot be kept in {str(self.folder)!r}: {error}")

    def _file(self, url: str) -> Path:
        return self.folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"

    def _tidy(self) -> None:
        """Remove what is too old, once."""
        if self._is_tidy:
            return
        self._is_tidy = True
        for file in self.folder.glob("*.json"):
            with contextlib.suppress(OSError):
                if self._now() - file.stat().st_mtime >= self._seconds:
                    file.unlink()
