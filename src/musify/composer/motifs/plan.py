"""Where the notes of a melody fall, and about how high: before any pitch is chosen."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from musify.composer.chance import Chance
from musify.composer.form.section import Section
from musify.composer.motifs.themes import Theme
from musify.composer.musical_cues import MusicalCues
from musify.composer.theory.chords import Chord
from musify.composer.theory.phrases import Phrase, phrases_of

__all__ = ["Place", "bar_at", "chord_at", "is_strong", "planned"]

_STEP: Final = 1.75
"""Semitones in a step of a seven-tone scale, on average."""


@dataclass(frozen=True, slots=True)
class Place:
    """A note that has no pitch yet.

    Parameters
    ----------
    onset, duration : float
        In beats of the piece.
    target : float
        About which MIDI pitch.
    strong : bool
        Whether it falls on a strong beat.
    ends : str
        ``""``, or how the phrase ends that it is the last of: ``"open"`` or ``"closed"``.
    chord : Chord
        What sounds when it begins.
    leaves : Chord
        What sounds when it ends.
    """

    onset: float
    duration: float
    target: float
    strong: bool
    ends: str
    chord: Chord
    leaves: Chord


def is_strong(offset: float, beats: int) -> bool:
    """Tell whether a place in a bar is a strong beat: the first, and of even bars every second."""
    if offset == 0:
        return True
    return beats >= 4 and offset % 2 == 0 and offset <= beats - 2


def chord_at(chords: Sequence[Chord], beat: float) -> Chord:
    """Return the chord that sounds on a beat."""
    return chords[max(0, bisect_right(chords, beat, key=lambda chord: chord.start) - 1)]


def planned(
    section: Section,
    chords: Sequence[Chord],
    theme: Theme,
    *,
    centre: float,
    reach: float,
    cues: MusicalCues,
    chance: Chance,
    hits: Sequence[float] = (),
) -> list[Place]:
    """Lay out the notes of a section's melody.

    Phrases go A A' B A'': bars take the theme's first motif, the same again in sequence, the
    second, and an ending.

    Parameters
    ----------
    section, chords, theme, cues, chance, hits
        As of :func:`musify.composer.motifs.melody.melody`.
    centre, reach : float
        MIDI pitch about which it lies, and how many semitones phrases go from it.
    """
    each_beat = min(2.0, max(0.2, 0.62 * cues.density))
    out: list[Place] = []
    for number, phrase in enumerate(phrases_of(len(section.bars))):
        notes = _phrase(section, phrase, number, theme, each_beat, chance)
        span = max(1.0, float(sum(section.bars[phrase.first : phrase.first + phrase.bars])))
        begins = section.downbeats[phrase.first]
        for onset, duration, turn, ends in notes:
            shape = _along(theme.shape, (onset - begins) / span)
            beats, offset = bar_at(section, onset)
            out.append(
                Place(
                    onset,
                    duration,
                    centre + reach * 0.55 * shape + _STEP * turn * min(1.0, reach / 6),
                    is_strong(offset, beats),
                    ends,
                    chord_at(chords, onset),
                    chord_at(chords, onset + duration - 1e-6),
                )
            )
    return _with_hits(out, hits)


def _phrase(
    section: Section,
    phrase: Phrase,
    number: int,
    theme: Theme,
    each_beat: float,
    chance: Chance,
) -> list[tuple[float, float, float, str]]:
    """Return onset, duration, turn and ending of each note."""
    out: list[tuple[float, float, float, str]] = []
    last = phrase.bars - 1
    varies = chance.child("development", number)
    lift = varies.pick((-2, -1, 1, 2))
    inverts = number % 4 >= 2 and varies.happens(0.4)
    for place in range(phrase.bars):
        bar = phrase.first + place
        beats, downbeat = section.bars[bar], section.downbeats[bar]
        motif = 1 if place % 4 == 2 or (number % 4 == 2 and place % 4 == 0) else 0
        share = each_beat * (1.2 if motif else 1.0)
        count = max(1, round(share * beats))
        if place == last:
            out += _ending(phrase, downbeat, beats, theme, each_beat)
            continue
        grid = [at for at in theme.rhythms[motif] if at < beats]
        onsets = sorted(grid[:count])
        if place == 0 and 0.0 not in onsets:
            onsets = sorted({0.0, *onsets})
        sign = -1 if inverts else 1
        shift = lift if place % 4 == 1 else 0
        for at, onset in enumerate(onsets):
            until = onsets[at + 1] if at + 1 < len(onsets) else float(beats)
            turn = sign * theme.turns[motif][min(15, int(onset * 2))] + shift
            out.append((downbeat + onset, until - onset, turn, ""))
    return out


def _ending(
    phrase: Phrase, downbeat: int, beats: int, theme: Theme, each_beat: float
) -> list[tuple[float, float, float, str]]:
    """End a phrase: a long note, and a breath after it."""
    ends = "closed" if phrase.closes else "open"
    breath = 1.0 if beats >= 3 else 0.5 if beats == 2 else 0.0
    return [(float(downbeat), beats - breath, 0.0, ends)]


def bar_at(section: Section, onset: float) -> tuple[int, float]:
    """Return how many beats the bar of a beat has, and how far into it the beat is."""
    place = bisect_right(section.downbeats, onset) - 1
    return section.bars[place], onset - section.downbeats[place]


def _along(shape: Sequence[float], where: float) -> float:
    at = min(0.999, max(0.0, where)) * (len(shape) - 1)
    left = int(at)
    return shape[left] + (at - left) * (shape[left + 1] - shape[left])


def _with_hits(places: list[Place], hits: Sequence[float]) -> list[Place]:
    """Let notes on hit points be long: what follows within a beat gives way."""
    out: list[Place] = []
    struck = set(hits)
    for place in places:
        last = out[-1] if out else None
        if last and last.onset in struck and place.onset - last.onset < 1 and not place.ends:
            if place.onset == last.onset + last.duration:
                out[-1] = replace(
                    last, duration=last.duration + place.duration, leaves=place.leaves
                )
            continue
        out.append(place)
    return out
