"""How far a run has come, as data; and a reporter that shows it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from musify.errors import ParameterError

__all__ = ["Progress", "ProgressCallback", "print_progress"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of progress.

    Parameters
    ----------
    stage : str
        ``"probe"``, ``"sample"``, ``"aggregate"``, ``"select"`` or ``"mux"``.
    done, total : float
        Seconds of video dealt with, and to deal with; ``0 <= done <= total``.
    """

    stage: str
    done: float
    total: float

    def __post_init__(self) -> None:
        if not 0 <= self.done <= self.total:
            raise ParameterError(
                f"progress must be 0 <= done <= total, got {self.done}/{self.total}"
            )

    @property
    def fraction(self) -> float:
        """Share of the stage that is done, in [0, 1]."""
        return self.done / self.total if self.total else 1.0


ProgressCallback: TypeAlias = Callable[[Progress], None]


def print_progress(progress: Progress) -> None:
    """Print one line a stage on the error output, rewritten in place.

    Parameters
    ----------
    progress : Progress
        What to show. Pass this function as ``on_progress=``.
    """
    end = "\n" if progress.done >= progress.total else ""
    sys.stderr.write(f"\r{progress.stage:<10} {progress.fraction:4.0%}{end}")
    sys.stderr.flush()
