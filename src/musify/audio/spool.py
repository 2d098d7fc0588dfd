"""Reading stretches of a song in any order, decoding it once."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from musify._iterators import ended
from musify.audio.pcm import BLOCK_FRAMES, CHANNELS, decode_range
from musify.errors import OutputError

__all__ = ["Spool"]

_FRAME_BYTES: Final = 4 * CHANNELS
# Ten minutes at 48 kHz are 230 MB on disk; of longer songs every stretch is decoded by itself.
_LONGEST_SECONDS: Final = 600

Pcm = NDArray[np.float32]


class Spool:
    """A song of which several stretches are needed.

    It is decoded as far as asked for, into a file without a name that vanishes with the process.

    Parameters
    ----------
    path : Path
        The song.
    end : int
        PCM frame up to which stretches will be asked for.
    sample_rate : int
        PCM frames a second.
    once : bool
        Whether there is one stretch alone, which needs no file.
    """

    def __init__(self, path: Path, end: int, sample_rate: int, *, once: bool) -> None:
        self._path, self._end, self._rate = path, end, sample_rate
        self._direct = once or end > _LONGEST_SECONDS * sample_rate
        self._decoded = 0
        self._open = ended(iter(()) if self._direct else decode_range(path, 0, end, sample_rate))
        self._blocks = self._open.__enter__()
        self._file = None if self._direct else tempfile.TemporaryFile()  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.__exit__(None, None, None)
        if self._file is not None:
            self._file.close()

    def stretch(self, start: int, end: int) -> Iterator[Pcm]:
        """Give the frames from ``start`` to ``end``; what lies before the song is silence.

        Yields
        ------
        ndarray of float32, shape (n, 2)
            ``end - start`` frames in all, but none after the end that was named to begin with.
        """
        if start < 0:
            yield np.zeros((min(-start, end - start), CHANNELS), np.float32)
            start = 0
        if self._file is None:
            if end > start:
                yield from decode_range(self._path, start, min(end, self._end), self._rate)
            return
        end = min(end, self._end)
        while start < end:
            wanted = min(end, start + BLOCK_FRAMES)
            self._decode_to(wanted)
            self._file.seek(start * _FRAME_BYTES)
            data = self._file.read((min(wanted, self._decoded) - start) * _FRAME_BYTES)
            block = np.frombuffer(data, np.float32).reshape(-1, CHANNELS)
            if not len(block):
                return
            yield block
            start += len(block)

    def finish(self) -> None:
        """Let the decoder end by itself, and say what was wrong."""
        self._decode_to(self._end)
        for _ in self._blocks:
            pass

    def _decode_to(self, frame: int) -> None:
        if self._file is None:
            return
        while self._decoded < frame:
            block = next(self._blocks, None)
            if block is None:
                return
            try:
                self._file.seek(self._decoded * _FRAME_BYTES)
                self._file.write(np.ascontiguousarray(block, np.float32).tobytes())
            except OSError as error:
                raise OutputError(
                    f"no space is left in {tempfile.gettempdir()!r} to keep {self._path.name} "
                    f"while it is joined ({error.strerror or error}); make room, or set TMPDIR"
                ) from error
            self._decoded += len(block)
