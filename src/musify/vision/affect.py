"""From what a network sees on a picture to a point in the valence-arousal plane.

Two readings of one network are mixed. The first is the mean of the points of the classes it sees,
weighted by their probabilities; the points stand in a table of a thousand rows that was written by
hand, ``data/imagenet_moods.csv``: how a viewer of footage dominated by that class feels. The second
is a linear function of the network's features, made from the same table alone
(``tools/make_affect_directions.py``): what pleasant, or lively, classes have in common. The first
knows that a cobra is no garden hose, the second is steadier where no class fits. A little of colour
is added (:func:`~musify.vision.colour.colour_point`). No coefficient is fitted to people's ratings
of pictures.
"""

import csv
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.errors import BackendError
from musify.evidence import Evidence, EvidenceRow
from musify.vision.network import CLASSES, FEATURES

__all__ = [
    "TABLE_FILE",
    "ClassTable",
    "class_table",
    "classes_plane",
    "picture_evidence",
    "picture_plane",
]

TABLE_FILE: Final = "imagenet_moods.csv"
"""Class, valence, arousal: one row for each class, in the order of the network."""

_DIRECTIONS_FILE: Final = "affect_directions.npz"

# Mean and standard deviation of the two readings over ordinary pictures: the 120 photographs that
# tools/ratings_of_package_pictures.csv named when they were measured.
_CLASSES: Final = np.array([[0.246, -0.043], [0.202, 0.213]])
_FEATURES: Final = np.array([[0.067, -0.166], [1.53, 1.89]])
# Shares of the features, for valence and arousal; the classes have the rest. Valence hangs on what
# a thing is, arousal on what it looks like: in vision research features foretell arousal far better
# than classes do, and valence little better.
_SHARE_OF_FEATURES: Final = np.array([0.25, 0.6])
# What colour adds is a weak sign (r = 0.2 with ratings of photographs; classes reach twice that).
_SHARE_OF_COLOUR: Final = 0.2
# One standard deviation, after mixing, reaches this far into the plane, and two nearly twice that:
# ordinary footage covers the plane and does not crowd its middle.
_SPREAD: Final = 0.42
# The standard deviation of the mixture: the two readings correlate at about 0.6.
_MIXED: Final = 0.91
# People find an ordinary photograph a little pleasant and a little quiet: 4.3 and 3.7 on scales
# from 1 to 7, in Kurdi, Lozano & Banaji, "Introducing the Open Affective Standardized Image Set
# (OASIS)", Behavior Research Methods 49, 2017; here the pictures are rather pleasant ones.
_ORDINARY: Final = np.array([0.15, -0.05])
# Less likely classes explain nothing.
_TOLD: Final = 0.03


@dataclass(frozen=True, slots=True)
class ClassTable:
    """Names and points of the classes of the network.

    Parameters
    ----------
    names : tuple of str
        Of the 1000 classes, the first of each one's synonyms.
    plane : ndarray of shape (1000, 2)
        Valence and arousal of each, in [-1, 1].
    """

    names: tuple[str, ...]
    plane: NDArray[np.float64]


@cache
def class_table() -> ClassTable:
    """Read the table of classes.

    Raises
    ------
    BackendError
        If the file is missing or damaged.
    """
    path = files("musify.vision") / "data" / TABLE_FILE
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        names = tuple(row["class"].partition(",")[0] for row in rows)
        plane = np.array([[float(row["valence"]), float(row["arousal"])] for row in rows])
    except (OSError, KeyError, ValueError) as error:
        raise BackendError(
            f"the table of classes {path} cannot be read ({error}); install musify-video again"
        ) from error
    if plane.shape != (CLASSES, 2) or not (np.abs(plane) <= 1).all():
        raise BackendError(f"the table of classes {path} is damaged; install musify-video again")
    plane.setflags(write=False)
    return ClassTable(names, plane)


@cache
def _directions() -> NDArray[np.float64]:
    """Read the directions of valence and arousal in the space of features, shape (1280, 2)."""
    path = files("musify.vision") / "data" / _DIRECTIONS_FILE
    table = (files("musify.vision") / "data" / TABLE_FILE).read_bytes()
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        directions: NDArray[np.float64] = stored["directions"].astype(np.float64)
        made_from = str(stored["table_sha256"])
    if directions.shape != (FEATURES, 2) or made_from != hashlib.sha256(table).hexdigest():
        raise BackendError(
            f"{path} was not made from the table beside it; run tools/make_affect_directions.py"
        )
    return directions


