"""Voicing and voice-leading: which octave each tone of a chord goes to."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from itertools import combinations_with_replacement as _doublings
from typing import Final

from musify.composer.theory.chords import QUALITIES, Chord
from musify.errors import ParameterError

__all__ = ["voiced"]

_KEPT: Final = 28
"""How many voicings of each chord are weighed."""
_WIDEST: Final = 12
_CLOSE_BELOW: Final = 48
"""Below C3 seconds and thirds sound muddy (R. Miller, "Modal Jazz", 1996, low-interval limits)."""


def voiced(
    chords: Sequence[Chord], *, voices: int, low: int, high: int
) -> tuple[tuple[int, ...], ...]:
    """Give the tones of chords to voices that move as little as they can.

    The third (or what stands for it) is always there, and sevenths; sevenths fall by step where the
    next chord lets them; fifths and octaves of the outer voices are never parallel where there is
    another way (rules of A. Aldwell and C. Schachter, "Harmony and Voice Leading", 4th edition,
    2010, chapters 5-6), found by dynamic programming.

    Parameters
    ----------
    chords : sequence of Chord
        In order: those of one section, so that sections do not depend on each other.
    voices : int
        From 1 to 6. What is above the bass: the root need not be lowest.
    low, high : int
        MIDI pitches that bound them; at least an octave apart.

    Returns
    -------
    tuple of tuple of int
        For each chord ``voices`` pitches, ascending.

    Raises
    ------
    ParameterError
        If there are too few voices or too little room.
    """
    if not 1 <= voices <= 6 or high - low < 12:
        raise ParameterError(
            f"voicing needs 1 to 6 voices and an octave of room, got {voices} voices from {low} to "
            f"{high}"
        )
    if not chords:
        return ()
    options = [_voicings(chord.root, chord.quality, voices, low, high) for chord in chords]
    middle = (low + high) / 2
    costs = [_spread(way, middle) for way in options[0]]
    backs: list[list[int]] = []
    for place in range(1, len(chords)):
        previous, current = options[place - 1], options[place]
        sevenths = _seventh(chords[place - 1])
        now, back = [], []
        for way in current:
            own = _spread(way, middle)
            best, chosen = float("inf"), 0
            for number, before in enumerate(previous):
                cost = costs[number] + own + _motion(before, way, sevenths)
                if cost < best:
                    best, chosen = cost, number
            now.append(best)
            back.append(chosen)
        costs = now
        backs.append(back)
    place = min(range(len(costs)), key=costs.__getitem__)
    chosen_ways = [options[-1][place]]
    for at in range(len(backs) - 1, -1, -1):
        place = backs[at][place]
        chosen_ways.append(options[at][place])
    return tuple(chosen_ways[::-1])


def _needed(chord: Chord, voices: int) -> list[list[int]]:
    """List which pitch classes the voices may take, each with what it must have first."""
    tones = list(chord.tones)
    steps = QUALITIES[chord.quality]
    rank = {step: place for place, step in enumerate((4, 3, 10, 11, 14, 9, 0, 7, 2, 5, 6, 8))}
    ordered = sorted(range(len(tones)), key=lambda place: rank.get(steps[place], 9))
    # A triad's characteristic tones first, then the root, then the fifth.
    kept = [tones[place] for place in ordered][:voices]
    if voices <= len(tones):
        return [kept]
    if chord.quality == "m":
        # A minor third is doubled first: low roots ring with a major one, their fifth harmonic.
        kept = [*kept, tones[1]]
        if voices == len(kept):
            return [kept]
    # Roots and fifths are doubled; where two more voices are, one may double the third.
    fifth = tones[2] if len(tones) > 2 else tones[-1]
    ways = [list(way) for way in _doublings((tones[0], fifth), voices - len(kept))]
    more = [[tones[0], tones[1], *way[2:]] for way in ways[:1] if len(way) > 1]
    return [kept + extra for extra in (*ways, *more)]


@lru_cache(maxsize=4096)
def _voicings(
    root: int, quality: str, voices: int, low: int, high: int
) -> tuple[tuple[int, ...], ...]:
    chord = Chord(0, 1, root, quality)
    middle = (low + high) / 2
    found: set[tuple[int, ...]] = set()
    for wanted in _needed(chord, voices):
        count = {tone: wanted.count(tone) for tone in wanted}
        pitches = [pitch for pitch in range(low, high + 1) if pitch % 12 in count]
        nearest = sorted(pitches, key=lambda pitch: (abs(pitch - middle), pitch))[: voices + 7]
        for way in combinations(sorted(nearest), voices):
            if all([pitch % 12 for pitch in way].count(tone) == count[tone] for tone in count):
                found.add(way)
    if not found:  # more voices than room: some double
        return (tuple(sorted(_stacked(chord, voices, low, high))),)
    # Of those with the same outer voices one will do: so there is a choice of outer voices.
    best: dict[tuple[int, int], tuple[int, ...]] = {}
    for way in sorted(found, key=lambda way: (_spread(way, middle), way)):
        best.setdefault((way[0], way[-1]), way)
    return tuple(best.values())[:_KEPT]


def _stacked(chord: Chord, voices: int, low: int, high: int) -> list[int]:
    pitches = [pitch for pitch in range(low, high + 1) if pitch % 12 in chord.tones]
    first = max(0, (len(pitches) - voices) // 2)
    taken = pitches[first : first + voices]
    return taken + [taken[-1]] * (voices - len(taken))


def _spread(way: tuple[int, ...], middle: float) -> float:
    cost = 0.25 * abs(sum(way) / len(way) - middle)
    for below, above in pairwise(way):
        gap = above - below
        cost += 3.0 * max(0, gap - _WIDEST) + (1.5 if gap < 3 else 0.0)
        if below < _CLOSE_BELOW and gap < 5:
            cost += 2.0
    return cost


def _motion(before: tuple[int, ...], after: tuple[int, ...], seventh: int | None) -> float:
    cost = 0.0
    for old, new in zip(before, after, strict=True):
        moved = abs(new - old)
        cost += moved if moved <= 2 else 1.6 * moved
        if seventh is not None and old % 12 == seventh and not -2 <= new - old <= 0:
            cost += 4.0
    if len(before) > 1 and before[0] != after[0] and before[-1] != after[-1]:
        was, now = (before[-1] - before[0]) % 12, (after[-1] - after[0]) % 12
        same_way = (after[0] - before[0]) * (after[-1] - before[-1]) > 0
        if was == now and was in (0, 7):
            cost += 60.0
        elif same_way and now in (0, 7) and abs(after[-1] - before[-1]) > 2:
            cost += 3.0
    return cost


def _seventh(chord: Chord) -> int | None:
    for step in (10, 11):
        if step in QUALITIES[chord.quality]:
            return (chord.root + step) % 12
    return None
