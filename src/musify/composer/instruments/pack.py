"""Packs of instruments: the one that comes along, and any SoundFont."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from musify._ffmpeg import StrPath
from musify.composer.instruments.bundle import Bundle
from musify.composer.instruments.calibration import gain_to_reference
from musify.composer.instruments.catalogue import INSTRUMENTS
from musify.composer.instruments.font import SoundFont
from musify.composer.instruments.instrument import Instrument
from musify.composer.instruments.sampler import Sampler
from musify.composer.instruments.synth import PATCHES, Synth
from musify.composer.instruments.waves import Waves
from musify.errors import ParameterError

__all__ = ["InstrumentPack", "load_pack", "open_soundfont"]

Maker = Callable[[], Instrument]


class InstrumentPack:
    """Instruments, by name; each is made when it is first asked for.

    Parameters
    ----------
    title : str
        What to call the pack in messages.
    makers : mapping of str to callable
        What makes each instrument.
    """

    def __init__(self, title: str, makers: Mapping[str, Maker]) -> None:
        self.title = title
        self._makers: Final = dict(makers)
        self._made: dict[str, Instrument] = {}

    def __repr__(self) -> str:
        return f"<InstrumentPack {self.title!r}: {len(self._makers)} instruments>"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the instruments there are, in the order of the catalogue."""
        return tuple(name for name in INSTRUMENTS if name in self._makers)

    def instrument(self, name: str) -> Instrument:
        """Return an instrument.

        Raises
        ------
        ParameterError
            If the pack lacks it.
        AudioDecodeError
            If its samples cannot be read.
        """
        if name not in self._makers:
            raise ParameterError(
                f"{self.title} has no instrument {name!r}; it has {', '.join(self.names)}"
            )
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]


def load_pack() -> InstrumentPack:
    """Load the instruments that come with musify.

    Samples are decoded when their instrument is first played from, and kept in the user's data
    folder for the next run.

    Returns
    -------
    InstrumentPack
        With every instrument of the catalogue.
    """
    bundle = Bundle()
    waves = Waves(bundle)

    def maker(name: str) -> Maker:
        def make() -> Instrument:
            zones = bundle.zones(name)
            bundle.need(name, (zone.sample for zone in zones))
            return Sampler(INSTRUMENTS[name], zones, waves, bundle.gains_db[name])

        return make

    sampled = {name: maker(name) for name in bundle.gains_db if name not in PATCHES}
    return InstrumentPack("the pack of musify", sampled | _synths(bundle.gains_db))


def open_soundfont(path: StrPath) -> InstrumentPack:
    """Open a SoundFont of one's own: its General MIDI presets as the instruments of the catalogue.

    Parameters
    ----------
    path : path-like
        An .sf2, or an .sf3 with Vorbis samples.

    Returns
    -------
    InstrumentPack
        Those of the catalogue that it has, made as loud as those of :func:`load_pack`, and those
        that are computed.

    Raises
    ------
    AudioDecodeError
        If it cannot be read, or is broken.
    """
    font = SoundFont(Path(path))
    waves = Waves(font)

    def maker(name: str) -> Maker:
        def make() -> Instrument:
            entry = INSTRUMENTS[name]
            zones = font.zones(entry)
            font.need(zone.sample for zone in zones)
            gain_db = gain_to_reference(Sampler(entry, zones, waves))
            return Sampler(entry, zones, waves, gain_db)

        return make

    sampled = {
        entry.name: maker(entry.name)
        for entry in INSTRUMENTS.values()
        if not entry.is_synth and font.has(entry)
    }
    return InstrumentPack(f"the SoundFont {str(path)!r}", sampled | _synths(Bundle().gains_db))


def _synths(gains_db: Mapping[str, float]) -> dict[str, Maker]:
    def maker(name: str) -> Maker:
        return lambda: Synth(INSTRUMENTS[name], gains_db[name])

    return {name: maker(name) for name in PATCHES}
