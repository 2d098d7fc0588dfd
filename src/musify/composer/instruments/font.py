"""Instruments out of a SoundFont file, .sf2 or .sf3."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.catalogue import InstrumentEntry
from musify.composer.instruments.decoding import decode_vorbis
from musify.composer.instruments.generators import preset_zones, sample_infos
from musify.composer.instruments.hydra import Hydra, read_hydra
from musify.composer.instruments.vorbis import VorbisSample, vorbis_sample
from musify.composer.instruments.waves import SampleSource
from musify.composer.instruments.zones import Zone

__all__ = ["SoundFont"]

_DRUM_BANK: Final = 128
_COMPRESSED: Final = 0x10
_BYTES: Final = 2
# An hour at 48 kHz: no sample of an instrument is longer.
_LONGEST_FRAMES: Final = 48_000 * 3600


class SoundFont(SampleSource):
    """A SoundFont: its presets as zones, its samples as PCM.

    Parameters
    ----------
    path : Path
        An .sf2 or .sf3.

    Raises
    ------
    AudioDecodeError
        If it cannot be read, or is broken.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hydra: Hydra = read_hydra(path)
        self.infos = sample_infos(self._hydra)
        presets = self._hydra.tables[b"phdr"]
        self._rows = {
            (int(presets["bank"][row]), int(presets["program"][row])): row
            for row in reversed(range(len(presets) - 1))
        }
        self._decoded: dict[int, NDArray[np.int16]] = {}

    def has(self, entry: InstrumentEntry) -> bool:
        """Tell whether it has the preset of an instrument."""
        return self._place(entry) in self._rows

    def zones(self, entry: InstrumentEntry) -> list[Zone]:
        """Return the zones of an instrument that it has."""
        return preset_zones(self._hydra, self._rows[self._place(entry)])

    @staticmethod
    def _place(entry: InstrumentEntry) -> tuple[int, int]:
        return (_DRUM_BANK if entry.is_kit else 0, entry.program)

    def need(self, samples: Iterable[int]) -> None:
        """Decode compressed samples all at once."""
        wanted = [
            index
            for index in sorted(set(samples))
            if index not in self._decoded and self._is_compressed(index)
        ]
        encoded = [self.encoded(index) for index in wanted]
        decoded = decode_vorbis(encoded, f"the SoundFont {str(self.path)!r}")
        self._decoded |= dict(zip(wanted, decoded, strict=True))

    def encoded(self, index: int) -> VorbisSample:
        """Return a compressed sample as it is stored."""
        return vorbis_sample(self._bytes(index), self._named(index))

    def pcm(self, index: int) -> NDArray[np.int16]:
        """Return a sample, mono; read-only."""
        if index not in self._decoded:
            if self._is_compressed(index):
                self.need([index])
            else:
                self._decoded[index] = self._mapped(index)
        return self._decoded[index]

    def _is_compressed(self, index: int) -> bool:
        return bool(self._hydra.tables[b"shdr"]["type"][index] & _COMPRESSED)

    def _named(self, index: int) -> str:
        return f"sample {self.infos[index].name!r} of the SoundFont {str(self.path)!r}"

    def _bytes(self, index: int) -> bytes:
        info = self.infos[index]
        start, size = self._hydra.samples
        if info.size < 0 or info.place + info.size > size:
            raise self._hydra.broken(
                f"{self._named(index)} ends at byte {info.place + info.size} of {size}"
            )
        return self._hydra.data[start + info.place : start + info.place + info.size]

    def _mapped(self, index: int) -> NDArray[np.int16]:
        info = self.infos[index]
        start, size = self._hydra.samples
        if not 0 <= info.size <= _LONGEST_FRAMES or (info.place + info.size) * _BYTES > size:
            raise self._hydra.broken(
                f"{self._named(index)} ends at PCM frame {info.place + info.size} of "
                f"{size // _BYTES}"
            )
        return np.frombuffer(self._hydra.data, "<i2", info.size, start + info.place * _BYTES)
