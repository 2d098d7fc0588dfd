"""Brings the samples of an instrument into line: in tune, and about as loud as their neighbours."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.calibration import note_loudness
from musify.composer.instruments.catalogue import InstrumentEntry
from musify.composer.instruments.sampler import Sampler
from musify.composer.instruments.waves import Waves
from musify.composer.instruments.zones import Zone

RATE = 48_000
# What is tuned by stretched octaves, or has no pitch one could measure, stays as it is.
UNTOUCHED = {"piano"}
# Of bars and skins only the fundamental is where the pitch is.
HARMONICS = {"mallets": 1, "drums": 1}
MOST_CENTS, LEAST_CENTS = 60.0, 4.0
MOST_DB, LEAST_DB = 6.0, 0.7
NEIGHBOURS = 6
# Where drums struck as hard as bass drum and snare lie below those, in decibels: hi-hats, rides and
# shakers carry on softly, cymbals and toms do not drown what they crown. By ear, on pop recordings.
BELOW = {
    **dict.fromkeys((42, 44, 46, 51, 53, 54, 59), 6.0),
    **dict.fromkeys((69, 70, 82), 9.0),
    **dict.fromkeys((49, 52, 55, 57), 1.0),
    **dict.fromkeys((41, 43, 45, 47, 48, 50), 0.0),
}
OTHERS_BELOW = (1.0, 12.0)
STRUCK = (36, 38)
MOST_DRUM_DB = 10.0


def tuned(entry: InstrumentEntry, zones: Sequence[Zone], waves: Waves) -> list[Zone]:
    """Correct the tuning of samples that are 4 to 60 cents off."""
    if entry.is_kit or entry.name in UNTOUCHED:
        return list(zones)
    cents = {}
    for sample in sorted({zone.sample for zone in zones}):
        own = [zone for zone in zones if zone.sample == sample]
        keys = [key for key in range(entry.low, entry.high + 1) if own[0].sounds_for(key, 100)]
        loud = [zone for zone in own if zone.velocity_low <= 100 <= zone.velocity_high]
        if not keys or not loud or loud[0].scale != 100:
            continue
        key = min(keys, key=lambda one: abs(one - loud[0].root))
        sound = Sampler(entry, loud, waves).play(key, 100, 2.5, RATE)
        off = cents_off(sound.mean(axis=1), key, HARMONICS.get(entry.family, 6))
        if LEAST_CENTS <= abs(off) < MOST_CENTS:
            cents[sample] = off
            print(f"{entry.name:20} sample {sample} at {key}: {off:+.1f} cents")
    return [replace(zone, tuning=zone.tuning - cents.get(zone.sample, 0.0) / 100) for zone in zones]


def cents_off(sound: NDArray[np.float32], key: int, harmonics: int) -> float:
    """Measure how far a note is above its pitch: where its harmonics together are strongest."""
    part = sound[RATE // 10 : RATE * 2]
    size = 1 << 19
    spectrum = np.sqrt(np.abs(np.fft.rfft(part * np.hanning(len(part)), size)))
    wanted = 440 * 2 ** ((key - 69) / 12)
    tried = np.arange(-MOST_CENTS, MOST_CENTS + 0.25, 0.25)
    score = np.zeros(len(tried))
    for harmonic in range(1, harmonics + 1):
        places = wanted * harmonic * 2 ** (tried / 1200) * size / RATE
        if places[-1] < len(spectrum) - 1:
            score += np.interp(places, np.arange(len(spectrum)), spectrum)
    # A choir is spread: the middle of the hill and not its highest stone.
    score = np.convolve(score, np.hanning(41), "same")
    return float(tried[score.argmax()])


def levelled(entry: InstrumentEntry, zones: Sequence[Zone], waves: Waves) -> list[Zone]:
    """Bring samples that stand out of their neighbours, by 0.7 to 6 dB, to their level."""
    if entry.is_kit:
        return balanced_kit(entry, zones, waves)
    out = list(zones)
    for _ in range(2):
        made = Sampler(entry, out, waves)
        keys = list(range(entry.low, entry.high + 1))
        loudness = np.array([note_loudness(made, key) for key in keys])
        trend = np.array([_around(loudness, place) for place in range(len(keys))])
        short = dict(zip(keys, trend - loudness, strict=True))
        gains = {}
        for sample in {zone.sample for zone in out}:
            own = [
                short[key]
                for key in keys
                if any(zone.sample == sample and zone.sounds_for(key, 80) for zone in out)
            ]
            if own and abs(gain := float(np.mean(own))) >= LEAST_DB:
                gains[sample] = min(MOST_DB, max(-MOST_DB, gain))
        print(f"{entry.name:20} levels {', '.join(f'{gain:+.1f}' for gain in gains.values())} dB")
        out = [
            replace(zone, attenuation_db=zone.attenuation_db - gains.get(zone.sample, 0.0))
            for zone in out
        ]
    return out


def balanced_kit(entry: InstrumentEntry, zones: Sequence[Zone], waves: Waves) -> list[Zone]:
    """Bring drums to where they should lie below bass drum and snare."""
    kit = Sampler(entry, zones, waves)
    struck = 10 * np.log10(np.mean([10 ** (note_loudness(kit, key) / 10) for key in STRUCK]))
    gains: dict[int, float] = {}
    for key in set(range(entry.low, entry.high + 1)) - {35, 36, 37, 38, 39, 40}:
        below = struck - note_loudness(kit, key)
        wanted = BELOW.get(key, min(OTHERS_BELOW[1], max(OTHERS_BELOW[0], below)))
        gains[key] = min(MOST_DRUM_DB, max(-MOST_DRUM_DB, below - wanted))
    print(f"{entry.name:20} " + ", ".join(f"{key}: {gain:+.1f}" for key, gain in gains.items()))
    out = []
    for zone in zones:
        own = [gains[key] for key in range(zone.key_low, zone.key_high + 1) if key in gains]
        out.append(replace(zone, attenuation_db=zone.attenuation_db - sum(own) / max(1, len(own))))
    return out


def _around(loudness: NDArray[np.float64], place: int) -> float:
    """Fit a line to a note and its neighbours, and return where it is there."""
    first, last = max(0, place - NEIGHBOURS), min(len(loudness), place + NEIGHBOURS + 1)
    keys = np.arange(first, last)
    return float(np.polyval(np.polyfit(keys, loudness[first:last], 1), place))
