"""Melody: pitches for a plan of notes, by the rules of good melody."""

from collections.abc import Sequence
from typing import Final

from musify.composer.chance import Chance
from musify.composer.form.section import Section
from musify.composer.motifs.outer import Bass, moves_of, shunned_at_ends
from musify.composer.motifs.plan import planned
from musify.composer.motifs.rules import NEAR_SEAM, OCTAVE, Rules
from musify.composer.motifs.themes import Theme
from musify.composer.musical_cues import MusicalCues
from musify.composer.theory.chords import Chord
from musify.composer.written import Written
from musify.errors import ParameterError

__all__ = ["closing_note", "melody"]

_ABOVE: Final = 13
"""Semitones from the register of the accompaniment to the melody's (valence-arousal table)."""
_SEAM: Final = 71


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
    if high - low < OCTAVE:
        raise ParameterError(f"a melody needs an octave of room, got {low} to {high}")
    seam = min(high - NEAR_SEAM, max(low + NEAR_SEAM, seam))
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
    if not places:
        return ()
    under = Bass(bass, chords)
    rules = Rules(
        section.key,
        low,
        high,
        seam,
        moves_of(section, places, under),
        shunned_at_ends(section, places, chords, under),
    )
    # Below the highest note there has to be room for the ends, which lie near the seam.
    top = max(centre + reach * 0.9, seam + NEAR_SEAM - 1)
    pitches = rules.line(places, top=top, chance=chance.child("pitch"))
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
