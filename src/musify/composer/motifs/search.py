"""The search for a line: the cheapest way through what each of its notes may be."""

from collections.abc import Callable, Sequence

from musify.cancelling import checkpoint

__all__ = ["Bend", "cheapest"]

Bend = Callable[[int, int, bool, bool, bool], float]
"""What it costs to come to a note and to leave it: semitones of both, whether it is a chord tone,
whether it is strong, and whether what follows resolves it."""


def cheapest(
    options: Sequence[Sequence[int]],
    single: Sequence[Sequence[float]],
    pairs: Sequence[Sequence[Sequence[float]]],
    bend: Bend,
    tones: Sequence[frozenset[int]],
    strong: Sequence[bool],
) -> list[int]:
    """Find the line that costs least, by dynamic programming over two notes at a time.

    Parameters
    ----------
    options : sequence of sequence of int
        Pitches that each note may have; at least one note.
    single : sequence of sequence of float
        What each costs by itself.
    pairs : sequence of sequence of sequence of float
        What each costs before each of the next note's.
    bend : callable
        What a note costs between its neighbours.
    tones : sequence of frozenset of int
        Pitch classes of the chord under each note.
    strong : sequence of bool
        Whether each is on a strong beat.
    """
    last = len(options) - 1
    if last == 0:
        return [options[0][single[0].index(min(single[0]))]]
    # costs[i][j]: the cheapest way that ends with pitch i of one note and j of the next.
    costs = [
        [single[0][i] + pairs[0][i][j] + single[1][j] for j in range(len(options[1]))]
        for i in range(len(options[0]))
    ]
    backs: list[list[list[int]]] = []
    for number in range(2, last + 1):
        checkpoint()
        first, middle, third = options[number - 2], options[number - 1], options[number]
        in_chord = [c % 12 in tones[number] for c in third]
        now, back = [], []
        for j, b in enumerate(middle):
            row, chosen = [], []
            before = sorted((costs[i][j], i, b - a) for i, a in enumerate(first))
            is_tone = b % 12 in tones[number - 1]
            for k, c in enumerate(third):
                best, which = float("inf"), 0
                left = c - b
                resolves = 0 < abs(left) <= 2 and in_chord[k]
                for cost, i, came in before:
                    if cost >= best:  # nor can those that cost more be better: no bend is below 0
                        break
                    total = cost + bend(came, left, is_tone, strong[number - 1], resolves)
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
