"""Counter-melody: a second line that moves where the melody rests and holds where it moves."""

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from musify.composer.chance import Chance
from musify.composer.form.section import Section
from musify.composer.motifs.plan import bar_at, chord_at, is_strong
from musify.composer.motifs.scales import bass_of, scale_over
from musify.composer.musical_cues import MusicalCues
from musify.composer.theory.chords import Chord
from musify.composer.written import Written
from musify.errors import ParameterError

__all__ = ["counter_line"]

_LONGEST: Final = 8
_LONG: Final = 1.5
"""Beats of melody held or silent in which the counter line moves."""


def counter_line(
    section: Section,
    chords: Sequence[Chord],
    melody: Sequence[Written],
    *,
    low: int,
    high: int,
    cues: MusicalCues,
    chance: Chance,
) -> tuple[Written, ...]:
    """Write a second line to a melody.

    It holds chord tones, in thirds and sixths to the melody where it can and against its direction,
    and passes by step from one to the next while the melody is long or silent; its fifths and
    octaves are parallel neither with the melody nor with the lowest tones of the chords (species
    four of J. J. Fux, "Gradus ad Parnassum", 1725, simplified).

    Parameters
    ----------
    section, chords, cues, chance
        As of :func:`musify.composer.motifs.melody.melody`.
    melody : sequence of Written
        The section's melody, in order.
    low, high : int
        Lowest and highest MIDI pitch; at least an octave apart.

    Returns
    -------
    tuple of Written
        In order, one at a time.

    Raises
    ------
    ParameterError
        If there is less than an octave of room.
    """
    if high - low < 12:
        raise ParameterError(f"a counter line needs an octave of room, got {low} to {high}")
    onsets = _onsets(section, chords, melody, chance)
    starts = [note.onset for note in melody]
    wanted = min(high - 5.0, max(low + 5.0, cues.register + 4.0))
    loud = min(127.0, max(1.0, 127 * cues.velocity - 12))
    out: list[Written] = []
    before: tuple[int, int, int] | None = None
    for number, onset in enumerate(onsets):
        until = onsets[number + 1] if number + 1 < len(onsets) else float(section.end)
        chord = chord_at(chords, onset)
        place = bisect_right(starts, onset) - 1
        above = melody[place].pitch if place >= 0 else round(wanted) + 12
        beats, offset = bar_at(section, onset)
        passes = not is_strong(offset, beats) and until - onset <= 1
        tones = scale_over(chord, section.key) if passes else frozenset(chord.tones)
        under = bass_of(chord)
        options = [pitch for pitch in range(low, high + 1) if pitch % 12 in tones]
        pitch = min(
            options,
            key=lambda pitch: (
                _cost(pitch, above, under, before, wanted, is_tone=pitch % 12 in chord.tones),
                pitch,
            ),
        )
        before = (pitch, above, under)
        out.append(Written(onset, until - onset, pitch, loud))
    return _joined(out, chords)


def _onsets(
    section: Section, chords: Sequence[Chord], melody: Sequence[Written], chance: Chance
) -> list[float]:
    """Begin notes with chords, and between where the melody leaves room."""
    onsets = {float(section.start)}
    onsets |= {chord.start for chord in chords if section.start < chord.start < section.end}
    starts = [*(note.onset for note in melody), float(section.end)]
    for start, end in itertools.pairwise(starts):
        if end - start >= _LONG and chance.happens(0.75):
            onsets |= {start + 1, *({start + 2} if end - start >= 2.5 else ())}
    return sorted(beat for beat in onsets if beat < section.end)


def _cost(
    pitch: int,
    above: int,
    under: int,
    before: tuple[int, int, int] | None,
    wanted: float,
    *,
    is_tone: bool,
) -> float:
    cost = 0.15 * abs(pitch - wanted) + (0.0 if is_tone else 0.6)
    interval = (above - pitch) % 12
    cost += 0.0 if interval in (3, 4, 8, 9) else 2.5 if interval in (0, 1, 2, 10, 11) else 1.0
    if pitch >= above:
        cost += 4.0
    if before is None:
        return cost
    was, melody_was, bass_was = before
    moved = pitch - was
    cost += 1.2 if moved == 0 else 0.4 * abs(moved) if abs(moved) <= 2 else 0.7 * abs(moved)
    if not is_tone and abs(moved) not in (1, 2):
        cost += 50.0
    if moved and above != melody_was:
        cost += 0.8 if moved * (above - melody_was) > 0 else 0.0
        if interval in (0, 7) and (melody_was - was) % 12 == interval:
            cost += 20.0
    if moved and under != bass_was:
        down = (pitch - under) % 12
        if down in (0, 7) and (was - bass_was) % 12 == down:
            cost += 20.0
    return cost


def _joined(notes: Sequence[Written], chords: Sequence[Chord]) -> tuple[Written, ...]:
    """Tie what repeats at once."""
    out: list[Written] = []
    for note in notes:
        last = out[-1] if out else None
        if (
            last
            and last.pitch == note.pitch
            and last.duration + note.duration <= _LONGEST
            and last.pitch % 12 in chord_at(chords, last.onset).tones
        ):
            out[-1] = last._replace(duration=last.duration + note.duration)
        else:
            out.append(note)
    return tuple(out)
