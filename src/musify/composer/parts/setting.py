"""What a player has before them: a stretch of form, its chords and how it should sound."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from musify.composer.chance import Chance
from musify.composer.form.section import Section, SectionRole
from musify.composer.instruments.catalogue import InstrumentEntry
from musify.composer.musical_cues import MusicalCues
from musify.composer.theory.chords import Chord
from musify.composer.theory.voicing import voiced
from musify.composer.written import Written

__all__ = ["PHRASE", "Bar", "Setting", "Stretch"]

PHRASE = 4
"""Bars to a phrase: the usual length, after which something changes."""

_BUSIEST = 4.0
"""Notes a beat of the busiest accompaniment."""
_FASTEST = 0.105
"""Shortest step of an accompaniment in seconds: nine notes a second, which hands can play."""


@lru_cache(maxsize=32)
def _voiced(
    chords: tuple[Chord, ...], voices: int, low: int, high: int
) -> tuple[tuple[int, ...], ...]:
    """Voice chords once for all parts that lie in the same place."""
    return voiced(chords, voices=voices, low=low, high=high)


class Bar(NamedTuple):
    """A bar: its number in the section, where it begins, its beats, and whether it is the last."""

    number: int
    start: float
    beats: int
    is_last: bool

    @property
    def end(self) -> float:
        """The beat after it."""
        return self.start + self.beats

    @property
    def phrase(self) -> int:
        """Number of its phrase."""
        return self.number // PHRASE

    @property
    def turns(self) -> bool:
        """Whether it ends a phrase or the section: where players vary what they play."""
        return self.is_last or self.number % PHRASE == PHRASE - 1


class Stretch(NamedTuple):
    """A part of a bar with one chord."""

    start: float
    end: float
    chord: Chord
    bar: Bar

    @property
    def beats(self) -> float:
        """Its length."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Setting:
    """What a pattern is told.

    Parameters
    ----------
    section : Section
        The section it plays.
    chords : tuple of Chord
        Those of the section, from its first beat to its end.
    cues : MusicalCues
        How it should sound.
    instrument : InstrumentEntry
        Who plays.
    low, high : int
        Between which MIDI pitches; within the instrument's range.
    chance : Chance
        Of this section and part alone.
    seconds_a_beat : float
        Length of a beat.
    drums : float
        How much percussion there is here, in [0, 1].
    hits : tuple of (float, float)
        Beats of the section on which cuts fall, and how strong they are, in [0, 1].
    into : float
        How strong the cut is that ends the section, in [0, 1]; 0 without one.
    after, before : str, optional
        Role of the section before and after this one.
    tune : tuple of Written
        The melody of the section, for those who double it.
    options : mapping
        What the style tells the pattern.
    """

    section: Section
    chords: tuple[Chord, ...]
    cues: MusicalCues
    instrument: InstrumentEntry
    low: int
    high: int
    chance: Chance
    seconds_a_beat: float = 0.5
    drums: float = 0.0
    hits: tuple[tuple[float, float], ...] = ()
    into: float = 0.0
    after: SectionRole | None = None
    before: SectionRole | None = None
    tune: tuple[Written, ...] = ()
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def bars(self) -> tuple[Bar, ...]:
        """The bars of the section."""
        starts, last = self.section.downbeats, len(self.section.bars) - 1
        return tuple(
            Bar(number, float(start), beats, number == last)
            for number, (start, beats) in enumerate(zip(starts, self.section.bars, strict=True))
        )

    def stretches(self) -> Iterator[Stretch]:
        """Cut the section where its bars begin and where its chords change."""
        for bar in self.bars:
            for chord in self.chords:
                start, end = max(bar.start, chord.start), min(bar.end, chord.end)
                if end - start > 1e-6:
                    yield Stretch(start, end, chord, bar)

    def voicings(self, voices: int) -> Mapping[float, tuple[int, ...]]:
        """Voice the chords so that each leads to the next, by the beat on which they begin."""
        pitches = _voiced(self.chords, voices, self.low, self.high)
        return {chord.start: row for chord, row in zip(self.chords, pitches, strict=True)}

    def level(self, levels: int) -> int:
        """Turn the density asked for into one of several grades of busyness, from 0."""
        return min(levels - 1, int(self.cues.density / _BUSIEST * levels))

    @property
    def step(self) -> float:
        """Beats between the notes of the busiest accompaniment: a power of two, 0.25 to 2."""
        step = min(2.0, max(0.25, 2.0 ** -round(math.log2(self.cues.density) - 0.1)))
        while step * self.seconds_a_beat < _FASTEST:
            step *= 2
        return step

    def phrase_chance(self, bar: Bar, name: str = "phrase") -> Chance:
        """Begin a stream that all bars of a phrase share."""
        return self.chance.child(name, bar.phrase)

    def option(self, name: str, default: Any) -> Any:
        """Look up what the style says."""
        return self.options.get(name, default)
