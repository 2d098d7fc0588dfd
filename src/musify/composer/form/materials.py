"""Which themes and keys belong to which mood."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from musify.composer.chance import Chance
from musify.composer.theory.keys import Key

__all__ = ["Letters", "Material", "keys_of"]

# Which theme of a mood comes when: A A' B A'', then another theme leads, and so on.
_ORDER: Final = (0, 0, 1, 0, 2, 2, 1, 2, 0, 0, 3, 0, 1, 1, 2, 1)
_MOST_PRIMES: Final = 3
# Semitones to the tonic of another mood, and how likely: keys a fifth apart, a step up, relatives.
_LIKE: Final = {7: 3.0, 5: 3.0, 2: 1.0, 0: 2.0}
_TO_MINOR: Final = {9: 3.0, 0: 2.0}
_TO_MAJOR: Final = {3: 3.0, 0: 2.0}


@dataclass(slots=True)
class Material:
    """What a mood has to work with: its letters, and how many sections used them so far."""

    letters: dict[int, str] = field(default_factory=dict)
    used: int = 0


class Letters:
    """Names sections as an analysis of form would."""

    def __init__(self) -> None:
        self._materials: dict[object, Material] = {}
        self._count: dict[str, int] = {}
        self._letters = 0

    def first(self, mood: object) -> str:
        """Return the first letter of a mood, without counting it as a section."""
        return self._letter(self._materials.setdefault(mood, Material()), 0)

    def known(self, mood: object) -> bool:
        """Whether a mood was heard before."""
        return mood in self._materials and self._materials[mood].used > 0

    def next(self, mood: object, *, again: bool) -> tuple[str, int, bool]:
        """Name the next section of a mood.

        Parameters
        ----------
        mood : object
            The mood.
        again : bool
            Whether another mood was heard just before: then its first theme comes.

        Returns
        -------
        name : str
            Letter with primes.
        theme : int
            Which of the mood's themes.
        fresh : bool
            Whether the theme was not heard before.
        """
        material = self._materials.setdefault(mood, Material())
        while again and _ORDER[material.used % len(_ORDER)]:
            material.used += 1
        theme = _ORDER[material.used % len(_ORDER)]
        material.used += 1
        letter = self._letter(material, theme)
        times = self._count.get(letter, 0)
        self._count[letter] = times + 1
        primes = 0 if times == 0 else 1 + (times - 1) % _MOST_PRIMES
        return letter + "'" * primes, theme, times == 0

    def _letter(self, material: Material, theme: int) -> str:
        if theme not in material.letters:
            material.letters[theme] = _numbered(self._letters)
            self._letters += 1
        return material.letters[theme]


def _numbered(index: int) -> str:
    """Return A to Z, then AA, AB and so on."""
    before, last = divmod(index, 26)
    return (_numbered(before - 1) if before else "") + chr(ord("A") + last)


def keys_of(modes: Sequence[str], main: int, given: Key | None, chance: Chance) -> list[Key]:
    """Choose a key for each mood, all of them near the main one.

    Parameters
    ----------
    modes : sequence of str
        Mode of each mood.
    main : int
        Which mood the piece is mostly in.
    given : Key or None
        The main key, if it is wished for.
    chance : Chance
        What is drawn.

    Notes
    -----
    To a mood of the other third it goes by the relative or the parallel key, to one of the same
    third by a fifth, a step or not at all: the close relations of A. Schoenberg, "Structural
    Functions of Harmony", Norton 1954, chapter 3.
    """
    home = given or Key(chance.child("tonic").whole(0, 11), modes[main])
    keys = []
    for number, mode in enumerate(modes):
        if number == main:
            keys.append(home)
            continue
        there = Key(home.tonic, mode)
        if there.is_minor == home.is_minor:
            steps = _LIKE
        else:
            steps = _TO_MINOR if there.is_minor else _TO_MAJOR
        step = chance.child("mood", number).pick(tuple(steps), tuple(steps.values()))
        keys.append(Key((home.tonic + step) % 12, mode))
    return keys
