"""Writing one section of a piece anew, while the others stay as they are, note for note."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._checks import whole_number
from musify.composer.score import Notes, Part, Score
from musify.errors import ParameterError
from musify.progress import ProgressCallback

__all__ = ["rewritten"]

Floats = NDArray[np.float64]
Inside = Callable[[Floats], NDArray[np.bool_]]
_COLUMNS: Final = ("onset", "duration", "pitch", "velocity", "shift")


def rewritten(
    score: Score, section: int, seed: int, on_progress: ProgressCallback | None = None
) -> Score:
    """Write a section anew; see :meth:`Score.rewritten`."""
    from musify.composing import composed  # noqa: PLC0415 - all of the composer

    asked = score.commission
    if asked is None:
        raise ParameterError("the score does not say what it was composed for; compose a new one")
    whole_number("section", section, low=0)
    whole_number("seed", seed, low=0)
    if section >= len(score.sections):
        raise ParameterError(f"section must be from 0 to {len(score.sections) - 1}, got {section}")
    seeds = tuple(sorted({**dict(asked.section_seeds), section: seed}.items()))
    new = composed(replace(asked, section_seeds=seeds), on_progress=on_progress)
    if _bones(new) != _bones(score):
        raise ParameterError(
            f"musify {score.version} planned this piece in another way than {new.version} does, "
            "so that a section of one does not fit into the other; compose a new one"
        )
    last = section == len(score.sections) - 1
    start = float(score.sections[section].start)
    # The final chord belongs to the last section.
    stop = math.inf if last else float(score.sections[section].end)

    def inside(beats: Floats) -> NDArray[np.bool_]:
        return (beats >= start) & (beats < stop)

    sections = [
        fresh if place == section else old
        for place, (old, fresh) in enumerate(zip(score.sections, new.sections, strict=True))
    ]
    chords = [chord for chord in score.chords if not start <= chord.start < stop]
    chords += [chord for chord in new.chords if start <= chord.start < stop]
    return replace(
        new,
        sections=tuple(sections),
        chords=tuple(sorted(chords, key=lambda chord: chord.start)),
        parts=tuple(_parts(score.parts, new.parts, inside)),
    )


def _bones(score: Score) -> tuple[object, ...]:
    """Give what must be alike for sections to be exchanged: the form, and when which beat falls."""
    return (
        score.duration,
        score.tempo.beats.tolist(),
        score.tempo.seconds.tolist(),
        [(section.start, section.bars) for section in score.sections],
    )


def _parts(old: Iterable[Part], new: Iterable[Part], inside: Inside) -> list[Part]:
    """Put the parts together: what an instrument plays in one role stays one part."""
    waiting = list(new)
    parts = []
    for part in old:
        alike = [
            one for one in waiting if (one.role, one.instrument) == (part.role, part.instrument)
        ]
        alike.sort(key=lambda one: one.name != part.name)
        if alike:
            waiting.remove(alike[0])
        parts.append(_spliced(part, alike[0] if alike else None, inside))
    for part in waiting:
        names = [one.name for one in parts]
        name, count = part.name, 2
        while name in names:
            name, count = f"{part.name} {count}", count + 1
        parts.append(replace(_spliced(None, part, inside), name=name))
    return [part for part in parts if len(part.notes)]


def _spliced(old: Part | None, new: Part | None, inside: Inside) -> Part:
    """Take what lies inside from the new part, and the rest from the old one."""

    def joined(rows_of: Callable[[Part], Floats]) -> Floats:
        kept = [] if old is None else [rows_of(old)[~inside(rows_of(old)[:, 0])]]
        kept += [] if new is None else [rows_of(new)[inside(rows_of(new)[:, 0])]]
        rows = np.concatenate(kept)
        return rows[np.argsort(rows[:, 0], kind="stable")]

    def notes(part: Part) -> Floats:
        return np.stack([getattr(part.notes, name) for name in _COLUMNS], axis=1)

    part = old or new
    assert part is not None  # one of both is given
    return replace(
        part,
        notes=Notes(*joined(notes).T),
        pedal=joined(lambda one: one.pedal),
        expression=joined(lambda one: one.expression),
    )
