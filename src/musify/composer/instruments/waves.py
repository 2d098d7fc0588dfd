"""Samples at the pitches at which they are played, kept for the next note of the same pitch."""

from abc import ABC, abstractmethod
from collections import OrderedDict
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.low_pass import low_pass
from musify.composer.instruments.resampling import frames_needed, resampled
from musify.composer.instruments.seams import seamless_loop
from musify.composer.instruments.zones import SampleInfo, Zone

__all__ = ["SampleSource", "Waves"]

Wave = NDArray[np.float32]

_FULL_SCALE: Final = 32768.0
_KEPT_BYTES: Final = 96 << 20
# Waves are made for this much of a note, or twice, four times ... as much.
_LEAST_SECONDS: Final = 0.5
_CENTS: Final = 1200.0
_ZERO_CENTS_HZ: Final = 8.1757989156
_STEP_CENTS: Final = 100.0


class SampleSource(ABC):
    """Where samples come from.

    Attributes
    ----------
    infos : tuple of SampleInfo
        What there is.
    """

    infos: tuple[SampleInfo, ...]

    @abstractmethod
    def pcm(self, index: int) -> NDArray[np.int16]:
        """Return a sample, mono; read-only.

        Raises
        ------
        AudioDecodeError
            If it cannot be read.
        """


class Waves:
    """What samples sound like at a pitch and a cutoff.

    Nothing that is returned depends on what was asked for before.

    Parameters
    ----------
    source : SampleSource
        Where the samples come from.
    kept_bytes : int
        How much is kept; what was not asked for longest goes first.
    """

    def __init__(self, source: SampleSource, kept_bytes: int = _KEPT_BYTES) -> None:
        self._source = source
        self._kept: OrderedDict[tuple[object, ...], Wave] = OrderedDict()
        self._most = kept_bytes
        self._bytes = 0

    def frames(self, zone: Zone, key: int, sample_rate: int) -> int | None:
        """Return for how long a zone can sound; None for as long as one likes."""
        if zone.loop_end > zone.loop_start:
            return None
        pcm = self._source.pcm(zone.sample)
        length = len(pcm) + zone.end - zone.start
        return max(0, int(length / self._step(zone, key, sample_rate)))

    def wave(
        self, zone: Zone, key: int, frames: int, sample_rate: int, cutoff_cents: float | None = None
    ) -> Wave:
        """Return the sound of a zone.

        Parameters
        ----------
        zone : Zone
            What sounds.
        key : int
            MIDI pitch.
        frames : int
            PCM frames wanted.
        sample_rate : int
            PCM frames a second.
        cutoff_cents : float, optional
            Of the filter, which moves in steps of a semitone; without one the filter is open.

        Returns
        -------
        ndarray of float32, shape (frames,)
            Read-only.
        """
        made = round(_LEAST_SECONDS * sample_rate)
        while made < frames:
            made *= 2
        step = self._step(zone, key, sample_rate)
        cutoff = None if cutoff_cents is None else round(cutoff_cents / _STEP_CENTS)
        place = (zone.sample, zone.start, zone.end, zone.loop_start, zone.loop_end, step)
        name = (*place, sample_rate, cutoff, zone.resonance_db if cutoff is not None else 0.0)
        kept = self._kept.get(name)
        if kept is not None and len(kept) >= frames:
            self._kept.move_to_end(name)
            return kept[:frames]
        if cutoff is None:
            wave = self._resampled(zone, step, made)
        else:
            hertz = _ZERO_CENTS_HZ * 2 ** (cutoff * _STEP_CENTS / _CENTS)
            open_wave = self.wave(zone, key, made, sample_rate)
            wave = low_pass(open_wave, hertz, sample_rate, zone.resonance_db)
        wave.setflags(write=False)
        self._keep(name, wave)
        return wave[:frames]

    def _step(self, zone: Zone, key: int, sample_rate: int) -> float:
        semitones = (key - zone.root) * zone.scale / 100 + zone.tuning
        own_rate = self._source.infos[zone.sample].sample_rate
        return float(own_rate / sample_rate * 2 ** (semitones / 12))

    def _resampled(self, zone: Zone, step: float, frames: int) -> Wave:
        pcm = self._source.pcm(zone.sample)
        wanted = frames_needed(frames, step) + round(64 * max(1.0, step))
        if zone.loop_end > zone.loop_start:
            sound = seamless_loop(pcm, zone, wanted)
        else:
            sound = pcm[zone.start : len(pcm) + zone.end][:wanted].astype(np.float32)
        sound *= np.float32(1 / _FULL_SCALE)
        return resampled(sound, step, frames)

    def _keep(self, name: tuple[object, ...], wave: Wave) -> None:
        before = self._kept.pop(name, None)
        self._bytes += wave.nbytes - (0 if before is None else before.nbytes)
        self._kept[name] = wave
        while self._bytes > self._most and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.nbytes
