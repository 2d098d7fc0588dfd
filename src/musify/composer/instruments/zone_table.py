"""Zones as rows of numbers: how a pack stores them."""

from dataclasses import astuple, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.envelope import Envelope, Sweep
from musify.composer.instruments.zones import Zone

__all__ = ["ZONE_COLUMNS", "table_of_zones", "zones_of_table"]

_NESTED: Final[dict[str, type[Envelope] | type[Sweep]]] = {"volume": Envelope, "sweep": Sweep}


def _columns() -> tuple[str, ...]:
    names: list[str] = []
    for field in fields(Zone):
        nested = _NESTED.get(field.name)
        names += (
            [f"{field.name}.{inner.name}" for inner in fields(nested)] if nested else [field.name]
        )
    return tuple(names)


ZONE_COLUMNS: Final = _columns()
"""What the columns are, in order."""
_WHOLE: Final = {field.name for field in fields(Zone) if field.type in {int, "int"}}


def table_of_zones(zones: list[Zone]) -> NDArray[np.float64]:
    """Return a row for each zone, shape ``(n, len(ZONE_COLUMNS))``."""
    rows = []
    for zone in zones:
        row: list[float] = []
        for value in astuple(zone):
            row += value if isinstance(value, tuple) else (value,)
        rows.append(row)
    return np.array(rows, np.float64).reshape(-1, len(ZONE_COLUMNS))


def zones_of_table(table: NDArray[np.float64]) -> list[Zone]:
    """Return the zones that rows stand for."""
    out = []
    for row in table.tolist():
        given: dict[str, Any] = {}
        nested: dict[str, dict[str, float]] = {name: {} for name in _NESTED}
        for column, value in zip(ZONE_COLUMNS, row, strict=True):
            outer, _, inner = column.partition(".")
            if inner:
                nested[outer][inner] = value
            else:
                given[column] = int(value) if column in _WHOLE else value
        given |= {name: kind(**nested[name]) for name, kind in _NESTED.items()}
        out.append(Zone(**given))
    return out
