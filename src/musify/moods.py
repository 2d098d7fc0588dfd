"""Moods as points in the valence-arousal plane.

Valence says how pleasant, arousal how active: two numbers that explain 89.9 % of the variance of
mean mood ratings of film music [1]_. Order is always (valence, arousal), each in [-1, 1].

References
----------
.. [1] T. Eerola and J. K. Vuoskoski, "A comparison of the discrete and dimensional models of
   emotion in music", Psychology of Music 39(1), 2011.
.. [2] J. A. Russell, "A circumplex model of affect", Journal of Personality and Social
   Psychology 39(6), 1980: where mood words stand on the circle.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import frozen_floats
from musify._checks import number
from musify.errors import ParameterError

__all__ = ["DEFAULT_MOODS", "KNOWN_MOODS", "Mood", "MoodSpace"]


@dataclass(frozen=True, slots=True)
class Mood:
    """A named point in the valence-arousal plane.

    Parameters
    ----------
    name : str
        What people call it; kept in lower case.
    valence : float
        From -1 (unpleasant) to 1 (pleasant).
    arousal : float
        From -1 (still) to 1 (excited).

    Raises
    ------
    ParameterError
        If the name is empty or a number is outside [-1, 1].

    Examples
    --------
    >>> Mood("Spooky", -0.4, 0.5)
    Mood(name='spooky', valence=-0.4, arousal=0.5)
    """

    name: str
    valence: float
    arousal: float

    def __post_init__(self) -> None:
        name = self.name.strip().lower() if isinstance(self.name, str) else ""
        if not name:
            raise ParameterError(f"a mood needs a name, got {self.name!r}")
        object.__setattr__(self, "name", name)
        for axis in ("valence", "arousal"):
            value = getattr(self, axis)
            number = isinstance(value, Real) and not isinstance(value, bool)
            if not number or not (math.isfinite(value) and -1 <= value <= 1):
                raise ParameterError(f"{axis} of {name!r} must be in [-1, 1], got {value!r}")
            object.__setattr__(self, axis, float(value))

    @property
    def point(self) -> tuple[float, float]:
        """``(valence, arousal)``."""
        return (self.valence, self.arousal)


class MoodSpace:
    """An ordered set of moods that a classifier tells apart.

    Parameters
    ----------
    moods : iterable of Mood or str
        At least one; a string is looked up in :data:`KNOWN_MOODS`.

    Raises
    ------
    ParameterError
        If it is empty, two moods share a name, or a name is not known.

    Examples
    --------
    >>> space = MoodSpace(["calm", "tense", Mood("spooky", -0.4, 0.5)])
    >>> space.names
    ('calm', 'tense', 'spooky')
    >>> space.nearest(-0.3, 0.4).name
    'spooky'
    """

    __slots__ = ("_moods",)

    def __init__(self, moods: Iterable[Mood | str]) -> None:
        found = tuple(known_mood(mood) if isinstance(mood, str) else mood for mood in moods)
        if not found:
            raise ParameterError("a mood space needs at least one mood")
        names = [mood.name for mood in found]
        for name in names:
            if names.count(name) > 1:
                raise ParameterError(f"the mood {name!r} is named twice; give each its own name")
        self._moods = found

    def __iter__(self) -> Iterator[Mood]:
        return iter(self._moods)

    def __len__(self) -> int:
        return len(self._moods)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Mood:
        for mood in self._moods:
            if mood.name == name:
                return mood
        raise ParameterError(f"no mood is called {name!r}; there are {', '.join(self.names)}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MoodSpace) and self._moods == other._moods

    def __hash__(self) -> int:
        return hash(self._moods)

    def __repr__(self) -> str:
        return f"MoodSpace({list(self._moods)!r})"

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(mood.name for mood in self._moods)

    @property
    def plane(self) -> NDArray[np.float64]:
        """Points of the moods, shape ``(k, 2)``: valence, arousal."""
        return np.array([mood.point for mood in self._moods], dtype=np.float64)

    def score(self, plane: ArrayLike, temperature: float = 0.5) -> NDArray[np.float64]:
        """Score every mood for points in the plane.

        The score of a mood falls with the distance ``d`` to its point as
        ``exp(-d² / (2 temperature²))``, and the scores of a point sum to 1: what Bayes' rule gives
        if pictures of a mood scatter about its point with that standard deviation on either axis,
        and all moods are as frequent.

        Parameters
        ----------
        plane : array_like of shape (n, 2)
            Valence and arousal of each point.
        temperature : float, default 0.5
            How far from a mood's point a picture may be and still score for it; above 0.

        Returns
        -------
        ndarray of shape (n, k)
            In [0, 1].

        Raises
        ------
        ParameterError
            If the temperature is not above 0, or the points are no numbers or not of that shape.

        Examples
        --------
        >>> MoodSpace(["happy", "sad"]).score([[0.5, 0.2], [0.0, 0.0]]).round(2).tolist()
        [[0.96, 0.04], [0.48, 0.52]]
        """
        temperature = number("temperature", temperature, above=0)
        points = frozen_floats("plane", plane, (None, 2))
        distance: NDArray[np.float64] = ((points[:, None, :] - self.plane[None]) ** 2).sum(axis=2)
        # Less the smallest, which changes no ratio, so that not all of them vanish.
        distance -= distance.min(axis=1, keepdims=True, initial=np.inf)
        with np.errstate(over="ignore"):  # a very low temperature: all but the nearest are 0
            scores = np.exp(-distance / (2 * temperature**2))
        scores /= scores.sum(axis=1, keepdims=True)
        clipped: NDArray[np.float64] = np.clip(scores, 0, 1)
        return clipped

    def nearest(self, valence: float, arousal: float) -> Mood:
        """Return the mood closest to a point; the first of equally close ones."""
        return min(self._moods, key=lambda mood: math.dist(mood.point, (valence, arousal)))


def known_mood(name: str) -> Mood:
    """Look a mood up by its everyday name.

    Raises
    ------
    ParameterError
        If the name is not in :data:`KNOWN_MOODS`.
    """
    wanted = name.strip().lower()
    for mood in KNOWN_MOODS:
        if mood.name == wanted:
            return mood
    names = ", ".join(KNOWN_MOODS.names)
    raise ParameterError(
        f"no mood is called {name!r}; there are {names}; or give a point: Mood({name!r}, 0.2, -0.3)"
    )


KNOWN_MOODS = MoodSpace(
    # Placed by hand on Russell's circle (reference 2); arousal by how active, not how good.
    [
        Mood("action", 0.2, 0.85),
        Mood("happy", 0.75, 0.4),
        Mood("sad", -0.7, -0.4),
        Mood("calm", 0.45, -0.65),
        Mood("tense", -0.6, 0.6),
        Mood("energetic", 0.5, 0.8),
        Mood("epic", 0.35, 0.7),
        Mood("joyful", 0.85, 0.55),
        Mood("playful", 0.65, 0.5),
        Mood("hopeful", 0.6, 0.1),
        Mood("romantic", 0.6, -0.2),
        Mood("tender", 0.55, -0.4),
        Mood("peaceful", 0.55, -0.75),
        Mood("dreamy", 0.3, -0.5),
        Mood("nostalgic", 0.05, -0.35),
        Mood("melancholic", -0.45, -0.45),
        Mood("lonely", -0.6, -0.55),
        Mood("mysterious", -0.2, 0.1),
        Mood("dark", -0.6, 0.15),
        Mood("scary", -0.8, 0.7),
        Mood("angry", -0.75, 0.8),
        Mood("neutral", 0.0, 0.0),
    ]
)
"""Moods with a point of their own, known by name."""

DEFAULT_MOODS = MoodSpace(["action", "happy", "sad", "calm"])
"""The four moods of 2016. They leave one quadrant empty; add ``"tense"`` to fill it."""
