"""Buses: groups of parts that are treated alike, with a table of how."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.render.equalizer import Band, curve_of, impulse_of
from musify.composer.render.noise import noise
from musify.composer.score import PART_ROLES, PartRole

__all__ = ["BUS_OF_ROLE", "BUS_TABLE", "Bus", "air_filters", "bus_filters", "overtone_filters"]

BUS_OF_ROLE: Final = MappingProxyType[PartRole, str](
    {
        "melody": "melody",
        "counter": "melody",
        "harmony": "harmony",
        "arpeggio": "harmony",
        "ostinato": "harmony",
        "pad": "pads",
        "effects": "pads",
        "bass": "bass",
        "drums": "drums",
    }
)
"""Which bus a part plays on, by its role."""

assert tuple(sorted(BUS_OF_ROLE)) == tuple(sorted(PART_ROLES))


@dataclass(frozen=True, slots=True)
class Bus:
    """How a bus is treated.

    Parameters
    ----------
    gain_db : float
        Its level in the mix.
    bands : tuple of (Band, str)
        The equalizer, each knob with its reason.
    over_db : float
        How far above the bus's own loudness its peaks may stand before they are compressed.
    ratio : float
        How many decibels more become one.
    attack, release : float
        Seconds the compressor takes to act, and to let go.
    width : float
        What the difference of the sides is multiplied by.
    spread : float
        How much of the sum of the sides is spread over them, in [0, 1], from 300 Hz up. What is
        added to one side is taken from the other, so in mono nothing changes.
    air : float
        How much of its overtones goes into the air of the whole, in [0, 1]; see
        :func:`overtone_filters`.
    """

    gain_db: float
    bands: tuple[tuple[Band, str], ...]
    over_db: float
    ratio: float
    attack: float
    release: float
    width: float
    spread: float
    air: float


BUS_TABLE: Final = MappingProxyType(
    {
        "melody": Bus(
            gain_db=0.0,
            bands=(
                (Band("high-pass", 90), "below lies nothing of a melody but rumble"),
                (Band("peak", 300, -1.5, 0.8), "room for the accompaniment's body"),
                (Band("peak", 2800, 1.0, 0.7), "presence: where hearing is keenest (ISO 226)"),
            ),
            over_db=9.0, ratio=2.5, attack=0.012, release=0.18, width=1.0, spread=0.12, air=1.0,
        ),
        "harmony": Bus(
            gain_db=-1.5,
            bands=(
                (Band("high-pass", 80), "lows belong to the bass"),
                (Band("peak", 350, -2.0, 0.8), "many instruments' bodies meet here, and get muddy"),
                (Band("peak", 2500, -1.0, 0.7), "a dip where the melody is lifted"),
                (Band("high-shelf", 7000, -1.0), "the edge belongs to the melody"),
            ),
            over_db=9.0, ratio=2.0, attack=0.015, release=0.2, width=1.2, spread=0.25, air=1.0,
        ),
        "pads": Bus(
            gain_db=-3.0,
            bands=(
                (Band("high-pass", 120), "lows belong to the bass"),
                (Band("peak", 400, -2.0, 0.7), "a bed shall not cover what lies on it"),
            ),
            over_db=10.0, ratio=1.8, attack=0.03, release=0.35, width=1.35, spread=0.4, air=0.7,
        ),
        "bass": Bus(
            gain_db=1.0,
            bands=(
                (Band("high-pass", 32), "below, small loudspeakers only move"),
                (Band("low-shelf", 90, -1.0), "the lowest octave takes headroom from all others"),
                (Band("peak", 900, 1.5, 0.8), "the fingers, so that the line is heard on phones"),
            ),
            over_db=7.0, ratio=3.0, attack=0.02, release=0.15, width=0.5, spread=0.0, air=0.0,
        ),
        "drums": Bus(
            gain_db=0.0,
            bands=(
                (Band("high-pass", 35), "below, small loudspeakers only move"),
                (Band("peak", 400, -2.0, 0.9), "boxes of cardboard sound here"),
                (Band("high-shelf", 6000, -3.0), "cymbals hiss before anything else is bright"),
            ),
            over_db=13.0, ratio=2.0, attack=0.006, release=0.12, width=1.1, spread=0.05, air=0.0,
        ),
    }
)  # fmt: skip
"""How each bus is treated; the order is that of stems.

Corners and amounts are the usual ones of mixing handbooks (M. Senior, "Mixing Secrets for the Small
Studio", 2nd edition, Routledge 2019; B. Owsinski, "The Mixing Engineer's Handbook", 4th edition,
2017), kept small: instruments of a pack have been recorded and balanced once already."""

# What air is made of lies in this octave and a half, and air itself above it.
_OVERTONES: Final = (Band("high-pass", 1600), Band("high-pass", 1600), Band("low-pass", 7000))
_AIR: Final = (Band("high-pass", 6500), Band("high-pass", 6500), Band("low-pass", 13_000))

_SPREAD_FROM: Final = 300.0
_SPREAD_SECONDS: Final = 0.018


def bus_filters(name: str, sample_rate: int) -> NDArray[np.float64]:
    """Make the filters of a bus: its level, equalizer and width in one.

    Returns
    -------
    ndarray of float64, shape (2, 2, n)
        ``[out, into]``.
    """
    bus = BUS_TABLE[name]
    curve = curve_of(tuple(band for band, _ in bus.bands), sample_rate)
    curve *= 10 ** (bus.gain_db / 20)
    middle = impulse_of(curve)
    side = bus.width * middle
    spread = impulse_of(curve * _spread(bus.spread, sample_rate, len(curve)))
    # left = middle + side, right = middle - side; each of the two is half the sum or difference.
    left, right = (middle + side) / 2, (middle - side) / 2
    cross = spread / 2
    return np.array([[left + cross, right + cross], [right - cross, left - cross]])


def overtone_filters(name: str, sample_rate: int) -> NDArray[np.float64]:
    """Make the filters that give the overtones of a bus, from which air is made.

    Soft notes of sampled instruments have next to nothing above 6 kHz, where recordings of rooms
    with people have. Air is the rectified sound of the overtones, above 6.5 kHz: mostly their
    octaves. Exciters do so (E. Larsen and R. M. Aarts, "Audio Bandwidth Extension", Wiley 2004,
    chapter 3). As rectifying knows no level, soft notes get as much as loud ones.

    Returns
    -------
    ndarray of float64, shape (1, 2, n)
        ``[out, into]``.
    """
    bus = BUS_TABLE[name]
    level = bus.air * 10 ** (bus.gain_db / 20)
    impulse = impulse_of(curve_of(_OVERTONES, sample_rate)) * level / 2
    return np.array([[impulse, impulse]])


def air_filters(sample_rate: int) -> NDArray[np.float64]:
    """Make the filter that leaves of rectified overtones what is air; shape (1, 1, n)."""
    return impulse_of(curve_of(_AIR, sample_rate))[None, None]


def _spread(amount: float, rate: int, count: int) -> NDArray[np.complex128]:
    """Make a filter of a burst of noise, from the middle to the side.

    After M. R. Schroeder, "An artificial stereophonic effect obtained from a single audio signal",
    J. Audio Eng. Soc. 6(2), 1958.
    """
    length = round(_SPREAD_SECONDS * rate)
    burst = noise("spread", length) * np.sin(np.linspace(0, np.pi, length)) ** 2
    burst *= amount / np.sqrt(np.square(burst).sum())
    passed = curve_of((Band("high-pass", _SPREAD_FROM),), rate)
    return np.asarray(np.fft.rfft(burst, 2 * (count - 1)) * passed)
