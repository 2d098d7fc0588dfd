"""Scores as JSON: every note a row of numbers, everything else a key with a name.

The format is called ``musify-score``; version 1 is written and read. Numbers are written so that
they are read back equal to the last bit, so a score that was saved sounds the same to the sample.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from musify._json import Node, json_text, parse
from musify.composer.commission import LONGEST, TEMPI, Commission
from musify.composer.form.section import ROLES, Section
from musify.composer.instruments.catalogue import find_instrument
from musify.composer.score import PART_ROLES, SPACES, Notes, Part, Score
from musify.composer.tempo import TempoMap
from musify.composer.theory.chords import QUALITIES, Chord
from musify.composer.theory.keys import NOTE_NAMES, Key
from musify.errors import ParameterError
from musify.timeline import MoodTimeline

__all__ = ["dump_score", "read_score", "score_from_dict", "score_from_node", "score_to_dict"]

FORMAT: Final = "musify-score"
VERSION: Final = 1
WHAT: Final = "score"
_SMALLEST: Final = 1e-9
_MOST: Final = 2**63 - 1
_BEATS: Final = 1e9

T = TypeVar("T")


def dump_score(score: Score) -> str:
    """Write a score as JSON."""
    return json_text(score_to_dict(score))


def read_score(text: str) -> Score:
    """Read what :func:`dump_score` wrote, edited by hand perhaps.

    Raises
    ------
    ParameterError
        If a key is unknown or missing, or a value wrong; the message gives its path, such as
        ``parts[2].notes[17]``.
    """
    return score_from_node(parse(text, WHAT))


def score_to_dict(score: Score) -> dict[str, Any]:
    """Describe a score as it stands in JSON."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "written_by": score.version,
        "style": score.style,
        "seed": score.seed,
        "space": score.space,
        "duration": score.duration,
        "tempo": _rows(score.tempo.beats, score.tempo.seconds),
        "hits": _plain(score.hits),
        "sections": [_section(section) for section in score.sections],
        "chords": [_chord(chord) for chord in score.chords],
        "parts": [_part(part) for part in score.parts],
    }
    if score.commission is not None:
        document["commission"] = _commission(score.commission)
    return document


def score_from_dict(document: dict[str, Any]) -> Score:
    """Read what :func:`score_to_dict` gave."""
    return score_from_node(Node(document, "", WHAT))


def score_from_node(node: Node) -> Score:
    """Read a score out of a larger document."""
    keys = node.keys(
        required=("format", "version", "duration", "tempo", "sections", "parts"),
        optional=("written_by", "style", "seed", "space", "hits", "chords", "commission"),
    )
    keys["format"].choice((FORMAT,))
    keys["version"].choice((VERSION,))
    tempo = _table(keys["tempo"], (2,), "[beat, seconds]")
    hits = [item.number(low=0) for item in keys["hits"].items()] if "hits" in keys else []
    score_tempo = _made(keys["tempo"], lambda: TempoMap(tempo[:, 0], tempo[:, 1]))
    sections = tuple(_read_section(item) for item in keys["sections"].items())
    chords = tuple(_read_chord(item) for item in keys["chords"].items()) if "chords" in keys else ()
    parts = tuple(_read_part(item) for item in keys["parts"].items())
    commission = _read_commission(keys["commission"]) if "commission" in keys else None
    return _made(
        node,
        lambda: Score(
            duration=keys["duration"].number(_SMALLEST, LONGEST),
            tempo=score_tempo,
            sections=sections,
            chords=chords,
            parts=parts,
            style=keys["style"].text() if "style" in keys else "",
            seed=keys["seed"].integer(0, _MOST) if "seed" in keys else 0,
            version=keys["written_by"].text() if "written_by" in keys else "",
            hits=np.array(hits),
            space=keys["space"].choice(SPACES) if "space" in keys else "hall",
            commission=commission,
        ),
    )


def _plain(values: NDArray[np.float64]) -> list[float]:
    """Numbers as people write them: 4, not 4.0."""
    return [int(value) if value.is_integer() else value for value in values.tolist()]


def _rows(*columns: NDArray[np.float64]) -> list[list[float]]:
    return [list(row) for row in zip(*map(_plain, columns), strict=True)]


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "role": section.role,
        "start": section.start,
        "bars": list(section.bars),
        "valence": section.valence,
        "arousal": section.arousal,
        "key": section.key.name,
        "seed": section.seed,
    }


def _chord(chord: Chord) -> list[Any]:
    return [chord.start, chord.duration, chord.name, chord.numeral, chord.cadence]


def _part(part: Part) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": part.name,
        "role": part.role,
        "instrument": part.instrument,
        "gain_db": part.gain_db,
        "pan": part.pan,
        "reverb": part.reverb,
    }
    for name in ("pedal", "expression"):
        pairs = getattr(part, name)
        if len(pairs):
            made[name] = _rows(*pairs.T)
    notes = part.notes
    rows = _rows(notes.onset, notes.duration, notes.pitch, notes.velocity, notes.shift)
    made["notes"] = [row if row[-1] else row[:-1] for row in rows]
    return made


def _commission(asked: Commission) -> dict[str, Any]:
    timeline = asked.timeline
    made: dict[str, Any] = {
        "edges": _plain(timeline.edges),
        "labels": list(timeline.labels),
        "confidence": _plain(timeline.confidence),
        "plane": _rows(*timeline.plane.T),
        "cuts": _plain(timeline.cuts),
        "strengths": _plain(asked.strengths),
        "style": asked.style,
        "bpm": asked.bpm,
        "key": None if asked.key is None else asked.key.name,
        "instruments": list(asked.instruments),
        "energy": asked.energy,
        "seed": asked.seed,
        "section_seeds": [list(pair) for pair in asked.section_seeds],
    }
    return {name: value for name, value in made.items() if value not in (None, [])}


