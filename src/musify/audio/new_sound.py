"""How a new sound goes into the ffmpeg that writes the file: as packets of AAC, or as PCM."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from musify._iterators import ended
from musify.audio.aac_encoder import aac_packets
from musify.audio.aac_packets import ADTS_RATES
from musify.audio.packet_stream import packet_stream
from musify.soundtrack import Soundtrack

__all__ = ["NewSound"]

_PART_BYTES: Final = 1 << 17
# Headers of ADTS number the layouts of up to two channels in one way only.
_MOST_IN_PIECES: Final = 2


@dataclass(frozen=True, slots=True)
class NewSound:
    """A sound on its way into a file.

    AAC is encoded here, in pieces; any other codec, and AAC at rates that have no number in its
    headers, by the ffmpeg that writes the file.

    Parameters
    ----------
    soundtrack : Soundtrack
        The sound.
    encoder, bitrate : str
        As ffmpeg names them.
    start : float
        When it begins, in seconds of the file's clock.
    """

    soundtrack: Soundtrack
    encoder: str
    bitrate: str
    start: float

    @property
    def _is_packets(self) -> bool:
        sound = self.soundtrack
        plain = sound.sample_rate in ADTS_RATES and sound.channels <= _MOST_IN_PIECES
        return self.encoder == "aac" and plain and sound.length > 0

    @property
    def input_options(self) -> list[str]:
        """Options with which ffmpeg reads it from its standard input."""
        if self._is_packets:
            return ["-itsoffset", f"{self.start:.6f}", "-f", "matroska", "-i", "pipe:0"]
        sound = self.soundtrack
        kind = ["-f", "f32le", "-ar", str(sound.sample_rate), "-ac", str(sound.channels)]
        if sound.layout is not None:
            kind += ["-channel_layout", sound.layout]
        return [*kind, "-i", "pipe:0"]

    def codec_options(self, place: int = 0) -> list[str]:
        """Options with which ffmpeg writes it as one of the sounds of a file, counted from 0."""
        if self._is_packets:
            return [f"-c:a:{place}", "copy"]
        # An offset of the input (-itsoffset) has no effect on raw sound.
        filters = [f"-filter:a:{place}", f"asetpts=PTS+{self.start:.6f}/TB"]
        return [f"-c:a:{place}", self.encoder, f"-b:a:{place}", self.bitrate, *filters]

    def parts(self) -> Iterator[bytes]:
        """Give what ffmpeg reads, bit by bit; close the iterator to stop early.

        Raises
        ------
        FFmpegError
            If an encoder fails or is killed.
        """
        sound = self.soundtrack
        with ended(sound.blocks()) as blocks:
            if not self._is_packets:
                for block in blocks:
                    yield np.ascontiguousarray(block, np.dtype("<f4")).tobytes()
                return
            pieces = aac_packets(
                blocks,
                sample_rate=sound.sample_rate,
                channels=sound.channels,
                bitrate=self.bitrate,
            )
            with ended(pieces):
                stream = packet_stream(
                    (packet for piece in pieces for packet in piece),
                    sample_rate=sound.sample_rate,
                    channels=sound.channels,
                    length=sound.length,
                )
                waiting = bytearray()
                for part in stream:
                    waiting += part
                    if len(waiting) >= _PART_BYTES:
                        yield bytes(waiting)
                        waiting.clear()
                yield bytes(waiting)
