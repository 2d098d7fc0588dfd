"""What scores sound like: rendered once while somebody works with them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from musify.audio.pcm import BLOCK_FRAMES, CHANNELS, PcmReader
from musify.audio.spool import Source, Spool
from musify.progress import listener

if TYPE_CHECKING:
    from musify.composer.score import Score

__all__ = ["score_source", "sounds_kept"]

# An hour at 48 kHz is 1.4 GB on disk; what is longer is rendered each time.
_LONGEST_SECONDS: Final = 3600

Pcm = NDArray[np.float32]
_Key = tuple[int, Path | None, int, bool]


class _Kept:
    """The sounds that are kept, and how many blocks of code want them kept."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
        # With the score, so that no other one can come to have its identity meanwhile.
        self.sounds: dict[_Key, tuple[Score, Spool]] = {}


_kept: Final = _Kept()


@contextmanager
def sounds_kept() -> Iterator[None]:
    """Keep what is rendered of scores inside the block: music is measured before it is written."""
    with _kept.lock:
        _kept.users += 1
    try:
        yield
    finally:
        with ExitStack() as last, _kept.lock:
            _kept.users -= 1
            if not _kept.users:
                for _, sound in _kept.sounds.values():
                    last.enter_context(sound)
                _kept.sounds.clear()


def score_source(
    score: "Score",
    sample_rate: int,
    *,
    soundfont: Path | None = None,
    once: bool,
    lead: bool = False,
) -> Source:
    """Open the sound of a score, of which stretches are needed.

    Parameters
    ----------
    score : Score
        The piece.
    sample_rate : int
        PCM frames a second.
    soundfont : Path, optional
        The SoundFont it is played with, instead of the instruments that are shipped.
    once : bool
        Whether there is one stretch alone.
    lead : bool, default False
        Melodies alone, as they go into the whole.

    Raises
    ------
    ParameterError
        If an instrument is missing, or the SoundFont cannot be read.
    """
    if lead:
        sound = score.lead(sample_rate, soundfont=soundfont, on_progress=listener())
    else:
        sound = score.soundtrack(sample_rate, soundfont=soundfont)
    is_long = score.duration > _LONGEST_SECONDS
    if is_long or (once and not _kept.users):
        return _Rendered(sound.blocks)
    key = (id(score), soundfont, sample_rate, lead)
    with _kept.lock:
        if not _kept.users:
            return Spool(sound.blocks(), sound.length, score.title)
        if key not in _kept.sounds:
            _kept.sounds[key] = score, Spool(sound.blocks(), sound.length, score.title)
        return _Borrowed(_kept.sounds[key][1])


class _Borrowed:
    """A sound that others keep, and that stays when it was used."""

    def __init__(self, spool: Spool) -> None:
        self.stretch = spool.stretch

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def finish(self) -> None:
        pass


class _Rendered:
    """A score that is rendered for every stretch."""

    def __init__(self, blocks: Callable[[], Iterator[Pcm]]) -> None:
        self._blocks = blocks

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def stretch(self, start: int, end: int) -> Iterator[Pcm]:
        if start < 0:
            yield np.zeros((min(-start, end - start), CHANNELS), np.float32)
            start = 0
        with PcmReader(self._blocks()) as reader:
            while start > 0 and len(skipped := reader.read(min(start, BLOCK_FRAMES))):
                start -= len(skipped)
                end -= len(skipped)
            while end > 0 and len(block := reader.read(min(end, BLOCK_FRAMES))):
                yield block
                end -= len(block)

    def finish(self) -> None:
        pass
