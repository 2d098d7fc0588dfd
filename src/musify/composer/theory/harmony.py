"""Functional harmony: the chords of a piece, section by section."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from musify.composer.chance import Chance
from musify.composer.cue_table import cues_at
from musify.composer.form.section import Form, Section
from musify.composer.style.style import Style, quadrant_of
from musify.composer.theory.cadences import CADENCES, Cadence
from musify.composer.theory.chords import QUALITIES, Chord
from musify.composer.theory.colours import coloured
from musify.composer.theory.keys import Key
from musify.composer.theory.numerals import (
    Numeral,
    Spelled,
    is_of_minor,
    numeral_of,
    read_numeral,
    spelled,
)
from musify.composer.theory.phrases import Phrase, phrases_of

__all__ = ["harmonized"]

_SHORTEST_RING: Final = 0.25
_DIVIDED: Final = 4
"""Bars of so many beats may have two chords."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a chord goes."""

    start: int
    beats: int


def harmonized(form: Form, style: Style, *, seed: int) -> tuple[Chord, ...]:
    """Write the chords of a piece.

    Each section has the progressions that the style likes for its mood, in its key and mode; they
    begin on downbeats, or halfway through a bar in styles that change so often. Phrases end with
    half and full cadences, each section with a cadence, and the last one's leads to the final
    tonic. Where the next section has another key, the cadence ends on a chord that both have
    (a pivot, W. Piston, "Harmony", 5th edition, 1987, chapter 14), or its dominant prepares it.

    Parameters
    ----------
    form : Form
        The plan. What is drawn for a section depends on nothing of another but its key.
    style : Style
        Its ``progressions``, ``colour`` and ``harmonic_rhythm``.
    seed : int
        Of the piece: sections of the same letter share progressions.

    Returns
    -------
    tuple of Chord
        Touching, from beat 0 to the end; the last is the tonic, from ``form.final`` on.
    """
    chords: list[Chord] = []
    for place, section in enumerate(form.sections):
        following = form.sections[place + 1] if place + 1 < len(form.sections) else None
        chords += _SectionHarmony(section, following, style, seed).chords()
    end = float(form.tempo.beats_at(form.duration))
    key = form.sections[-1].key
    chords.append(
        Chord(
            form.final,
            max(end - form.final, _SHORTEST_RING),
            key.tonic,
            "m" if key.is_minor else "",
            numeral="i" if key.is_minor else "I",
            cadence=True,
        )
    )
    return tuple(chords)


