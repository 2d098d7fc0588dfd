"""Makes the instrument pack in src/musify/composer/instruments/data.

Out of FluidR3Mono_GM.sf3 of the Debian package fluidr3mono-gm-soundfont 2.315-7 (MIT licence). It
needs, beside ffmpeg::

    apt-get download fluidr3mono-gm-soundfont
    dpkg-deb -x fluidr3mono-gm-soundfont_*.deb FOLDER

and then ``python tools/make_instrument_pack.py FOLDER``.

Of each instrument of the catalogue that is sampled, all zones and all samples are taken as they
are: the Vorbis packets unchanged, since encoding again would only lose. What goes are the 163
presets that are not in the catalogue, and the headers of the samples, which are the same but for
their rate: 4 kB each, 1.5 MB in all.

Samples that are out of tune, or louder or softer than their neighbours, are brought into line by
the numbers of their zones (balance_instruments.py).

How loud each instrument is, is measured (musify.composer.instruments.calibration), and the gain
that makes all equally loud is written into the pack. The table is printed.
"""

import argparse
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from balance_instruments import levelled, tuned
from checked_files import SOURCE, tell_written, verified
from numpy.typing import NDArray

from musify.composer.instruments.bundle import SOUND_FILE, TABLE_FILE
from musify.composer.instruments.calibration import gain_to_reference, reference_loudness
from musify.composer.instruments.catalogue import INSTRUMENTS
from musify.composer.instruments.font import SoundFont
from musify.composer.instruments.sampler import Sampler
from musify.composer.instruments.synth import Synth
from musify.composer.instruments.vorbis import VorbisSample
from musify.composer.instruments.waves import Waves
from musify.composer.instruments.zone_table import table_of_zones
from musify.composer.instruments.zones import Zone

FONT = "usr/share/fluidr3mono-gm-soundfont/FluidR3Mono_GM.sf3"
LICENCE = "usr/share/doc/fluidr3mono-gm-soundfont/copyright"
READ = {
    FONT: "cda013d8c370a48ae8dad271e761078d2e77455488dabdedbfbe5fc76a38c682",
    LICENCE: "8fff5f4a88a956f806feef0c2dce196f0bb818ac719ef14162810deebd4700c8",
}
TARGET = SOURCE / "composer/instruments/data"
LICENCE_FILE = "LICENSE-FluidR3Mono.txt"
MOST_BYTES = 8_000_000


def sound_of(samples: list[VorbisSample]) -> dict[str, NDArray[Any]]:
    """Return the arrays that hold the packets of samples."""
    groups: list[tuple[bytes, bytes]] = []
    numbers = []
    for sample in samples:
        head = sample.head[:12] + bytes(4) + sample.head[16:]  # without the rate
        if (head, sample.setup) not in groups:
            groups.append((head, sample.setup))
        numbers.append(groups.index((head, sample.setup)))
    out: dict[str, NDArray[Any]] = {
        "packet_sizes": np.array([len(p) for s in samples for p in s.packets], np.uint16),
        "sample_packets": np.array([len(s.packets) for s in samples], np.uint16),
        "sample_groups": np.array(numbers, np.uint8),
    }
    for number, (head, setup) in enumerate(groups):
        # A rate has to be there; that of the samples stands beside.
        whole = head[:12] + (44_100).to_bytes(4, "little") + head[16:]
        out[f"head{number}"] = np.frombuffer(whole, np.uint8)
        out[f"setup{number}"] = np.frombuffer(setup, np.uint8)
    return out


def gains(font: SoundFont, zones: dict[str, list[Zone]]) -> dict[str, float]:
    """Measure the gain of every instrument, and print what it was and becomes."""
    waves = Waves(font)
    out = {}
    for entry in INSTRUMENTS.values():
        if entry.is_synth:
            before = reference_loudness(Synth(entry))
            gain = gain_to_reference(Synth(entry))
            after = reference_loudness(Synth(entry, gain))
        else:
            before = reference_loudness(Sampler(entry, zones[entry.name], waves))
            gain = gain_to_reference(Sampler(entry, zones[entry.name], waves))
            after = reference_loudness(Sampler(entry, zones[entry.name], waves, gain))
        print(f"{entry.name:20} {before:7.2f} LUFS {gain:+6.1f} dB -> {after:7.2f} LUFS")
        out[entry.name] = gain
    return out


def packed(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Write an .npz that is the same on every run: its members have no date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(info, member.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def main() -> None:
    """Read the SoundFont, write the pack and its licence."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the Debian package was unpacked")
    folder = parser.parse_args().folder
    paths = {name: verified(folder / name, sha256) for name, sha256 in READ.items()}
    font = SoundFont(paths[FONT])
    sampled = [entry for entry in INSTRUMENTS.values() if not entry.is_synth]
    zones = {entry.name: playable(font.zones(entry), entry.low, entry.high) for entry in sampled}
    font.need(zone.sample for own in zones.values() for zone in own)
    waves = Waves(font)
    for entry in sampled:
        zones[entry.name] = levelled(entry, tuned(entry, zones[entry.name], waves), waves)
    loud = gains(font, zones)
    taken = sorted({zone.sample for own in zones.values() for zone in own})
    places = {sample: place for place, sample in enumerate(taken)}
    samples = [font.encoded(sample) for sample in taken]
    rows = table_of_zones([zone for own in zones.values() for zone in own])
    rows[:, 0] = [places[int(sample)] for sample in rows[:, 0]]
    names = [*zones, *(name for name in loud if name not in zones)]
    arrays = sound_of(samples) | {
        "sample_names": np.array([font.infos[sample].name for sample in taken]),
        "sample_lengths": np.array([sample.length for sample in samples], np.uint32),
        "sample_rates": np.array([font.infos[sample].sample_rate for sample in taken], np.uint32),
        "zones": rows,
        "instrument_names": np.array(names),
        "instrument_zones": np.array([len(zones.get(name, ())) for name in names], np.uint32),
        "instrument_gains": np.array([loud[name] for name in names]),
    }
    sound = b"".join(b"".join(sample.packets) for sample in samples)
    digest = hashlib.sha256(sound)
    for name in ("sample_lengths", "packet_sizes"):
        digest.update(arrays[name].tobytes())
    arrays["digest"] = np.frombuffer(digest.digest()[:8], np.uint8)
    table = packed(arrays)
    if (size := len(table) + len(sound)) > MOST_BYTES:
        raise SystemExit(f"the pack has {size} bytes, more than {MOST_BYTES}")
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, content in ((TABLE_FILE, table), (SOUND_FILE, sound)):
        (TARGET / name).write_bytes(content)
        tell_written(TARGET / name)
    (TARGET / LICENCE_FILE).write_bytes(paths[LICENCE].read_bytes())
    tell_written(TARGET / LICENCE_FILE)


def playable(zones: list[Zone], low: int, high: int) -> list[Zone]:
    """Leave out zones that sound for no note of an instrument."""
    return [zone for zone in zones if zone.key_low <= high and zone.key_high >= low]


if __name__ == "__main__":
    main()
