"""Modulation: how one key leads into another."""

from musify.composer.theory.chords import QUALITIES
from musify.composer.theory.keys import Key
from musify.composer.theory.numerals import diatonic_quality

__all__ = ["common_chords", "eases_into"]


def common_chords(one: Key, other: Key) -> tuple[tuple[int, str], ...]:
    """List the triads that two keys share: the pivots of a modulation between them.

    Parameters
    ----------
    one, other : Key
        The keys.

    Returns
    -------
    tuple of (int, str)
        Root, a pitch class, and quality of each, by the degrees of the first key.

    Notes
    -----
    W. Piston, "Harmony", 5th edition, Norton 1987, chapter 14: a chord that both keys have is taken
    in the first and left in the second.

    Examples
    --------
    >>> common_chords(Key.named("C major"), Key.named("G major"))
    ((0, ''), (4, 'm'), (7, ''), (9, 'm'))
    """
    triads = [(one.scale[degree - 1], diatonic_quality(one.mode, degree)) for degree in range(1, 8)]
    return tuple((root, quality) for root, quality in triads if _is_in(root, quality, other))


def eases_into(root: int, quality: str, key: Key) -> bool:
    """Tell whether a chord leads into a key: whether the key has it, or it is its dominant.

    Parameters
    ----------
    root : int
        Pitch class.
    quality : str
        A name of :data:`musify.composer.theory.chords.QUALITIES`.
    key : Key
        Where to.

    Examples
    --------
    >>> eases_into(7, "7", Key.named("C minor")), eases_into(2, "", Key.named("C major"))
    (True, False)
    """
    is_dominant = root == (key.tonic + 7) % 12 and 4 in QUALITIES[quality]
    return is_dominant or _is_in(root, quality, key)


def _is_in(root: int, quality: str, key: Key) -> bool:
    return all((root + step) % 12 in key.scale for step in QUALITIES[quality][:3])
