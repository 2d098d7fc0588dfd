"""The synthesizer: detuned band-limited oscillators, a filter with an envelope, and an amplifier.

A voice is a loop of up to two seconds in which every oscillator passes a whole number of cycles,
so it repeats without a seam. A note reads that loop at several positions of the filter, mixes
neighbours as the filter moves, and multiplies by the envelope: cheap, and the same to the bit.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.catalogue import InstrumentEntry
from musify.composer.instruments.envelope import Envelope
from musify.composer.instruments.instrument import Instrument, Pcm
from musify.composer.instruments.kept import Kept
from musify.composer.instruments.velocity import velocity_gain
from musify.composer.instruments.wavetables import WaveKind, oscillator, wavetable

__all__ = ["PATCHES", "Oscillator", "Patch", "Synth"]

_KEPT: Final[Kept[NDArray[np.float32]]] = Kept(40 << 20)
_DETUNE_HERTZ: Final = 220.0
# Harmonics end here, as a share of half the rate: what resamples later needs the rest.
_HIGHEST: Final = 0.92
_GOLDEN: Final = 0.6180339887498949
_REFERENCE_VELOCITY: Final = 100.0


@dataclass(frozen=True, slots=True)
class Oscillator:
    """One oscillator of a patch.

    Parameters
    ----------
    kind : str
        Its wave; see :func:`wavetable`.
    level : float
        Its gain.
    detune : float
        Hertz above the pitch, at 220 Hz; elsewhere as its square root: beats that grow less than
        cents would make them.
    octave : int
        Octaves above the pitch.
    pan : float
        From -1 (left) to 1 (right).
    """

    kind: WaveKind
    level: float = 1.0
    detune: float = 0.0
    octave: int = 0
    pan: float = 0.0


@dataclass(frozen=True, slots=True)
class Patch:
    """A sound of the synthesizer.

    Parameters
    ----------
    oscillators : tuple of Oscillator
        At least one.
    envelope : Envelope
        Of the gain.
    cutoffs : tuple of float
        Positions of the filter, ascending, in hertz; the first is that of a soft, closed note.
    opens : float
        Seconds until the filter has moved from ``first`` to ``last``.
    first, last : float
        Where it begins and where it comes to rest, as shares of the positions, in [0, 1].
    follows : float
        Octaves by which the filter moves for each octave of the pitch above middle C.
    velocity_opens : float
        Share of the positions that velocities from 1 to 127 span.
    loop : float
        Seconds after which its oscillators are where they began.
    """

    oscillators: tuple[Oscillator, ...]
    envelope: Envelope
    cutoffs: tuple[float, ...]
    opens: float
    first: float
    last: float
    follows: float = 0.5
    velocity_opens: float = 0.3
    loop: float = 1.0


PATCHES: Final = {
    "soft-pad": Patch(
        oscillators=(
            Oscillator("saw", 0.5, -1.0, 0, -0.7),
            Oscillator("saw", 0.5, 1.0, 0, 0.7),
            Oscillator("saw", 0.45, 0.5, 0, 0.3),
            Oscillator("saw", 0.45, -0.5, 0, -0.3),
            Oscillator("triangle", 0.5, 0.0, -1, 0.0),
        ),
        envelope=Envelope(attack=0.45, decay=4.0, sustain_db=3.0, release=1.6),
        cutoffs=(450.0, 900.0, 1600.0, 2800.0),
        opens=1.8,
        first=0.1,
        last=0.6,
        loop=2.0,
    ),
    "soft-lead": Patch(
        oscillators=(
            Oscillator("square", 0.55, 0.0, 0, 0.0),
            Oscillator("triangle", 0.5, 0.6, 0, -0.3),
            Oscillator("saw", 0.25, -0.6, 0, 0.3),
        ),
        envelope=Envelope(attack=0.025, decay=3.0, sustain_db=4.0, release=0.45),
        cutoffs=(700.0, 1400.0, 2600.0, 4800.0),
        opens=0.25,
        first=0.8,
        last=0.5,
    ),
    "synth-pluck": Patch(
        oscillators=(
            Oscillator("saw", 0.6, -0.6, 0, -0.5),
            Oscillator("saw", 0.6, 0.6, 0, 0.5),
            Oscillator("square", 0.3, 0.0, 1, 0.0),
        ),
        envelope=Envelope(attack=0.002, decay=3.2, sustain_db=100.0, release=1.4),
        cutoffs=(350.0, 800.0, 1800.0, 4000.0, 8000.0),
        opens=0.35,
        first=0.85,
        last=0.1,
    ),
    "sub-bass": Patch(
        oscillators=(
            Oscillator("sine", 0.9, 0.0, 0, 0.0),
            Oscillator("triangle", 0.45, 0.0, 0, 0.0),
            Oscillator("saw", 0.3, 0.0, 0, 0.0),
        ),
        envelope=Envelope(attack=0.008, decay=4.0, sustain_db=3.0, release=0.35),
        cutoffs=(180.0, 350.0, 700.0, 1400.0),
        opens=0.3,
        first=0.7,
        last=0.3,
        follows=0.3,
        velocity_opens=0.6,
        loop=0.25,
    ),
}
"""The patches, by the names of the catalogue."""


class Synth(Instrument):
    """An instrument that is computed, not recorded.

    Parameters
    ----------
    entry : InstrumentEntry
        Its name, which is that of its patch, and what it can play.
    gain_db : float
        What makes it as loud as the others.
    """

    def __init__(self, entry: InstrumentEntry, gain_db: float = 0.0) -> None:
        super().__init__(entry)
        self.patch = PATCHES[entry.name]
        self._gain = 10 ** (gain_db / 20)

    def _play(self, pitch: int, velocity: float, held: float, sample_rate: int) -> Pcm:
        patch = self.patch
        gains = patch.envelope.gains(held, sample_rate)
        gains *= np.float32(velocity_gain(velocity) * self._gain)
        steps = len(patch.cutoffs) - 1
        shift = patch.velocity_opens * (velocity - _REFERENCE_VELOCITY) / 126
        first, last = (steps * _clipped(share + shift) for share in (patch.first, patch.last))
        frames = len(gains)
        moving = _moves(first, last, round(patch.opens * sample_rate))[:frames]
        out = np.zeros((2, frames), np.float32)
        for level in range(steps + 1):
            weight = np.maximum(np.float32(1) - np.abs(moving - np.float32(level)), np.float32(0))
            rest = max(0.0, 1 - abs(last - level))
            if rest or weight.any():
                loop = _loop(self.name, pitch, level, sample_rate)
                _add_loop(out, loop, weight, np.float32(rest))
        out *= gains
        return np.ascontiguousarray(out.T)


def _clipped(share: float) -> float:
    return min(1.0, max(0.0, share))


def _moves(first: float, last: float, frames: int) -> NDArray[np.float32]:
    """Move the filter: fast at first, slower near its rest (one minus time, squared)."""
    left = 1 - np.arange(frames) / max(1, frames)
    return (last + (first - last) * left * left).astype(np.float32)


def _add_loop(
    out: NDArray[np.float32],
    loop: NDArray[np.float32],
    weight: NDArray[np.float32],
    rest: np.float32,
) -> None:
    """Add a loop, weighted: with ``weight`` as far as that goes, then with ``rest``."""
    frames, period = out.shape[1], loop.shape[1]
    edges = sorted({*range(0, frames, period), min(len(weight), frames), frames})
    for start, end in pairwise(edges):
        place = start % period
        part = loop[:, place : place + end - start]
        if start < len(weight):
            out[:, start:end] += part * weight[start:end]
        elif rest:
            out[:, start:end] += part * rest


def _loop(name: str, pitch: int, level: int, sample_rate: int) -> NDArray[np.float32]:
    """Find or make the loop of a patch for a pitch and a position of the filter; shape (2, n)."""
    place = name, pitch, level, sample_rate
    loop = _KEPT.get(place)
    if loop is None:
        loop = _made(PATCHES[name], pitch, level, sample_rate)
        _KEPT.keep(place, loop, loop.nbytes)
    return loop


def _made(patch: Patch, pitch: int, level: int, sample_rate: int) -> NDArray[np.float32]:
    wanted = 440 * 2 ** ((pitch - 69) / 12)
    # Even, so that an octave below is a whole number too.
    cycles = 2 * max(1, round(wanted * patch.loop / 2))
    frames = round(cycles * sample_rate / wanted)
    seconds = frames / sample_rate
    cutoff = patch.cutoffs[level] * 2 ** (patch.follows * (pitch - 60) / 12)
    loop = np.zeros((2, frames), np.float32)
    for number, part in enumerate(patch.oscillators):
        detune = part.detune * math.sqrt(wanted / _DETUNE_HERTZ)
        own = max(1, round(cycles * 2.0**part.octave) + round(detune * seconds))
        # Detuned oscillators share the table of those that are not.
        hertz = wanted * 2.0**part.octave
        harmonics = max(1, int(_HIGHEST * sample_rate / 2 / hertz))
        table = wavetable(part.kind, harmonics, round(max(0.7, cutoff / hertz), 3))
        # Oscillators that all begin at 0 would add up to a click.
        start = 0.0 if number == 0 else number * _GOLDEN % 1
        wave = oscillator(table, own, frames, start) * np.float32(part.level)
        angle = (part.pan + 1) * math.pi / 4
        loop[0] += wave * np.float32(math.cos(angle))
        loop[1] += wave * np.float32(math.sin(angle))
    loop.setflags(write=False)
    return loop
