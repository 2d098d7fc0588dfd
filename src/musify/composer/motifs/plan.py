"""Where the notes of a melody fall, and about how high: before any pitch is chosen."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from musify.composer.chance import Chance
from musify.composer.form.section import Section
from musify.composer.motifs.development import (
    Motif,
    Tone,
    augmented,
    fragmented,
    inverted,
    motif_of,
    ornamented,
    sequenced,
    thinned,
)
from musify.composer.motifs.themes import Theme
from musify.composer.musical_cues import MusicalCues
from musify.composer.theory.chords import Chord
from musify.composer.theory.phrases import Phrase, phrases_of

__all__ = ["Place", "bar_at", "chord_at", "is_strong", "planned"]

_SHARE: Final = 0.62
"""Notes of melody to a note of the busiest accompaniment."""
_LEANING: Final = (0.35, 0.15)
"""How often the last note of a phrase is leant on, in calm and in lively moods."""
_FULLEST: Final = 1.5
"""Notes a beat of a motif at most: a rhythm needs long notes too to be one."""
_ORNAMENTS: Final = 0.5
_UPBEATS: Final = 0.7
"""From how many notes a beat on there are ornaments, and upbeats."""
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
        ``""``, or how the phrase ends that it is the last of: ``"open"`` or ``"closed"``; the note
        before that may lean on it (``"leans"``): a suspension or an appoggiatura.
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
    writer = _Phrases(section, theme, chance, cues.density)
    out: list[Place] = []
    phrases = phrases_of(len(section.bars))
    for number, phrase in enumerate(phrases):
        begins = section.downbeats[phrase.first]
        span = float(sum(section.bars[phrase.first : phrase.first + phrase.bars]))
        for onset, duration, turn, ends in writer.phrase(number, len(phrases)):
            shape = _along(theme.shape, (onset - begins) / span)
            beats, offset = bar_at(section, onset)
            out.append(
                Place(
                    onset,
                    duration,
                    centre + 0.55 * reach * shape + _STEP * turn * min(1.0, reach / 6),
                    is_strong(offset, beats),
                    ends,
                    chord_at(chords, onset),
                    chord_at(chords, onset + duration - 1e-6),
                )
            )
    return _with_hits(out, hits, chords)


class _Sketch(NamedTuple):
    """A note by its place alone."""

    onset: float
    duration: float
    turn: float
    ends: str


class _Phrases:
    """Writes the phrases of a section out of its theme."""

    def __init__(self, section: Section, theme: Theme, chance: Chance, density: float) -> None:
        self.section, self.theme, self.chance = section, theme, chance
        busy = {"build": 1.25, "break": 0.6, "intro": 0.7}.get(section.role, 1.0)
        # Primes are variations: a little fuller each.
        busy *= 1 + 0.08 * min(3, section.name.count("'"))
        self.each_beat = min(2.0, max(0.2, _SHARE * density * theme.pace * busy))
        self.phrases = phrases_of(len(section.bars))

    def phrase(self, number: int, count: int) -> list[_Sketch]:
        """Write a phrase: motifs, then a long note and a breath."""
        phrase = self.phrases[number]
        kind = _kinds(count)[number]
        last = phrase.first + phrase.bars - 1
        out: list[_Sketch] = []
        for place, bar in enumerate(range(phrase.first, last)):
            beats, downbeat = self.section.bars[bar], self.section.downbeats[bar]
            motif = self.motif(kind, place, number, beats)
            if not motif:
                continue
            if place == 0 and motif[0].at:
                motif = (Tone(0.0, motif[0].turn), *motif[1:])
            ends = [*(tone.at for tone in motif[1:]), float(beats)]
            out += [
                _Sketch(downbeat + tone.at, end - tone.at, tone.turn, "")
                for tone, end in zip(motif, ends, strict=True)
            ]
        return out + self.ending(phrase, self.section.bars[last], self.section.downbeats[last])

    def motif(self, kind: str, place: int, number: int, beats: int) -> Motif:
        """Choose what a bar of a phrase does with the theme."""
        section, theme = self.section, self.theme
        first, second = (
            motif_of(
                theme.rhythms[which],
                theme.turns[which],
                beats=beats,
                notes=min(round(self.each_beat * (1.0, 1.2)[which] * beats), int(_FULLEST * beats)),
            )
            for which in (0, 1)
        )
        chance = self.chance.child("development", number, place)
        # Both phrases of a period take the same steps: that is how one answers the other.
        lift = self.chance.child("lift", kind[0], place).pick((-2, -1, 1, 2), (2, 3, 3, 2))
        if section.role == "intro":
            return thinned(first) if place % 2 == 0 else ()
        if section.role == "build":
            return sequenced(fragmented(first, beats, 1), place + number)
        if section.role == "ending" and chance.happens(0.6):
            return augmented(first, beats) if place % 2 == 0 else thinned(second)
        plan = {
            "sentence": (first, sequenced(first, lift), fragmented(first, beats, lift)),
            "period": (first, second, sequenced(first, lift)),
            "song": (first, sequenced(first, lift), second),
        }[theme.plan]
        if kind == "B":
            other = inverted(second) if chance.happens(0.4) else sequenced(second, lift)
            plan = (second, other, fragmented(first, beats, -lift))
        motif = plan[place % 3]
        varied = len(kind) > 1 and (place or len(kind) > 2)
        if varied and self.each_beat >= _ORNAMENTS and chance.happens(0.45):
            return ornamented(motif, beats)
        if kind == "A''" and place == 2 and chance.happens(0.4):
            return inverted(motif)
        return motif

    def ending(self, phrase: Phrase, beats: int, downbeat: int) -> list[_Sketch]:
        """End a phrase: a long note, a breath, and the upbeat of the next."""
        ends = "closed" if phrase.closes else "open"
        goes_on = phrase.first + phrase.bars < len(self.section.bars)
        upbeat = self.theme.upbeat if self.each_beat >= _UPBEATS and beats >= 3 and goes_on else 0
        breath = 1.0 if beats >= 3 else 0.5 if beats == 2 else 0.0
        held = beats - max(breath, 0.5 + upbeat / 2)
        half = (beats + 1) // 2
        if phrase.bars == 1 and beats > half:  # a bar alone has two chords
            held = max(0.5, beats - half - breath)
            return [
                _Sketch(float(downbeat), float(half), float(self.theme.turns[0][2]), ""),
                _Sketch(float(downbeat + half), held, 0.0, ends),
            ]
        often = _LEANING[0 if self.section.arousal < 0 else 1]
        leans = held >= 2 and self.chance.child("leans", phrase.first).happens(often)
        last = [_Sketch(float(downbeat), held, 0.0, ends)]
        if leans:
            last = [
                _Sketch(float(downbeat), 1.0, 1.0, "leans"),
                _Sketch(downbeat + 1.0, held - 1.0, 0.0, ends),
            ]
        return [
            *last,
            *(
                _Sketch(downbeat + beats - eighth / 2, 0.5, -float(eighth), "")
                for eighth in range(upbeat, 0, -1)
            ),
        ]


def _kinds(count: int) -> tuple[str, ...]:
    """Name the phrases of a section by what they do: A A' B A'' and so on."""
    if count == 3:
        return ("A", "B", "A'")
    row = [("A", "A'", "B", "A''")[place % 4] for place in range(count)]
    if count > 4:
        row[-1] = "A''"
    return tuple(row)


