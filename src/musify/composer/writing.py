"""The whole of writing: from what was asked for to a score."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._version import __version__
from musify.cancelling import checkpoint
from musify.composer.commission import Commission
from musify.composer.form.section import Form
from musify.composer.form.shape import shape
from musify.composer.motifs.themes import themes_of
from musify.composer.parts.arranging import Played, arranged
from musify.composer.score import Part, Score
from musify.composer.style.choose import choose_style
from musify.composer.style.ensemble import checked_instruments, settled, templates_of
from musify.composer.style.load import load_style
from musify.composer.style.style import Chair
from musify.composer.theory.harmony import harmonized
from musify.composer.written import Written, notes_of
from musify.progress import ProgressCallback, tell

__all__ = ["compose"]

_DIGITS: Final = 6
"""Decimals of a beat that are kept: a microsecond at a beat a second."""


def compose(commission: Commission, *, on_progress: ProgressCallback | None = None) -> Score:
    """Write a piece of music.

    Parameters
    ----------
    commission : Commission
        What is asked for. The same gives the same score, on every machine and Python; another
        seed of one section (``section_seeds``) changes that section alone.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"compose"``.

    Returns
    -------
    Score
        Every note. It has a part ``"melody"`` and, if an instrument reaches low enough, a part
        ``"bass"``.

    Raises
    ------
    ParameterError
        If the style or an instrument is not known.

    Examples
    --------
    >>> from musify.composer.writing import compose
    >>> from musify.timeline import MoodTimeline
    >>> timeline = MoodTimeline([0, 20], ("happy",), [1.0], [[0.7, 0.5]])
    >>> score = compose(Commission(timeline, style="folk", seed=3))
    >>> score.duration, score.parts[0].name
    (20.0, 'melody')
    """
    instruments = checked_instruments(commission.instruments)
    if commission.style is None:
        style = choose_style(commission.timeline, seed=commission.seed, energy=commission.energy)
    else:
        style = load_style(commission.style)
    form = shape(commission, style)
    chords = harmonized(form, style, seed=commission.seed)
    themes = themes_of(form, style, seed=commission.seed)
    played = []
    templates = templates_of(style, form.sections, seed=commission.seed)
    for place, chairs in enumerate(settled(templates, form, instruments)):
        played += arranged(form, place, chairs, chords, themes, swing=style.swing)
        done = form.duration * (place + 1) / len(form.sections)
        tell(on_progress, "compose", done, form.duration)
    return Score(
        duration=form.duration,
        tempo=form.tempo,
        sections=form.sections,
        chords=chords,
        parts=_parts(played, form),
        style=style.name,
        seed=commission.seed,
        version=__version__,
        hits=form.hits,
    )


@dataclass(slots=True)
class _Stave:
    """A part being put together from sections."""

    name: str
    chair: Chair
    notes: list[Written] = field(default_factory=list)
    pedal: list[tuple[float, float]] = field(default_factory=list)
    expression: list[tuple[float, float]] = field(default_factory=list)


def _parts(played: Iterable[Played], form: Form) -> tuple[Part, ...]:
    """Join what the same instrument plays in the same role into parts, with names of their own."""
    earliest = float(form.tempo.seconds_at(0))
    staves: dict[tuple[str, str, str], _Stave] = {}
    for one in played:
        chair = one.chair
        if not one.notes:
            continue
        key = (chair.part, chair.instrument, chair.role)
        if key not in staves:
            taken = [stave.name for stave in staves.values()]
            staves[key] = _Stave(_free_name(chair, taken), chair)
        stave = staves[key]
        stave.notes += _in_time(one.notes, earliest)
        stave.pedal += one.pedal
        stave.expression += one.expression
    order = {"melody": 0, "counter": 1, "bass": 8, "drums": 9}
    ordered = sorted(staves.values(), key=lambda stave: order.get(stave.chair.role, 5))
    return tuple(
        Part(
            name=stave.name,
            role=stave.chair.role,
            instrument=stave.chair.instrument,
            notes=notes_of(stave.notes),
            gain_db=stave.chair.gain_db,
            pan=stave.chair.pan,
            reverb=stave.chair.reverb,
            pedal=_pairs(stave.pedal),
            expression=_pairs(stave.expression),
        )
        for stave in ordered
    )


def _free_name(chair: Chair, taken: Sequence[str]) -> str:
    names = [
        chair.part,
        f"{chair.part} {chair.instrument}",
        f"{chair.part} {chair.role}",
        f"{chair.part} {chair.instrument} {chair.role}",
    ]
    return next(name for name in names if name not in taken)


def _in_time(notes: Iterable[Written], earliest: float) -> list[Written]:
    """Let nobody play before the music begins, and round what the last bit could differ in."""
    checkpoint()
    return [
        Written(
            round(note.onset, _DIGITS),
            round(note.duration, _DIGITS),
            note.pitch,
            note.velocity,
            max(note.shift, -earliest) if note.onset == 0 else note.shift,
        )
        for note in notes
    ]


def _pairs(pairs: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    return np.array(pairs, np.float64).reshape(-1, 2).round(_DIGITS)
