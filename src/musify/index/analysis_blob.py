"""A :class:`~musify.songs.SongAnalysis` as bytes."""

import dataclasses
import json
import zlib
from typing import Any, Final

import numpy as np

from musify.errors import ParameterError
from musify.songs import SongAnalysis

__all__ = ["pack_analysis", "unpack_analysis"]

# The least effort: arrays of times shrink little, and reading back is what must be quick.
_LEVEL: Final = 1


def pack_analysis(analysis: SongAnalysis) -> bytes:
    """Turn an analysis into bytes: JSON of one line, then the arrays, all compressed by zlib.

    Numbers are kept to the last bit, so that what is planned from the index is what would be
    planned after listening again.
    """
    scalars: dict[str, Any] = {}
    arrays: list[bytes] = []
    shapes: dict[str, list[int]] = {}
    for field in dataclasses.fields(analysis):
        value = getattr(analysis, field.name)
        if isinstance(value, np.ndarray):
            shapes[field.name] = list(value.shape)
            arrays.append(np.ascontiguousarray(value, "<f8").tobytes())
        else:
            scalars[field.name] = value
    head = json.dumps({"scalars": scalars, "arrays": shapes}, default=_plain)
    return zlib.compress(head.encode() + b"\n" + b"".join(arrays), _LEVEL)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"an analysis holds {value!r}, which cannot be kept")


def unpack_analysis(blob: bytes) -> SongAnalysis:
    """Undo :func:`pack_analysis`.

    Raises
    ------
    ParameterError
        If these are not the bytes of an analysis.
    """
    try:
        head, _, data = zlib.decompress(blob).partition(b"\n")
        known = json.loads(head)
        given: dict[str, Any] = dict(known["scalars"])
        at = 0
        for name, shape in known["arrays"].items():
            count = int(np.prod(shape, dtype=np.int64))
            given[name] = np.frombuffer(data, "<f8", count, at).reshape(shape)
            at += 8 * count
        given["section_labels"] = tuple(given["section_labels"])
        return SongAnalysis(**given)
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise ParameterError(f"what was kept of a song cannot be read: {error}") from error
