"""Reading styles from TOML files, strictly: every complaint names the file and the key."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from musify._json import Node
from musify.composer.instruments.catalogue import INSTRUMENTS
from musify.composer.parts.catalogue import PATTERNS
from musify.composer.parts.pattern import Pattern
from musify.composer.style.style import QUADRANTS, Chair, Quadrant, Style, Template
from musify.composer.theory.numerals import read_numeral
from musify.errors import ParameterError

__all__ = ["list_styles", "load_style", "style_names"]

_COLOURS: Final = ("triads", "sevenths", "extended", "open")
_SPACES: Final = ("room", "chamber", "hall", "plate")
_FIELDS: Final = (
    "name",
    "title",
    "summary",
    "tempi",
    "metres",
    "swing",
    "colour",
    "harmonic_rhythm",
    "centre",
    "reach",
    "space",
    "progressions",
    "templates",
)
_CHAIR: Final = ("part", "role", "enters", "gain_db", "pan", "reverb", "options")
_FEWEST, _MOST = 2, 4
"""Templates of each quadrant."""


def style_names() -> tuple[str, ...]:
    """Return the names of the styles that come with musify.

    Examples
    --------
    >>> "lo-fi" in style_names()
    True
    """
    folder = files("musify.composer.style") / "data"
    found = [entry.name.removesuffix(".toml") for entry in folder.iterdir()]
    return tuple(sorted(name for name in found if not name.startswith("_")))


def list_styles() -> dict[str, str]:
    """List the styles that come with musify.

    Returns
    -------
    dict of str to str
        A sentence on each style, by its name.

    Examples
    --------
    >>> list_styles()["piano"] != ""
    True
    """
    return {name: load_style(name).summary for name in style_names()}


def load_style(name: str | Path) -> Style:
    """Read a style.

    Parameters
    ----------
    name : str or Path
        The name of a style that comes with musify, or the path of a TOML file of your own, which
        ends in ``.toml``.

    Raises
    ------
    ParameterError
        If there is no such style, or the file is not what the schema says; the message names the
        file, the key and what is allowed.

    Examples
    --------
    >>> load_style("lo-fi").swing > 0
    True
    """
    if isinstance(name, Path) or name.endswith(".toml"):
        path = Path(name)
        try:
            return _read(path.read_text(encoding="utf-8"), f"style file {path}")
        except (OSError, UnicodeDecodeError) as error:
            raise ParameterError(f"style file {path} cannot be read: {error}") from error
    return _bundled(name)


@cache
def _bundled(name: str) -> Style:
    if name not in style_names():
        raise ParameterError(
            f"no style is called {name!r}; there are {', '.join(style_names())}; a file of your "
            "own ends in .toml"
        )
    file = files("musify.composer.style") / "data" / f"{name}.toml"
    return _read(file.read_text(encoding="utf-8"), f"style {name!r}")


def _read(text: str, what: str) -> Style:
    try:
        root = Node(tomllib.loads(text), "", what)
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"{what} is not TOML: {error}") from error
    found = root.keys(_FIELDS)
    tempi = _pair(found["tempi"], 30, 240)
    if tempi[0] > tempi[1]:
        raise found["tempi"].refuse("the lowest tempo, then the highest")
    return Style(
        name=found["name"].text(),
        title=found["title"].text(),
        summary=found["summary"].text(),
        tempi=tempi,
        metres=_some(found["metres"], [node.integer(2, 7) for node in found["metres"].items()]),
        swing=found["swing"].number(0, 1),
        colour=found["colour"].choice(_COLOURS),
        harmonic_rhythm=found["harmonic_rhythm"].number(0.5, 4),
        progressions=_progressions(found["progressions"]),
        centre=_pair(found["centre"], -1, 1),
        reach=_pair(found["reach"], 0.05, 2),
        templates=_templates(found["templates"]),
        space=found["space"].choice(_SPACES),
    )


def _pair(node: Node, low: float, high: float) -> tuple[float, float]:
    numbers = [item.number(low, high) for item in node.items()]
    if len(numbers) != 2:
        raise node.refuse("two numbers")
    return numbers[0], numbers[1]


def _some(node: Node, items: Iterable[int]) -> tuple[int, ...]:
    found = tuple(items)
    if not found:
        raise node.refuse("a list of at least one")
    return found


def _progressions(node: Node) -> Mapping[Quadrant, tuple[tuple[tuple[str, ...], float], ...]]:
    found: dict[Quadrant, tuple[tuple[tuple[str, ...], float], ...]] = {}
    quadrants = node.keys(QUADRANTS)
    for quadrant in QUADRANTS:
        rows = []
        for item in quadrants[quadrant].items():
            entry = item.keys(("chords",), ("weight",))
            weight = entry["weight"].number(0.01, 100) if "weight" in entry else 1.0
            rows.append((_numerals(entry["chords"]), weight))
        if not rows:
            raise quadrants[quadrant].refuse("a list of at least one progression")
        found[quadrant] = tuple(rows)
    return MappingProxyType(found)


def _numerals(node: Node) -> tuple[str, ...]:
    numerals = tuple(node.text().split())
    for numeral in numerals:
        try:
            read_numeral(numeral)
        except ParameterError as error:
            raise ParameterError(f"{node.what}: {node.path}: {error}") from error
    return numerals


def _templates(node: Node) -> Mapping[Quadrant, tuple[Template, ...]]:
    found: dict[Quadrant, tuple[Template, ...]] = {}
    seen: set[str] = set()
    quadrants = node.keys(QUADRANTS)
    for quadrant in QUADRANTS:
        templates = tuple(_template(item) for item in quadrants[quadrant].items())
        if not _FEWEST <= len(templates) <= _MOST:
            raise ParameterError(
                f"{node.what}: {quadrants[quadrant].path} must be {_FEWEST} to {_MOST} templates, "
                f"got {len(templates)}"
            )
        for template in templates:
            if template.name in seen:
                raise ParameterError(
                    f"{node.what}: two templates are called {template.name!r}; names must differ"
                )
            seen.add(template.name)
        found[quadrant] = templates
    return MappingProxyType(found)


def _template(node: Node) -> Template:
    entry = node.keys(("name", "chairs"))
    name = entry["name"].text()
    chairs = tuple(_chair(item) for item in entry["chairs"].items())
    parts = [chair.part for chair in chairs]
    where = f"{node.what}: {node.path}.chairs of {name!r}"
    for part in ("melody", "bass"):
        if part not in parts:
            raise ParameterError(f"{where} must have one whose part is {part!r}, got {parts}")
    twice = sorted({part for part in parts if parts.count(part) > 1})
    if twice:
        raise ParameterError(
            f"{where}: two chairs have the part {twice[0]!r}; give one a 'part' of its own"
        )
    return Template(name, chairs)


def _chair(node: Node) -> Chair:
    entry = node.keys(("instrument", "pattern"), _CHAIR)
    instrument = entry["instrument"].choice(tuple(INSTRUMENTS))
    pattern = PATTERNS[entry["pattern"].choice(tuple(PATTERNS))]
    family = INSTRUMENTS[instrument].family
    if family not in pattern.families:
        raise ParameterError(
            f"{node.what}: {entry['pattern'].path}: {pattern.name!r} is played by "
            f"{', '.join(pattern.families)}, and {instrument} is one of {family}"
        )
    role = entry["role"].choice(pattern.roles) if "role" in entry else pattern.roles[0]
    named = role if role in ("melody", "bass") else instrument
    numbers = {
        key: entry[key].number(low, high)
        for key, low, high in (
            ("enters", 0, 1),
            ("gain_db", -30, 12),
            ("pan", -1, 1),
            ("reverb", 0, 1),
        )
        if key in entry
    }
    return Chair(
        part=entry["part"].text() if "part" in entry else named,
        role=role,
        instrument=instrument,
        pattern=pattern.name,
        options=_options(entry["options"], pattern) if "options" in entry else MappingProxyType({}),
        **numbers,
    )


def _options(node: Node, pattern: Pattern) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.keys((), tuple(pattern.options)).items():
        allowed = pattern.options[key]
        if isinstance(allowed[0], str):
            found[key] = value.choice(allowed)
        else:
            found[key] = value.number(float(allowed[0]), float(allowed[1]))
    return MappingProxyType(found)
