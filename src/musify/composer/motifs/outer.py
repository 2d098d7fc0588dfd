"""The outer voices: what a melody does with the bass below it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import NamedTuple

from musify.composer.form.section import Section
from musify.composer.motifs.plan import Place, chord_at
from musify.composer.motifs.scales import bass_of
from musify.composer.theory.chords import Chord
from musify.composer.written import Written

__all__ = ["Bass", "Move", "moves_of", "shunned_at_ends"]

_PERFECT = (0, 7)


class Bass:
    """The lowest voice.

    Parameters
    ----------
    notes : sequence of Written
        What the bass plays, in order; where it plays nothing at all the chords tell.
    chords : sequence of Chord
        The harmony.
    """

    def __init__(self, notes: Sequence[Written], chords: Sequence[Chord]) -> None:
        self.notes, self.chords = notes, chords
        self._onsets = [note.onset for note in notes]

    def at(self, beat: float) -> int:
        """Return the pitch that sounds on a beat, or sounded last."""
        if not self.notes:
            return bass_of(chord_at(self.chords, beat))
        return self.notes[max(0, bisect_right(self._onsets, beat) - 1)].pitch

    def before(self, beat: float) -> int:
        """Return the pitch that sounds just before a beat."""
        return self.at(beat - 1e-6)


class Move(NamedTuple):
    """Two notes of a melody, by their numbers, and the bass below each."""

    first: int
    second: int
    was: int
    now: int

    def is_parallel(self, one: int, other: int) -> bool:
        """Tell whether two pitches make fifths or octaves in a row with the bass."""
        interval = (one - self.was) % 12
        return one != other and interval in _PERFECT and (other - self.now) % 12 == interval


def moves_of(section: Section, places: Sequence[Place], bass: Bass) -> tuple[Move, ...]:
    """List where melody and bass both move.

    From each note to the next, and besides, what the ear compares: from beat to beat, from downbeat
    to downbeat and from chord to chord.

    Parameters
    ----------
    section : Section
        Where they are.
    places : sequence of Place
        The notes of the melody.
    bass : Bass
        What is below.
    """
    onsets = [place.onset for place in places]
    starts = dict.fromkeys(place.chord.start for place in places)
    found: dict[Move, None] = {}
    for number, (one, other) in enumerate(pairwise(onsets)):
        now = bass.at(other)
        for was in (bass.at(one), bass.before(other)):
            found[Move(number, number + 1, was, now)] = None
    grids: tuple[Iterable[float], ...] = (
        range(section.start, section.end),
        section.downbeats,
        starts,
    )
    for grid in grids:
        for here, there in pairwise(grid):
            first, second = (bisect_right(onsets, beat) - 1 for beat in (here, there))
            if 0 <= first < second:
                found[Move(first, second, bass.at(here), bass.at(there))] = None
    return tuple(move for move in found if move.was != move.now)


def shunned_at_ends(
    section: Section, places: Sequence[Place], chords: Sequence[Chord], bass: Bass
) -> Mapping[int, AbstractSet[int]]:
    """Return which pitch classes notes at the ends of a section should not have.

    No section begins an octave above the bass, and none ends a fifth above it: so neither is ever
    parallel from one to the next, though none knows another. Before the final chord, where melody
    and bass meet in an octave, it is the octave that is left out.

    Returns
    -------
    mapping of int to set of int
        By numbers of notes.
    """
    # A section that ends without a cadence is the last: its goal is the final chord.
    interval = 7 if chord_at(chords, section.end - 1e-6).cadence else 0
    onsets = [place.onset for place in places]
    last = len(places) - 1
    found = {0: {bass.at(onsets[0]) % 12}}
    # The last note, and what sounds on the last downbeat and with the last chord.
    marks = (section.downbeats[-1], places[-1].leaves.start)
    at_marks = [(max(0, bisect_right(onsets, beat) - 1), bass.at(beat)) for beat in marks]
    at_end = [(last, bass.at(onsets[last])), (last, bass.before(section.end))]
    for number, under in (*at_marks, *at_end):
        found.setdefault(number, set()).add((under + interval) % 12)
    return found