def _standard(values: NDArray[np.float64], of: NDArray[np.float64]) -> NDArray[np.float64]:
    standardised: NDArray[np.float64] = (values - of[0]) / of[1]
    return standardised


def _readings(
    probabilities: NDArray[np.float32], features: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far the classes move pictures, and how far the features do; both of shape (n, 2)."""
    seen = _standard(probabilities.astype(np.float64) @ class_table().plane, _CLASSES)
    looks = _standard(features.astype(np.float64) @ _directions(), _FEATURES)
    gain = _SPREAD / _MIXED
    return gain * (1 - _SHARE_OF_FEATURES) * seen, gain * _SHARE_OF_FEATURES * looks


def picture_plane(
    probabilities: NDArray[np.float32], features: NDArray[np.float32], colour: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Place pictures in the plane.

    Parameters
    ----------
    probabilities : ndarray of shape (n, 1000)
        Of the classes.
    features : ndarray of shape (n, 1280)
        Of :class:`~musify.vision.network.PictureNetwork`.
    colour : ndarray of shape (n, 2)
        Of :func:`~musify.vision.colour.colour_point`.

    Returns
    -------
    ndarray of shape (n, 2)
        Valence and arousal, in (-1, 1).
    """
    seen, looks = _readings(probabilities, features)
    total = _ORDINARY + seen + looks + _SHARE_OF_COLOUR * colour
    # The further out, the closer together: nothing leaves the plane, and order is kept.
    squeezed: NDArray[np.float64] = np.tanh(total)
    return squeezed


def classes_plane(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """Place pictures in the plane by the classes alone.

    Parameters
    ----------
    probabilities : ndarray of shape (n, 1000)
        Of the classes.

    Returns
    -------
    ndarray of shape (n, 2)
        Valence and arousal, in (-1, 1).
    """
    seen = _standard(probabilities.astype(np.float64) @ class_table().plane, _CLASSES)
    squeezed: NDArray[np.float64] = np.tanh(_ORDINARY + _SPREAD * seen)
    return squeezed


def picture_evidence(
    probabilities: NDArray[np.float32], features: NDArray[np.float32], colour: NDArray[np.float64]
) -> EvidenceRow:
    """Say what moved one picture where.

    Parameters
    ----------
    probabilities : ndarray of shape (1000,)
        Of the classes.
    features : ndarray of shape (1280,)
        As above.
    colour : ndarray of shape (2,)
        As above.

    Returns
    -------
    tuple of Evidence
        Where any photograph begins, the classes that were seen, the likeliest first and the rest
        as one, the features, then colour. Shifts add up to the point of :func:`picture_plane`:
        each bears its share of the squeezing.
    """
    table = class_table()
    seen, looks = (of[0] for of in _readings(probabilities[None], features[None]))
    gain = (1 - _SHARE_OF_FEATURES) * _SPREAD / _MIXED
    parts = [("usual", "any photograph", 1.0, _ORDINARY)]
    rest, unnamed = seen.copy(), 1.0
    for place in np.argsort(-probabilities, kind="stable"):
        chance = float(probabilities[place])
        if chance < _TOLD:
            break
        shift = gain * chance * _standard(table.plane[place], _CLASSES)
        parts.append(("picture", table.names[place], chance, shift))
        rest, unnamed = rest - shift, unnamed - chance
    parts.append(("other", "less likely things", min(1.0, max(0.0, unnamed)), rest))
    parts.append(("looks", "the look of it", 1.0, looks))
    parts.append(("colour", "brightness and saturation", 1.0, _SHARE_OF_COLOUR * colour))
    total = np.sum([shift for *_, shift in parts], axis=0)
    squeezed = np.divide(np.tanh(total), total, out=np.ones(2), where=total != 0)
    return tuple(
        Evidence(source, name, weight, *(squeezed * shift)) for source, name, weight, shift in parts
    )
