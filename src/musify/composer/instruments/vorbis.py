"""Many Vorbis samples as one stream, so that ffmpeg starts once for all of them.

Samples that were encoded with the same settings share their set-up header, to the bit. Their audio
packets, one sample after the other, are one legal stream: every packet but the first gives a
quarter of its own block and of the one before ("Vorbis I specification", Xiph.org 2020, 4.3.8), so
it is known which PCM frames are whose. Those between two samples belong to nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from musify.composer.instruments.ogg import ogg_packets, ogg_pages
from musify.errors import AudioDecodeError

__all__ = ["VorbisSample", "joined", "vorbis_sample"]

_HEADERS: Final = 3
_COMMENT: Final = b"\x03vorbis" + bytes(8) + b"\x01"
_MODE_BITS: Final = 41
_MOST_MODES: Final = 64


@dataclass(frozen=True, slots=True)
class VorbisSample:
    """A mono sample, encoded.

    Parameters
    ----------
    head : bytes
        Its identification header.
    setup : bytes
        Its set-up header.
    packets : sequence of bytes
        Its sound.
    length : int
        PCM frames.
    """

    head: bytes
    setup: bytes
    packets: Sequence[bytes]
    length: int


def vorbis_sample(data: bytes, name: str) -> VorbisSample:
    """Read a sample of an .sf3.

    Raises
    ------
    AudioDecodeError
        If it is no mono Ogg Vorbis.
    """
    packets, length = ogg_packets(data, name)
    starts = [b"\x01vorbis", b"\x03vorbis", b"\x05vorbis"]
    if len(packets) < _HEADERS or any(
        not packet.startswith(start) for packet, start in zip(packets, starts, strict=False)
    ):
        raise AudioDecodeError(f"{name} is no Ogg Vorbis")
    head = packets[0]
    if len(head) < 30 or head[11] != 1:
        raise AudioDecodeError(f"{name} is not mono Vorbis")
    return VorbisSample(head, packets[2], packets[_HEADERS:], length)


def joined(samples: Iterable[VorbisSample], name: str) -> tuple[bytes, list[tuple[int, int]], int]:
    """Put samples that share a set-up header into one Ogg stream.

    Parameters
    ----------
    samples : iterable of VorbisSample
        At least one; the headers of the first are used.
    name : str
        What to call the SoundFont in errors.

    Returns
    -------
    stream : bytes
        Ogg Vorbis.
    spans : list of (int, int)
        First PCM frame and number of PCM frames of each sample in what it decodes to.
    total : int
        PCM frames it decodes to.

    Raises
    ------
    AudioDecodeError
        If the headers or a packet cannot be understood.
    """
    samples = list(samples)
    head, setup = samples[0].head, samples[0].setup
    sizes = 1 << (head[28] & 15), 1 << (head[28] >> 4)
    modes = _long_modes(setup, name)
    mask = (1 << (len(modes) - 1).bit_length()) - 1
    out = [(head, 0), (_COMMENT, 0), (setup, 0)]
    spans = []
    total = before = 0
    for sample in samples:
        start = total
        for number, packet in enumerate(sample.packets):
            if not packet or packet[0] & 1:
                raise AudioDecodeError(f"{name} has a sample with a packet that is no sound")
            mode = packet[0] >> 1 & mask
            if mode >= len(modes):
                raise AudioDecodeError(f"{name} has a sample with a packet of no known mode")
            size = sizes[modes[mode]]
            if before:
                total += (before + size) // 4
            if number == 0:
                start = total
            before = size
            out.append((packet, total))
        spans.append((start, min(sample.length, total - start)))
    return b"".join(ogg_pages(out)), spans, total


def _long_modes(setup: bytes, name: str) -> list[int]:
    """Read from the end of a set-up header which modes have long blocks.

    All before the modes would have to be decoded to find where they begin; but each is 41 bits, of
    which 32 are 0, and their number stands before them, so they are found backwards.
    """
    bits = int.from_bytes(setup, "little")
    end = bits.bit_length() - 1  # the framing bit, and before it the modes
    found: list[int] = []
    flags: list[int] = []
    for count in range(1, _MOST_MODES + 1):
        place = end - count * _MODE_BITS
        if place < 6:
            break
        mode = bits >> place & ((1 << _MODE_BITS) - 1)
        if mode >> 1 & 0xFFFFFFFF or mode >> 33 > 63:
            break
        flags.insert(0, mode & 1)
        if bits >> (place - 6) & 63 == count - 1:
            found = list(flags)
    if not found:
        raise AudioDecodeError(f"{name} has samples with a Vorbis header that cannot be read")
    return found
