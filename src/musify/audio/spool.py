"""Sound of which stretches are needed in any order, made once and kept in a file without a name."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from musify._iterators import ended
from musify.audio.pcm import BLOCK_FRAMES, CHANNELS, decode_range
from musify.errors import OutputError

__all__ = ["Source", "Spool", "song_source"]

_FRAME_BYTES: Final = 4 * CHANNELS
# Ten minutes at 48 kHz are 230 MB on disk; of longer songs every stretch is decoded by itself.
_LONGEST_SECONDS: Final = 600

Pcm = NDArray[np.float32]


class Source(Protocol):
    """What stretches of sound can be had from."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def stretch(self, start: int, end: int) -> Iterator[Pcm]:
        """Give the PCM frames from ``start`` to ``end``; what lies before the sound is silence.

        Yields
        ------
        ndarray of float32, shape (n, 2)
            ``end - start`` frames in all, but none after the end that was named to begin with.
        """
        ...

    def finish(self) -> None:
        """Say what was wrong with the source, if anything was."""
        ...


def song_source(path: Path, end: int, sample_rate: int, *, once: bool) -> Source:
    """Open a song of which stretches are needed.

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
    if once or end > _LONGEST_SECONDS * sample_rate:
        return _Decoded(path, end, sample_rate)
    return Spool(decode_range(path, 0, end, sample_rate), end, path.name)


class Spool:
    """Sound in a file without a name, which vanishes with the process.

    Parameters
    ----------
    blocks : iterator of ndarray of float32, shape (n, 2)
        The sound; it is taken as far as it is asked for.
    end : int
        PCM frame up to which stretches will be asked for.
    name : str
        What to call the sound in an error.
    """

    def __init__(self, blocks: Iterator[Pcm], end: int, name: str) -> None:
        self._end, self._name = end, name
        self._made = 0
        self._open = ended(blocks)
        self._blocks = self._open.__enter__()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        # Two mixes may share it, each in a thread of its own.
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.__exit__(None, None, None)
        self._file.close()

    def stretch(self, start: int, end: int) -> Iterator[Pcm]:
        """Give the frames from ``start`` to ``end``; see :class:`Source`."""
        if start < 0:
            yield np.zeros((min(-start, end - start), CHANNELS), np.float32)
            start = 0
        end = min(end, self._end)
        while start < end:
            wanted = min(end, start + BLOCK_FRAMES)
            with self._lock:
                self._make_to(wanted)
                self._file.seek(start * _FRAME_BYTES)
                data = self._file.read((min(wanted, self._made) - start) * _FRAME_BYTES)
            block = np.frombuffer(data, np.float32).reshape(-1, CHANNELS)
            if not len(block):
                return
            yield block
            start += len(block)

    def finish(self) -> None:
        """Let the source end by itself, and say what was wrong."""
        with self._lock:
            self._make_to(self._end)
            for _ in self._blocks:
                pass

    def _make_to(self, frame: int) -> None:
        while self._made < frame:
            block = next(self._blocks, None)
            if block is None:
                return
            try:
                self._file.seek(self._made * _FRAME_BYTES)
                self._file.write(np.ascontiguousarray(block, np.float32).tobytes())
            except OSError as error:
                raise OutputError(
                    f"no space is left in {tempfile.gettempdir()!r} to keep {self._name} "
                    f"while it is joined ({error.strerror or error}); make room, or set TMPDIR"
                ) from error
            self._made += len(block)


class _Decoded:
    """A song of which every stretch is decoded by itself."""

    def __init__(self, path: Path, end: int, sample_rate: int) -> None:
        self._path, self._end, self._rate = path, end, sample_rate

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def stretch(self, start: int, end: int) -> Iterator[Pcm]:
        if start < 0:
            yield np.zeros((min(-start, end - start), CHANNELS), np.float32)
            start = 0
        if end > start:
            yield from decode_range(self._path, start, min(end, self._end), self._rate)

    def finish(self) -> None:
        pass
