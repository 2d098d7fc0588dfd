"""Pitches within a range: where a tone lies best."""

from collections.abc import Iterable, Sequence

from musify.composer.theory.chords import Chord

__all__ = ["fifth_of", "into_range", "nearest", "root_of", "tones_between", "upper_tones"]


def into_range(pitch: int, low: int, high: int) -> int:
    """Move a pitch by octaves into a range of at least an octave, as little as possible.

    Examples
    --------
    >>> into_range(40, 60, 72), into_range(61, 60, 72)
    (64, 61)
    """
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch if pitch >= low else min(max(pitch, low), high)


def nearest(pitch_class: int, around: float, low: int, high: int) -> int:
    """Find the pitch of a class that lies nearest to another, within a range.

    Examples
    --------
    >>> nearest(0, 59.0, 40, 80)
    60
    """
    base = round(around)
    up = base + (pitch_class - base) % 12
    down = up - 12
    pitch = up if up - around <= around - down else down
    return into_range(pitch, low, high)


def tones_between(pitch_classes: Iterable[int], low: int, high: int) -> tuple[int, ...]:
    """List every pitch of these classes in a range, ascending.

    Examples
    --------
    >>> tones_between((0, 4, 7), 60, 72)
    (60, 64, 67, 72)
    """
    wanted = set(pitch_classes)
    return tuple(pitch for pitch in range(low, high + 1) if pitch % 12 in wanted)


def root_of(chord: Chord) -> int:
    """Tell the pitch class the bass plays."""
    return chord.root if chord.bass is None else chord.bass


def fifth_of(chord: Chord) -> int:
    """Tell the pitch class of the fifth, also a diminished or augmented one."""
    return chord.tones[1] if len(chord.tones) == 2 else chord.tones[2]


def upper_tones(chord: Chord) -> Sequence[int]:
    """Tell the pitch classes above the root, the root last: what sounds over a bass."""
    return (*chord.tones[1:], chord.tones[0])
