"""Reading the packets of a stream without decoding them."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import FFmpegProcess, file_url

__all__ = ["Packets", "read_packets"]

# How ffmpeg writes a time it does not know (AV_NOPTS_VALUE), if not by that name.
_UNKNOWN: Final = -(2**63)
# Flags of a packet: decoding can begin at it; something of it is missing; it is decoded but not
# presented (edit lists).
_KEY: Final = 1
_CORRUPT: Final = 2
_DISCARD: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """Packets of one stream, in the order of the file.

    Parameters
    ----------
    starts, lengths : ndarray of shape (n,)
        When each is presented, and for how long, in seconds of the file's own clock.
    is_key : ndarray of bool, shape (n,)
        Whether decoding can begin there.
    guessed : bool
        Whether the file left some times open, which were filled in.
    sizes : ndarray of int, shape (n,)
        Bytes of each.
    decoded : ndarray of shape (n,)
        When each is decoded, in seconds of the file's own clock; NaN where the file does not say.
    complained : bool
        Whether ffmpeg found anything wrong while it read them, or marks one as corrupt.
    """

    starts: NDArray[np.float64]
    lengths: NDArray[np.float64]
    is_key: NDArray[np.bool_]
    guessed: bool = False
    sizes: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    decoded: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    complained: bool = False

    def __len__(self) -> int:
        return len(self.starts)


def read_packets(
    path: Path, index: int, *, before: Sequence[str] = (), after: Sequence[str] = ()
) -> Packets:
    """Read when the packets of a stream are presented.

    Parameters
    ----------
    path : Path
        The file.
    index : int
        Which stream.
    before, after : sequence of str
        Further options of the input and of the output, such as where to seek and stop.

    Returns
    -------
    Packets
        Those that are presented and could be read; none if the stream is damaged from its start.
    """
    args = ["-v", "error", "-copyts", *before, "-i", file_url(path), "-map", f"0:{index}"]
    args += ["-c", "copy", *after, "-f", "framecrc", "pipe:1"]
    unit = Fraction(0)
    # Six hours hold a million packets: they are kept as numbers only.
    ticks, keys, hidden = array("q"), array("b"), array("b")
    is_corrupt = False
    with FFmpegProcess(args) as process:
        for raw in process.stdout:
            line = raw.decode("ascii", "replace")
            if line.startswith("#tb "):
                unit = Fraction(line.split(": ", 1)[1].strip())
            elif line[:1].isdigit():
                # stream, decoding time, presentation time, length, size, checksum[, F=][, S=...]
                fields = line.split(",")
                ticks.extend(_ticks(field) for field in fields[1:5])
                # The flags are printed only where they are not those of a plain key frame.
                flags = [field.strip()[2:] for field in fields[6:] if field.strip()[:2] == "F="]
                mark = int(flags[0], 16) if flags else _KEY
                keys.append(mark & _KEY)
                hidden.append(mark & _DISCARD)
                is_corrupt = is_corrupt or bool(mark & _CORRUPT)
        process.finish_or_damaged()
        complained = bool(process.tail) or is_corrupt
    table = np.array(ticks, dtype=np.int64).reshape(-1, 4)
    unknown = table == _UNKNOWN
    starts = _presentation(table, unknown)
    shown = np.array(hidden, dtype=np.bool_) == 0
    decoded = np.where(unknown[:, 0], np.nan, table[:, 0] * float(unit.numerator))
    return Packets(
        starts=starts[shown] * float(unit.numerator) / unit.denominator,
        lengths=table[shown, 2] * float(unit.numerator) / unit.denominator,
        is_key=np.array(keys, dtype=np.bool_)[shown],
        guessed=bool(unknown[:, 1].any()),
        sizes=table[shown, 3],
        decoded=decoded[shown] / unit.denominator,
        complained=complained,
    )


def _ticks(text: str) -> int:
    return _UNKNOWN if "NOPTS" in text else int(text)


def _presentation(table: NDArray[np.int64], unknown: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Fill in presentation times that a file does not give.

    Raw streams give none and MPEG program streams some. Where none is known, packets follow each
    other in the order of the file; where some are, a packet without one is presented when it is
    decoded, or after its predecessor.
    """
    decoded, starts, lengths = table[:, 0], table[:, 1].copy(), table[:, 2]
    if unknown[:, 1].all():
        return np.cumsum(lengths) - lengths
    for place in np.flatnonzero(unknown[:, 1]):
        follows = starts[place - 1] + lengths[place - 1] if place else 0
        starts[place] = follows if unknown[place, 0] else decoded[place]
    return starts
