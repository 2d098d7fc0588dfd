"""A piece of music under the sound of a file, turned down by a gain curve."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._checks import number
from musify.audio.heard import HeardFile
from musify.audio.limit import limited
from musify.audio.pcm import BLOCK_FRAMES, CHANNELS, PcmReader
from musify.gain_curve import GainCurve
from musify.soundtrack import Soundtrack

__all__ = ["mixed_under", "music_alone"]

# -1 dB of full scale: lossy encoders overshoot a little.
_CEILING: Final = 10 ** (-1 / 20)

Pcm = NDArray[np.float32]


def music_alone(
    music: HeardFile,
    duration: float,
    *,
    gain_db: float = 0.0,
    fade_out: float = 2.0,
    sample_rate: int = 48_000,
) -> Soundtrack:
    """Play music for so long; what is too long fades out, and what is too short ends.

    Parameters
    ----------
    music : HeardFile
        The music.
    duration : float
        Seconds.
    gain_db : float, default 0
        Its gain, in [-120, 40] dB.
    fade_out : float, default 2
        Seconds that the fade before the end takes.
    sample_rate : int, default 48000
        PCM frames a second.

    Raises
    ------
    ParameterError
        If a number leaves its range.
    """
    number("gain_db", gain_db, low=-120, high=40)
    number("fade_out", fade_out, low=0)
    length = round(number("duration", duration, above=0) * sample_rate)
    fade = min(length, round(fade_out * sample_rate))
    return Soundtrack(
        sample_rate, CHANNELS, length, _Played(music, length, gain_db, fade, sample_rate)
    )


def mixed_under(
    own: HeardFile, music: Soundtrack, curve: GainCurve, *, keep_own: bool = True
) -> Soundtrack:
    """Mix music under the sound of a file.

    Parameters
    ----------
    own : HeardFile
        What is heard above the music.
    music : Soundtrack
        The music at the level it has without ducking; it decides the length.
    curve : GainCurve
        What is applied to the music.
    keep_own : bool, default True
        False gives the music alone, turned down.

    Returns
    -------
    Soundtrack
        Peaks at -1 dB of full scale at most.
    """
    return Soundtrack(
        music.sample_rate, CHANNELS, music.length, _Mixed(own if keep_own else None, music, curve)
    )


@dataclass(frozen=True, slots=True)
class _Played:
    """Plays music each time it is called; data, so that a soundtrack can be pickled."""

    music: HeardFile
    length: int
    gain_db: float
    fade: int
    sample_rate: int

    def __call__(self) -> Iterator[Pcm]:
        gain = np.float32(10 ** (self.gain_db / 20))
        with PcmReader(self.music.blocks(self.sample_rate)) as reader:
            for start in range(0, self.length, BLOCK_FRAMES):
                count = min(BLOCK_FRAMES, self.length - start)
                block = np.zeros((count, CHANNELS), np.float32)
                played = reader.read(count)
                block[: len(played)] = played * gain
                left = self.length - start - count
                if left < self.fade:
                    place = np.arange(left + count, left, -1) - 0.5
                    wave = np.sin(np.clip(place / self.fade, 0, 1) * (np.pi / 2))
                    block *= wave[:, None].astype(np.float32)
                yield block


@dataclass(frozen=True, slots=True)
class _Mixed:
    own: HeardFile | None
    music: Soundtrack
    curve: GainCurve

    def __call__(self) -> Iterator[Pcm]:
        yield from limited(self._added(), sample_rate=self.music.sample_rate, ceiling=_CEILING)

    def _added(self) -> Iterator[Pcm]:
        rate = self.music.sample_rate
        own = iter(()) if self.own is None else self.own.blocks(rate)
        place = 0
        with PcmReader(own) as reader:
            for block in self.music.blocks():
                mixed = self.curve.apply(block, place, rate)
                heard = reader.read(len(block))
                if len(heard):
                    mixed = mixed.copy()
                    mixed[: len(heard)] += heard
                place += len(block)
                yield mixed
