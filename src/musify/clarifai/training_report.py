"""What training on Clarifai made, for people and for machines."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["ClarifaiTraining"]

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class ClarifaiTraining:
    """A model that was trained on Clarifai.

    Parameters
    ----------
    user, app, model, version : str
        Ids: what :class:`ClarifaiClassifier
        <musify.backends.clarifai_classifier.ClarifaiClassifier>` takes.
    moods : tuple of str
        What it tells apart.
    pictures : int
        How many it was trained on.
    uploaded : int
        How many of them were sent this time; the others were there already.
    moved : int
        How many had been sent as another mood before.
    failed : tuple of (Path, str)
        Pictures that were left out, and why.
    seconds : float
        How long it took.
    """

    user: str
    app: str
    model: str
    version: str
    moods: tuple[str, ...]
    pictures: int
    uploaded: int
    moved: int
    failed: tuple[tuple[Path, str], ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Give what JSON can hold."""
        return {
            "user": self.user,
            "app": self.app,
            "model": self.model,
            "version": self.version,
            "moods": list(self.moods),
            "pictures": self.pictures,
            "uploaded": self.uploaded,
            "moved": self.moved,
            "failed": [{"path": str(path), "why": why} for path, why in self.failed],
            "seconds": self.seconds,
        }

    def __str__(self) -> str:
        there = self.pictures - self.uploaded
        lines = [
            f"{self.pictures} pictures of {len(self.moods)} moods: {', '.join(self.moods)}",
            f"{self.uploaded} were uploaded, {there} were there already"
            + (f" ({self.moved} of them moved to another mood)" if self.moved else ""),
        ]
        if self.failed:
            lines.append(f"{len(self.failed)} pictures were left out:")
            lines += [f"  {path}: {why}" for path, why in self.failed[:_SHOWN]]
            if len(self.failed) > _SHOWN:
                lines.append(f"  and {len(self.failed) - _SHOWN} more")
        lines.append(f"the model {self.model!r} is trained, version {self.version}")
        return "\n".join(lines)
