"""The bundled pack: its file, and where its decoded samples are kept.

Two files that ``tools/make_instrument_pack.py`` writes: a table of zones and samples, and their
sound. That is the Vorbis packets of the SoundFont it was made of, as they were, without the headers
that were the same hundreds of times.
"""

from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.decoded_cache import kept_pcm
from musify.composer.instruments.decoding import decode_vorbis
from musify.composer.instruments.vorbis import VorbisSample
from musify.composer.instruments.waves import SampleSource
from musify.composer.instruments.zone_table import zones_of_table
from musify.composer.instruments.zones import SampleInfo, Zone

__all__ = ["SOUND_FILE", "TABLE_FILE", "Bundle"]

TABLE_FILE: Final = "fluid_r3_mono.npz"
SOUND_FILE: Final = "fluid_r3_mono.vorbis"
_DATA: Final = files("musify.composer.instruments") / "data"


class Bundle(SampleSource):
    """The instruments that come along.

    Attributes
    ----------
    gains_db : dict of str to float
        By name, in the order of the file: what makes each as loud as the others.
    """

    def __init__(self) -> None:
        with (_DATA / TABLE_FILE).open("rb") as file:
            found = np.load(file, allow_pickle=False)
            self._table: dict[str, NDArray[Any]] = {name: found[name] for name in found.files}
        table = self._table
        self._zone_ends = _ends(table["instrument_zones"])
        self._names = [str(name) for name in table["instrument_names"]]
        self.gains_db = dict(zip(self._names, table["instrument_gains"].tolist(), strict=True))
        self.infos = tuple(
            SampleInfo(str(name), 0, int(length), int(rate))
            for name, length, rate in zip(
                table["sample_names"], table["sample_lengths"], table["sample_rates"], strict=True
            )
        )
        self._pcm: dict[int, NDArray[np.int16]] = {}

    def zones(self, name: str) -> list[Zone]:
        """Return the zones of an instrument."""
        place = self._names.index(name)
        rows = self._table["zones"][self._zone_ends[place] : self._zone_ends[place + 1]]
        return zones_of_table(rows)

    def need(self, name: str, samples: Iterable[int]) -> None:
        """Have the samples of an instrument decoded, or find them where they were kept."""
        wanted = sorted(set(samples))
        lengths = [self.infos[index].size for index in wanted]
        digest = bytes(self._table["digest"]).hex()
        whole = kept_pcm(f"{digest}-{name}", sum(lengths), lambda: self._decoded(wanted))
        ends = np.cumsum(lengths)
        for index, start, end in zip(wanted, ends - lengths, ends, strict=True):
            self._pcm[index] = whole[start:end]

    def length(self, index: int) -> int:
        """Return how many PCM frames a sample has."""
        return self.infos[index].size

    def pcm(self, index: int) -> NDArray[np.int16]:
        """Return a sample, mono; read-only."""
        if index not in self._pcm:
            self._pcm[index] = self._decoded([index])
        return self._pcm[index]

    def _decoded(self, samples: list[int]) -> NDArray[np.int16]:
        encoded = self._encoded(samples)
        return np.concatenate(decode_vorbis(encoded, "the instruments of musify"))

    def _encoded(self, samples: list[int]) -> list[VorbisSample]:
        packets = (_DATA / SOUND_FILE).read_bytes()
        table = self._table
        counts = _ends(table["sample_packets"])
        places = _ends(table["packet_sizes"])
        out = []
        for index in samples:
            group = table["sample_groups"][index]
            own = range(counts[index], counts[index + 1])
            out.append(
                VorbisSample(
                    table[f"head{group}"].tobytes(),
                    table[f"setup{group}"].tobytes(),
                    [packets[places[packet] : places[packet + 1]] for packet in own],
                    self.infos[index].size,
                )
            )
        return out


def _ends(counts: NDArray[Any]) -> list[int]:
    """Return where each of several runs begins, and where the last one ends."""
    return [0, *np.cumsum(counts, dtype=np.int64).tolist()]
