"""Which tones suit a chord."""

from musify.composer.theory.chords import QUALITIES, Chord
from musify.composer.theory.keys import Key

__all__ = ["bass_of", "scale_over"]


def bass_of(chord: Chord) -> int:
    """Return the pitch class of a chord's lowest tone."""
    return chord.root if chord.bass is None else chord.bass


def scale_over(chord: Chord, key: Key) -> frozenset[int]:
    """Return the pitch classes that suit a chord: its tones, and those of the key that it leaves.

    Examples
    --------
    >>> sorted(scale_over(Chord(0, 4, 4, "7"), Key(9, "minor")))
    [0, 2, 4, 5, 8, 9, 11]
    """
    raised = {4} if not chord.quality.startswith(("dim", "m7b5")) else {0}
    given_up = set()
    for step in QUALITIES[chord.quality]:
        tone = (chord.root + step) % 12
        if tone not in key.scale:
            # A raised tone takes the place of the one below it, a lowered one of the one above.
            given_up.add((tone + (-1 if step in raised else 1)) % 12)
    return frozenset(chord.tones) | (frozenset(key.scale) - given_up)
