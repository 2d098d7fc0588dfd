"""The rules of good melody, as costs, and the line that keeps them best."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from musify.composer.chance import Chance
from musify.composer.motifs.outer import Move
from musify.composer.motifs.plan import Place
from musify.composer.motifs.scales import scale_over
from musify.composer.motifs.search import cheapest
from musify.composer.theory.keys import Key

__all__ = ["NEAR_SEAM", "OCTAVE", "Rules", "bend"]

OCTAVE: Final = 12
NEAR_SEAM: Final = 6
"""Semitones within which the ends of sections lie, so that an octave is between two at most."""
_NEVER: Final = 1e6
_PARALLEL: Final = 60.0
_FAR_PARALLEL: Final = 30.0
_MENDINGS: Final = 4
_WHIM: Final = 0.5
_CANDIDATES: Final = 8
_MODE_TOLD: Final = 0.8
"""What the third of the key is worth: it tells major from minor."""
_PULL: Final = 5.0
"""Semitones a note may be from its neighbour's place, on the way to a fixed one."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a melody may do, as costs.

    Parameters
    ----------
    key : Key
        The section's.
    low, high : int
        Lowest and highest MIDI pitch.
    seam : int
        MIDI pitch near which it begins and ends.
    moves : tuple of Move
        Where melody and bass both move.
    shunned : mapping of int to set of int
        By numbers of notes: pitch classes to leave out.
    """

    key: Key
    low: int
    high: int
    seam: int
    moves: tuple[Move, ...]
    shunned: Mapping[int, AbstractSet[int]]

    def line(self, places: Sequence[Place], *, top: float, chance: Chance) -> list[int]:
        """Choose pitches.

        Parameters
        ----------
        places : sequence of Place
            The notes.
        top : float
            About how high the highest lies.
        chance : Chance
            What decides between what is almost as good.
        """
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
                + self.seams(number, pitch, is_end=number in (0, last))
                + chance.unit() * _WHIM
                for pitch in options[number]
            ]
            for number, place in enumerate(places)
        ]
        pairs = [
            [[self.step(places, number, a, b) for b in options[number + 1]] for a in row]
            for number, row in enumerate(options[:-1])
        ]
        tones = [frozenset(place.chord.tones) for place in places]
        strong = [place.strong for place in places]
        for move in self.moves:
            if move.second == move.first + 1:
                grid = pairs[move.first]
                for i, a in enumerate(options[move.first]):
                    for j, b in enumerate(options[move.second]):
                        if move.is_parallel(a, b):
                            grid[i][j] += _PARALLEL
        pitches = cheapest(options, single, pairs, bend, tones, strong)
        far = [move for move in self.moves if move.second > move.first + 1]
        return self.mended(pitches, far, options, single, pairs, tones, strong)

    def mended(
        self,
        pitches: list[int],
        far: Sequence[Move],
        options: Sequence[Sequence[int]],
        single: Sequence[Sequence[float]],
        pairs: Sequence[Sequence[Sequence[float]]],
        tones: Sequence[frozenset[int]],
        strong: Sequence[bool],
    ) -> list[int]:
        """Change single notes where those that are not neighbours run parallel with the bass."""
        chosen = [row.index(pitch) for row, pitch in zip(options, pitches, strict=True)]
        touching: dict[int, list[Move]] = {}
        for move in far:
            touching.setdefault(move.first, []).append(move)
            touching.setdefault(move.second, []).append(move)

        def pitch_of(number: int) -> int:
            return options[number][chosen[number]]

        def cost(number: int) -> float:
            total = single[number][chosen[number]]
            for at in (number - 1, number):
                if 0 <= at < len(pairs):
                    total += pairs[at][chosen[at]][chosen[at + 1]]
            for at in range(max(1, number - 1), min(len(options) - 1, number + 2)):
                came, left = pitch_of(at) - pitch_of(at - 1), pitch_of(at + 1) - pitch_of(at)
                after = pitch_of(at + 1) % 12 in tones[at + 1]
                resolves = 0 < abs(left) <= 2 and after
                total += bend(came, left, pitch_of(at) % 12 in tones[at], strong[at], resolves)
            return total + _FAR_PARALLEL * sum(
                move.is_parallel(pitch_of(move.first), pitch_of(move.second))
                for move in touching.get(number, ())
            )

        for _ in range(_MENDINGS):
            wrong = [m for m in far if m.is_parallel(pitch_of(m.first), pitch_of(m.second))]
            if not wrong:
                break
            for number in dict.fromkeys(n for move in wrong for n in (move.second, move.first)):
                ways = []
                for way in range(len(options[number])):
                    chosen[number] = way
                    ways.append(cost(number))
                chosen[number] = ways.index(min(ways))
        return [pitch_of(number) for number in range(len(options))]

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
        is_last = place.ends in ("open", "closed")
        allowed = place.chord.tones if is_last else scale_over(place.chord, self.key)
        pitches = [
            pitch for pitch in range(self.low, min(self.high + 1, ceiling)) if pitch % 12 in allowed
        ]
        return sorted(sorted(pitches, key=lambda p: (abs(p - place.target), p))[:_CANDIDATES])

    def seams(self, number: int, pitch: int, *, is_end: bool) -> float:
        """Weigh the ends, which have to suit sections that are not known."""
        cost = _NEVER if is_end and abs(pitch - self.seam) > NEAR_SEAM else 0.0
        return cost + (_PARALLEL if pitch % 12 in self.shunned.get(number, ()) else 0.0)

    def alone(self, place: Place, pitch: int) -> float:
        """Weigh a pitch by itself: how far from where it should be, and how it suits the chord."""
        cost = 0.18 * abs(pitch - place.target)
        tone = pitch % 12
        if place.ends == "leans":
            cost += 2.5 if tone in place.chord.tones else 0.0
        elif tone not in place.chord.tones:
            cost += 2.5 if place.strong else 0.8 if place.onset % 1 == 0 else 0.2
            if place.duration > 1:
                cost += 3.0
        if place.leaves is not place.chord and tone not in place.leaves.tones:
            cost += 12.0
        elif tone not in place.chord.tones[:3]:  # sevenths and ninths are better on the way
            cost += 3.0 if place.ends else 1.2 if place.strong else 0.3
        elif (tone - self.key.tonic) % 12 == (3 if self.key.is_minor else 4):
            cost -= _MODE_TOLD if place.strong or place.ends else 0.5 * _MODE_TOLD
        if place.ends == "closed":
            cost += 0.0 if tone == self.key.tonic else 2.5 if tone == place.chord.root else 4.0
        return cost

    def step(self, places: Sequence[Place], number: int, a: int, b: int) -> float:
        """Weigh the interval from one note to the next."""
        size = abs(b - a)
        if size > OCTAVE:
            return _NEVER
        # The motif is known by its steps more than by where it lies.
        wanted = places[number + 1].target - places[number].target
        cost = 0.3 * abs(b - a - wanted)
        cost += 1.0 if size == 0 else 0.0 if size <= 2 else 0.25 * (size - 2)
        if places[number + 1].ends and size > 2:
            cost += 1.5 if size <= 4 else 3.0
        if size in (6, 10, 11):
            cost += 3.0
        if places[number].strong and a % 12 not in places[number].chord.tones:
            if not (0 < size <= 2 and b % 12 in places[number + 1].chord.tones):
                cost += _NEVER / 10
            elif b > a:
                cost += 2.0
        return cost


def bend(came: int, left: int, is_chord: bool, is_strong: bool, resolves: bool) -> float:
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
    elif abs(came) > 2 and came * left > 0 and abs(came + left) > OCTAVE:
        cost += 6.0
    return cost
