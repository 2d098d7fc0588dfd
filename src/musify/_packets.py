"""Reading the packets of a stream without decoding them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musify import _ffmpeg
from musify._ffmpeg import file_url

__all__ = ["Packets", "read_packets"]


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """Packets of one stream, in the order of the file.

    Parameters
    ----------
    starts, lengths : ndarray of shape (n,)
        When each is presented, and for how long, in seconds of the file's own clock.
    is_key : ndarray of bool, shape (n,)
        Whether decoding can begin there.
    """

    starts: NDArray[np.float64]
    lengths: NDArray[np.float64]
    is_key: NDArray[np.bool_]

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
        Those that could be read; none if the stream is damaged from its start.
    """
    args = ["-v", "error", "-copyts", *before, "-i", file_url(path), "-map", f"0:{index}"]
    args += ["-c", "copy", *after, "-f", "framecrc", "pipe:1"]
    stdout, _ = _ffmpeg.run(args, check=False)
    unit = Fraction(0)
    starts, lengths, keys = [], [], []
    for line in stdout.decode("ascii", "replace").splitlines():
        if line.startswith("#tb "):
            unit = Fraction(line.split(": ", 1)[1])
        elif line and not line.startswith("#"):
            # stream, decoding time, presentation time, length, size, checksum[, F=flags]
            fields = line.split(",")
            if "NOPTS" in fields[2]:
                continue
            starts.append(int(fields[2]))
            lengths.append(int(fields[3]))
            # The flags are printed only where they are not those of a plain key frame.
            flags = fields[6].strip() if len(fields) > 6 else "F=0x1"
            keys.append(flags.startswith("F=") and bool(int(flags[2:], 16) & 1))
    tick = np.array([unit.numerator, unit.denominator], dtype=np.float64)
    return Packets(
        np.array(starts, dtype=np.float64) * tick[0] / tick[1],
        np.array(lengths, dtype=np.float64) * tick[0] / tick[1],
        np.array(keys, dtype=np.bool_),
    )
