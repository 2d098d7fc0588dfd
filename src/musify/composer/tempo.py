"""How fast: from beats to seconds and back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify.errors import ParameterError

__all__ = ["TempoMap"]


@dataclass(frozen=True, slots=True, eq=False)
class TempoMap(FrozenArrays):
    """Where beats fall: straight lines between points, so that the tempo is constant between them.

    Parameters
    ----------
    beats : array_like of shape (k,)
        Beats at which the tempo may change, ascending from 0; at least two. The last is the end.
    seconds : array_like of shape (k,)
        When those beats fall, in seconds, ascending; the first at 0 or later.

    Raises
    ------
    ParameterError
        If they do not ascend.

    Examples
    --------
    >>> tempo = TempoMap([0, 8, 16], [0, 4, 8.2])
    >>> tempo.bpm.round(1).tolist(), tempo.seconds_at([4, 16]).tolist()
    ([120.0, 114.3], [2.0, 8.2])
    >>> tempo.beats_at(2.0).item()
    4.0
    """

    beats: NDArray[np.float64]
    seconds: NDArray[np.float64]

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(self, beats: ArrayLike, seconds: ArrayLike) -> None: ...

    def __post_init__(self) -> None:
        beats = frozen_floats("beats", self.beats, (None,))
        seconds = frozen_floats("seconds", self.seconds, (len(beats),))
        if len(beats) < 2 or beats[0] != 0 or not (np.diff(beats) > 0).all():
            raise ParameterError(f"beats of a tempo map must ascend from 0, got {beats}")
        if seconds[0] < 0 or not (np.diff(seconds) > 0).all():
            raise ParameterError(f"seconds of a tempo map must ascend, got {seconds}")
        object.__setattr__(self, "beats", beats)
        object.__setattr__(self, "seconds", seconds)

    @property
    def bpm(self) -> NDArray[np.float64]:
        """Beats a minute between the points, shape ``(k - 1,)``."""
        return 60 * np.diff(self.beats) / np.diff(self.seconds)

    @property
    def end(self) -> float:
        """The last beat."""
        return float(self.beats[-1])

    def bpm_at(self, beat: float) -> float:
        """Beats a minute from a beat on."""
        place = int(np.searchsorted(self.beats, beat, side="right")) - 1
        return float(self.bpm[min(max(place, 0), len(self.beats) - 2)])

    def seconds_at(self, beats: ArrayLike) -> NDArray[np.float64]:
        """Turn beats into seconds; beyond the ends the tempo stays as it is there."""
        return _along(np.asarray(beats, np.float64), self.beats, self.seconds)

    def beats_at(self, seconds: ArrayLike) -> NDArray[np.float64]:
        """Turn seconds into beats; beyond the ends the tempo stays as it is there."""
        return _along(np.asarray(seconds, np.float64), self.seconds, self.beats)


def _along(
    at: NDArray[np.float64], known: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    piece = np.clip(np.searchsorted(known, at, side="right") - 1, 0, len(known) - 2)
    slope = np.diff(values) / np.diff(known)
    return values[piece] + (at - known[piece]) * slope[piece]