def _made(node: Node, make: Callable[[], T]) -> T:
    """Make a value; what is wrong with it is told with its place."""
    try:
        return make()
    except ParameterError as error:
        if str(error).startswith(node.what):
            raise
        place = f" {node.path}:" if node.path else ""
        raise ParameterError(f"{node.what}:{place} {error}") from error


def _table(node: Node, widths: Sequence[int], wanted: str) -> NDArray[np.float64]:
    """Read rows of numbers; rows that are shorter than the longest end in zeros."""
    rows = node.value
    most = max(widths)
    table = np.zeros((len(rows) if isinstance(rows, list) else 0, most))
    # Checked one by one only where something is wrong: a long score has many thousand notes.
    kinds = (int, float)
    if isinstance(rows, list) and all(
        type(row) is list and len(row) in widths and all(type(one) in kinds for one in row)
        for row in rows
    ):
        for place, row in enumerate(rows):
            table[place, : len(row)] = row
        if np.isfinite(table).all():
            return table
    for item in node.items():
        numbers = [one.number(-_BEATS, _BEATS) for one in item.items()]
        if len(numbers) not in widths:
            raise item.refuse(f"a row {wanted}")
    raise node.refuse(f"rows {wanted}")


def _read_section(node: Node) -> Section:
    keys = node.keys(
        required=("name", "role", "start", "bars", "valence", "arousal", "key"), optional=("seed",)
    )
    return _made(
        node,
        lambda: Section(
            name=keys["name"].text(),
            role=keys["role"].choice(ROLES),
            start=keys["start"].integer(0, _MOST),
            bars=tuple(item.integer(1, 64) for item in keys["bars"].items()),
            valence=keys["valence"].number(-1, 1),
            arousal=keys["arousal"].number(-1, 1),
            key=_read_key(keys["key"]),
            seed=keys["seed"].integer(0, _MOST) if "seed" in keys else 0,
        ),
    )


def _read_key(node: Node) -> Key:
    return _made(node, lambda: Key.named(node.text()))


def _read_chord(node: Node) -> Chord:
    items = list(node.items())
    if len(items) != 5:
        raise node.refuse("a row [start, duration, name, numeral, cadence]")
    start, duration = (item.number(0, _BEATS) for item in items[:2])
    name, _, under = items[2].text().partition("/")
    root = name[:2] if name[:2] in NOTE_NAMES else name[:1]
    known = (NOTE_NAMES, NOTE_NAMES if under else ("",))
    if root not in known[0] or under not in known[1] or name[len(root) :] not in QUALITIES:
        raise items[2].refuse("the name of a chord, such as 'Am7' or 'C/E'")
    if not isinstance(items[3].value, str):
        raise items[3].refuse("text")
    return _made(
        node,
        lambda: Chord(
            start=start,
            duration=duration,
            root=NOTE_NAMES.index(root),
            quality=name[len(root) :],
            bass=NOTE_NAMES.index(under) if under else None,
            numeral=items[3].value,
            cadence=items[4].choice((True, False)),
        ),
    )


def _read_part(node: Node) -> Part:
    keys = node.keys(
        required=("name", "role", "instrument", "notes"),
        optional=("gain_db", "pan", "reverb", "pedal", "expression"),
    )
    name, role = keys["name"].text(), keys["role"].choice(PART_ROLES)
    instrument = _made(keys["instrument"], lambda: find_instrument(keys["instrument"].text()).name)
    more: dict[str, Any] = {
        key: keys[key].number() for key in ("gain_db", "pan", "reverb") if key in keys
    }
    for key, row in (("pedal", "[beat, beat]"), ("expression", "[beat, gain]")):
        if key in keys:
            more[key] = _table(keys[key], (2,), row)
    rows = _table(keys["notes"], (4, 5), "[onset, duration, pitch, velocity, shift]")
    notes = _made(keys["notes"], lambda: Notes(*rows.T))
    return _made(node, lambda: Part(name, role, instrument, notes, **more))


def _read_commission(node: Node) -> Commission:
    keys = node.keys(
        required=("edges", "labels", "confidence", "plane"),
        optional=(
            "cuts",
            "strengths",
            "style",
            "bpm",
            "key",
            "instruments",
            "energy",
            "seed",
            "section_seeds",
        ),
    )

    def numbers(name: str) -> list[float]:
        return [item.number() for item in keys[name].items()] if name in keys else []

    def words(name: str) -> tuple[str, ...]:
        return tuple(item.text() for item in keys[name].items()) if name in keys else ()

    def timeline() -> MoodTimeline:
        plane = _table(keys["plane"], (2,), "[valence, arousal]")
        return MoodTimeline(
            numbers("edges"), words("labels"), numbers("confidence"), plane, numbers("cuts")
        )

    def seeds() -> Iterator[tuple[int, int]]:
        for item in keys["section_seeds"].items() if "section_seeds" in keys else ():
            pair = [one.integer(0, _MOST) for one in item.items()]
            if len(pair) != 2:
                raise item.refuse("a row [section, seed]")
            yield pair[0], pair[1]

    return _made(
        node,
        lambda: Commission(
            timeline=timeline(),
            style=keys["style"].text() if "style" in keys else None,
            bpm=keys["bpm"].number(*TEMPI) if "bpm" in keys else None,
            key=_read_key(keys["key"]) if "key" in keys else None,
            instruments=words("instruments"),
            energy=keys["energy"].number(-1, 1) if "energy" in keys else 0.0,
            seed=keys["seed"].integer(0, _MOST) if "seed" in keys else 0,
            strengths=numbers("strengths"),
            section_seeds=tuple(seeds()),
        ),
    )
