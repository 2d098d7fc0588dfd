"""Which instruments there are: their names, their place in General MIDI, and what they can play.

Ranges are the usual written ones of orchestration books (S. Adler, "The Study of Orchestration",
4th edition, W. W. Norton 2016) in sounding pitch; of synthesizers what sounds well.
"""

from dataclasses import dataclass
from typing import Final

from musify.errors import ParameterError

__all__ = ["INSTRUMENTS", "InstrumentEntry", "find_instrument"]


@dataclass(frozen=True, slots=True)
class InstrumentEntry:
    """An instrument of the catalogue.

    Parameters
    ----------
    name : str
        What styles and scores call it.
    program : int
        General MIDI program, 0 to 127; of drums the program of the kit.
    low, high : int
        Lowest and highest MIDI pitch it plays.
    family : str
        ``"keys"``, ``"mallets"``, ``"plucked"``, ``"bass"``, ``"bowed"``, ``"voices"``,
        ``"brass"``, ``"winds"``, ``"lead"``, ``"pad"`` or ``"drums"``.
    is_synth : bool
        Whether it is synthesized rather than sampled.
    """

    name: str
    program: int
    low: int
    high: int
    family: str
    is_synth: bool = False

    @property
    def is_kit(self) -> bool:
        """Whether each pitch is a drum of its own: bank 128 of General MIDI."""
        return self.name.endswith("-kit")


_ENTRIES: Final = (
    InstrumentEntry("piano", 0, 21, 108, "keys"),
    InstrumentEntry("electric-piano", 4, 28, 100, "keys"),
    InstrumentEntry("celesta", 8, 60, 108, "mallets"),
    InstrumentEntry("glockenspiel", 9, 79, 108, "mallets"),
    InstrumentEntry("music-box", 10, 60, 96, "mallets"),
    InstrumentEntry("vibraphone", 11, 53, 89, "mallets"),
    InstrumentEntry("marimba", 12, 45, 96, "mallets"),
    InstrumentEntry("accordion", 21, 53, 93, "keys"),
    InstrumentEntry("nylon-guitar", 24, 40, 83, "plucked"),
    InstrumentEntry("steel-guitar", 25, 40, 84, "plucked"),
    InstrumentEntry("clean-guitar", 27, 40, 86, "plucked"),
    InstrumentEntry("acoustic-bass", 32, 28, 60, "bass"),
    InstrumentEntry("fingered-bass", 33, 28, 62, "bass"),
    InstrumentEntry("synth-bass", 38, 24, 60, "bass"),
    InstrumentEntry("violin", 40, 55, 100, "bowed"),
    InstrumentEntry("cello", 42, 36, 76, "bowed"),
    InstrumentEntry("contrabass", 43, 28, 60, "bowed"),
    InstrumentEntry("tremolo-strings", 44, 36, 96, "bowed"),
    InstrumentEntry("pizzicato-strings", 45, 36, 96, "plucked"),
    InstrumentEntry("harp", 46, 24, 103, "plucked"),
    InstrumentEntry("timpani", 47, 36, 57, "drums"),
    InstrumentEntry("strings", 48, 28, 100, "bowed"),
    InstrumentEntry("slow-strings", 49, 28, 100, "bowed"),
    InstrumentEntry("choir", 52, 41, 84, "voices"),
    InstrumentEntry("trumpet", 56, 54, 86, "brass"),
    InstrumentEntry("french-horn", 60, 35, 77, "brass"),
    InstrumentEntry("brass", 61, 36, 86, "brass"),
    InstrumentEntry("oboe", 68, 58, 91, "winds"),
    InstrumentEntry("clarinet", 71, 50, 91, "winds"),
    InstrumentEntry("flute", 73, 60, 96, "winds"),
    InstrumentEntry("square-lead", 80, 48, 96, "lead"),
    InstrumentEntry("saw-lead", 81, 48, 96, "lead"),
    InstrumentEntry("warm-pad", 89, 36, 96, "pad"),
    InstrumentEntry("halo-pad", 94, 36, 96, "pad"),
    InstrumentEntry("sweep-pad", 95, 36, 96, "pad"),
    InstrumentEntry("soft-pad", 88, 36, 96, "pad", is_synth=True),
    InstrumentEntry("soft-lead", 87, 48, 96, "lead", is_synth=True),
    InstrumentEntry("synth-pluck", 84, 36, 96, "plucked", is_synth=True),
    InstrumentEntry("sub-bass", 39, 24, 55, "bass", is_synth=True),
    InstrumentEntry("standard-kit", 0, 27, 87, "drums"),
    InstrumentEntry("electronic-kit", 24, 27, 87, "drums"),
    InstrumentEntry("brush-kit", 40, 27, 87, "drums"),
    InstrumentEntry("orchestral-kit", 48, 27, 87, "drums"),
)

INSTRUMENTS: Final = {entry.name: entry for entry in _ENTRIES}
"""Every instrument, by its name."""


def find_instrument(name: str) -> InstrumentEntry:
    """Look an instrument up.

    Raises
    ------
    ParameterError
        If there is none of that name.

    Examples
    --------
    >>> find_instrument("harp").program
    46
    """
    if name not in INSTRUMENTS:
        raise ParameterError(
            f"no instrument is called {name!r}; there are {', '.join(INSTRUMENTS)}"
        )
    return INSTRUMENTS[name]