def bar_at(section: Section, onset: float) -> tuple[int, float]:
    """Return how many beats the bar of a beat has, and how far into it the beat is."""
    place = bisect_right(section.downbeats, onset) - 1
    return section.bars[place], onset - section.downbeats[place]


def _along(shape: Sequence[float], where: float) -> float:
    at = min(0.999, max(0.0, where)) * (len(shape) - 1)
    left = int(at)
    return shape[left] + (at - left) * (shape[left + 1] - shape[left])


def _with_hits(
    places: Sequence[Place], hits: Sequence[float], chords: Sequence[Chord]
) -> list[Place]:
    """Let notes on hit points be long: one begins there, and what follows at once gives way."""
    split: list[Place] = []
    for place in places:
        end = place.onset + place.duration
        inside = [hit for hit in hits if place.onset + 0.5 <= hit <= end - 0.5 and not place.ends]
        if not inside:
            split.append(place)
            continue
        hit = inside[0]
        before = chord_at(chords, hit - 1e-6)
        split.append(replace(place, duration=hit - place.onset, leaves=before))
        there = chord_at(chords, hit)
        split.append(replace(place, onset=hit, duration=end - hit, chord=there, strong=True))
    out: list[Place] = []
    struck = set(hits)
    for place in split:
        last = out[-1] if out else None
        if last and last.onset in struck and place.onset - last.onset < 1 and not place.ends:
            if place.onset == last.onset + last.duration:
                longer = last.duration + place.duration
                out[-1] = replace(last, duration=longer, leaves=place.leaves)
            continue
        out.append(place)
    return out
