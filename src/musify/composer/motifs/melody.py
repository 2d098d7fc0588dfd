"""Melody: pitches for a plan of notes, by the rules of good melody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from musify.composer.chance import Chance
from musify.composer.form.section import Section
from musify.composer.motifs.plan import Place, chord_at, planned
from musify.composer.motifs.scales import bass_of, scale_over
from musify.composer.motifs.themes import Theme
from musify.composer.musical_cues import MusicalCues
from musify.composer.theory.chords import Chord
from musify.composer.theory.keys import Key
from musify.composer.written import Written
from musify.errors import ParameterError

__all__ = ["closing_note", "melody"]

_ABOVE: Final = 13
"""Semitones from the register of the accompaniment to the melody's (valence-arousal table)."""
_SEAM: Final = 71
_NEAR_SEAM: Final = 6
_OCTAVE: Final = 12
_NEVER: Final = 1e6
_CANDIDATES: Final = 8
_PULL: Final = 5.0
"""Semitones a note may be from its neighbour's place, on the way to a fixed one."""


def melody(
    section: Section,
    chords: Sequence[Chord],
    theme: Theme,
    *,
    low: int,
    high: int,
    cues: MusicalCues,
    chance: Chance,
    bass: Sequence[Written] = (),
    hits: Sequence[float] = (),
    seam: int = _SEAM,
) -> tuple[Written, ...]:
    """Write the melody of a section.

    Notes on strong beats are chord tones, or suspensions and appoggiaturas that step down to one;
    those between pass or turn by step; leaps stay within an octave and are followed by a smaller
    move the other way; the highest note comes once; phrases end with long notes and breaths
    (K. Jeppesen, "Counterpoint", 1939, chapter 2; A. Schoenberg, "Fundamentals of Musical
    Composition", 1967).

    Parameters
    ----------
    section : Section
        What to write for.
    chords : sequence of Chord
        Of the whole piece, or of the section.
    theme : Theme
        Of the section's letter.
    low, high : int
        Lowest and highest MIDI pitch; at least an octave apart.
    cues : MusicalCues
        Register, density and loudness.
    chance : Chance
        Of this section.
    bass : sequence of Written, optional
        What the bass plays, in order, so that fifths and octaves are not parallel with it; the
        lowest tones of the chords by default.
    hits : sequence of float, optional
        Beats that are hit points: notes there are long.
    seam : int, default 71
        MIDI pitch near which (6 semitones) the melody begins and ends, so that no section has to
        know its neighbours for the leap between them to stay within an octave: the same number for
        all sections of a part.

    Returns
    -------
    tuple of Written
        In order, one at a time. It ends before the final chord: see :func:`closing_note`.

    Raises
    ------
    ParameterError
        If there is less than an octave of room.
    """
    if high - low < _OCTAVE:
        raise ParameterError(f"a melody needs an octave of room, got {low} to {high}")
    seam = min(high - _NEAR_SEAM, max(low + _NEAR_SEAM, seam))
    centre = min(high - 6.0, max(low + 6.0, cues.register + _ABOVE))
    centre = min(seam + 9.0, max(seam - 9.0, centre))
    reach = min(9.0, (high - low) / 2, 5.0 + 3.0 * max(0.0, cues.density - 0.5))
    places = planned(
        section,
        chords,
        theme,
        centre=centre,
        reach=reach,
        cues=cues,
        chance=chance.child("plan"),
        hits=hits,
    )
    rules = _Rules(
        section.key, low, high, seam, _lowest(places, bass), _shunned(section, places, chords, bass)
    )
    # Below the highest note there has to be room for the ends, which lie near the seam.
    top = max(centre + reach * 0.9, seam + _NEAR_SEAM - 1)
    pitches = rules.sung(places, top=top, chance=chance.child("pitch"))
    loud = 127 * cues.velocity
    return tuple(
        Written(
            place.onset,
            place.duration,
            pitch,
            min(127.0, max(1.0, loud + (5.0 if place.strong else 0.0) + 0.4 * (pitch - centre))),
        )
        for place, pitch in zip(places, pitches, strict=True)
    )


def closing_note(before: int, chord: Chord, *, low: int, high: int) -> int:
    """Choose the melody's last pitch, on the final chord: the tonic nearest to the note before.

    Parameters
    ----------
    before : int
        MIDI pitch of the note before.
    chord : Chord
        The final chord.
    low, high : int
        Lowest and highest MIDI pitch; at least an octave apart.
    """
    tonics = [pitch for pitch in range(low, high + 1) if pitch % 12 == chord.root]
    return min(tonics, key=lambda pitch: (abs(pitch - before), pitch))


