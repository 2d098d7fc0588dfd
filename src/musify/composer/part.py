"""Parts of a score: the notes of an instrument, and how it stands in the mix."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify.errors import ParameterError

__all__ = ["LEAD_ROLES", "PART_ROLES", "Notes", "Part", "PartRole"]

PartRole = Literal[
    "melody", "counter", "harmony", "pad", "arpeggio", "ostinato", "bass", "drums", "effects"
]
PART_ROLES: Final[tuple[PartRole, ...]] = get_args(PartRole)
LEAD_ROLES: Final[tuple[PartRole, ...]] = ("melody", "counter")
"""What steps back first under speech: it draws attention as a voice does."""


@dataclass(frozen=True, slots=True, eq=False)
class Notes(FrozenArrays):
    """Notes of one instrument, in the order in which they begin.

    Parameters
    ----------
    onset : array_like of shape (n,)
        Where they begin by notation, in beats from the beginning of the piece; ascending.
    duration : array_like of shape (n,)
        How long they are held, in beats; above 0. Articulation is in it: staccato is short.
    pitch : array_like of shape (n,)
        MIDI note numbers, whole, 0 to 127; of drums what General MIDI's percussion map says.
    velocity : array_like of shape (n,)
        MIDI velocities, 1 to 127.
    shift : array_like of shape (n,), optional
        Seconds by which playing differs from notation: humanised timing, strums; 0 by default.
    """

    onset: NDArray[np.float64]
    duration: NDArray[np.float64]
    pitch: NDArray[np.float64]
    velocity: NDArray[np.float64]
    shift: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            onset: ArrayLike,
            duration: ArrayLike,
            pitch: ArrayLike,
            velocity: ArrayLike,
            shift: ArrayLike = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        onset = frozen_floats("onset", self.onset, (None,))
        count = len(onset)
        duration = frozen_floats("duration", self.duration, (count,))
        pitch = frozen_floats("pitch", self.pitch, (count,))
        velocity = frozen_floats("velocity", self.velocity, (count,))
        given = self.shift if np.size(self.shift) else np.zeros(count)
        shift = frozen_floats("shift", given, (count,))
        if count:
            if onset[0] < 0 or (np.diff(onset) < 0).any():
                raise ParameterError("onsets of notes must ascend from 0 or later")
            if duration.min() <= 0:
                raise ParameterError(f"a note must last above 0 beats, got {duration.min()}")
            if pitch.min() < 0 or pitch.max() > 127 or (pitch != np.round(pitch)).any():
                raise ParameterError("pitches must be whole numbers from 0 to 127")
            if velocity.min() < 1 or velocity.max() > 127:
                raise ParameterError("velocities must be from 1 to 127")
        for name, value in (
            ("onset", onset),
            ("duration", duration),
            ("pitch", pitch),
            ("velocity", velocity),
            ("shift", shift),
        ):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.onset)


@dataclass(frozen=True, slots=True, eq=False)
class Part(FrozenArrays):
    """What one instrument plays.

    Parameters
    ----------
    name : str
        Unlike every other part's, such as ``"melody"`` or ``"strings"``.
    role : str
        One of ``PART_ROLES``: the mixer lowers ``melody`` and ``counter`` first under speech.
    instrument : str
        Name in the instrument pack, such as ``"piano"``; of drums a kit.
    notes : Notes
        What is played.
    gain_db : float, default 0
        In [-60, 20].
    pan : float, default 0
        From -1 (left) to 1 (right).
    reverb : float, default 0.2
        Share that is sent to the reverb, in [0, 1].
    pedal : array_like of shape (m, 2), optional
        From and to which beat the sustain pedal is down.
    expression : array_like of shape (e, 2), optional
        Swells: beats, ascending, and gains in [0, 1], straight lines between; 1 without any.
    """

    name: str
    role: PartRole
    instrument: str
    notes: Notes
    gain_db: float = 0.0
    pan: float = 0.0
    reverb: float = 0.2
    pedal: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    expression: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))

    def __post_init__(self) -> None:
        if self.role not in PART_ROLES:
            raise ParameterError(
                f"role of a part must be one of {', '.join(PART_ROLES)}, got {self.role!r}"
            )
        for name, low, high in (("gain_db", -60, 20), ("pan", -1, 1), ("reverb", 0, 1)):
            if not low <= getattr(self, name) <= high:
                raise ParameterError(
                    f"{name} of a part must be in [{low}, {high}], got {getattr(self, name)}"
                )
        for name in ("pedal", "expression"):
            object.__setattr__(self, name, frozen_floats(name, getattr(self, name), (None, 2)))
