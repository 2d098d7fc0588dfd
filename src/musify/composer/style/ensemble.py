"""Who plays: the chairs of a template, or those that the user's instruments can take."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from musify.composer.chance import Chance
from musify.composer.form.section import Form, Section
from musify.composer.instruments.catalogue import InstrumentEntry, find_instrument
from musify.composer.parts.catalogue import PATTERNS
from musify.composer.style.style import Chair, Style, Template, quadrant_of
from musify.errors import ParameterError

__all__ = ["checked_instruments", "seated", "settled", "templates_of"]

_SAME: Final = 0.6
"""How often another theme of the same mood keeps the arrangement of the first."""

_MOMENT: Final = 8.0
"""Seconds below which an ensemble does not bring a lead of its own."""
_CARRIED: Final = ("ending", "build", "break")

_LEADS: Final = ("lead", "winds", "bowed", "voices", "keys", "mallets", "plucked", "brass", "pad")
_OWN_PATTERN: Final = {
    "keys": "broken",
    "mallets": "bells",
    "plucked": "arpeggio",
    "bowed": "pad",
    "voices": "pad",
    "brass": "block",
    "winds": "answer",
    "lead": "arpeggio",
    "pad": "pad",
}
"""What an instrument plays that no chair of the template is for."""
_CHORDS: Final = ("keys", "plucked", "pad", "bowed", "mallets", "voices")
_LOWEST_BASS: Final = 52
"""An instrument that does not reach below this pitch plays no bass."""


def templates_of(style: Style, sections: Sequence[Section], *, seed: int) -> tuple[Template, ...]:
    """Choose how each section is arranged: by its mood and its letter.

    Parameters
    ----------
    style : Style
        Its templates.
    sections : sequence of Section
        Sections alike in mood and letter are arranged alike; endings, builds and breaks as what
        they end, build or break.
    seed : int
        Of the piece.
    """
    out: list[Template] = []
    for place, section in enumerate(sections):
        quadrant = quadrant_of(section.valence, section.arousal)
        before = sections[place - 1] if place else None
        if (
            before is not None
            and section.role in _CARRIED
            and quadrant == quadrant_of(before.valence, before.arousal)
        ):
            out.append(out[-1])
            continue
        templates = style.templates[quadrant]
        usual = Chance(seed, "template", quadrant).pick(templates)
        chance = Chance(seed, "template", quadrant, section.letter)
        keeps = section.letter == "A" or chance.happens(_SAME)
        out.append(usual if keeps else chance.pick(templates))
    return tuple(out)


def checked_instruments(names: Sequence[str]) -> tuple[InstrumentEntry, ...]:
    """Look up the instruments a user named.

    Raises
    ------
    ParameterError
        If one is not of the catalogue, or all of them are drums.
    """
    entries = tuple(find_instrument(name) for name in dict.fromkeys(names))
    if entries and all(entry.family == "drums" for entry in entries):
        raise ParameterError(
            f"instruments must have one that plays a melody, got {', '.join(names)} only"
        )
    return entries


def seated(template: Template, instruments: Sequence[InstrumentEntry]) -> tuple[Chair, ...]:
    """Give the chairs of a template to the instruments there are.

    Parameters
    ----------
    template : Template
        Who would play.
    instruments : sequence of InstrumentEntry
        The user's; without any the template stays as it is.

    Returns
    -------
    tuple of Chair
        All of the instruments play; chairs that none of them suits stay empty. Without one that
        reaches low enough there is no bass.
    """
    if not instruments:
        return template.chairs
    drums = [entry for entry in instruments if entry.family == "drums"]
    pitched = [entry for entry in instruments if entry.family != "drums"]
    chairs = {chair.part: chair for chair in template.chairs}
    deep = [entry for entry in pitched if entry.low < _LOWEST_BASS]
    leads = [entry for entry in pitched if len(deep) > 1 or entry not in deep] or pitched
    lead = _lead(chairs["melody"], leads)
    taken = [_moved(chairs["melody"], lead)]
    low = _low(chairs["bass"], [entry for entry in pitched if entry is not lead] or pitched)
    if low is not None:
        taken.append(_moved(chairs["bass"], low))
    free = [entry for entry in pitched if entry not in (lead, low)]
    others = [c for c in template.chairs if c.part not in ("melody", "bass") and c.role != "drums"]
    for chair in others:
        if not free:
            break
        suits = [e for e in free if e.name == chair.instrument] or [
            e for e in free if e.family in PATTERNS[chair.pattern].families
        ]
        if suits:
            free.remove(suits[0])
            taken.append(_moved(chair, suits[0]))
    taken += [_own(entry) for entry in free]
    if all(chair.role in ("melody", "bass") for chair in taken):
        able = [entry for entry in pitched if entry.family in _CHORDS]
        taken += [replace(_own(entry), part="accompaniment") for entry in able[:1]]
    return (*taken, *_drums(template, drums))


def settled(
    templates: Sequence[Template], form: Form, instruments: Sequence[InstrumentEntry]
) -> list[tuple[Chair, ...]]:
    """Seat a piece: as :func:`seated`, but a lead that would play for a moment only stays away.

    Parameters
    ----------
    templates : sequence of Template
        Of each section.
    form : Form
        How long the sections are.
    instruments : sequence of InstrumentEntry
        The user's, if any.

    Returns
    -------
    list of tuple of Chair
        Of each section. For moods of less than eight seconds melody and bass are played by those
        who play them longest.
    """
    chairs = {template.name: seated(template, instruments) for template in templates}
    edges = [*(section.start for section in form.sections), form.final]
    names = [template.name for template in templates]
    lengths = list(zip(names, np.diff(form.tempo.seconds_at(edges)).tolist(), strict=True))
    lasts = {name: sum(s for other, s in lengths if other == name) for name in chairs}
    main = {chair.part: chair for chair in chairs[max(lasts, key=lambda name: lasts[name])]}
    out: list[tuple[Chair, ...]] = []
    for name, run in itertools.groupby(lengths, key=lambda pair: pair[0]):
        seconds = [length for _, length in run]
        seats = chairs[name]
        if sum(seconds) < _MOMENT:
            seats = tuple(
                main.get(chair.part, chair) if chair.part in ("melody", "bass") else chair
                for chair in seats
            )
        out += [seats] * len(seconds)
    return out


def _moved(chair: Chair, entry: InstrumentEntry) -> Chair:
    own = chair.part in ("melody", "bass")
    options = {key: value for key, value in chair.options.items() if key != "octave"}
    return replace(
        chair,
        part=chair.part if own else entry.name,
        instrument=entry.name,
        enters=0.0,
        options=chair.options if chair.instrument == entry.name else MappingProxyType(options),
    )


def _own(entry: InstrumentEntry) -> Chair:
    pattern = PATTERNS[_OWN_PATTERN.get(entry.family, "roots")]
    return Chair(entry.name, pattern.roles[0], entry.name, pattern.name, pan=0.2, reverb=0.25)


def _lead(chair: Chair, pitched: Sequence[InstrumentEntry]) -> InstrumentEntry:
    def worth(entry: InstrumentEntry) -> tuple[int, int]:
        place = _LEADS.index(entry.family) if entry.family in _LEADS else len(_LEADS)
        return (-1 if entry.name == chair.instrument else place, pitched.index(entry))

    return min(pitched, key=worth)


def _low(chair: Chair, pitched: Sequence[InstrumentEntry]) -> InstrumentEntry | None:
    deep = [entry for entry in pitched if entry.low < _LOWEST_BASS]
    for entry in deep:
        if entry.name == chair.instrument:
            return entry
    basses = [entry for entry in deep if entry.family == "bass"]
    if basses:
        return basses[0]
    return min(deep, key=lambda entry: (entry.low, pitched.index(entry)), default=None)


def _drums(template: Template, drums: Sequence[InstrumentEntry]) -> list[Chair]:
    out = []
    for entry in drums:
        pattern = "timpani" if entry.name == "timpani" else "groove"
        like = next((c for c in template.chairs if c.pattern == pattern), None)
        if like is None:
            like = Chair(entry.name, "drums", entry.name, pattern, reverb=0.15)
        out.append(replace(like, part=entry.name, instrument=entry.name, enters=0.0))
    return out
