"""What a composer is asked for."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._checks import number, whole_number
from musify.composer.theory.keys import Key
from musify.errors import ParameterError
from musify.timeline import MoodTimeline

__all__ = ["LONGEST", "SHORTEST", "TEMPI", "Commission"]

SHORTEST: Final = 1.0
LONGEST: Final = 3 * 3600.0
TEMPI: Final = (30.0, 240.0)


@dataclass(frozen=True, slots=True, eq=False)
class Commission(FrozenArrays):
    """A mood over time, and what the user wishes for besides.

    Parameters
    ----------
    timeline : MoodTimeline
        Which mood when, from 0 to the end of the music; its ``cuts`` are the hit points. From 1 s
        to 3 h.
    style : str, optional
        Name of a style; chosen from the mood by default.
    bpm : float, optional
        Base tempo, in [30, 240]; from the mood by default.
    key : Key, optional
        Main key; from the mood by default.
    instruments : tuple of str, optional
        Names of instruments to use, in place of the style's; all of the style's by default.
    energy : float, optional
        Added to every arousal, in [-1, 1]; 0 by default.
    seed : int, default 0
        Another seed, another piece; at least 0.
    strengths : array_like of shape (c,), optional
        How strong each cut of the timeline is, in [0, 1]; all alike by default.
    section_seeds : tuple of (int, int), optional
        Seeds for single sections, by their number from 0: how one section is written anew while
        the others stay note for note.

    Raises
    ------
    ParameterError
        If a number leaves its range.
    """

    timeline: MoodTimeline
    style: str | None = None
    bpm: float | None = None
    key: Key | None = None
    instruments: tuple[str, ...] = ()
    energy: float = 0.0
    seed: int = 0
    strengths: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    section_seeds: tuple[tuple[int, int], ...] = ()

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            timeline: MoodTimeline,
            style: str | None = None,
            bpm: float | None = None,
            key: Key | None = None,
            instruments: tuple[str, ...] = (),
            energy: float = 0.0,
            seed: int = 0,
            strengths: ArrayLike = (),
            section_seeds: tuple[tuple[int, int], ...] = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        if not SHORTEST <= self.timeline.duration <= LONGEST:
            raise ParameterError(
                f"music is composed from {SHORTEST:g} s to {LONGEST / 3600:g} h, got a timeline of "
                f"{self.timeline.duration:g} s"
            )
        if self.bpm is not None:
            number("tempo (bpm)", self.bpm, low=TEMPI[0], high=TEMPI[1])
        number("energy", self.energy, low=-1, high=1)
        whole_number("seed", self.seed, low=0)
        object.__setattr__(self, "instruments", tuple(self.instruments))
        cuts = len(self.timeline.cuts)
        given = self.strengths if np.size(self.strengths) else np.full(cuts, 0.5)
        strengths = frozen_floats("strengths", given, (cuts,))
        if cuts and not (strengths.min() >= 0 and strengths.max() <= 1):
            raise ParameterError("strengths of cuts must be in [0, 1]")
        object.__setattr__(self, "strengths", strengths)
