"""Reverb: impulse responses of spaces that never stood anywhere.

A response is a few early reflections and noise that dies away, faster the higher the frequency, as
air and walls have it (M. R. Schroeder, "Natural sounding artificial reverberation", J. Audio Eng.
Soc. 10(3), 1962; J.-M. Jot and A. Chaigne, "Digital delay networks for designing artificial
reverberators", AES 90th Convention, 1991). It is made from numbers alone; nothing need be shipped.
"""

import functools
import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.render.noise import noise
from musify.composer.score import SPACES
from musify.errors import ParameterError

__all__ = ["SPACE_TABLE", "Space", "impulse_responses"]


@dataclass(frozen=True, slots=True)
class Space:
    """What a space sounds like.

    Parameters
    ----------
    seconds : float
        Reverberation time at 500 Hz: until the sound is down by 60 dB.
    damping : float
        How often longer low tones ring than those of 8 kHz.
    delay : float
        Seconds until the first reflection.
    onset : float
        Seconds that the late part takes to build up.
    early : int
        How many early reflections there are.
    early_db : float
        Their power, against that of the late part.
    reason : str
        Why it is so.
    """

    seconds: float
    damping: float
    delay: float
    onset: float
    early: int
    early_db: float
    reason: str


SPACE_TABLE: Final = MappingProxyType(
    {
        "room": Space(
            0.55, 1.8, 0.004, 0.004, 10, 0.0, "a studio's live room: .3 to .6 s; for close styles"
        ),
        "chamber": Space(
            1.1, 2.0, 0.010, 0.010, 10, -3.0, "chamber music halls: 1 to 1.5 s (Beranek 2004)"
        ),
        "hall": Space(
            1.9, 2.4, 0.022, 0.025, 12, -6.0, "good concert halls: 1.8 to 2.1 s (Beranek 2004)"
        ),
        "plate": Space(
            1.5, 1.4, 0.000, 0.002, 0, -60.0, "a steel plate: dense at once, bright, no reflections"
        ),
    }
)
"""Spaces by name; L. Beranek, "Concert Halls and Opera Houses", 2nd edition, Springer 2004."""

assert tuple(SPACE_TABLE) == SPACES

# What goes into a reverb: lows make it muddy, and highs hiss.
_LOWEST: Final = 180.0
_HIGHEST: Final = 9000.0
# Octave bands the late part is put together from.
_CENTRES: Final = (125, 250, 500, 1000, 2000, 4000, 8000)
# It is cut off where it is so far down.
_RANGE_DB: Final = 66.0


@functools.lru_cache(maxsize=8)
def impulse_responses(space: str, sample_rate: int) -> NDArray[np.float32]:
    """Make the impulse responses of a space.

    Parameters
    ----------
    space : str
        A name of :data:`SPACE_TABLE`.
    sample_rate : int
        PCM frames a second.

    Returns
    -------
    ndarray of float32, shape (2, 1, n)
        ``[out, into]``: one channel goes in, as into a chamber with a single loudspeaker, and two
        come out that differ. Each has unit power, so that it is as loud as what was sent.

    Raises
    ------
    ParameterError
        If there is no such space.
    """
    if space not in SPACE_TABLE:
        raise ParameterError(f"space must be one of {', '.join(SPACE_TABLE)}, got {space!r}")
    known = SPACE_TABLE[space]
    length = round(sample_rate * (known.delay + known.seconds * _RANGE_DB / 60))
    responses = np.zeros((2, 1, length))
    for out in range(2):
        name = f"{space} {out}"
        late = _late(known, length, sample_rate, name)
        responses[out, 0] = late / math.sqrt(float(np.square(late).sum()))
        if known.early:
            early = _early(known, length, sample_rate, name)
            responses[out, 0] += 10 ** (known.early_db / 20) * early
    responses = _coloured(responses, sample_rate)
    responses /= np.sqrt(np.square(responses).sum(axis=2, keepdims=True))
    made = responses.astype(np.float32)
    made.setflags(write=False)
    return made


def _late(space: Space, length: int, rate: int, name: str) -> NDArray[np.float64]:
    """Noise that dies away, by octaves."""
    begin = round(space.delay * rate)
    time = np.arange(length - begin) / rate
    spectrum = np.fft.rfft(noise(name, length - begin))
    octaves = np.log2(np.maximum(np.fft.rfftfreq(length - begin, 1 / rate), 1) / _CENTRES[0])
    out = np.zeros(length)
    last = len(_CENTRES) - 1
    for band in range(len(_CENTRES)):
        # Neighbouring bands fade into each other, and add up to one.
        place = np.clip(octaves, 0, last) - band
        share = np.cos(np.pi / 2 * np.clip(np.abs(place), 0, 1)) ** 2
        part = np.fft.irfft(spectrum * share, length - begin)
        # From low to high by the damping, so that the third band, 500 Hz, has the time named.
        seconds = space.seconds * space.damping ** ((2 - band) / last)
        out[begin:] += part * np.exp(-math.log(1000) * time / seconds)
    out[begin:] *= 1 - np.exp(-time / space.onset)
    return out


def _early(space: Space, length: int, rate: int, name: str) -> NDArray[np.float64]:
    """Make a few echoes, ever closer and weaker; of unit power."""
    out = np.zeros(length)
    chance = noise(f"early {name}", 2 * space.early + 2)
    spread = 0.02 + 0.03 * space.seconds
    for number in range(space.early):
        along = (number + 0.5 + 0.4 * chance[2 * number]) / space.early
        place = space.delay + spread * along**0.8
        sign = 1 if chance[2 * number + 1] > 0 else -1
        out[min(round(place * rate), length - 1)] += sign * (1 - 0.7 * along)
    return out / math.sqrt(max(float(np.square(out).sum()), 1e-12))


def _coloured(responses: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Take lows and highs away, at 12 dB an octave, without moving anything in time."""
    length = responses.shape[-1]
    size = 2 * length  # what rings before its beginning goes round into the second half
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    low = 1 / (1 + (_LOWEST / np.maximum(frequencies, 1e-3)) ** 4)
    high = 1 / (1 + (frequencies / _HIGHEST) ** 4)
    shape = np.sqrt(low * high)
    spectra = np.fft.rfft(responses, size, axis=-1) * shape
    return np.asarray(np.fft.irfft(spectra, size, axis=-1)[..., :length])
