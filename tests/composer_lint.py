"""The theory lint: what is wrong with a score, by rules that any textbook has."""

from bisect import bisect_right
from collections import Counter
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from musify.composer.instruments.catalogue import find_instrument

__all__ = ["RULES", "Fault", "faults_of", "grams_of", "jaccard", "parallels_of"]

RULES = ("strong beats", "leaps", "parallels", "cadences", "ranges", "repeats", "final tonic")
GRAM = 4
MOST_PARALLELS = 0.01
MOST_REPEATS = 4
LAST_SECONDS = 6.0
BREATH = 0.5  # beats that articulation takes off a note at most


class Fault(NamedTuple):
    """What breaks which rule, and where."""

    rule: str
    beat: float
    what: str


class Note(NamedTuple):
    onset: float
    duration: float
    pitch: int


def faults_of(score):
    """List everything that is wrong with a score."""
    return [
        *_strong_beats(score),
        *_leaps(score),
        *_parallels(score),
        *_cadences(score),
        *_ranges(score),
        *_repeats(score),
        *_final_tonic(score),
    ]


def voice(part, *, highest=True):
    """Read a part as one line: the highest or lowest of what begins together."""
    notes = part.notes
    rows = zip(
        notes.onset.tolist(),
        notes.duration.tolist(),
        notes.pitch.astype(int).tolist(),
        strict=True,
    )
    out = []
    for _, together in groupby((Note(*row) for row in rows), key=lambda note: note.onset):
        out.append((max if highest else min)(together, key=lambda note: note.pitch))
    return out


def melodies(score):
    return [voice(part) for part in score.parts if part.role == "melody" and len(part.notes)]


def bass(score):
    """Read the lowest voice: the bass, or without one the lowest of the pitched parts."""
    basses = [part for part in score.parts if part.role == "bass" and len(part.notes)]
    others = [
        part
        for part in score.parts
        if part.role not in ("melody", "counter", "drums", "effects") and len(part.notes)
    ]
    lines = [voice(part, highest=False) for part in basses or others]
    notes = sorted(note for line in lines for note in line)
    return [
        min(together, key=lambda note: note.pitch)
        for _, together in groupby(notes, key=lambda note: note.onset)
    ]


def chord_at(score, beat):
    return score.chords[bisect_right(score.chords, beat + 1e-9, key=lambda c: c.start) - 1]


def strong(score, beat):
    """Tell whether a beat is strong: the first of a bar, and of even bars each second."""
    for section in score.sections:
        if section.start <= beat < section.end:
            place = bisect_right(section.downbeats, beat) - 1
            offset, beats = beat - section.downbeats[place], section.bars[place]
            return offset == 0 or (beats >= 4 and offset % 2 == 0 and offset <= beats - 2)
    return beat == score.sections[-1].end


def _strong_beats(score):
    for line in melodies(score):
        for note, after in zip(line, [*line[1:], None], strict=True):
            if not strong(score, note.onset):
                continue
            if note.pitch % 12 in chord_at(score, note.onset).tones:
                continue
            resolves = (
                after is not None
                and 0 < abs(after.pitch - note.pitch) <= 2
                and after.pitch % 12 in chord_at(score, after.onset).tones
            )
            if not resolves:
                name = chord_at(score, note.onset).name
                yield Fault("strong beats", note.onset, f"{note.pitch} over {name}")


def _leaps(score):
    for line in melodies(score):
        for one, other in pairwise(line):
            if abs(other.pitch - one.pitch) > 12:
                yield Fault("leaps", other.onset, f"from {one.pitch} to {other.pitch}")


def parallels_of(score):
    """Return the beats of parallel fifths and octaves of melody and bass, and how many moves."""
    low = bass(score)
    starts = [note.onset for note in low]
    found, moves = [], 0
    # Instruments that take turns are one voice.
    high = sorted(note for line in melodies(score) for note in line)
    for one, other in pairwise(high):
        here = bisect_right(starts, other.onset) - 1
        there = bisect_right(starts, one.onset) - 1
        if there < 0 or one.pitch == other.pitch:
            continue
        if low[here].onset + low[here].duration + BREATH < other.onset:
            continue  # the bass is silent
        # What the bass comes from: its note when the melody's began, or the one just before.
        origins = {there, max(there, here - 1 if starts[here] == other.onset else here)}
        pairs = {(low[origin].pitch, low[here].pitch) for origin in origins}
        moved = [(was, now) for was, now in pairs if was != now]
        moves += bool(moved)
        for was, now in moved:
            first, second = (one.pitch - was) % 12, (other.pitch - now) % 12
            if first == second and first in (0, 7):
                found.append(other.onset)
                break
    return found, moves


