"""Notes while they are being written: easy to make, sort and change."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from musify.composer.score import Notes

__all__ = ["Written", "notes_of"]


class Written(NamedTuple):
    """A note; see :class:`musify.composer.score.Notes` for the units."""

    onset: float
    duration: float
    pitch: int
    velocity: float = 80.0
    shift: float = 0.0


def notes_of(written: Iterable[Written]) -> Notes:
    """Put notes in order: by when they begin, then by pitch."""
    ordered = sorted(written, key=lambda note: (note.onset, note.pitch))
    columns = np.array(ordered, np.float64).reshape(-1, 5).T
    return Notes(*columns)
