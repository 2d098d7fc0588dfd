"""No bar is heard too often: whatever a pattern does, repetition ends after a few bars."""

from collections.abc import Iterable
from typing import Final

from musify.composer.parts.setting import Bar
from musify.composer.written import Written

__all__ = ["untangled", "varied"]

_MOST: Final = 3
"""How often a bar may be heard in a row."""


def varied(notes: Iterable[Written], bars: Iterable[Bar]) -> list[Written]:
    """Change the end of a bar that would be heard for the fourth time in a row.

    A note is left out of it, or the only one is struck twice.
    """
    ordered = sorted(notes, key=lambda note: (note.onset, note.pitch))
    out: list[Written] = []
    before, run, at = None, 0, 0
    for bar in bars:
        first = at
        while at < len(ordered) and ordered[at].onset < bar.end - 1e-9:
            at += 1
        inside = ordered[first:at]
        signature = tuple(
            (round(note.onset - bar.start, 4), round(note.duration, 4), note.pitch)
            for note in inside
        )
        run = run + 1 if signature and signature == before else 1
        if run > _MOST:
            inside = _changed(inside)
            run, signature = 0, ()
        before = signature
        out += inside
    return out + ordered[at:]


def _changed(inside: list[Written]) -> list[Written]:
    onsets = sorted({note.onset for note in inside})
    if len(onsets) > 2:
        return [note for note in inside if note.onset != onsets[-1]]
    last = [note for note in inside if note.onset == onsets[-1]]
    half = [note._replace(duration=note.duration / 2) for note in last]
    again = [
        note._replace(onset=note.onset + note.duration, velocity=note.velocity - 8) for note in half
    ]
    return [note for note in inside if note.onset != onsets[-1]] + half + again


def untangled(notes: Iterable[Written], *, one_at_a_time: bool = False) -> list[Written]:
    """End each note where its pitch is struck again; of two on one beat the louder stays.

    Parameters
    ----------
    notes : iterable of Written
        Of one part.
    one_at_a_time : bool, default False
        Whether it is a single line, whose notes end where any other begins.
    """
    ordered = sorted(notes, key=lambda note: (note.onset, note.pitch, -note.velocity))
    following: dict[int, float] = {}
    seen: set[tuple[float, int]] = set()
    kept = []
    for note in ordered:
        struck = (round(note.onset, 6), 0 if one_at_a_time else note.pitch)
        if struck not in seen:
            seen.add(struck)
            kept.append(note)
    out = []
    for note in reversed(kept):
        voice = 0 if one_at_a_time else note.pitch
        room = following.get(voice, note.onset + note.duration) - note.onset
        out.append(note._replace(duration=min(note.duration, room)))
        following[voice] = note.onset
    return out[::-1]