def _shunned(
    section: Section, places: Sequence[Place], chords: Sequence[Chord], bass: Sequence[Written]
) -> tuple[frozenset[int], frozenset[int]]:
    """Return the pitch classes with which a section should neither begin nor end.

    No section begins an octave above the bass, and none ends a fifth above it: so neither is ever
    parallel from one to the next, though none knows another. Before the final chord, where melody
    and bass meet in an octave, it is the octave that is left out.
    """
    if not places:
        return frozenset(), frozenset()
    lowest = _lowest(places, bass)
    under = {lowest[-1][1] % 12}
    under |= {note.pitch % 12 for note in bass if places[-1].onset <= note.onset < section.end}
    ahead = chord_at(chords, section.end)
    goal = chord_at(chords, section.end - 1e-6)
    intervals: tuple[int, ...] = (7,)
    if ahead is chords[-1] and ahead.start == section.end:
        intervals = (0,)
    elif ahead.start < section.end and goal.root != section.key.tonic:
        intervals = (0, 7)  # what follows is not known
    ends = frozenset((tone + interval) % 12 for tone in under for interval in intervals)
    return frozenset({lowest[0][1] % 12}), ends


def _lowest(places: Sequence[Place], bass: Sequence[Written]) -> list[tuple[int, int]]:
    """Return the bass just before each note begins, and when it does."""
    if not bass:
        tones = [bass_of(place.chord) for place in places]
        return [(before, tone) for before, tone in zip([*tones[:1], *tones], tones, strict=False)]
    out = []
    at = 0
    for place in places:
        while at + 1 < len(bass) and bass[at + 1].onset <= place.onset:
            at += 1
        before = bass[at - 1] if at and bass[at].onset == place.onset else bass[at]
        out.append((before.pitch, bass[at].pitch))
    return out


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a melody may do, as costs."""

    key: Key
    low: int
    high: int
    seam: int
    lowest: list[tuple[int, int]]
    shunned: tuple[frozenset[int], frozenset[int]]

    def sung(self, places: Sequence[Place], *, top: float, chance: Chance) -> list[int]:
        """Choose pitches: the cheapest way through the candidates of each place."""
        if not places:
            return []
        peak, ceiling = self.climax(places, top)
        places = self.reachable(places, peak, ceiling)
        options = [
            [ceiling] if number == peak else self.options(place, ceiling)
            for number, place in enumerate(places)
        ]
        last = len(places) - 1
        single = [
            [
                self.alone(place, pitch)
                + self.seams(pitch, number == 0, number == last)
                + chance.unit() * 0.5
                for pitch in options[number]
            ]
            for number, place in enumerate(places)
        ]
        if last == 0:
            return [options[0][single[0].index(min(single[0]))]]
        pairs = [
            [
                [self.step(places, number, a, b) for b in options[number + 1]]
                for a in options[number]
            ]
            for number in range(last)
        ]
        # costs[i][j]: cheapest way that ends with pitch i of one place and j of the next.
        costs = [
            [single[0][i] + pairs[0][i][j] + single[1][j] for j in range(len(options[1]))]
            for i in range(len(options[0]))
        ]
        backs: list[list[list[int]]] = []
        for number in range(2, len(places)):
            first, middle, third = options[number - 2], options[number - 1], options[number]
            is_chord = [b % 12 in places[number - 1].chord.tones for b in middle]
            now, back = [], []
            for j, b in enumerate(middle):
                row, chosen = [], []
                before = [(costs[i][j], b - a) for i, a in enumerate(first)]
                for k, c in enumerate(third):
                    best, which = _NEVER * 1e3, 0
                    left = c - b
                    resolves = 0 < abs(left) <= 2 and c % 12 in places[number].chord.tones
                    for i, (cost, came) in enumerate(before):
                        total = cost + _bend(
                            came, left, is_chord[j], places[number - 1].strong, resolves
                        )
                        if total < best:
                            best, which = total, i
                    row.append(best + pairs[number - 1][j][k] + single[number][k])
                    chosen.append(which)
                now.append(row)
                back.append(chosen)
            costs = now
            backs.append(back)
        i, j = min(
            ((i, j) for i in range(len(costs)) for j in range(len(costs[0]))),
            key=lambda way: costs[way[0]][way[1]],
        )
        out = [options[last][j], options[last - 1][i]]
        for number in range(last, 1, -1):
            i, j = backs[number - 2][i][j], i
            out.append(options[number - 2][i])
        return out[::-1]

    def climax(self, places: Sequence[Place], top: float) -> tuple[int, int]:
        """Choose which note is highest, about two thirds in, and what the others stay below."""
        if len(places) < 6:
            return -1, self.high + 1
        start, end = places[0].onset, places[-1].onset
        wanted = start + 0.66 * (end - start)
        peak = min(
            range(1, len(places) - 1),
            key=lambda n: (
                abs(places[n].onset - wanted) + (0 if places[n].strong else 3) - places[n].duration
            ),
        )
        tones = [p for p in range(self.low, self.high + 1) if p % 12 in places[peak].chord.tones]
        above = [pitch for pitch in tones if pitch >= top]
        return peak, above[0] if above else tones[-1]

    def reachable(self, places: Sequence[Place], peak: int, ceiling: int) -> list[Place]:
        """Pull notes towards those whose place is fixed: the first, the last and the highest."""
        last = len(places) - 1
        fixed = {
            end: min(self.seam + 5.0, max(self.seam - 5.0, places[end].target)) for end in (0, last)
        }
        if peak >= 0:
            fixed[peak] = float(ceiling)
        out = []
        for number, place in enumerate(places):
            target = place.target
            for at, pitch in fixed.items():
                room = _PULL * abs(number - at)
                target = min(pitch + room, max(pitch - room, target))
            out.append(replace(place, target=target))
        return out

    def options(self, place: Place, ceiling: int) -> list[int]:
        """List pitches that a note may have, all below the highest."""
        allowed = place.chord.tones if place.ends else scale_over(place.chord, self.key)
        pitches = [
            pitch for pitch in range(self.low, min(self.high + 1, ceiling)) if pitch % 12 in allowed
        ]
        return sorted(sorted(pitches, key=lambda p: (abs(p - place.target), p))[:_CANDIDATES])

    def seams(self, pitch: int, is_first: bool, is_last: bool) -> float:
        """Weigh the ends, which have to suit sections that are not known."""
        if not (is_first or is_last):
            return 0.0
        cost = _NEVER if abs(pitch - self.seam) > _NEAR_SEAM else 0.0
        shunned = (self.shunned[0] if is_first else frozenset()) | (
            self.shunned[1] if is_last else frozenset()
        )
        return cost + (60.0 if pitch % 12 in shunned else 0.0)

    def alone(self, place: Place, pitch: int) -> float:
        cost = 0.18 * abs(pitch - place.target)
        tone = pitch % 12
        if tone not in place.chord.tones:
            cost += 2.5 if place.strong else 0.8 if place.onset % 1 == 0 else 0.2
            if place.duration > 1:
                cost += 3.0
        if place.leaves is not place.chord and tone not in place.leaves.tones:
            cost += 12.0
        if place.ends == "closed":
            cost += 0.0 if tone == self.key.tonic else 2.0 if tone == place.chord.root else 2.5
        return cost

    def step(self, places: Sequence[Place], number: int, a: int, b: int) -> float:
        size = abs(b - a)
        if size > _OCTAVE:
            return _NEVER
        # The motif is known by its steps more than by where it lies.
        wanted = places[number + 1].target - places[number].target
        cost = 0.3 * abs(b - a - wanted)
        cost += 1.0 if size == 0 else 0.0 if size <= 2 else 0.25 * (size - 2)
        if places[number + 1].ends and size > 4:
            cost += 2.0
        if size in (6, 10, 11):
            cost += 3.0
        if size:
            before, now = self.lowest[number + 1]
            for was in (self.lowest[number][1], before):
                interval = (a - was) % 12
                if was != now and interval in (0, 7) and (b - now) % 12 == interval:
                    cost += 60.0
        if places[number].strong and a % 12 not in places[number].chord.tones:
            if not (0 < size <= 2 and b % 12 in places[number].chord.tones):
                cost += _NEVER / 10
            elif b > a:
                cost += 2.0
        return cost


def _bend(came: int, left: int, is_chord: bool, is_strong: bool, resolves: bool) -> float:
    """Weigh how a note is come to and left."""
    cost = 0.4 if left == -came else 0.0
    if not is_chord:
        if not (is_strong and resolves) and (abs(came) > 2 or not 0 < abs(left) <= 2):
            cost += 8.0
        elif came == 0 and not is_strong:
            cost += 2.0
    if abs(came) >= 5:
        if came * left > 0:
            cost += 6.0 if abs(left) > 2 else 3.0
        elif abs(left) > 4:
            cost += 1.5
        elif left == 0:
            cost += 0.8
    elif abs(came) > 2 and came * left > 0 and abs(came + left) > _OCTAVE:
        cost += 6.0
    return cost
