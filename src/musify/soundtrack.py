"""Sound that is rendered when somebody asks for it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import StrPath
from musify._iterators import ended
from musify.cancelling import checkpoint
from musify.errors import BackendError, ParameterError
from musify.progress import ProgressCallback, told_blocks

if TYPE_CHECKING:
    from hashlib import _Hash

    from pydub import AudioSegment

__all__ = ["MOST_CHANNELS", "Soundtrack", "add_to_hash", "new_hash"]

MOST_CHANNELS: Final = 8


def new_hash() -> "_Hash":
    """Begin the hash of PCM."""
    return hashlib.sha256()


def add_to_hash(digest: "_Hash", block: NDArray[np.float32]) -> None:
    """Add a block of PCM, as little-endian float32."""
    digest.update(np.ascontiguousarray(block, np.dtype("<f4")).data)


@dataclass(frozen=True, slots=True, eq=False)
class Soundtrack:
    """PCM of a known length, in blocks, so that memory does not grow with it.

    Parameters
    ----------
    sample_rate : int
        PCM frames a second; above 0.
    channels : int
        From 1 to 8.
    length : int
        PCM frames in all; at least 0.
    source : callable
        Makes a fresh iterator of float32 blocks of shape ``(n, channels)``, full scale [-1, 1].
    layout : str, optional
        Which channels those are, as ffmpeg names it, such as ``"5.1(side)"``; by default one is
        mono and two are stereo.
    credits : str, default ""
        What a file that holds it must say of it: a line for each piece of music.

    Raises
    ------
    ParameterError
        If a number leaves its range.

    Examples
    --------
    >>> silence = Soundtrack(48_000, 2, 480, lambda: iter([np.zeros((480, 2), np.float32)]))
    >>> silence.duration, silence.render().shape
    (0.01, (480, 2))
    """

    sample_rate: int
    channels: int
    length: int
    source: Callable[[], Iterator[NDArray[np.float32]]]
    layout: str | None = None
    credits: str = ""

    def __post_init__(self) -> None:
        if self.sample_rate <= 0 or not 1 <= self.channels <= MOST_CHANNELS or self.length < 0:
            raise ParameterError(
                "a soundtrack needs sample_rate > 0, 1 to 8 channels and length >= 0, got "
                f"{self.sample_rate}, {self.channels} and {self.length}"
            )

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.length / self.sample_rate

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Render the sound.

        Yields
        ------
        ndarray of float32, shape (n, channels)
            Exactly ``length`` PCM frames in all. Close the iterator to stop early.

        Raises
        ------
        BackendError
            If the source gives another number of frames, or blocks of another kind.
        """
        done = 0
        with ended(self.source()) as blocks:
            for block in blocks:
                if block.ndim != 2 or block.shape[1] != self.channels or block.dtype != np.float32:
                    raise BackendError(
                        f"a soundtrack gave a block of {block.dtype} {block.shape}; "
                        f"float32 (n, {self.channels}) is the rule"
                    )
                done += len(block)
                checkpoint()
                yield block
        if done != self.length:
            raise BackendError(f"a soundtrack gave {done} PCM frames instead of {self.length}")

    def told(self, on_progress: ProgressCallback | None, stage: str = "render") -> Self:
        """Return the same sound, which tells how far it has come while it is rendered.

        Parameters
        ----------
        on_progress : callable or None
            Called with :class:`Progress` after each block, and before the first one with what the
            sound needs: ``"play"`` of composed music, ``"level"`` of a mix with a loudness.
        stage : str, default "render"
            What that says of the stage.
        """
        if on_progress is None:
            return self
        return replace(self, source=_Told(self, on_progress, stage))

    def render(self, *, on_progress: ProgressCallback | None = None) -> NDArray[np.float32]:
        """Return all of it at once, shape ``(length, channels)``; for short ones.

        Ten minutes of stereo at 48 kHz are 230 MB.

        Parameters
        ----------
        on_progress : callable, optional
            Called with :class:`Progress`, stage ``"render"``.
        """
        empty = np.zeros((0, self.channels), np.float32)
        with ended(self.told(on_progress).blocks()) as blocks:
            return np.concatenate([empty, *blocks])

    def save(
        self,
        path: StrPath,
        *,
        overwrite: bool = False,
        on_progress: ProgressCallback | None = None,
    ) -> Path:
        """Write the sound to a file of its own.

        Parameters
        ----------
        path : path-like
            Its ending chooses the format: ``.wav`` and ``.aiff`` (24 bits), ``.flac``, ``.m4a``
            (AAC), ``.mp3``, ``.ogg`` (Vorbis), ``.opus``.
        overwrite : bool, default False
            Whether a file that stands there may be replaced.
        on_progress : callable, optional
            Called with :class:`Progress`, stage ``"render"``.

        Raises
        ------
        ParameterError
            If the ending is another.
        OutputError
            If the file exists or cannot be written.
        """
        from musify.audio.audio_file import write_audio  # noqa: PLC0415 - it imports this module

        return write_audio(path, self.told(on_progress), overwrite=overwrite)

    def sha256(self, *, on_progress: ProgressCallback | None = None) -> str:
        """Hash of the PCM as little-endian float32: equal for equal sound, sample for sample.

        Parameters
        ----------
        on_progress : callable, optional
            Called with :class:`Progress`, stage ``"render"``.
        """
        digest = new_hash()
        with ended(self.told(on_progress).blocks()) as blocks:
            for block in blocks:
                add_to_hash(digest, block)
        return digest.hexdigest()

    def to_pydub(self, *, on_progress: ProgressCallback | None = None) -> "AudioSegment":
        """Hand the sound over to pydub, as 16-bit PCM.

        Parameters
        ----------
        on_progress : callable, optional
            Called with :class:`Progress`, stage ``"render"``.

        Returns
        -------
        pydub.AudioSegment
            Everything in memory. Rounded to 16 bits, since pydub knows no floats.
        """
        from musify._pydub import to_segment  # noqa: PLC0415 - pydub loads slowly and warns

        return to_segment(self.told(on_progress))

    def plot(self, ax: Any = None, *, on_progress: ProgressCallback | None = None) -> Any:
        """Draw the waveform: peaks, and the root mean square. All of it is rendered once.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default on a new figure.
        on_progress : callable, optional
            Called with :class:`Progress`, stage ``"render"``.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        MusifyError
            If the sound cannot be rendered.
        """
        from musify._sound_plot import draw_soundtrack  # noqa: PLC0415 - the extra "plot"

        return draw_soundtrack(self.told(on_progress), ax)

    def _repr_html_(self) -> str:
        from musify._display import soundtrack_html  # noqa: PLC0415 - only notebooks need it

        return soundtrack_html(self)


@dataclass(frozen=True, slots=True)
class _Told:
    """Tells how far a sound has come; data, so that a soundtrack can be pickled if that can."""

    sound: Soundtrack
    on_progress: ProgressCallback
    stage: str

    def __call__(self) -> Iterator[NDArray[np.float32]]:
        sound = self.sound
        return told_blocks(
            sound.blocks(),
            self.on_progress,
            self.stage,
            sample_rate=sound.sample_rate,
            total=sound.duration,
        )
