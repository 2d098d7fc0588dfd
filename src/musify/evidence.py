"""Why a picture or a scene stands where it stands in the plane."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from musify.errors import ParameterError

__all__ = ["Evidence", "EvidenceRow", "merge_evidence"]

# Rows of a scene keep what tells most; the rest is noise of a thousand classes.
_KEPT: Final = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was noticed, and where it moved the mood.

    Parameters
    ----------
    source : str
        What was looked at: ``"picture"`` (a thing on it), ``"other"`` (less likely things),
        ``"looks"``, ``"face"``, ``"colour"``, ``"motion"``, ``"cuts"``, ``"sound"``; ``"usual"`` is
        where any picture begins and ``"unsure"`` what doubt did. Or a word of a plugin's own.
    name : str
        What was noticed, such as ``"lakeside"`` or ``"happy face"``.
    weight : float
        How much of the picture or the scene it makes up, in [0, 1].
    valence, arousal : float
        How far it moved the point in the plane; finite.

    Raises
    ------
    ParameterError
        If a name is empty or a number is out of range.
    """

    source: str
    name: str
    weight: float
    valence: float
    arousal: float

    def __post_init__(self) -> None:
        if not (self.source and self.name):
            raise ParameterError("evidence needs a source and a name")
        if not (0 <= self.weight <= 1):
            raise ParameterError(f"weight of {self.name!r} must be in [0, 1], got {self.weight}")
        if not (math.isfinite(self.valence) and math.isfinite(self.arousal)):
            raise ParameterError(f"{self.name!r} must move the point by finite numbers")
        for number in ("weight", "valence", "arousal"):  # numpy's floats are no JSON
            object.__setattr__(self, number, float(getattr(self, number)))

    @property
    def shift(self) -> float:
        """How far it moved the point in all, at least 0."""
        return math.hypot(self.valence, self.arousal)


EvidenceRow = tuple[Evidence, ...]
"""What was noticed in one frame or scene, the most telling first."""


def merge_evidence(rows: Sequence[EvidenceRow], shares: Iterable[float]) -> EvidenceRow:
    """Sum up what was noticed in the frames of a scene.

    Parameters
    ----------
    rows : sequence of tuple of Evidence
        One for each frame.
    shares : iterable of float
        How much each frame counts; they sum to 1.

    Returns
    -------
    tuple of Evidence
        At most ten, the most telling first: what weighs most and moved the point farthest.
    """
    sums: dict[tuple[str, str], list[float]] = {}
    for row, share in zip(rows, shares, strict=True):
        for one in row:
            total = sums.setdefault((one.source, one.name), [0.0, 0.0, 0.0])
            for place, value in enumerate((one.weight, one.valence, one.arousal)):
                total[place] += share * value
    merged = [
        Evidence(source, name, min(1.0, weight), valence, arousal)
        for (source, name), (weight, valence, arousal) in sums.items()
    ]
    merged.sort(key=lambda one: (-one.shift - one.weight, one.source, one.name))
    return tuple(merged[:_KEPT])
