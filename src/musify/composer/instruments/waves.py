"""Samples at the pitches at which they are played, kept for the next note of the same pitch."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.kept import Kept
from musify.composer.instruments.low_pass import low_pass
from musify.composer.instruments.resampling import exact_step, frames_needed, resampled
from musify.composer.instruments.seams import fade_into, loop_of, looped, repeated
from musify.composer.instruments.zones import SampleInfo, Zone

__all__ = ["SampleSource", "Waves"]

Wave = NDArray[np.float32]

_FULL_SCALE: Final = 32768.0
_KEPT_BYTES: Final = 72 << 20
# Waves are made a little longer than was asked for, in steps that grow with their length.
_LEAST_SECONDS: Final = 0.5
_GROWTH: Final = 1.25
# A loop goes around until at least this much has passed; the more turns may be tried, the nearer
# they come to a whole number of PCM frames: to a fifteenth of one here.
_LEAST_LOOP_SECONDS: Final = 0.25
_MORE_TURNS: Final = 8
_FADE_FRAMES: Final = 512
_MOST_SEMITONES: Final = 96
_FIRST_FRAMES: Final = 2
_OPENING_FRAMES: Final = 4410
_QUIET: Final = 50
_CENTS: Final = 1200.0
_ZERO_CENTS_HZ: Final = 8.1757989156
_STEP_CENTS: Final = 400.0


class SampleSource(ABC):
    """Where samples come from.

    Attributes
    ----------
    infos : tuple of SampleInfo
        What there is.
    """

    infos: tuple[SampleInfo, ...]

    def length(self, index: int) -> int:
        """Return how many PCM frames a sample has."""
        return len(self.pcm(index))

    @abstractmethod
    def pcm(self, index: int) -> NDArray[np.int16]:
        """Return a sample, mono; read-only.

        Raises
        ------
        AudioDecodeError
            If it cannot be read.
        """


@dataclass(frozen=True, slots=True, eq=False)
class _Wave:
    """A sound that ends, or one that goes on for ever from ``begin``."""

    pcm: Wave
    begin: int | None = None

    def reaches(self, frames: int) -> bool:
        """Tell whether so much of it is known."""
        return self.begin is not None or frames <= len(self.pcm)

    def first(self, frames: int) -> Wave:
        """Return how it begins; it must reach as far."""
        pcm, begin = self.pcm, self.begin
        return pcm[:frames] if begin is None or frames <= len(pcm) else repeated(pcm, begin, frames)


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
        self._kept: Kept[_Wave] = Kept(kept_bytes)
        self._silent: dict[tuple[int, int], bool] = {}

    def frames(self, zone: Zone, key: int, sample_rate: int) -> int | None:
        """Return for how long a zone can sound; None for as long as one likes."""
        if zone.loop_end > zone.loop_start:
            return None
        length = self._source.length(zone.sample) + zone.end - zone.start
        return max(0, int(length / self._step(zone, key, sample_rate)))

    def begins_in_silence(self, zone: Zone) -> bool:
        """Tell whether the sound of a zone begins below a fiftieth of where it gets to."""
        place = zone.sample, zone.start
        if place not in self._silent:
            pcm = np.abs(self._source.pcm(zone.sample)[zone.start :].astype(np.int32))
            first, whole = pcm[:_FIRST_FRAMES], pcm[:_OPENING_FRAMES]
            self._silent[place] = bool(len(pcm)) and first.max() * _QUIET <= whole.max()
        return self._silent[place]

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
            Of the filter, which moves in thirds of an octave; without one it is open.

        Returns
        -------
        ndarray of float32, shape (frames,)
            Not to be changed.
        """
        step = self._step(zone, key, sample_rate)
        cutoff = None if cutoff_cents is None else round(cutoff_cents / _STEP_CENTS)
        # Beyond half the rate of the sample, moved with the pitch, there is nothing to filter out.
        if (
            cutoff is not None
            and zone.resonance_db == 0
            and _hertz(cutoff) > step * sample_rate / 2
        ):
            cutoff = None
        return self._wave(zone, step, frames, sample_rate, cutoff).first(frames)

    def _wave(
        self, zone: Zone, step: float, frames: int, sample_rate: int, cutoff: int | None
    ) -> _Wave:
        """Find or make a wave that is long enough."""
        place = (zone.sample, zone.start, zone.end, zone.loop_start, zone.loop_end, step)
        name = (*place, sample_rate, cutoff, zone.resonance_db if cutoff is not None else 0.0)
        kept = self._kept.get(name)
        if kept is not None and kept.reaches(frames):
            return kept
        made = round(_LEAST_SECONDS * sample_rate)
        while made < frames:
            made = round(made * _GROWTH)
        if cutoff is None:
            wave = self._made(zone, step, made, sample_rate)
        else:
            is_open = self._wave(zone, step, made, sample_rate, None)
            wave = _closed(is_open, _hertz(cutoff), sample_rate, zone.resonance_db)
        wave.pcm.setflags(write=False)
        self._kept.keep(name, wave, wave.pcm.nbytes)
        return wave

    def _step(self, zone: Zone, key: int, sample_rate: int) -> float:
        semitones = (key - zone.root) * zone.scale / 100 + zone.tuning
        own_rate = self._source.infos[zone.sample].sample_rate
        semitones = min(max(semitones, -_MOST_SEMITONES), _MOST_SEMITONES)
        return float(own_rate / sample_rate * 2 ** (semitones / 12))

    def _made(self, zone: Zone, step: float, frames: int, sample_rate: int) -> _Wave:
        pcm = self._source.pcm(zone.sample)
        if zone.loop_end <= zone.loop_start:
            wanted = frames_needed(frames, step) + _beyond(step)
            sound = pcm[zone.start : len(pcm) + zone.end][:wanted].astype(np.float32)
            sound *= np.float32(1 / _FULL_SCALE)
            return _Wave(resampled(sound, step, frames))
        begin, period = loop_of(pcm, zone)
        if period == 0:
            return _Wave(np.zeros(frames, np.float32))
        # How many times around, so that a whole number of PCM frames has passed, nearly.
        fade = min(_FADE_FRAMES, round(_LEAST_LOOP_SECONDS * sample_rate) // 4)
        exact = period / exact_step(step)
        least = max(1, math.ceil(_LEAST_LOOP_SECONDS * sample_rate / exact))
        turns = min(
            range(least, least + _MORE_TURNS), key=lambda n: abs(n * exact - round(n * exact))
        )
        length = round(turns * exact)
        first = math.ceil(begin / exact_step(step)) + fade
        is_whole = frames > first + length - fade
        frames = first + length if is_whole else frames
        sound = looped(pcm, zone, frames_needed(frames, step) + _beyond(step))
        sound *= np.float32(1 / _FULL_SCALE)
        wave = resampled(sound, step, frames)
        if not is_whole:
            return _Wave(wave)
        fade_into(wave, first, fade)
        return _Wave(wave, first)


def _hertz(cutoff: int) -> float:
    return float(_ZERO_CENTS_HZ * 2 ** (cutoff * _STEP_CENTS / _CENTS))


def _beyond(step: float) -> int:
    """Return how far the weights of interpolation reach."""
    return math.ceil(16 * max(1.0, step))


def _closed(wave: _Wave, hertz: float, sample_rate: int, resonance_db: float) -> _Wave:
    """Filter a sound; of a loop the second time around, when the filter has settled."""
    if wave.begin is None:
        return _Wave(low_pass(wave.pcm, hertz, sample_rate, resonance_db))
    period = len(wave.pcm) - wave.begin
    twice = repeated(wave.pcm, wave.begin, len(wave.pcm) + period)
    return _Wave(low_pass(twice, hertz, sample_rate, resonance_db), wave.begin + period)
