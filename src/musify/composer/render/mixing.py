"""The mix: parts on buses, buses and reverb on the master, block by block."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.cancelling import checkpoint
from musify.composer.instruments.pack import load_pack
from musify.composer.render.buses import (
    BUS_OF_ROLE,
    BUS_TABLE,
    air_filters,
    bus_filters,
    overtone_filters,
)
from musify.composer.render.compressor import Compressor
from musify.composer.render.convolution import BLOCK, Convolver
from musify.composer.render.reverb import impulse_responses
from musify.composer.render.voices import NoteCache, Pack, PartPlayer
from musify.composer.score import Score

__all__ = ["MIX_CHANNELS", "Mix", "fade_of"]

MIX_CHANNELS: Final = 3
"""Left, right, and air."""

# The fade at the very end: no longer than this, and this share of the time since the last note.
_LONGEST_FADE: Final = 3.0
_FADE_SHARE: Final = 0.6
_SHORTEST_FADE: Final = 0.25
# It is done so many seconds before the end.
_SILENT: Final = 0.045

Pcm = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mix:
    """Mixes a score each time it is called, before mastering; data, so that it can be pickled.

    Parameters
    ----------
    score : Score
        What is played.
    pack : Pack or None
        On which instruments; None stands for those that come with musify.
    sample_rate : int
        PCM frames a second.
    heard : tuple of str
        Names of the parts that are heard. All parts of their buses are played, because the
        compressor of a bus hears all of them: so stems add up to the mix.
    """

    score: Score
    pack: Pack | None
    sample_rate: int
    heard: tuple[str, ...]

    @property
    def length(self) -> int:
        """PCM frames in all."""
        return round(self.score.duration * self.sample_rate)

    def __call__(self) -> Iterator[Pcm]:
        """Mix.

        Yields
        ------
        ndarray of float32, shape (n, 3)
            Left, right, and what could be added to both as air; at the level it has.
        """
        cache, pack, rate = NoteCache(), self._pack(), self.sample_rate
        heard = {BUS_OF_ROLE[part.role] for part in self.score.parts if part.name in self.heard}
        names = [name for name in BUS_TABLE if name in heard]
        buses = [_BusPlayer(name, self, pack, cache) for name in names]
        filters = [bus_filters(name, rate) for name in names]
        overtones = [overtone_filters(name, rate) for name in names]
        # What is not heard of a bus takes part in its overtones.
        nothing = [np.zeros_like(one) for one in filters]
        equalizers = Convolver(filters + nothing, overtones + overtones)
        reverb = Convolver([impulse_responses(self.score.space, rate)])
        air = Convolver([air_filters(rate)])
        fade = fade_of(self.score)
        for start in range(0, self.length, BLOCK):
            checkpoint()
            sent = np.zeros((1, BLOCK), np.float32)
            blocks = [bus.block(sent) for bus in buses]
            wholes = [whole for _, whole in blocks]
            mixed, apart = equalizers.filter_apart([one for one, _ in blocks] + wholes)
            mixed += reverb.filter([sent if sent.any() else None])
            out = np.concatenate([mixed, air.filter([_rectified(apart)])])
            _fade_out(out, start / rate, rate, fade)
            yield np.ascontiguousarray(out.T[: self.length - start])

    def check_instruments(self) -> None:
        """Look every instrument up.

        Raises
        ------
        ParameterError
            If the pack lacks one.
        """
        pack = self._pack()
        for part in self.score.parts:
            checkpoint()
            pack.instrument(part.instrument)

    def _pack(self) -> Pack:
        return load_pack() if self.pack is None else self.pack


class _BusPlayer:
    """A bus: its parts and its compressor."""

    def __init__(self, name: str, mix: Mix, pack: Pack, cache: NoteCache) -> None:
        score, rate = mix.score, mix.sample_rate
        bus = BUS_TABLE[name]
        self._heard = mix.heard
        self._players = [
            PartPlayer(
                part,
                pack.instrument(part.instrument),
                score.tempo,
                duration=score.duration,
                sample_rate=rate,
                cache=cache,
            )
            for part in score.parts
            if BUS_OF_ROLE[part.role] == name
        ]
        self._heard_wholly = {player.part.name for player in self._players} <= set(mix.heard)
        self._send = 10 ** (bus.gain_db / 20)
        self._compressor = Compressor(bus.over_db, bus.ratio, bus.attack, bus.release, rate)

    def block(self, sent: Pcm) -> tuple[Pcm | None, Pcm | None]:
        """Play the next block; add to what is sent to the reverb.

        Returns
        -------
        heard, whole : ndarray of float32, shape (2, BLOCK), or None
            What is heard of the bus, and all of it where that is more; None where nothing sounds.
        """
        whole: Pcm | None = None
        heard: Pcm | None = None
        for player in self._players:
            sound = player.block()
            if sound is None:
                continue
            whole = sound if whole is None else whole + sound
            if player.part.name in self._heard:
                heard = sound if heard is None else heard + sound
                sent += (sound[0] + sound[1]) * np.float32(self._send * player.part.reverb / 2)
        gains = self._compressor.gains(whole)
        if whole is None:
            return None, None
        return (
            None if heard is None else heard * gains,
            None if self._heard_wholly else whole * gains,
        )


def _rectified(apart: Sequence[Pcm | None]) -> Pcm | None:
    """Rectify the overtones of each bus, and add them up.

    Those that are heard are flipped by the sign of all of the bus, so that stems add up.
    """
    out: Pcm | None = None
    for heard, whole in zip(apart[: len(apart) // 2], apart[len(apart) // 2 :], strict=True):
        if heard is None:
            continue
        flipped = np.abs(heard) if whole is None else heard * np.sign(whole)
        out = flipped if out is None else out + flipped
    return None if out is None else out[None]


def fade_of(score: Score) -> tuple[float, float]:
    """Say from when to when the end of a piece fades out: while its last notes ring.

    Returns
    -------
    start, end : float
        Seconds; after the end there is silence, for 45 ms.
    """
    onsets = [float(part.notes.onset[-1]) for part in score.parts if len(part.notes)]
    last = float(score.tempo.seconds_at(max(onsets, default=0.0)))
    end = max(0.0, score.duration - _SILENT)
    ring = max(0.0, end - last)
    fade = min(_LONGEST_FADE, max(_FADE_SHARE * ring, _SHORTEST_FADE), score.duration / 2)
    return max(0.0, end - fade), end


def _fade_out(block: Pcm, start: float, rate: int, fade: tuple[float, float]) -> None:
    begin, end = fade
    if start + BLOCK / rate <= begin:
        return
    times = start + np.arange(BLOCK) / rate
    along = np.clip((times - begin) / max(end - begin, 1e-9), 0, 1)
    block *= (np.cos(along * (math.pi / 2)) ** 2).astype(np.float32)