def _parallels(score):
    found, moves = parallels_of(score)
    if len(found) > MOST_PARALLELS * moves:
        yield Fault("parallels", found[0], f"{len(found)} of {moves} moves")


def _cadences(score):
    """Look at the two roots that end each section, the final chord added to the last."""
    for section in score.sections:
        is_last = section is score.sections[-1]
        end = section.end + (1e-6 if is_last else 0)
        chords = [chord for chord in score.chords if section.start <= chord.start < end]
        if is_last:
            chords += [c for c in score.chords if c.start == section.end and c not in chords]
        steps = [(chord.root - section.key.tonic) % 12 for chord in chords]
        before, last = (steps[-2] if len(steps) > 1 else None), steps[-1] if steps else None
        full = last == 0 and before in (7, 5, 10, 2, 1, None)
        half = last == 7 or (last == 10 and section.key.mode == "mixolydian")
        if not (full or (half and not is_last)):
            names = " ".join(chord.name for chord in chords[-3:])
            yield Fault("cadences", section.end, f"{names} in {section.key.name}")


def _ranges(score):
    for part in score.parts:
        if not len(part.notes):
            continue
        entry = find_instrument(part.instrument)
        low, high = part.notes.pitch.min(), part.notes.pitch.max()
        if low < entry.low or high > entry.high:
            at = np.flatnonzero((part.notes.pitch < entry.low) | (part.notes.pitch > entry.high))
            beat = float(part.notes.onset[at[0]])
            yield Fault("ranges", beat, f"{part.instrument} plays {low:g} to {high:g}")


def bars_of(score, part):
    """List what a part plays in each bar, as a set of onsets, durations and pitches."""
    downbeats = [beat for section in score.sections for beat in section.downbeats]
    bars = [set() for _ in downbeats]
    notes = part.notes
    for onset, duration, pitch in zip(notes.onset, notes.duration, notes.pitch, strict=True):
        if onset < score.sections[-1].end:
            place = bisect_right(downbeats, onset) - 1
            bars[place].add((round(onset - downbeats[place], 3), round(duration, 3), int(pitch)))
    return bars


def _repeats(score):
    parts = [bars_of(score, part) for part in score.parts]
    whole = [
        frozenset().union(*({(n, *x) for x in p[b]} for n, p in enumerate(parts)))
        for b in range(len(parts[0]) if parts else 0)
    ]
    at = 0
    for bar, run in groupby(whole):
        length = len(list(run))
        if bar and length > MOST_REPEATS:
            downbeats = [beat for section in score.sections for beat in section.downbeats]
            yield Fault("repeats", downbeats[at], f"a bar {length} times")
        at += length


def longest_runs(score):
    """Return for each part how often it plays the same bar one after another, at most."""
    return {
        part.name: max((len(list(r)) for bar, r in groupby(bars_of(score, part)) if bar), default=0)
        for part in score.parts
    }


def _final_tonic(score):
    last, key = score.chords[-1], score.sections[-1].key
    final = score.sections[-1].end
    if last.root != key.tonic or last.start != final:
        yield Fault("final tonic", last.start, f"{last.name} in {key.name}")
        return
    if score.duration - float(score.tempo.seconds_at(final)) > LAST_SECONDS:
        yield Fault("final tonic", final, f"more than {LAST_SECONDS:g} s before the end")
    low = [note for note in bass(score) if note.onset >= final]
    if not low or low[0].pitch % 12 != key.tonic:
        yield Fault("final tonic", final, "the bass does not play it")


def grams_of(score):
    """Count the runs of four intervals of the melody, which do not depend on the key."""
    grams = Counter()
    for line in melodies(score):
        steps = [other.pitch - one.pitch for one, other in pairwise(line)]
        grams.update(tuple(steps[at : at + GRAM]) for at in range(len(steps) - GRAM + 1))
    return grams


def jaccard(one, other):
    """Return how much two collections share: 0 is nothing, 1 everything."""
    return len(one.keys() & other.keys()) / max(1, len(one.keys() | other.keys()))
