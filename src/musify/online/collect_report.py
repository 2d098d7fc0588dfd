"""What gathering pictures came to."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["CollectReport", "CollectedMood"]


@dataclass(frozen=True, slots=True)
class CollectedMood:
    """How many pictures of a mood there are.

    Parameters
    ----------
    mood : str
        Its name, and that of the folder.
    wanted : int
        How many were asked for.
    kept : int
        How many there are, those of earlier runs included.
    new : int
        How many came in this run.
    duplicates : int
        How many were left out in this run, since nearly the same was there.
    unusable : int
        How many were left out in this run, since they could not be had or decoded.
    """

    mood: str
    wanted: int
    kept: int
    new: int
    duplicates: int
    unusable: int


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What :func:`collect_pictures` did.

    Parameters
    ----------
    folder : Path
        Where the pictures are.
    manifest : Path
        Where each comes from, a line of JSON each.
    source : str
        The service.
    moods : tuple of CollectedMood
        One for each mood.
    """

    folder: Path
    manifest: Path
    source: str
    moods: tuple[CollectedMood, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON takes it."""
        return {
            "folder": str(self.folder),
            "manifest": str(self.manifest),
            "source": self.source,
            "moods": [asdict(mood) for mood in self.moods],
        }
