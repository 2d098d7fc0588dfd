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
from difflib import get_close_matches
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import frozen_floats
from musify._checks import number
from musify._how_to import how_to
from musify._mood_words import plain, read_words, synonyms
from musify.errors import ParameterError
from musify.notices import notify

__all__ = ["DEFAULT_MOODS", "KNOWN_MOODS", "Mood", "MoodSpace", "find_mood", "known_mood"]


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

    @classmethod
    def named(cls, name: str) -> "Mood":
        """Look a mood up by its everyday name, or by another word for it.

        Parameters
        ----------
        name : str
            A name in :data:`KNOWN_MOODS`, or a synonym. Capitals do not matter, and a hyphen is as
            good as a space.

        Returns
        -------
        Mood
            The known mood; its name tells what a synonym was taken for.

        Raises
        ------
        ParameterError
            If nothing is known by this name; the message names words like it.

        Examples
        --------
        >>> Mood.named("Horrifying")
        Mood(name='scary', valence=-0.8, arousal=0.7)
        """
        return known_mood(name)

    @classmethod
    def from_words(cls, text: str, name: str | None = None) -> "Mood":
        """Make a mood from a description.

        The points of the words that are known are averaged. Words for how it feels (spooky, happy)
        count four times as much as words for what is seen (night, beach). "Not", "no" and their
        like turn the next known word, if one of the next three words is known, to the other side
        and halve it; "very" makes it 1.3 times as strong, "slightly" 0.6 times. Words that are not
        known are left out, and the log says which.

        Parameters
        ----------
        text : str
            English words, such as ``"a spooky night in the woods"``.
        name : str, optional
            What to call the mood; by default the text.

        Raises
        ------
        ParameterError
            If no word is known; the message lists those that were not understood.

        Examples
        --------
        >>> Mood.from_words("a spooky night", name="night")
        Mood(name='night', valence=-0.33, arousal=0.34)
        """
        if not isinstance(text, str):
            raise ParameterError(f"a mood is described in words, got {text!r}")
        reading = read_words(text, {mood.name: mood.point for mood in KNOWN_MOODS})
        if reading.point is None:
            missed = ", ".join(map(repr, reading.unknown)) or repr(text)
            raise ParameterError(
                f"none of these words was understood: {missed}; use words for how it feels, such "
                "as calm, tense or joyful"
                + how_to(", or give a point: Mood('name', 0.2, -0.3)", "")
            )
        if reading.unknown:
            notify(
                f"left out of the mood {text!r}: {', '.join(reading.unknown)}, which musify does "
                f"not know; it went by {', '.join(reading.understood)}"
            )
        valence, arousal = reading.point
        return cls(text if name is None else name, round(valence, 6), round(arousal, 6))

    # A mood by a folder of example pictures is a mean of points that a classifier sees there; it
    # needs the embedded network, and so lives beside it and returns a Mood like these.

    @property
    def point(self) -> tuple[float, float]:
        """``(valence, arousal)``."""
        return (self.valence, self.arousal)


class MoodSpace:
    """An ordered set of moods that a classifier tells apart.

    Parameters
    ----------
    moods : iterable of Mood or str
        At least one; a string is looked up as by :meth:`Mood.named`.

    Raises
    ------
    ParameterError
        If it is empty, two moods share a name (also when they are two words for one known mood),
        or a name is not known.

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
                raise ParameterError(
                    f"the mood {name!r} is named twice, by its name or other words for it; "
                    "give each its own name"
                )
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
        [[0.97, 0.03], [0.46, 0.54]]
        """
        temperature = number("temperature", temperature, above=0)
        points = frozen_floats("plane", plane, (None, 2))
        distance: NDArray[np.float64] = ((points[:, None, :] - self.plane[None]) ** 2).sum(axis=2)
        # Less the smallest, which changes no ratio, so that not all of them vanish.
        distance -= distance.min(axis=1, keepdims=True, initial=np.inf)
        # Beyond these bounds the square would leave the floats, and nothing would change.
        scores = np.exp(-distance / (2 * min(max(temperature, 1e-150), 1e150) ** 2))
        scores /= scores.sum(axis=1, keepdims=True)
        clipped: NDArray[np.float64] = np.clip(scores, 0, 1)
        return clipped

    def nearest(self, valence: float, arousal: float) -> Mood:
        """Return the mood closest to a point; the first of equally close ones."""
        return min(self._moods, key=lambda mood: math.dist(mood.point, (valence, arousal)))


def find_mood(name: str) -> Mood | None:
    """Look a mood up by its everyday name or a synonym; None if there is none.

    The mood's own name tells what a synonym was taken for: ``find_mood("horror").name`` is
    ``"scary"``.
    """
    wanted = plain(name)
    for mood in KNOWN_MOODS:
        if mood.name == wanted:
            return mood
    meant = synonyms().get(wanted)
    return None if meant is None else KNOWN_MOODS[meant]


def known_mood(name: str) -> Mood:
    """Look a mood up by its everyday name or a synonym; see :meth:`Mood.named`.

    Raises
    ------
    ParameterError
        If the name is neither in :data:`KNOWN_MOODS` nor a synonym.
    """
    found = find_mood(name) if isinstance(name, str) else None
    if found is not None:
        return found
    near = get_close_matches(plain(str(name)), [*KNOWN_MOODS.names, *synonyms()], n=3, cutoff=0.7)
    hint = f"did you mean {' or '.join(map(repr, near))}? There" if near else "there"
    raise ParameterError(
        f"no mood is called {name!r}; {hint} are {', '.join(KNOWN_MOODS.names)}, and words that "
        "mean the same"
        + how_to(
            f"; or describe it: Mood.from_words(...); or give a point: Mood({name!r}, 0.2, -0.3)",
            "",
        )
    )


KNOWN_MOODS = MoodSpace(
    # Placed by hand on Russell's circle (reference 2); arousal by how active, not how good. Moods
    # that people tell apart by more than these two numbers stand close together.
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
        Mood("triumphant", 0.75, 0.75),
        Mood("inspiring", 0.7, 0.3),
        Mood("funny", 0.7, 0.6),
        Mood("festive", 0.8, 0.7),
        Mood("sensual", 0.5, 0.2),
        Mood("confident", 0.5, 0.45),
        Mood("majestic", 0.45, 0.35),
        Mood("magical", 0.6, 0.25),
        Mood("adventurous", 0.5, 0.6),
        Mood("relaxed", 0.65, -0.5),
        Mood("bittersweet", -0.1, -0.25),
        Mood("solemn", -0.2, -0.45),
        Mood("reflective", 0.1, -0.5),
        Mood("gloomy", -0.55, -0.3),
        Mood("weary", -0.35, -0.7),
        Mood("eerie", -0.45, 0.3),
        Mood("suspenseful", -0.35, 0.5),
        Mood("chaotic", -0.35, 0.85),
        Mood("aggressive", -0.5, 0.8),
        Mood("dramatic", -0.1, 0.55),
        Mood("ominous", -0.65, 0.4),
    ]
)
"""Moods of film and stock music, each with a point of its own, known by name."""

DEFAULT_MOODS = MoodSpace(["action", "happy", "sad", "calm"])
"""The four moods of 2016. They leave one quadrant empty; add ``"tense"`` to fill it."""
