"""Themes: the rhythm, the turns and the shape that make a melody known again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from musify.composer.chance import Chance
from musify.composer.form.section import Form
from musify.composer.style.style import Style

__all__ = ["Theme", "themes_of"]

_GRID: Final = tuple(half / 2 for half in range(16))
"""Where notes may begin: eighths of a bar of up to eight beats."""
_ARCHES: Final = {
    "arch": (0.0, 0.6, 1.0, 0.0),
    "fall": (1.0, 0.5, 0.2, -0.3),
    "rise": (-0.4, 0.1, 0.6, 0.9),
    "valley": (0.5, -0.4, -0.2, 0.5),
    "wave": (0.0, 0.7, -0.3, 0.3),
}
"""Shapes of phrases and how high they lie at each quarter; arches and falls are most common in folk
songs (D. Huron, "The melodic arch in Western folksongs", Computing in Musicology 10, 1996)."""
_ARCH_WEIGHTS: Final = (4.0, 2.5, 1.5, 1.0, 1.5)
_PLANS: Final = ("sentence", "period", "song")
_PLAN_WEIGHTS: Final = (2.0, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Theme:
    """What sections of one letter share.

    Parameters
    ----------
    letter : str
        The sections'.
    rhythms : tuple of two tuples of float
        Of its two motifs: where notes may begin, in beats of a bar, the most important first. A
        calm section takes few of them, a busy one many, and the rhythm stays known.
    turns : tuple of two tuples of int
        Of its two motifs: steps of the scale above or below the phrase's shape, on each eighth of a
        bar of up to eight beats.
    shape : tuple of float
        How high each quarter of a phrase lies, about -1 to 1.
    plan : str
        How phrases are built: ``"sentence"`` (the idea, again, in fragments), ``"period"`` (the
        idea, another, the first again) or ``"song"`` (the idea, again in sequence, another).
    upbeat : int
        How many eighths before the bar phrases begin, 0 to 2.
    pace : float
        How many notes it has beside what a mood asks for: 1 is as many.
    """

    letter: str
    rhythms: tuple[tuple[float, ...], tuple[float, ...]]
    turns: tuple[tuple[int, ...], tuple[int, ...]]
    shape: tuple[float, float, float, float]
    plan: str = "song"
    upbeat: int = 0
    pace: float = 1.0


def themes_of(form: Form, style: Style, *, seed: int) -> Mapping[str, Theme]:
    """Write a theme for each letter of a form.

    Parameters
    ----------
    form : Form
        Its sections' letters; nothing else of them.
    style : Style
        Swung styles have more notes off the beat.
    seed : int
        Of the piece.
    """
    letters = dict.fromkeys(section.letter for section in form.sections)
    return {letter: _theme(letter, style, seed) for letter in letters}


def _theme(letter: str, style: Style, seed: int) -> Theme:
    chance = Chance(seed, "theme", letter)
    # One rhythm goes through the whole piece: it opens the first theme and answers in the others.
    motto = Chance(seed, "motto")
    common = _rhythm(motto, motto.between(0.0, 0.35) + 0.15 * style.swing)
    syncopated = chance.between(0.0, 0.35) + 0.15 * style.swing
    own = _rhythm(chance.child("rhythm"), syncopated)
    first, second = (common, own) if letter == "A" else (own, common)
    turns = (_turns(chance.child("turns", 0)), _turns(chance.child("turns", 1)))
    shape = _ARCHES[chance.pick(tuple(_ARCHES), _ARCH_WEIGHTS)]
    plan = chance.pick(_PLANS, _PLAN_WEIGHTS)
    upbeat = chance.pick((0, 1, 2), (3.0, 1.0, 2.0))
    # Where chords stay for long, melodies are calm too.
    pace = chance.between(0.85, 1.15) / max(1.0, style.harmonic_rhythm) ** 0.5
    return Theme(letter, (first, second), turns, shape, plan, upbeat, pace)


def _rhythm(chance: Chance, syncopated: float) -> tuple[float, ...]:
    def weight(at: float) -> float:
        metre = 1.3 if at == 0 else 0.75 if at % 2 == 0 else 0.6 if at % 1 == 0 else 0.35
        return metre + (syncopated if at % 1 else 0.0) + chance.between(-0.35, 0.35)

    weights = {at: weight(at) for at in _GRID}
    return tuple(sorted(_GRID, key=lambda at: (-weights[at], at)))


def _turns(chance: Chance) -> tuple[int, ...]:
    """Walk about the scale, mostly by step, with one leap that is the motif's own."""
    leap_at = chance.whole(1, 3)
    leap = chance.pick((-4, -3, 3, 4, 5), (1, 2, 3, 3, 1))
    steps = [0]
    for beat in range(1, 8):
        step = leap if beat == leap_at else chance.pick((-2, -1, 1, 2), (1.5, 4, 3.5, 1.5))
        if abs(steps[-1] + step) > 5:
            step = -step
        steps.append(steps[-1] + step)
    out: list[int] = []
    for beat in range(8):
        after = steps[beat + 1] if beat < 7 else 0
        between = (steps[beat] + after) // 2
        out += [
            steps[beat],
            between if between != steps[beat] else steps[beat] + chance.pick((-1, 1)),
        ]
    return tuple(out)
