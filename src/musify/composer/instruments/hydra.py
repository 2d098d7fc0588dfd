"""The nine tables of a SoundFont, checked: presets, instruments, zones and samples.

After "SoundFont Technical Specification 2.04" (Creative/E-mu 2006), chapter 7. In .sf3 (MuseScore)
the samples are Ogg Vorbis, and the places of a sample in its header are bytes.
"""

import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.riff import Chunk, open_bytes, riff_chunks
from musify.errors import AudioDecodeError

__all__ = ["Hydra", "read_hydra"]

Table = NDArray[Any]

_LAYOUTS: Final[dict[bytes, list[tuple[str, str]]]] = {
    b"phdr": [
        ("name", "S20"),
        ("program", "<u2"),
        ("bank", "<u2"),
        ("bag", "<u2"),
        ("library", "<u4"),
        ("genre", "<u4"),
        ("morphology", "<u4"),
    ],
    b"pbag": [("generator", "<u2"), ("modulator", "<u2")],
    b"pmod": [("source", "<u2"), ("to", "<u2"), ("amount", "<i2"), ("by", "<u2"), ("form", "<u2")],
    b"pgen": [("kind", "<u2"), ("amount", "<u2")],
    b"inst": [("name", "S20"), ("bag", "<u2")],
    b"ibag": [("generator", "<u2"), ("modulator", "<u2")],
    b"imod": [("source", "<u2"), ("to", "<u2"), ("amount", "<i2"), ("by", "<u2"), ("form", "<u2")],
    b"igen": [("kind", "<u2"), ("amount", "<u2")],
    b"shdr": [
        ("name", "S20"),
        ("start", "<u4"),
        ("end", "<u4"),
        ("loop_start", "<u4"),
        ("loop_end", "<u4"),
        ("rate", "<u4"),
        ("key", "u1"),
        ("correction", "i1"),
        ("link", "<u2"),
        ("type", "<u2"),
    ],
}
# Two bytes count their rows, so more cannot be named.
_MOST_ROWS: Final = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Hydra:
    """The tables, and the file they are of.

    Parameters
    ----------
    path : Path
        The file.
    data : mmap
        Its bytes.
    tables : dict of bytes to ndarray
        By their four letters, structured as the specification says, terminal rows included.
    samples : tuple of int
        First byte and number of bytes of the sound.
    """

    path: Path
    data: mmap.mmap
    tables: dict[bytes, Table]
    samples: Chunk

    def broken(self, what: str) -> AudioDecodeError:
        """Make the error of a broken SoundFont."""
        return AudioDecodeError(f"the SoundFont {str(self.path)!r} is broken: {what}")

    def bags(self, headers: bytes, row: int) -> range:
        """Return which zones a preset (``b"phdr"``) or an instrument (``b"inst"``) has."""
        table = self.tables[headers]
        bags = self.tables[b"pbag" if headers == b"phdr" else b"ibag"]
        first, last = int(table["bag"][row]), int(table["bag"][row + 1])
        if not first <= last < len(bags):
            raise self.broken(
                f"zones {first} to {last} of {headers.decode()} {row} are not among its {len(bags)}"
            )
        return range(first, last)

    def zone(self, kind: bytes, bag: int) -> tuple[dict[int, int], Table]:
        """Return the generators and modulators of a zone.

        Parameters
        ----------
        kind : bytes
            ``b"p"`` of a preset, ``b"i"`` of an instrument.
        bag : int
            Which.

        Returns
        -------
        generators : dict of int to int
            Amounts as unsigned words, in the order in which they stand.
        modulators : ndarray
            Structured.
        """
        bags = self.tables[kind + b"bag"]
        out = []
        for column, table in (("generator", kind + b"gen"), ("modulator", kind + b"mod")):
            first, last = int(bags[column][bag]), int(bags[column][bag + 1])
            if not first <= last <= len(self.tables[table]):
                raise self.broken(
                    f"rows {first} to {last} of {table.decode()} are not among its "
                    f"{len(self.tables[table])}"
                )
            out.append(self.tables[table][first:last])
        return dict(out[0].tolist()), out[1]


def read_hydra(path: Path) -> Hydra:
    """Read the tables of a SoundFont.

    Raises
    ------
    AudioDecodeError
        If the file cannot be read, is no SoundFont, or is broken; the message says where.
    """
    data = open_bytes(path)
    chunks = riff_chunks(data, path, b"sfbk")
    missing = [name.decode() for name in (*_LAYOUTS, b"smpl") if name not in chunks]
    if missing:
        raise AudioDecodeError(
            f"the SoundFont {str(path)!r} is broken: it lacks {', '.join(missing)}"
        )
    tables = {}
    for name, layout in _LAYOUTS.items():
        start, size = chunks[name]
        dtype = np.dtype(layout)
        count, rest = divmod(size, dtype.itemsize)
        # Modulators may be missing altogether; of the others the last row only ends the table.
        least = 0 if name in {b"pmod", b"imod", b"pgen", b"igen"} else 1
        if rest or not least <= count <= _MOST_ROWS:
            raise AudioDecodeError(
                f"the SoundFont {str(path)!r} is broken: {name.decode()} has {size} bytes, which "
                f"are not {least} to {_MOST_ROWS} rows of {dtype.itemsize}"
            )
        tables[name] = np.frombuffer(data[start : start + size], dtype)
    return Hydra(path, data, tables, chunks[b"smpl"])
