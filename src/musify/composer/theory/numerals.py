"""Roman numerals: chords as they stand in a key."""

import re
from dataclasses import dataclass
from typing import Final

from musify.composer.theory.chords import QUALITIES
from musify.composer.theory.keys import MODES, Key
from musify.errors import ParameterError

__all__ = [
    "Numeral",
    "Spelled",
    "diatonic_quality",
    "is_of_minor",
    "numeral_of",
    "read_numeral",
    "spelled",
]

_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII")
_INVERSIONS: Final = {
    "6": ("", 1),
    "64": ("", 2),
    "65": ("7", 1),
    "43": ("7", 2),
    "42": ("7", 3),
    "o6": ("dim", 1),
    "ø65": ("m7b5", 1),
}
_SIGNS: Final = {"o": "dim", "°": "dim", "+": "aug", "o7": "dim7", "°7": "dim7", "ø": "m7b5"}
_SIGNS_TOO: Final = {"ø7": "m7b5", "M7": "maj7", "add6": "6"}
_PLAIN: Final = ("", "7", "9", "maj7", "maj9", "m7b5", "dim", "dim7", "aug", "5", "sus2", "sus4")
_SUFFIXES: Final = (*_PLAIN, "7sus4", "add9", *_INVERSIONS, *_SIGNS, *_SIGNS_TOO)
_PATTERN: Final = re.compile(r"([b#]?)(VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)([^/]*)(?:/(.+))?")
_NATURAL: Final = {"harmonic-minor": "minor"}
_DEGREES: Final = (
    ("", 1), ("b", 2), ("", 2), ("b", 3), ("", 3), ("", 4), ("#", 4), ("", 5), ("b", 6), ("", 6),
    ("b", 7), ("", 7),
)  # fmt: skip
_SUBSTITUTES: Final = {
    ("lydian", 4): 2,
    ("dorian", 6): 4,
    ("phrygian", 5): 7,
    ("mixolydian", 3): 1,
    ("mixolydian", 5): 7,
}
"""Modes have a diminished chord, or none that leads, in place of some common ones: what modal
music uses instead (V. Persichetti, "Twentieth-Century Harmony", Norton 1961, chapter 2)."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A chord by its place in a key.

    Parameters
    ----------
    degree : int
        1 to 7.
    lower : bool
        Whether it was written small, as minor and diminished chords are.
    accidental : int
        -1, 0 or 1: with one, the degree is counted in the major scale.
    quality : str
        What was written after it, inversions left out: ``""``, ``"7"``, ``"sus4"`` and so on.
    inversion : int
        Which tone is lowest: 0 is the root.
    target : Numeral or None
        Of a secondary chord such as ``V/V``, what it leads to.
    text : str
        As it was written.
    """

    degree: int
    lower: bool
    accidental: int
    quality: str
    inversion: int
    target: "Numeral | None"
    text: str


@dataclass(frozen=True, slots=True)
class Spelled:
    """A numeral in a key.

    Parameters
    ----------
    root : int
        Pitch class.
    quality : str
        A name of :data:`musify.composer.theory.chords.QUALITIES`.
    inversion : int
        Which tone is lowest: 0 is the root.
    degree : int
        1 to 7, of the key.
    is_borrowed : bool
        Whether it has tones that are not of the key by intention.
    """

    root: int
    quality: str
    inversion: int
    degree: int
    is_borrowed: bool


def read_numeral(text: str) -> Numeral:
    """Read a roman numeral.

    Parameters
    ----------
    text : str
        A degree from I to VII, small for minor; before it ``b`` or ``#`` (of the major scale);
        after it a quality (``7``, ``maj7``, ``9``, ``sus4``, ``add9``, ``o``, ``ø7``, ``+``,
        ``add6`` and so on) or an inversion as in figured bass (``6``, ``64``, ``65``, ``43``,
        ``42``); then, of secondary chords, ``/`` and what they lead to.

    Raises
    ------
    ParameterError
        If it is none.

    Examples
    --------
    >>> read_numeral("V7/ii").target.degree, read_numeral("bVII").accidental
    (2, -1)
    """
    found = _PATTERN.fullmatch(text)
    if not found or found[3] not in _SUFFIXES:
        raise ParameterError(
            f"a chord must be a roman numeral such as 'I', 'vi7', 'bVII', 'V/V' or 'ii65', got "
            f"{text!r}"
        )
    sign, roman, suffix, target = found.groups()
    quality, inversion = _INVERSIONS.get(suffix, (suffix, 0))
    return Numeral(
        degree=_ROMAN.index(roman.upper()) + 1,
        lower=roman.islower(),
        accidental={"b": -1, "": 0, "#": 1}[sign],
        quality=_SIGNS.get(quality, _SIGNS_TOO.get(quality, quality)),
        inversion=inversion,
        target=read_numeral(target) if target else None,
        text=text,
    )


def is_of_minor(numerals: tuple[Numeral, ...]) -> bool:
    """Tell whether a progression was written for minor keys: whether its tonic is small."""
    return any(n.degree == 1 and n.lower for n in numerals) or (
        not any(n.degree == 1 for n in numerals)
        and any(n.degree == 4 and n.lower for n in numerals)
    )


