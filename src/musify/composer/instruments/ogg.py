"""Ogg: packets out of pages, and pages around packets (RFC 3533)."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from musify.errors import AudioDecodeError

__all__ = ["ogg_packets", "ogg_pages"]

_HEADER: Final = struct.Struct("<4sBBqIIIB")
_MOST_LACINGS: Final = 255
_CONTINUED, _FIRST, _LAST = 1, 2, 4
_TURNED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_ONES: Final = 0xFFFFFFFF


def ogg_packets(data: bytes, name: str) -> tuple[list[bytes], int]:
    """Take the packets out of one stream.

    Parameters
    ----------
    data : bytes
        Pages, one after the other.
    name : str
        What to call it in errors.

    Returns
    -------
    packets : list of bytes
    length : int
        Granule position of the last page: of Vorbis, PCM frames in all.

    Raises
    ------
    AudioDecodeError
        If it is no Ogg, or cut off.
    """
    packets: list[bytes] = []
    pending: list[bytes] = []
    length = place = 0
    while place < len(data):
        if place + _HEADER.size > len(data) or data[place : place + 4] != b"OggS":
            raise AudioDecodeError(f"{name} is no Ogg stream, or it is broken at byte {place}")
        granule, count = struct.unpack_from("<q", data, place + 6)[0], data[place + 26]
        start = place + _HEADER.size + count
        lacings = data[place + _HEADER.size : start]
        place = start + sum(lacings)
        if len(lacings) < count or place > len(data):
            raise AudioDecodeError(f"{name} is cut off: its last page ends after its last byte")
        for lacing in lacings:
            pending.append(data[start : start + lacing])
            start += lacing
            if lacing < _MOST_LACINGS:
                packets.append(b"".join(pending))
                pending = []
        if granule >= 0:
            length = granule
    return packets, length


def ogg_pages(packets: Iterable[tuple[bytes, int]]) -> Iterator[bytes]:
    """Write packets as one stream, a page each.

    Parameters
    ----------
    packets : iterable of (bytes, int)
        With the granule position after each.

    Yields
    ------
    bytes
        A page.
    """
    before: tuple[bytes, int] | None = None
    number = 0
    for packet in packets:
        if before is not None:
            for page in _packet_pages(*before, number, is_last=False):
                yield page
                number += 1
        before = packet
    if before is not None:
        yield from _packet_pages(*before, number, is_last=True)


def _packet_pages(packet: bytes, granule: int, number: int, *, is_last: bool) -> Iterator[bytes]:
    full, rest = divmod(len(packet), _MOST_LACINGS)
    lacings = bytes([_MOST_LACINGS] * full + [rest])
    place = 0
    for first in range(0, len(lacings), _MOST_LACINGS):
        part = lacings[first : first + _MOST_LACINGS]
        ends = first + _MOST_LACINGS >= len(lacings)
        flags = (_CONTINUED if first else 0) | (0 if number else _FIRST)
        flags |= _LAST if ends and is_last else 0
        body = packet[place : place + sum(part)]
        place += len(body)
        header = _HEADER.pack(b"OggS", 0, flags, granule if ends else -1, 1, number, 0, len(part))
        page = bytearray(header + part + body)
        struct.pack_into("<I", page, 22, _checksum(page))
        yield bytes(page)
        number += 1


def _checksum(page: bytes | bytearray) -> int:
    # zlib has the same polynomial from the other end: turn the bits of the bytes, and of the sum.
    found = zlib.crc32(page.translate(_TURNED), _ONES) ^ _ONES
    return int(f"{found:032b}"[::-1], 2)