class _SectionHarmony:
    """What one section needs to get its chords."""

    def __init__(
        self, section: Section, following: Section | None, style: Style, seed: int
    ) -> None:
        self.section, self.following, self.style = section, following, style
        cues = cues_at(section.valence, section.arousal)
        self.tension = cues.tension
        self.chance = Chance(section.seed, "harmony")
        quadrant = quadrant_of(section.valence, section.arousal)
        choices = style.progressions[quadrant]
        shared = Chance(seed, "progression", section.letter, quadrant)
        texts, weights = [c[0] for c in choices], [c[1] for c in choices]
        first = shared.pick(texts, weights)
        second = shared.pick(texts, weights)
        self.progressions = [tuple(map(read_numeral, text)) for text in (first, second)]

    def chords(self) -> list[Chord]:
        out: list[Chord] = []
        phrases = phrases_of(len(self.section.bars))
        for number, phrase in enumerate(phrases):
            out += self.phrase(phrase, number, is_last=number == len(phrases) - 1)
        return out

    def phrase(self, phrase: Phrase, number: int, *, is_last: bool) -> list[Chord]:
        key = self.section.key
        leads_on = is_last and self.following is None
        cadence = self.cadence(phrase, is_last=is_last)
        bars = self.section.bars[phrase.first : phrase.first + phrase.bars]
        # The last section's goal is the final chord, which comes after it.
        ends = cadence.chords[:-1] if leads_on else cadence.chords
        slots = self.slots(phrase, bars, len(ends))
        ends = ends[-len(slots) :]
        free = len(slots) - len(ends)
        numerals = self.progression(number, free)
        written = is_of_minor(self.progressions[number % 2]) == key.is_minor
        chance = self.chance.child("colour", number)
        out = []
        for slot, numeral in zip(slots[:free], numerals, strict=True):
            spelling = spelled(numeral, key, as_written=written)
            quality = self.coloured(spelling, chance)
            out.append(_chord(slot, spelling, quality, key))
        for place, (slot, text) in enumerate(zip(slots[free:], ends, strict=True)):
            is_goal = place == len(ends) - 1 and not leads_on
            spelling = spelled(read_numeral(text), key, modal=False)
            quality = spelling.quality
            if not is_goal and spelling.inversion == 0:
                quality = self.coloured(spelling, chance)
            out.append(_chord(slot, spelling, quality, key, cadence=is_goal))
        return _merged(out)

    def coloured(self, spelling: Spelled, chance: Chance) -> str:
        return coloured(
            spelling.root,
            spelling.quality,
            spelling.degree,
            self.section.key,
            colour=self.style.colour,
            tension=self.tension,
            chance=chance,
        )

    def cadence(self, phrase: Phrase, *, is_last: bool) -> Cadence:
        """Choose how a phrase ends."""
        chance = self.chance.child("cadence", phrase.first)
        ways = CADENCES[self.section.key.mode]
        if not phrase.closes:
            ways = tuple(way for way in ways if way.kind == "half")
        elif not is_last or self.following is None:
            ways = tuple(way for way in ways if way.kind != "half")
        if is_last and self.following is None and self.section.arousal > 0:
            ways = tuple(way for way in ways if way.kind == "authentic")
        weights = [way.weight for way in ways]
        if is_last and self.following is not None:
            weights = [
                weight * self.suits(way, self.following)
                for way, weight in zip(ways, weights, strict=True)
            ]
        return chance.pick(ways, weights)

    def suits(self, way: Cadence, following: Section) -> float:
        """Weigh a cadence by how it leads into what follows."""
        goal = spelled(read_numeral(way.chords[-1]), self.section.key, modal=False)
        weight = 4.0 if _is_in(goal, following.key) else 1.0
        if way.kind == "half":
            same = following.key == self.section.key
            weight *= 1.0 if same and following.arousal > self.section.arousal else 0.15
        return weight

    def slots(self, phrase: Phrase, bars: Sequence[int], ends: int) -> list[_Slot]:
        """Divide a phrase among its chords: single bars where it ends."""
        downbeats = self.section.downbeats[phrase.first : phrase.first + phrase.bars]
        rhythm = self.style.harmonic_rhythm
        closing = min(2, phrase.bars)
        out: list[_Slot] = []
        group = max(1, round(rhythm))
        for first in range(0, phrase.bars - closing, group):
            taken = bars[first : min(first + group, phrase.bars - closing)]
            out += _halves(
                downbeats[first], sum(taken), is_split=rhythm < 0.75 and sum(taken) >= _DIVIDED
            )
        for bar in range(phrase.bars - closing, phrase.bars):
            # Three chords that end a phrase share two bars; two of them share one.
            crowded = ends - (phrase.bars - bar) > 0 or phrase.bars == 1
            crowded = crowded and bar < phrase.bars - 1 and bars[bar] >= _DIVIDED
            out += _halves(downbeats[bar], bars[bar], is_split=crowded)
        if phrase.bars == 1:
            out = _halves(downbeats[0], bars[0], is_split=True)
        return out

    def progression(self, number: int, count: int) -> list[Numeral]:
        """Lay a progression out, a little changed each time it comes round."""
        own = self.progressions[0 if number % 4 < 2 else 1]
        chance = self.chance.child("progression", number)
        out = []
        for place in range(count):
            numeral = own[place % len(own)]
            if (number >= 2 or place >= len(own)) and chance.happens(0.35):
                numeral = self.varied(numeral, chance)
            out.append(numeral)
        return out

    def varied(self, numeral: Numeral, chance: Chance) -> Numeral:
        """Put another chord of the same function in place of one, or turn it upside down."""
        minor = self.section.key.is_minor
        others = _VARIANTS_MINOR if minor else _VARIANTS_MAJOR
        if numeral.accidental or numeral.target or numeral.degree not in others:
            return numeral
        return read_numeral(chance.pick(others[numeral.degree]))


_VARIANTS_MAJOR: Final = {
    1: ("I6", "vi", "iii"),
    2: ("ii6", "IV"),
    3: ("I6", "iii"),
    4: ("ii", "IV6", "ii6"),
    5: ("V6", "V", "iii"),
    6: ("IV", "vi", "I6"),
}
_VARIANTS_MINOR: Final = {
    1: ("i6", "bVI", "bIII"),
    4: ("iv6", "bVI", "iv"),
    5: ("V6", "v6", "bVII"),
    6: ("iv", "bVI", "i6"),
    7: ("bVII", "v6"),
    3: ("bIII", "i6"),
}


def _halves(start: int, beats: int, *, is_split: bool) -> list[_Slot]:
    if not is_split or beats < 2:
        return [_Slot(start, beats)]
    first = (beats + 1) // 2
    return [_Slot(start, first), _Slot(start + first, beats - first)]


def _chord(
    slot: _Slot, spelling: Spelled, quality: str, key: Key, *, cadence: bool = False
) -> Chord:
    tones = QUALITIES[quality]
    bass = None
    if 0 < spelling.inversion < len(tones):
        bass = (spelling.root + tones[spelling.inversion]) % 12
    text = numeral_of(
        spelling.root, quality, key, inversion=0 if bass is None else spelling.inversion
    )
    return Chord(slot.start, slot.beats, spelling.root, quality, bass, text, cadence)


def _is_in(chord: Spelled, key: Key) -> bool:
    return all((chord.root + step) % 12 in key.scale for step in QUALITIES[chord.quality][:3])


def _merged(chords: list[Chord]) -> list[Chord]:
    """Join neighbours that are the same chord."""
    out: list[Chord] = []
    for chord in chords:
        last = out[-1] if out else None
        same = last and (last.root, last.quality, last.bass) == (
            chord.root,
            chord.quality,
            chord.bass,
        )
        if last and same:
            out[-1] = Chord(
                last.start,
                last.duration + chord.duration,
                last.root,
                last.quality,
                last.bass,
                chord.numeral,
                chord.cadence,
            )
        else:
            out.append(chord)
    return out
