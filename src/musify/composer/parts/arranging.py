"""Arranging: who plays in which section, and what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from musify.composer.chance import Chance
from musify.composer.cue_table import cues_at
from musify.composer.form.section import Form, Section, SectionRole
from musify.composer.instruments.catalogue import find_instrument
from musify.composer.motifs.melody import melody
from musify.composer.motifs.themes import Theme
from musify.composer.musical_cues import MusicalCues
from musify.composer.parts.catalogue import PATTERNS
from musify.composer.parts.closing import closed
from musify.composer.parts.pitch import into_range
from musify.composer.parts.registers import melody_range, window
from musify.composer.parts.setting import Setting
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
_SHORT_LINES: Final[tuple[PartRole, ...]] = ("melody", "bass", "counter")


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
        self.chords = tuple(_inside(chords[:-1], self.section))
        self.theme = themes[self.section.letter]
        self.cues = cues_at(self.section.valence, self.section.arousal)
        self.after = form.sections[place - 1].role if place else None
        self.before = None if self.is_last else form.sections[place + 1].role
        start, end = form.tempo.seconds_at([self.section.start, self.section.end])
        self.seconds_a_beat = float(end - start) / self.section.beats
        self.chance = Chance(self.section.seed, "arranging")
        self.hits = tuple(
            (float(beat), float(strength))
            for beat, strength in zip(form.hits, form.strengths, strict=True)
            if self.section.start <= beat < self.section.end
        )
        ending = [
            s for b, s in zip(form.hits, form.strengths, strict=True) if b == self.section.end
        ]
        self.into = float(max(ending, default=0.0))

    def played(self, chairs: Sequence[Chair]) -> list[Played]:
        """Write those who play: first the bass, over which the melody is written, then the rest."""
        playing = [chair for chair in chairs if self.plays(chair)]
        order = {"bass": 0, "melody": 1}
        tune: tuple[Written, ...] = ()
        bass: list[Written] = []
        out: dict[str, Played] = {}
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
            drums=_drums(self.cues, self.section.role),
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
        end = float(self.section.end)
        notes = [
            note._replace(
                pitch=into_range(note.pitch, low, high),
                duration=min(note.duration, end - note.onset),
            )
            for note in PATTERNS[chair.pattern].play(setting)
            if self.section.start - 1e-9 <= note.onset < end - 1e-6
        ]
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
        if self.is_last:
            held += self.closing(chair, setting, notes)
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
        return Played(
            chair,
            moved,
            pedalled(chair.role, setting.instrument, self.chords, self.cues) if moved else [],
            swelled(chair.role, setting.instrument, self.section) if moved else [],
        )

    def closing(self, chair: Chair, setting: Setting, notes: list[Written]) -> list[Written]:
        """Write the final chord of a part."""
        tempo = self.form.tempo
        struck = float(tempo.seconds_at(self.form.final))
        rings = self.form.duration - struck
        until = float(tempo.beats_at(self.form.duration - min(1.1, 0.45 * rings)))
        before = notes[-1].pitch if notes else None
        ending = closed(
            setting, self.final, pattern=chair.pattern, role=chair.role, until=until, before=before
        )
        return untangled(ending)


def _inside(chords: Sequence[Chord], section: Section) -> list[Chord]:
    out = []
    for chord in chords:
        start, end = max(chord.start, section.start), min(chord.end, section.end)
        if end - start > 1e-6:
            out.append(replace(chord, start=start, duration=end - start))
    assert all(a.end <= b.start + 1e-6 for a, b in pairwise(out))
    return out


def _drums(cues: MusicalCues, role: SectionRole) -> float:
    if cues.drums < 0.05:
        return 0.0
    return min(1.0, cues.drums * {"intro": 0.6, "return": 1.1}.get(role, 1.0))
