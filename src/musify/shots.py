"""When, and how much, a video changes: kept apart from what it shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify.errors import ParameterError

__all__ = ["CUT_KINDS", "Shots"]

CUT_KINDS: Final = ("cut", "dissolve", "fade")
"""How one shot becomes the next: at once, through a blend of both, or through a plain picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Shots(FrozenArrays):
    """The shots of a video and how much its picture moves.

    Parameters
    ----------
    edges : array_like of shape (m + 1,)
        Where shots begin and end, in seconds, from 0 to the duration; ascending. The ``m - 1``
        inner edges are the cuts.
    strength : array_like of shape (m - 1,)
        How strong each cut is, in [0, 1]: 0 between pictures that are alike, 1 between pictures
        that have nothing in common.
    activity_times : array_like of shape (a,)
        Times of the activity curve, in seconds, ascending.
    activity : array_like of shape (a,)
        How much the picture moves; at least 0. About 1 in footage that moves as footage usually
        does, whatever its size, frame rate and codec.
    kinds : iterable of str, optional
        What each cut is: ``"cut"`` (at once; its time is that of the first frame of the new
        shot), ``"dissolve"`` (its time is that of the middle) or ``"fade"`` through black, white
        or another plain colour (its time is that of the middle of the plainest part). All are
        ``"cut"`` where nothing is given.
    activity_is_guessed : bool, default False
        Whether the activity was guessed from sizes of packets, which depend on the encoder, rather
        than seen in pictures.

    Raises
    ------
    ParameterError
        If shapes differ, edges do not ascend from 0, a value leaves its range, or a kind is
        another word.
    """

    edges: NDArray[np.float64]
    strength: NDArray[np.float64]
    activity_times: NDArray[np.float64]
    activity: NDArray[np.float64]
    kinds: tuple[str, ...] = ()
    activity_is_guessed: bool = False

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            edges: ArrayLike,
            strength: ArrayLike,
            activity_times: ArrayLike,
            activity: ArrayLike,
            kinds: Iterable[str] = (),
            activity_is_guessed: bool = False,
        ) -> None: ...

    def __post_init__(self) -> None:
        edges = frozen_floats("edges", self.edges, (None,))
        if len(edges) < 2 or edges[0] != 0 or not (np.diff(edges) > 0).all():
            raise ParameterError("edges of shots must ascend from 0 to the duration")
        strength = frozen_floats("strength", self.strength, (len(edges) - 2,))
        if strength.size and not (strength.min() >= 0 and strength.max() <= 1):
            raise ParameterError("strength of cuts must be in [0, 1]")
        times = frozen_floats("activity_times", self.activity_times, (None,))
        if times.size and not (np.diff(times) > 0).all():
            raise ParameterError("activity_times must ascend")
        activity = frozen_floats("activity", self.activity, (len(times),))
        if activity.size and activity.min() < 0:
            raise ParameterError("activity must be at least 0")
        for name, value in (
            ("kinds", _checked_kinds(self.kinds, len(strength))),
            ("edges", edges),
            ("strength", strength),
            ("activity_times", times),
            ("activity", activity),
        ):
            object.__setattr__(self, name, value)

    @property
    def cuts(self) -> NDArray[np.float64]:
        """Times of the cuts in seconds, shape ``(m - 1,)``."""
        return self.edges[1:-1]

    @property
    def duration(self) -> float:
        """Length of the video in seconds."""
        return float(self.edges[-1])


def _checked_kinds(kinds: Iterable[str], cuts: int) -> tuple[str, ...]:
    found = tuple(kinds) or ("cut",) * cuts
    if unknown := [kind for kind in found if kind not in CUT_KINDS]:
        raise ParameterError(
            f"a kind of cut is one of {', '.join(map(repr, CUT_KINDS))}, got {unknown[0]!r}"
        )
    if len(found) != cuts:
        raise ParameterError(f"kinds must name each of the {cuts} cuts, got {len(found)}")
    return found
