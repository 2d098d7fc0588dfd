"""Arranging: who plays in which section, and what."""

import itertools
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from musify.cancelling import checkpoint
from musify.composer.chance import Chance
from musify.composer.cue_table import cues_at
from musify.composer.form.section import Form, Section, SectionRole
from musify.composer.instruments.catalogue import find_instrument
from musify.composer.motifs.melody import melody
from musify.composer.motifs.themes import Theme
from musify.composer.musical_cues import MusicalCues
from musify.composer.parts.catalogue import PATTERNS
from musify.composer.parts.closing import closed
from musify.composer.parts.percussion import met
from musify.composer.parts.pitch import into_range
from musify.composer.parts.registers import melody_range, window
from musify.composer.parts.setting import PHRASE, Setting
from musify.composer.parts.variation import untangled, varied
from musify.composer.performance.articulation import articulated
from musify.composer.performance.controls import pedalled, swelled
from musify.composer.performance.dynamics import PLAIN, shaded
from musify.composer.performance.timing import timed
from musify.composer.score import PartRole
from musify.composer.style.style import Chair
from musify.composer.theory.chords import Chord
from musify.composer.written import Written

__all__ = ["Played", "arranged"]

_THINNED: Final[dict[SectionRole, float]] = {"intro": 0.65, "break": 0.5, "return": 1.15}
"""How much of an ensemble plays by the role of a section, of what the mood asks."""
_NOTHING: Final = 1e-6
_JOINS: Final = 0.4
"""Chairs that enter from so many layers on may wait for the second phrase of a theme."""
_AUDIBLE: Final = 0.05
"""Less percussion than this is none."""
_DYING: Final = 0.6
"""What sustained sounds fade to on the final chord."""
_SPARSE: Final = 0.6
"""Of the notes a beat, how many are left in an ending."""
_SHORT_LINES: Final[tuple[PartRole, ...]] = ("melody", "bass", "counter")
_STOPPED: Final[tuple[PartRole, ...]] = ("harmony", "arpeggio", "ostinato", "bass")
"""Who plays a break's first beat and then is silent."""
_MEETING: Final[tuple[PartRole, ...]] = ("harmony", "arpeggio")
"""Who strikes a chord on each strong cut."""


@dataclass(frozen=True, slots=True)
class Played:
    """What one chair plays in one section.

    Parameters
    ----------
    chair : Chair
        Who.
    notes : list of Written
        What.
    pedal, expression : list of tuple of float
        As of :class:`musify.composer.score.Part`.
    """

    chair: Chair
    notes: list[Written]
    pedal: list[tuple[float, float]] = field(default_factory=list)
    expression: list[tuple[float, float]] = field(default_factory=list)


def arranged(
    form: Form,
    place: int,
    chairs: Sequence[Chair],
    chords: Sequence[Chord],
    themes: Mapping[str, Theme],
    *,
    swing: float,
) -> list[Played]:
    """Write all parts of a section, performed.

    Parameters
    ----------
    form : Form
        The plan; of other sections only their place, role and mood are looked at.
    place : int
        Which section.
    chairs : sequence of Chair
        Who may play.
    chords : sequence of Chord
        Of the whole piece, the final chord last.
    themes : mapping
        By letter.
    swing : float
        In [0, 1].
    """
    return _Arrangement(form, place, chords, themes, swing).played(chairs)


