"""How songs get on with one another: keys on the circle of fifths, and tempos.

Music that follows other music sounds meant where keys are near and beats go on; this is what
editors of music and disc jockeys go by.
"""

import functools
import math
import re
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["fifths", "key_distance", "tempo_distance"]

Floats = NDArray[np.float64]

_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_KEY: Final = re.compile(r"([A-G])([#♯b♭]?) *-?(maj(?:or)?|min(?:or)?|m|dur|moll)?", re.IGNORECASE)
# What is not known is neither near nor far.
_UNKNOWN: Final = 0.5
# Beats that are a quarter of an octave of tempo apart (19 %) have nothing to do with each other.
_FAR_OCTAVES: Final = 0.25


@functools.lru_cache(maxsize=512)
def _place(key: str) -> int | None:
    """Return where a key, or its relative major, stands on the circle of fifths, in 0..11."""
    found = _KEY.fullmatch(key.strip())
    if found is None:
        return None
    letter, sign, mode = found.groups()
    tonic = _STEPS[letter.upper()] + {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(sign.lower(), 0)
    minor = mode is not None and (mode == "m" or mode.lower() in ("min", "minor", "moll"))
    # A minor key holds the notes of the major key three half tones above it.
    return (tonic + 3 * minor) * 7 % 12


def fifths(keys: Iterable[str | None]) -> Floats:
    """Return where keys, or their relative majors, stand on the circle of fifths.

    Parameters
    ----------
    keys : iterable of str or None
        Such as ``"D minor"``, ``"F#m"`` or ``"Bb"``.

    Returns
    -------
    ndarray of shape (n,)
        Whole numbers from 0 (C major and A minor) to 11 (F major and D minor); NaN where a key is
        not known.
    """
    places = [None if key is None else _place(key) for key in keys]
    return np.array([math.nan if place is None else place for place in places], np.float64)


def key_distance(one: ArrayLike, other: ArrayLike) -> Floats:
    """Return how far apart places on the circle of fifths are.

    Parameters
    ----------
    one, other : array_like
        As :func:`fifths` gives them.

    Returns
    -------
    ndarray
        In [0, 1]: a sixth for each step on the circle, 0 for a key and its relative; 0.5 where
        one is not known.

    Examples
    --------
    >>> key_distance(fifths(["C major", "C major"]), fifths(["A minor", "F# major"])).tolist()
    [0.0, 1.0]
    """
    steps = np.abs(np.asarray(one) - np.asarray(other))
    return np.where(np.isnan(steps), _UNKNOWN, np.minimum(steps, 12 - steps) / 6)


def tempo_distance(one: ArrayLike, other: ArrayLike) -> Floats:
    """Return how badly the beats of tempos follow each other.

    Parameters
    ----------
    one, other : array_like
        Beats a minute, above 0; NaN where they are not known.

    Returns
    -------
    ndarray
        In [0, 1]: 0 for the same, half or double tempo, 1 for 19 % beside them or more; 0.5 where
        one is not known.
    """
    octaves = np.log2(np.asarray(one) / np.asarray(other))
    apart = np.abs(octaves - np.round(octaves)) / _FAR_OCTAVES
    return np.where(np.isnan(apart), _UNKNOWN, np.minimum(1.0, apart))
