"""Functional harmony: the chords of a piece, section by section."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from musify.cancelling import checkpoint
from musify.composer.chance import Chance
from musify.composer.cue_table import cues_at
from musify.composer.form.section import Form, Section
from musify.composer.style.style import Style, quadrant_of
from musify.composer.theory.cadences import CADENCES, Cadence
from musify.composer.theory.chords import QUALITIES, Chord
from musify.composer.theory.colours import coloured
from musify.composer.theory.keys import Key
from musify.composer.theory.modulation import eases_into
from musify.composer.theory.numerals import (
    Spelled,
    is_of_minor,
    numeral_of,
    read_numeral,
    spelled,
)
from musify.composer.theory.phrases import Phrase, phrases_of
from musify.composer.theory.progressions import laid_out

__all__ = ["harmonized"]

_SHORTEST_RING: Final = 0.25
_DIVIDED: Final = 4
"""Bars of so many beats may have two chords."""
_QUICK: Final = 0.75
"""Styles with fewer bars to a chord than this change it halfway through a bar."""
_PLAIN_MODES: Final = ("major", "minor", "harmonic-minor")
_ASKING: Final = 2
_ANSWERING: Final = 3
"""How many chords make a half cadence, and a full one."""
_LEADING_TO: Final = {_ASKING: (1, 2, 4, 6), _ANSWERING: (2, 4, 6)}
"""Degrees of chords that may take the place of a cadence's first."""


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
        checkpoint()
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
        texts, weights = zip(*style.progressions[quadrant], strict=True)
        shared = Chance(seed, "progression", section.letter, quadrant)
        self.progressions = [
            tuple(map(read_numeral, shared.pick(texts, weights))) for _ in range(2)
        ]

    def chords(self) -> list[Chord]:
        phrases = phrases_of(len(self.section.bars))
        last = len(phrases) - 1
        return [
            chord
            for number, phrase in enumerate(phrases)
            for chord in self.phrase(phrase, number, is_last=number == last)
        ]

    def phrase(self, phrase: Phrase, number: int, *, is_last: bool) -> list[Chord]:
        """Write the chords of a phrase: a progression that runs into a cadence."""
        key, section = self.section.key, self.section
        # The last section's goal is the final chord, which comes after it.
        leads_on = is_last and self.following is None
        cadence = self.cadence(phrase, is_last=is_last)
        ends = cadence.chords[:-1] if leads_on else cadence.chords
        bars = section.bars[phrase.first : phrase.first + phrase.bars]
        slots = self.slots(section.downbeats[phrase.first :], bars, len(ends))
        ends = ends[-len(slots) :]
        progression = self.progressions[number // 2 % 2]
        chance = self.chance.child("progression", number)
        free = len(slots) - len(ends)
        # One more than there is room for: it may take the place of the cadence's first chord.
        *numerals, before = laid_out(
            progression,
            free + 1,
            again=number > 1,
            is_minor=key.is_minor,
            tension=self.tension,
            chance=chance,
        )
        written = is_of_minor(progression) == key.is_minor
        spelt = [spelled(numeral, key, as_written=written) for numeral in numerals]
        spelt += [spelled(read_numeral(text), key, modal=False) for text in ends]
        if free and len(ends) > 1 and key.mode in _PLAIN_MODES:
            leads = spelled(before, key, as_written=written)
            if leads.degree in _LEADING_TO[len(ends)] and leads.root != spelt[free + 1].root:
                spelt[free] = leads
        out = []
        chance = self.chance.child("colour", number)
        for place, (slot, spelling) in enumerate(zip(slots, spelt, strict=True)):
            is_goal = place == len(slots) - 1 and not leads_on
            plain = is_goal or (place >= free and spelling.inversion)
            quality = spelling.quality if plain else self.coloured(spelling, chance)
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
        opens = self.section.start == 0 and len(self.section.bars) <= _ASKING
        if opens and self.following is not None:  # what begins must tell the key before it asks
            return Cadence("half", ("i" if self.section.key.is_minor else "I", "V"))
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
        here, there = self.section, following.key
        before, goal = (
            spelled(read_numeral(text), here.key, modal=False)
            for text in (way.chords[0], way.chords[-1])
        )
        leads = eases_into(goal.root, goal.quality, there)
        weight = 4.0 if leads else 1.0
        if eases_into(before.root, before.quality, there):
            weight *= 1.5
        if way.kind == "half":
            waits = here.role in ("intro", "build") or following.arousal > here.arousal + 0.3
            weight *= (1.5 if waits else 0.15) if there == here.key else 0.5
            if leads and here.role == "build":
                weight *= 4.0
        return weight

    def slots(self, downbeats: Sequence[int], bars: Sequence[int], ends: int) -> list[_Slot]:
        """Divide a phrase among its chords: single bars where it ends."""
        if len(bars) == 1:
            return _halves(downbeats[0], bars[0])
        rhythm = self.style.harmonic_rhythm
        # The goal has the last bar, what leads there the one before, which two chords may share.
        closing = len(bars) - (1 if ends == _ASKING else 2)
        group = max(1, round(rhythm))
        out: list[_Slot] = []
        for first in range(0, closing, group):
            beats = sum(bars[first : min(first + group, closing)])
            is_split = rhythm < _QUICK and beats >= _DIVIDED
            whole = _Slot(downbeats[first], beats)
            out += _halves(whole.start, beats) if is_split else [whole]
        for bar in range(closing, len(bars)):
            crowded = ends == _ANSWERING and bar == closing and bars[bar] >= _DIVIDED
            slot = _Slot(downbeats[bar], bars[bar])
            out += _halves(slot.start, slot.beats) if crowded else [slot]
        return out


def _halves(start: int, beats: int) -> list[_Slot]:
    if beats < 2:
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
