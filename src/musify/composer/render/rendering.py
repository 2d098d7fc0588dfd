"""A score made to sound."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from musify._checks import whole_number
from musify._iterators import ended
from musify.audio.bs1770 import LOWEST_RATE
from musify.audio.levelled import MOST_RENDERINGS, find_level, set_level
from musify.audio.pcm import CHANNELS
from musify.composer.render.buses import BUS_OF_ROLE, BUS_TABLE
from musify.composer.render.convolution import BLOCK, Convolver
from musify.composer.render.mastering import MixMeter, Polish
from musify.composer.render.mixing import MIX_CHANNELS, Mix
from musify.composer.render.spool import SpoolFile
from musify.composer.render.voices import Pack
from musify.composer.score import Score
from musify.errors import ParameterError
from musify.progress import (
    ProgressCallback,
    in_turns,
    listener,
    share,
    tell,
    told_blocks,
)
from musify.soundtrack import Soundtrack

__all__ = ["CEILING_DBTP", "LOUDNESS_LUFS", "rendered", "stems"]

LOUDNESS_LUFS: Final = -16.0
"""Integrated loudness of a composed song: what Apple and AES TD1008 recommend."""

CEILING_DBTP: Final = -1.2
"""Its highest true peak: EBU R 128 allows -1, and other meters may read a little more than ours."""

Pcm = NDArray[np.float32]

# Of the time until there is a first block, so much is over when all is played, and polished.
_PLAYING: Final = 0.5
_POLISHED: Final = 0.6


def rendered(
    score: Score,
    *,
    sample_rate: int = 48_000,
    pack: Pack | None = None,
    parts: Sequence[str] | None = None,
) -> Soundtrack:
    """Play a score.

    Parameters
    ----------
    score : Score
        What is played.
    sample_rate : int, default 48000
        PCM frames a second, at least 8000.
    pack : InstrumentPack, optional
        On which instruments; by default those that come with musify.
    parts : sequence of str, optional
        Names of parts to play alone, as a song of their own; all of them by default.

    Returns
    -------
    Soundtrack
        Stereo, exactly ``round(score.duration * sample_rate)`` PCM frames, at -16 LUFS with true
        peaks of -1.2 dBTP at most, silent in the last 45 ms. Nothing is played before its blocks
        are asked for; then all of it is, into a file without a name, because its loudness is only
        known at the end.

    Raises
    ------
    ParameterError
        If a part is not there, or the pack lacks an instrument.
    """
    mix = _mix(score, sample_rate, pack, parts)
    return Soundtrack(sample_rate, CHANNELS, mix.length, _Mastered(mix))


def stems(
    score: Score,
    *,
    by: Literal["bus", "part"] = "bus",
    sample_rate: int = 48_000,
    pack: Pack | None = None,
    on_progress: ProgressCallback | None = None,
) -> dict[str, Soundtrack]:
    """Play a score apart: what each bus, or each part, adds to the song.

    Parameters
    ----------
    score : Score
        What is played.
    by : str, default "bus"
        ``"bus"`` (melody, harmony, pads, bass, drums; those that play) or ``"part"``.
    sample_rate : int, default 48000
        PCM frames a second, at least 8000.
    pack : InstrumentPack, optional
        On which instruments; by default those that come with musify.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"play"``, while the song is played.

    Returns
    -------
    dict of str to Soundtrack
        As long as the song, with its gain, and reverb: together they are the song before its
        limiter. The song is played once to learn its gain.

    Raises
    ------
    ParameterError
        If ``by`` is neither, or the pack lacks an instrument.
    """
    if by not in ("bus", "part"):
        raise ParameterError(f"by must be 'bus' or 'part', got {by!r}")
    whole = _mix(score, sample_rate, pack, None)
    groups: dict[str, list[str]] = {}
    if by == "bus":
        for bus in BUS_TABLE:
            names = [part.name for part in score.parts if BUS_OF_ROLE[part.role] == bus]
            if names:
                groups[bus] = names
    else:
        groups = {part.name: [part.name] for part in score.parts}
    with _Polished(whole, on_progress) as polished:
        polish, gain_db = polished.polish, polished.level.gain_db
    found = {}
    for name, names in groups.items():
        mix = _mix(score, sample_rate, pack, names)
        found[name] = Soundtrack(sample_rate, CHANNELS, mix.length, _Stem(mix, polish, gain_db))
    return found


def _mix(score: Score, sample_rate: int, pack: Pack | None, parts: Sequence[str] | None) -> Mix:
    whole_number("sample_rate", sample_rate, low=LOWEST_RATE)
    names = [part.name for part in score.parts]
    heard = names if parts is None else list(parts)
    for name in heard:
        if name not in names:
            raise ParameterError(f"no part is called {name!r}; there are {', '.join(names)}")
    mix = Mix(score, pack, sample_rate, tuple(heard))
    mix.check_instruments()
    return mix


class _Polished:
    """A mix whose tone and width are right, in a file, with the gain that makes it loud enough."""

    def __init__(self, mix: Mix, on_progress: ProgressCallback | None) -> None:
        self._mix, self._on_progress = mix, on_progress
        self._open = ExitStack()

    def __enter__(self) -> Self:
        mix = self._mix
        with ExitStack() as opened:
            kept = opened.enter_context(SpoolFile(CHANNELS))
            with SpoolFile(MIX_CHANNELS) as spool:
                meter = MixMeter(mix.sample_rate)
                total, on_progress = mix.length / mix.sample_rate, self._on_progress
                told = share(on_progress, 0.0, _PLAYING)
                with ended(_told(mix(), told, mix.sample_rate, total)) as blocks:
                    for block in spool.keep(blocks):
                        meter.add(block)
                self.polish = meter.polish()
                told = share(on_progress, _PLAYING, _POLISHED)
                polished = _polished(spool(), self.polish, mix.sample_rate)
                for _ in kept.keep(_told(polished, told, mix.sample_rate, total)):
                    pass
            self.sound = Soundtrack(mix.sample_rate, CHANNELS, mix.length, kept)
            told = in_turns(share(on_progress, _POLISHED, 1.0), MOST_RENDERINGS)
            self.level = find_level(self.sound.told(told, "play"), LOUDNESS_LUFS, CEILING_DBTP)
            tell(on_progress, "play", total, total)
            self._open = opened.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()


def _told(
    blocks: Iterator[Pcm], on_progress: ProgressCallback | None, sample_rate: int, total: float
) -> Iterator[Pcm]:
    return told_blocks(blocks, on_progress, "play", sample_rate=sample_rate, total=total)


def _polished(
    blocks: Iterator[Pcm], polish: Polish, sample_rate: int, gain_db: float = 0.0
) -> Iterator[Pcm]:
    """Polish a mix in blocks of BLOCK frames, the last of which may be shorter."""
    gain = np.float32(10 ** (gain_db / 20))
    air = gain * np.float32(polish.air)
    convolver = Convolver([polish.filters(sample_rate)]) if polish.changes_tone else None
    for block in blocks:
        sides = block[:, :CHANNELS] * gain
        if convolver is not None:
            whole = np.zeros((CHANNELS, BLOCK), np.float32)
            whole[:, : len(block)] = sides.T
            sides = convolver.filter([whole]).T[: len(block)]
        yield np.ascontiguousarray(sides + air * block[:, CHANNELS:])


@dataclass(frozen=True, slots=True)
class _Mastered:
    """Mixes and masters each time it is called; data, so that a soundtrack can be pickled."""

    mix: Mix

    def __call__(self) -> Iterator[Pcm]:
        with _Polished(self.mix, listener()) as polished:
            level = polished.level
            yield from set_level(polished.sound, level.gain_db, level.ceiling_dbtp).blocks()


@dataclass(frozen=True, slots=True)
class _Stem:
    """Mixes some parts, and treats them as the song was treated."""

    mix: Mix
    polish: Polish
    gain_db: float

    def __call__(self) -> Iterator[Pcm]:
        with ended(self.mix()) as blocks:
            yield from _polished(blocks, self.polish, self.mix.sample_rate, self.gain_db)
