"""Packs of instruments: the one that comes along, and any SoundFont."""

from collections.abc import Callable, Mapping
from typing import Final

from musify.composer.instruments.catalogue import INSTRUMENTS
from musify.composer.instruments.instrument import Instrument
from musify.composer.instruments.synth import PATCHES, Synth
from musify.errors import ParameterError

__all__ = ["InstrumentPack", "load_pack"]


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


def synths() -> dict[str, Callable[[], Instrument]]:
    """Return makers of the instruments that are computed."""

    def maker(name: str) -> Callable[[], Instrument]:
        return lambda: Synth(INSTRUMENTS[name], PATCHES[name])

    return {name: maker(name) for name in PATCHES}
