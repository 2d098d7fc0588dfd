"""Colour: what is added to triads, by style and by tension."""

from collections.abc import Mapping
from typing import Final

from musify.composer.chance import Chance
from musify.composer.theory.chords import QUALITIES
from musify.composer.theory.keys import Key

__all__ = ["coloured"]

_LEADING_COLOURS: Final = {"triads": 0.35, "open": 0.2}
_SEVENTHS: Final = {"": ("maj7", "7"), "m": ("m7",), "dim": ("m7b5", "dim7")}
_NINTHS: Final = {
    "": ("maj9", "9"),
    "m": ("m9",),
    "7": ("9",),
    "maj7": ("maj9",),
    "m7": ("m9",),
}
_ADDED: Final = {"": ("add9",), "m": ("madd9",)}
_Ways = Mapping[str, tuple[str, ...]]


def coloured(
    root: int,
    quality: str,
    degree: int,
    key: Key,
    *,
    colour: str,
    tension: float,
    chance: Chance,
) -> str:
    """Add to a chord what a style likes.

    Parameters
    ----------
    root : int
        Its pitch class.
    quality : str
        A name of :data:`musify.composer.theory.chords.QUALITIES`; what is more than a triad stays,
        but for ninths.
    degree : int
        1 to 7: dominants take the minor seventh, the tonic stays plainer.
    key : Key
        Where: only tones of it are added.
    colour : str
        ``"triads"``, ``"sevenths"``, ``"extended"`` or ``"open"``.
    tension : float
        In [0, 1]: the more, the more often.
    chance : Chance
        What decides.
    """
    draw = chance.unit()

    def more(ways: _Ways) -> str:
        for way in ways.get(quality, ()):
            added = set(QUALITIES[way]) - set(QUALITIES[quality])
            if all((root + step) % 12 in key.scale for step in added):
                return way
        return quality

    if degree == 5 and quality == "" and draw < _LEADING_COLOURS.get(colour, 0.9):
        return "9" if colour == "extended" and draw < 0.3 and not key.is_minor else "7"
    if colour == "sevenths":
        plain = 0.45 if degree == 1 else 0.15
        return quality if draw < plain - 0.1 * tension else more(_SEVENTHS)
    if colour == "extended":
        if draw < 0.3 + 0.1 * tension and more(_NINTHS) != quality:
            return more(_NINTHS)
        return more(_SEVENTHS) if draw < 0.9 else quality
    if colour == "open":
        second = (root + 2) % 12 in key.scale
        if degree != 1 and draw < 0.12 and quality in ("", "m") and second:
            return "sus2"
        return more(_ADDED) if draw < 0.55 - 0.2 * tension else quality
    if tension > 0.6 and degree == 2 and draw < tension - 0.4:
        return more(_SEVENTHS)
    return quality
