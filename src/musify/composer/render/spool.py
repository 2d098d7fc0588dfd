"""Sound kept in a file without a name, so that it need not be rendered twice."""

import tempfile
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from musify.composer.render.convolution import BLOCK
from musify.errors import OutputError

__all__ = ["SpoolFile"]

Pcm = NDArray[np.float32]


class SpoolFile:
    """Sound on disk; stereo at 48 kHz takes 23 MB a minute. It vanishes with the process.

    Parameters
    ----------
    channels : int
        How many.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
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
            data = self._file.read(4 * self._channels * BLOCK)
            if not data:
                return
            place += len(data)
            yield np.frombuffer(data, np.float32).reshape(-1, self._channels)
