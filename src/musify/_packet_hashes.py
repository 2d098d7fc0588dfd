"""Fingerprints of the streams of a file, from one reading of its packets."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from musify._ffmpeg import FFmpegProcess, file_url
from musify.progress import ProgressCallback, tell

__all__ = ["StreamPrint", "stream_prints"]

_TELL_EVERY: Final = 1000


@dataclass(frozen=True, slots=True)
class StreamPrint:
    """What the packets of a stream are, and when.

    Parameters
    ----------
    sha256 : str
        Hash over what every packet holds, in order; of an attachment, over its content.
    packets : int
        How many there are.
    start, end : float or None
        Seconds on the file's clock, from the first packet to the end of the last; None without any.
    """

    sha256: str
    packets: int
    start: float | None
    end: float | None

    @property
    def duration(self) -> float:
        """Length in seconds; 0 without packets."""
        return 0.0 if self.start is None or self.end is None else self.end - self.start


class _Growing:
    """The print of a stream while its packets pass."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.extradata = ""
        self.packets = 0
        self.unit = 1.0
        self.start = float("inf")
        self.end = float("-inf")

    def add(self, pts: str, duration: str, content: str) -> None:
        self.digest.update(content.encode())
        self.packets += 1
        if "NOPTS" not in pts:
            self.start = min(self.start, int(pts))
            self.end = max(self.end, int(pts) + int(duration))

    def finished(self) -> StreamPrint:
        known = self.start <= self.end
        if not self.packets:  # an attachment: what it holds stands in its header
            self.digest.update(self.extradata.encode())
        return StreamPrint(
            self.digest.hexdigest(),
            self.packets,
            self.start * self.unit if known else None,
            self.end * self.unit if known else None,
        )


def stream_prints(
    path: Path,
    filters: dict[int, str] | None = None,
    *,
    on_progress: ProgressCallback | None = None,
    seconds: float = 0.0,
) -> dict[int, StreamPrint]:
    """Take the fingerprint of every stream of a file.

    Parameters
    ----------
    path : Path
        A media file.
    filters : dict of int to str, optional
        Bitstream filters, by the number of the stream.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"audit"``.
    seconds : float
        How long the file is, for that.

    Returns
    -------
    dict of int to StreamPrint
        By the number of the stream.

    Raises
    ------
    FFmpegError
        If ffmpeg is missing or was killed.
    """
    args = ["-v", "error", "-copyts", "-i", file_url(path), "-map", "0", "-c", "copy"]
    args += ["-copy_unknown", "-copyinkf"]
    for index, name in (filters or {}).items():
        args += [f"-bsf:{index}", name]
    found: dict[int, _Growing] = {}
    count, done = 0, 0.0
    with FFmpegProcess([*args, "-f", "framehash", "-hash", "md5", "pipe:1"]) as process:
        for raw in process.stdout:
            line = raw.decode("ascii", "replace").rstrip()
            if line.startswith("#"):
                _read_header(line, found)
                continue
            # stream, decoding time, presentation time, length, size, hash[, of side data ...]
            fields = [field.strip() for field in line.split(",")]
            stream = found.setdefault(int(fields[0]), _Growing())
            stream.add(fields[2], fields[3], fields[5])
            count += 1
            if count % _TELL_EVERY == 0:
                done = max(done, (stream.end - stream.start) * stream.unit)
                tell(on_progress, "audit", done, seconds)
        process.finish_or_damaged()
    return {index: one.finished() for index, one in sorted(found.items())}


def _read_header(line: str, found: dict[int, _Growing]) -> None:
    name, _, rest = line.partition(" ")
    if name not in ("#tb", "#extradata"):
        return
    index, _, value = rest.replace(":", ",").partition(",")
    stream = found.setdefault(int(index), _Growing())
    if name == "#tb":
        up, _, down = value.strip().partition("/")
        stream.unit = int(up) / int(down)
    elif name == "#extradata":
        stream.extradata = value.rpartition(",")[2].strip()
