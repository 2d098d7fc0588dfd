"""Sound kept in a file without a name, so that it need not be rendered twice."""

import tempfile
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from musify.audio.pcm import CHANNELS
from musify.composer.render.convolution import BLOCK
from musify.errors import OutputError

__all__ = ["SpoolFile"]

_BLOCK_BYTES: Final = 4 * CHANNELS * BLOCK

Pcm = NDArray[np.float32]


class SpoolFile:
    """Stereo sound on disk, 23 MB a minute at 48 kHz; it vanishes with the process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the context

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def keep(self, blocks: Iterable[Pcm]) -> Iterator[Pcm]:
        """Keep what comes, in place of what was kept, and pass it on.

        What comes may be made of what is kept, block by block.

        Raises
        ------
        OutputError
            If the disk is full.
        """
        place = 0
        for block in blocks:
            try:
                self._file.seek(place)
                self._file.write(np.ascontiguousarray(block, np.float32).data)
                self._file.flush()
            except OSError as error:
                raise OutputError(
                    f"no space is left in {tempfile.gettempdir()!r} to keep music while it is "
                    f"mastered ({error.strerror or error}); make room, or set TMPDIR"
                ) from error
            place += block.nbytes
            yield block

    def __call__(self) -> Iterator[Pcm]:
        """Give what is kept, from its beginning, in blocks of 32768 PCM frames."""
        place = 0
        while True:
            self._file.seek(place)
            data = self._file.read(_BLOCK_BYTES)
            if not data:
                return
            place += len(data)
            yield np.frombuffer(data, np.float32).reshape(-1, CHANNELS)
