"""What an instrument of a pack is: something that plays one note."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from musify.composer.instruments.catalogue import InstrumentEntry
from musify.errors import ParameterError

__all__ = ["REFERENCE_LUFS", "Instrument", "Pcm"]

Pcm = NDArray[np.float32]

REFERENCE_LUFS = -26.0
"""How loud the reference note of every instrument is: see :mod:`~.calibration`."""
_LONGEST_SECONDS = 3600.0
_LOWEST_RATE = 8_000
_HIGHEST_RATE = 192_000


class Instrument(ABC):
    """Something that plays one note.

    Parameters
    ----------
    entry : InstrumentEntry
        Its name and what it can play.

    Attributes
    ----------
    name : str
        What styles and scores call it.
    low, high : int
        Lowest and highest MIDI pitch it is written for; others sound too, but less well.
    is_drums : bool
        Whether pitches are drums of General MIDI's percussion map: held as long as they ring.
    """

    def __init__(self, entry: InstrumentEntry) -> None:
        self.entry = entry
        self.name = entry.name
        self.low = entry.low
        self.high = entry.high
        self.is_drums = entry.is_kit

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.low}-{self.high}>"

    def play(self, pitch: int, velocity: float, held: float, sample_rate: int) -> Pcm:
        """Play one note, dry, from its onset to the end of its release.

        Parameters
        ----------
        pitch : int
            MIDI note number, 0 to 127; of drums what General MIDI's percussion map says.
        velocity : float
            MIDI velocity, 1 to 127. It acts as in "SoundFont Technical Specification 2.04"
            (Creative/E-mu 2006), 8.4.1: the gain grows with its square, and it opens the filter.
        held : float
            Seconds from the onset to the release of the key; above 0, at most an hour. Drums
            ring on.
        sample_rate : int
            PCM frames a second, 8,000 to 192,000.

        Returns
        -------
        ndarray of float32, shape (n, 2)
            Fresh, starts and ends in silence, the same to the bit on every call. A drum that the
            kit lacks gives no frames.

        Raises
        ------
        ParameterError
            If a number leaves its range.
        """
        if not 0 <= pitch <= 127 or pitch != int(pitch):
            raise ParameterError(f"pitch must be a whole number from 0 to 127, got {pitch}")
        if not 1 <= velocity <= 127:
            raise ParameterError(f"velocity must be from 1 to 127, got {velocity}")
        if not 0 < held <= _LONGEST_SECONDS:
            raise ParameterError(
                f"a note must be held above 0 and at most {_LONGEST_SECONDS:.0f} s, got {held}"
            )
        if not _LOWEST_RATE <= sample_rate <= _HIGHEST_RATE or sample_rate != int(sample_rate):
            raise ParameterError(
                f"sample_rate must be whole, from {_LOWEST_RATE} to {_HIGHEST_RATE}, "
                f"got {sample_rate}"
            )
        return self._play(int(pitch), float(velocity), float(held), int(sample_rate))

    @abstractmethod
    def _play(self, pitch: int, velocity: float, held: float, sample_rate: int) -> Pcm:
        """Play one note; the arguments have been checked."""