def diatonic_quality(mode: str, degree: int, *, seventh: bool = False) -> str:
    """Stack thirds of a scale: the quality of its chord on a degree.

    Minor keys have the dominant of the harmonic minor scale, and otherwise natural minor's chords.

    Examples
    --------
    >>> diatonic_quality("major", 2, seventh=True), diatonic_quality("phrygian", 2)
    ('m7', '')
    """
    steps = MODES[_NATURAL.get(mode, mode)]
    if mode in ("minor", "harmonic-minor") and degree == 5:
        return "7" if seventh else ""
    stack = [steps[(degree - 1 + third) % 7] for third in ((0, 2, 4, 6) if seventh else (0, 2, 4))]
    semitones = tuple((step - stack[0]) % 12 for step in stack)
    return next(name for name, tones in QUALITIES.items() if tones == semitones)


def spelled(numeral: Numeral, key: Key, *, as_written: bool = True, modal: bool = True) -> Spelled:
    """Find the root and the quality of a numeral in a key.

    Parameters
    ----------
    numeral : Numeral
        What to spell.
    key : Key
        Where.
    as_written : bool, default True
        Whether major and minor stay as they were written; otherwise each degree has the chord that
        the key has there: for a progression of major keys in a minor one.
    modal : bool, default True
        Whether in the church modes chords take the mode's own tones, and those that would be
        diminished give way to what modal music uses; cadences do not.

    Examples
    --------
    >>> spelled(read_numeral("V7/V"), Key(0)).root
    2
    >>> spelled(read_numeral("bVI"), Key(9, "minor")).root
    5
    """
    if numeral.target is not None:
        aim = spelled(numeral.target, key, as_written=as_written)
        parent = Key(aim.root, "minor" if aim.quality.startswith(("m7", "m6")) else "major")
        if aim.quality == "m":
            parent = Key(aim.root, "minor")
        plain = Numeral(
            numeral.degree,
            numeral.lower,
            numeral.accidental,
            numeral.quality,
            numeral.inversion,
            None,
            numeral.text,
        )
        there = spelled(plain, parent)
        return Spelled(there.root, there.quality, there.inversion, numeral.degree, True)
    degree, mode = numeral.degree, key.mode
    natural = MODES[_NATURAL.get(mode, mode)]
    step = (MODES["major"][degree - 1] + numeral.accidental) % 12
    own = numeral.accidental == 0 or step == natural[degree - 1]
    if modal and own and mode in ("lydian", "dorian", "phrygian", "mixolydian"):
        degree = _SUBSTITUTES.get((mode, degree), degree)
        as_written = False
    if own:
        step = natural[degree - 1]
        triad = diatonic_quality(mode, degree)
        if degree == 7 and key.is_minor and numeral.quality in ("dim", "dim7", "m7b5"):
            step, triad = 11, "dim"  # the leading tone's chord
        same = not as_written or (triad in ("m", "dim")) == numeral.lower
        if not same:
            triad = "m" if numeral.lower else ""
    else:
        triad, same = "m" if numeral.lower else "", False
    quality = _with_suffix(numeral.quality, triad, degree, diatonic=same, mode=mode)
    return Spelled((key.tonic + step) % 12, quality, numeral.inversion, degree, not same)


def numeral_of(root: int, quality: str, key: Key, *, inversion: int = 0) -> str:
    """Name a chord by its place in a key: the other way round than :func:`spelled`.

    Examples
    --------
    >>> numeral_of(5, "m7", Key(0)), numeral_of(8, "", Key(0, "minor")), numeral_of(7, "", Key(0))
    ('iv7', 'bVI', 'V')
    """
    step = (root - key.tonic) % 12
    sign, place = _DEGREES[step]
    roman = _ROMAN[place - 1]
    suffix = {"dim": "o", "dim7": "o7", "m7b5": "ø7", "aug": "+", "6": "add6"}.get(quality, quality)
    if 3 in QUALITIES[quality]:
        roman = roman.lower()
        suffix = {"m6": "add6", "madd9": "add9"}.get(quality, suffix.removeprefix("m"))
    if inversion:
        figures = ("", "65", "43", "42") if len(QUALITIES[quality]) > 3 else ("", "6", "64")
        mark = {"dim": "o", "m7b5": "ø"}.get(quality, "")
        return sign + roman + mark + figures[inversion]
    return sign + roman + suffix


def _with_suffix(suffix: str, triad: str, degree: int, *, diatonic: bool, mode: str) -> str:
    """Put together a triad and what was written after it."""
    dark = triad in ("m", "dim")
    if suffix == "":
        return triad
    if suffix in ("7", "9"):
        seventh = (
            diatonic_quality(mode, degree, seventh=True) if diatonic else "m7" if dark else "7"
        )
        if triad == "dim" and seventh not in ("m7b5", "dim7"):
            seventh = "m7b5"
        return (
            {"maj7": "maj9", "m7": "m9", "7": "9"}.get(seventh, seventh)
            if suffix == "9"
            else (seventh)
        )
    if suffix in ("maj7", "maj9") and dark:
        return suffix.replace("maj", "m")
    if suffix == "add9":
        return {"m": "madd9", "": "add9"}.get(triad, triad)
    if suffix == "6":
        return "m6" if dark else "6"
    return suffix
