"""Packs of instruments: the one that comes along, and any SoundFont."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from musify._ffmpeg import StrPath
from musify.composer.instruments.catalogue import INSTRUMENTS
from musify.composer.instruments.font import SoundFont
from musify.composer.instruments.instrument import Instrument
from musify.composer.instruments.sampler import Sampler
from musify.composer.instruments.synth import PATCHES, Synth
from musify.composer.instruments.waves import Waves
from musify.errors import ParameterError

__all__ = ["InstrumentPack", "load_pack", "open_soundfont"]


class InstrumentPack:
    """Instruments, by name; each is made when it is first asked for.

    Parameters
    ----------
    title : str
        What to call the pack in messages.
    makers : mapping of str to callable
        What makes each instrument.
    """

    def __init__(self, title: str, makers: Mapping[str, Callable[[], Instrument]]) -> None:
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
    """Load the instruments that come with musify."""
    return InstrumentPack("the pack of musify", synths())


def open_soundfont(path: StrPath) -> InstrumentPack:
    """Open a SoundFont of one's own: its General MIDI presets as the instruments of the catalogue.

    Parameters
    ----------
    path : path-like
        An .sf2, or an .sf3 with Vorbis samples.

    Returns
    -------
    InstrumentPack
        Those of the catalogue that it has, and those that are computed.

    Raises
    ------
    AudioDecodeError
        If it cannot be read, or is broken.
    """
    font = SoundFont(Path(path))
    waves = Waves(font)

    def maker(name: str) -> Callable[[], Instrument]:
        def make() -> Instrument:
            zones = font.zones(INSTRUMENTS[name])
            font.need(zone.sample for zone in zones)
            return Sampler(INSTRUMENTS[name], zones, waves)

        return make

    made = {
        entry.name: maker(entry.name)
        for entry in INSTRUMENTS.values()
        if not entry.is_synth and font.has(entry)
    }
    return InstrumentPack(f"the SoundFont {str(path)!r}", made | synths())


def synths() -> dict[str, Callable[[], Instrument]]:
    """Return makers of the instruments that are computed."""

    def maker(name: str) -> Callable[[], Instrument]:
        return lambda: Synth(INSTRUMENTS[name], PATCHES[name])

    return {name: maker(name) for name in PATCHES}
