"""Packets of AAC: taking them out of a stream, and what joining them asks for."""

from collections.abc import Iterator
from typing import Final

__all__ = ["AAC_FRAMES", "ADTS_RATES", "AdtsReader", "codec_private", "window_of"]

AAC_FRAMES: Final = 1024
"""PCM frames that a packet of AAC-LC moves on by; it shapes twice as many (ISO/IEC 14496-3)."""

ADTS_RATES: Final = (
    96_000,
    88_200,
    64_000,
    48_000,
    44_100,
    32_000,
    24_000,
    22_050,
    16_000,
    12_000,
    11_025,
    8_000,
    7_350,
)
"""PCM frames a second by their number in headers (ISO/IEC 14496-3, table 1.18)."""

_LOW_COMPLEXITY: Final = 2
_HEADER: Final = 7
_SYNC: Final = 0xFFF0
_SINGLE, _PAIR = 0, 1


class AdtsReader:
    """Cuts a stream of ADTS, as ffmpeg writes it, into raw packets."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take what came; give the packets that are whole.

        Raises
        ------
        ValueError
            If it is no ADTS.
        """
        data = self._rest + data
        place = 0
        while len(data) - place >= _HEADER:
            # syncword 12, ID 1, layer 2, no CRC 1; the length stands at bit 30, 13 bits long.
            if (data[place] << 8 | data[place + 1]) & 0xFFF6 != _SYNC or not data[place + 1] & 1:
                raise ValueError("ffmpeg wrote no ADTS without checksums")
            size = (data[place + 3] & 3) << 11 | data[place + 4] << 3 | data[place + 5] >> 5
            if len(data) - place < size:
                break
            yield data[place + _HEADER : place + size]
            place += size
        self._rest = data[place:]


def codec_private(sample_rate: int, channels: int) -> bytes:
    """Describe AAC-LC to a decoder: the AudioSpecificConfig of ISO/IEC 14496-3, 1.6.2.1.

    The extension says that there is no spectral band replication, so that no player looks for it.
    """
    rate = ADTS_RATES.index(sample_rate)
    plain = _LOW_COMPLEXITY << 11 | rate << 7 | channels << 3
    return plain.to_bytes(2, "big") + bytes((0x56, 0xE5, 0x00))


def window_of(packet: bytes) -> tuple[int, int] | None:
    """Read which window a packet shapes sound with.

    Each packet fades its sound into that of its neighbours; the two windows must be made for each
    other, or aliasing stays (ISO/IEC 14496-3, 4.6.11).

    Parameters
    ----------
    packet : bytes
        Without a header, of one or two channels.

    Returns
    -------
    tuple of int or None
        ``window_sequence`` and ``window_shape``; None where two channels have windows of their own.
    """
    bits = int.from_bytes(packet[:3].ljust(3, b"\0"), "big")
    kind = bits >> 21
    if kind == _PAIR and bits >> 16 & 1:  # id 3, tag 4, common_window 1, reserved 1
        return bits >> 13 & 3, bits >> 12 & 1
    if kind == _SINGLE:  # id 3, tag 4, global_gain 8, reserved 1
        return bits >> 6 & 3, bits >> 5 & 1
    return None
