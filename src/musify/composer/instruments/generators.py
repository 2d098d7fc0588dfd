"""Generators: the numbers of a SoundFont's zones, and what they mean.

After "SoundFont Technical Specification 2.04" (Creative/E-mu 2006), 8.1: those of an instrument's
zone replace those of its global zone and the defaults, those of a preset's zone are added, and
ranges of keys and velocities intersect.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from musify.composer.instruments.envelope import Envelope, Sweep
from musify.composer.instruments.hydra import Hydra, Table
from musify.composer.instruments.zones import SampleInfo, Zone

__all__ = ["preset_zones", "sample_infos"]

_INSTRUMENT, _SAMPLE = 41, 53
_KEYS, _VELOCITIES = 43, 44
_DEFAULTS: Final = {
    8: 13500, 21: -12000, 23: -12000, 25: -12000, 26: -12000, 27: -12000, 28: -12000, 30: -12000,
    33: -12000, 34: -12000, 35: -12000, 36: -12000, 38: -12000, 46: -1, 47: -1, 56: 100, 58: -1,
}  # fmt: skip
# What only a zone of an instrument may say: 8.5 "not valid at the preset level".
_INSTRUMENT_ONLY: Final = {0, 1, 2, 3, 4, 12, 45, 46, 47, 50, 54, 57, 58}
# 8.1.3, "Generator Summary".
_RANGES: Final = {
    5: (-12000, 12000), 6: (-12000, 12000), 8: (1500, 13500), 9: (0, 960), 11: (-12000, 12000),
    13: (-960, 960), 17: (-500, 500), 22: (-16000, 4500), 24: (-16000, 4500), 29: (0, 1000),
    37: (0, 1440), 39: (-1200, 1200), 40: (-1200, 1200), 48: (0, 1440), 51: (-120, 120),
    52: (-99, 99), 56: (0, 1200),
}  # fmt: skip
_LONGEST_CENTS: Final = 8000  # 101 s
# Creative's own synthesizers took 0.4 of what is written, and SoundFonts were made by ear on them;
# FluidSynth and others do the same (EMU_ATTENUATION_FACTOR).
_ATTENUATION: Final = 0.4
# Sources of modulators: velocity, as it is or turned around, straight.
_VELOCITY_SOURCES: Final = {0x0102, 0x0502, 0x0002}
_FILTER: Final = 8
_MOST_ZONES: Final = 4096
_ROM: Final = 0x8000


def sample_infos(hydra: Hydra) -> tuple[SampleInfo, ...]:
    """List the samples, in the order of their headers."""
    return tuple(
        SampleInfo(
            row["name"].split(b"\0")[0].decode("latin-1"),
            int(row["start"]),
            int(row["end"]) - int(row["start"]),
            int(row["rate"]),
        )
        for row in hydra.tables[b"shdr"][:-1]
    )


def preset_zones(hydra: Hydra, row: int) -> list[Zone]:
    """Return the zones of a preset, each put together from its preset and its instrument.

    Parameters
    ----------
    hydra : Hydra
        The SoundFont.
    row : int
        Which preset.

    Raises
    ------
    AudioDecodeError
        If a table points beyond another, or there are too many zones.
    """
    out: list[Zone] = []
    wide: dict[int, int] = {}
    for place, bag in enumerate(hydra.bags(b"phdr", row)):
        own, _ = hydra.zone(b"p", bag)
        if _INSTRUMENT not in own:
            wide = own if place == 0 else wide
            continue
        added = wide | own
        out += _instrument_zones(hydra, added.pop(_INSTRUMENT), added)
        if len(out) > _MOST_ZONES:
            raise hydra.broken(f"preset {row} has more than {_MOST_ZONES} zones")
    return out


def _instrument_zones(hydra: Hydra, row: int, added: Mapping[int, int]) -> list[Zone]:
    if not row < len(hydra.tables[b"inst"]) - 1:
        raise hydra.broken(f"instrument {row} is not among its {len(hydra.tables[b'inst']) - 1}")
    out: list[Zone] = []
    wide: dict[int, int] = {}
    wide_closes: float | None = None
    for place, bag in enumerate(hydra.bags(b"inst", row)):
        own, modulators = hydra.zone(b"i", bag)
        closes = _closes(modulators)
        if _SAMPLE not in own:
            if place == 0:
                wide, wide_closes = own, closes
            continue
        closes = wide_closes if closes is None else closes
        zone = _zone(hydra, wide | own, added, 2400.0 if closes is None else closes)
        if zone is not None:
            out.append(zone)
        if len(out) > _MOST_ZONES:
            raise hydra.broken(f"instrument {row} has more than {_MOST_ZONES} zones")
    return out


def _closes(modulators: Table) -> float | None:
    """Return by how many cents soft notes close the filter; None if nothing is said."""
    found = modulators[
        (modulators["to"] == _FILTER) & np.isin(modulators["source"], list(_VELOCITY_SOURCES))
    ]
    if not len(found):
        return None
    return float(np.clip(-found["amount"].astype(np.float64).sum(), 0, 6000))


def _signed(word: int) -> int:
    return word - 0x10000 if word >= 0x8000 else word


def _range(words: Mapping[int, int], kind: int) -> tuple[int, int]:
    word = words.get(kind, 0x7F00)
    return min(127, word & 0xFF), min(127, word >> 8)


def _zone(
    hydra: Hydra, words: Mapping[int, int], added: Mapping[int, int], closes: float
) -> Zone | None:
    header = words[_SAMPLE]
    table = hydra.tables[b"shdr"]
    if not header < len(table) - 1:
        raise hydra.broken(f"sample {header} is not among its {len(table) - 1}")
    sample = table[header]
    if int(sample["type"]) & _ROM:
        return None  # in the memory of a sound card of 1996
    keys, more_keys = _range(words, _KEYS), _range(added, _KEYS)
    speeds, more_speeds = _range(words, _VELOCITIES), _range(added, _VELOCITIES)
    low, high = max(keys[0], more_keys[0]), min(keys[1], more_keys[1])
    soft, loud = max(speeds[0], more_speeds[0]), min(speeds[1], more_speeds[1])
    if low > high or soft > loud:
        return None

    def value(kind: int) -> int:
        total = _signed(words[kind]) if kind in words else _DEFAULTS.get(kind, 0)
        if kind in added and kind not in _INSTRUMENT_ONLY:
            total += _signed(added[kind])
        least, most = _RANGES.get(kind, (-0x8000, 0x7FFF))
        return max(least, min(most, total))

    def seconds(kind: int) -> float:
        cents = min(value(kind), _LONGEST_CENTS)
        return 0.0 if cents <= -12000 else float(2 ** (cents / 1200))

    def frames(fine: int, coarse: int) -> int:
        return value(fine) + 32768 * value(coarse)

    base = 0 if int(sample["type"]) & 0x10 else int(sample["start"])
    begin = frames(0, 4)
    loop = int(sample["loop_start"]) - base + frames(2, 45)
    loop_end = int(sample["loop_end"]) - base + frames(3, 50)
    # Of those that loop until the key is released the release is heard looping too.
    repeats = value(54) & 1 == 1 and loop_end > loop >= 0
    root = value(58) if 0 <= value(58) <= 127 else int(sample["key"])
    root = 60 if root > 127 else root
    tuning = value(51) + value(52) / 100 + int(sample["correction"]) / 100
    pitch_lfo = value(6) or value(5)
    lfo = (23, 24) if value(6) else (21, 22)
    return Zone(
        sample=header,
        key_low=low,
        key_high=high,
        velocity_low=soft,
        velocity_high=loud,
        root=root,
        tuning=tuning,
        scale=float(value(56)),
        start=max(0, begin),
        end=min(0, frames(1, 12)),
        loop_start=loop if repeats else 0,
        loop_end=loop_end if repeats else 0,
        attenuation_db=value(48) / 10 * _ATTENUATION,
        pan=value(17) / 500,
        volume=Envelope(
            seconds(33), seconds(34), seconds(35), seconds(36), value(37) / 10, seconds(38)
        ),
        hold_by_key=float(value(39)),
        decay_by_key=float(value(40)),
        cutoff_cents=float(value(8)),
        resonance_db=value(9) / 10,
        velocity_cents=closes,
        sweep=Sweep(
            seconds(25), seconds(26), seconds(27), seconds(28), 1 - value(29) / 1000, seconds(30)
        ),
        sweep_cents=float(value(11)),
        tremolo_hz=8.176 * 2 ** (value(22) / 1200),
        tremolo_db=value(13) / 10,
        tremolo_delay=seconds(21),
        vibrato_hz=8.176 * 2 ** (value(lfo[1]) / 1200),
        vibrato_cents=float(pitch_lfo),
        vibrato_delay=seconds(lfo[0]),
        fixed_key=value(46) if 0 <= value(46) <= 127 else -1,
        fixed_velocity=value(47) if 1 <= value(47) <= 127 else -1,
        exclusive=value(57),
    )