class _Arrangement:
    """A section being arranged."""

    def __init__(
        self,
        form: Form,
        place: int,
        chords: Sequence[Chord],
        themes: Mapping[str, Theme],
        swing: float,
    ) -> None:
        self.form, self.section, self.swing = form, form.sections[place], swing
        self.is_last = place == len(form.sections) - 1
        self.final = chords[-1]
        self.chords = tuple(_inside(chords, self.section))
        self.theme = themes[self.section.letter]
        self.after = form.sections[place - 1].role if place else None
        self.before = None if self.is_last else form.sections[place + 1].role
        start, end = form.tempo.seconds_at([self.section.start, self.section.end])
        self.seconds_a_beat = float(end - start) / self.section.beats
        self.cues = _at_tempo(
            cues_at(self.section.valence, self.section.arousal), 60 / self.seconds_a_beat
        )
        if self.section.role == "ending":
            self.cues = replace(self.cues, density=max(0.25, _SPARSE * self.cues.density))
        self.chance = Chance(self.section.seed, "arranging")
        first, last = np.searchsorted(form.hits, [self.section.start, self.section.end])
        beats, strengths = form.hits.tolist(), form.strengths.tolist()
        self.hits = tuple(zip(beats[first:last], strengths[first:last], strict=True))
        ends = last < len(beats) and beats[last] == self.section.end
        self.into = strengths[last] if ends else 0.0

    def played(self, chairs: Sequence[Chair]) -> list[Played]:
        """Write those who play: first the bass, over which the melody is written, then the rest."""
        playing = [chair for chair in chairs if self.plays(chair)]
        order = {"bass": 0, "melody": 1}
        tune: tuple[Written, ...] = ()
        bass: list[Written] = []
        out: dict[str, Played] = {}
        checkpoint()
        for chair in sorted(playing, key=lambda chair: order.get(chair.part, 2)):
            setting = self.setting(chair, tune)
            if chair.pattern == "tune":
                notes = self.sung(chair, setting, bass)
                tune = tuple(notes) if chair.part == "melody" else tune
            else:
                notes = self.written(chair, setting)
            if chair.part == "bass":
                bass = notes
            out[chair.part] = self.performed(chair, setting, notes)
        return [out[chair.part] for chair in playing]

    def enters(self, chair: Chair, setting: Setting) -> float:
        """Tell from which beat on a chair plays: some join with the second phrase of a theme."""
        bars = setting.bars
        joins = self.section.role == "theme" and chair.enters >= _JOINS and len(bars) > PHRASE + 1
        if joins and setting.chance.child("joins").happens(0.6):
            return bars[PHRASE].start
        return float(self.section.start)

    def plays(self, chair: Chair) -> bool:
        """Whether a chair plays in this section."""
        role = self.section.role
        chance = self.chance.child("plays", chair.part)
        if chair.role == "melody" and chair.part == "melody":
            rests = role in ("intro", "break") and len(self.section.bars) > 1
            return self.is_last or not (rests and chance.happens(0.5))
        if chair.role == "bass":
            return role != "break" or self.is_last or chance.happens(0.5)
        return chair.enters <= self.cues.layers * _THINNED.get(role, 1.0)

    def setting(self, chair: Chair, tune: tuple[Written, ...]) -> Setting:
        instrument = find_instrument(chair.instrument)
        octave = round(chair.options.get("octave", 0))
        if chair.role == "melody":
            low, high, _ = melody_range(instrument, octave)
        else:
            low, high = window(chair.role, self.cues, instrument, octave)
        return Setting(
            section=self.section,
            chords=self.chords,
            cues=self.cues,
            instrument=instrument,
            low=low,
            high=high,
            chance=self.chance.child(chair.part, chair.pattern),
            seconds_a_beat=self.seconds_a_beat,
            drums=_drums(self.cues, self.section.role, chair.options.get("always", 0.0)),
            hits=self.hits,
            into=self.into,
            after=self.after,
            before=self.before,
            tune=tune,
            options=chair.options,
        )

    def sung(self, chair: Chair, setting: Setting, bass: list[Written]) -> list[Written]:
        """Write the melody."""
        octave = round(chair.options.get("octave", 0))
        _, _, seam = melody_range(setting.instrument, octave)
        cues = replace(self.cues, register=self.cues.register + 12 * octave)
        notes = melody(
            self.section,
            self.chords,
            self.theme,
            low=setting.low,
            high=setting.high,
            cues=cues,
            chance=setting.chance,
            bass=bass,
            hits=[beat for beat, _ in self.hits],
            seam=seam,
        )
        loud = 127 * cues.velocity
        return [note._replace(velocity=note.velocity - loud + PLAIN) for note in notes]

    def written(self, chair: Chair, setting: Setting) -> list[Written]:
        """Write what a pattern plays, inside the section and the instrument's range."""
        low, high = setting.instrument.low, setting.instrument.high
        start, end = self.enters(chair, setting), float(self.section.end)
        notes = [
            note._replace(
                pitch=into_range(note.pitch, low, high),
                duration=min(note.duration, end - note.onset),
            )
            for note in PATTERNS[chair.pattern].play(setting)
            if start <= note.onset < end - _NOTHING
        ]
        if self.section.role == "break" and chair.role in _STOPPED:
            notes = [note for note in notes if note.onset < self.section.start + 0.5]
        if chair.role in _MEETING and chair.enters == 0:
            notes += met(setting, notes)
        line = chair.role in _SHORT_LINES
        notes = untangled(notes, one_at_a_time=line)
        if chair.pattern != "double":
            notes = varied(notes, setting.bars)
        return notes

    def performed(self, chair: Chair, setting: Setting, notes: list[Written]) -> Played:
        """Play the notes, and the final chord after the last section."""
        held = articulated(
            notes, role=chair.role, instrument=setting.instrument, gate=self.cues.gate
        )
        pedal = pedalled(chair.role, setting.instrument, self.chords, self.cues)
        expression = swelled(chair.role, setting.instrument, self.section)
        if self.is_last:
            final, until = float(self.form.final), self.released()
            held += self.closing(chair, setting, notes, until)
            pedal += [(final, until)] if pedal else []
            expression += [(final, 1.0), (until, _DYING)] if expression else []
        loud = shaded(held, setting, chair.role)
        moved = timed(
            loud,
            role=chair.role,
            swing=self.swing,
            seconds_a_beat=self.seconds_a_beat,
            exact=frozenset({float(self.section.start), float(self.form.final)})
            | {beat for beat, _ in self.hits},
            chance=setting.chance.child("timing"),
        )
        return Played(chair, moved, pedal, expression) if moved else Played(chair, [])

    def released(self) -> float:
        """Tell at which beat the final chord is let go, so that it has died away at the end."""
        tempo = self.form.tempo
        rings = self.form.duration - float(tempo.seconds_at(self.form.final))
        return float(tempo.beats_at(self.form.duration - min(1.1, 0.45 * rings)))

    def closing(
        self, chair: Chair, setting: Setting, notes: list[Written], until: float
    ) -> list[Written]:
        """Write the final chord of a part."""
        before = notes[-1].pitch if notes else None
        ending = closed(
            setting, self.final, pattern=chair.pattern, role=chair.role, until=until, before=before
        )
        return untangled(ending)


def _inside(chords: Sequence[Chord], section: Section) -> list[Chord]:
    """Cut out the chords of a section; the final chord, the last, is of none."""
    first = bisect_right(chords, float(section.start), key=lambda chord: chord.start) - 1
    out = []
    for chord in itertools.islice(chords, max(0, first), len(chords) - 1):
        if chord.start >= section.end:
            break
        start, end = max(chord.start, section.start), min(chord.end, section.end)
        if end - start > _NOTHING:
            out.append(replace(chord, start=start, duration=end - start))
    return out


def _at_tempo(cues: MusicalCues, bpm: float) -> MusicalCues:
    """Make up by density for a tempo that is not the one the mood asks for.

    A piece has one base tempo, whatever moods it goes through: a calm section of a fast piece has
    fewer notes a beat, so that notes a second are what its mood asks.
    """
    return replace(cues, density=min(4.0, max(0.25, cues.density * cues.bpm / bpm)))


def _drums(cues: MusicalCues, role: SectionRole, always: float) -> float:
    amount = max(cues.drums, always)
    if amount < _AUDIBLE:
        return 0.0
    return min(1.0, amount * {"intro": 0.6, "return": 1.1}.get(role, 1.0))
