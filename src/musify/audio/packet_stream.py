"""A stream of AAC packets that ffmpeg reads from a pipe: Matroska, as little of it as it takes.

Unlike ADTS it says how many PCM frames the encoder put in front of the sound and how many behind
it, and unlike MP4 it needs no end to begin with. Elements and their numbers: RFC 9559.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import Final

from musify.audio.aac_packets import AAC_FRAMES, codec_private

__all__ = ["packet_stream"]

_EBML, _DOC_TYPE = 0x1A45DFA3, 0x4282
_SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_TIMESTAMP_SCALE, _MUXING_APP, _WRITING_APP = 0x2AD7B1, 0x4D80, 0x5741
_TRACK_ENTRY, _TRACK_NUMBER, _TRACK_UID, _TRACK_TYPE = 0xAE, 0xD7, 0x73C5, 0x83
_LANGUAGE = 0x22B59C
_CODEC_ID, _CODEC_PRIVATE, _CODEC_DELAY, _DEFAULT_DURATION = 0x86, 0x63A2, 0x56AA, 0x23E383
_AUDIO, _SAMPLING_FREQUENCY, _CHANNELS = 0xE1, 0xB5, 0x9F
_TIMESTAMP, _SIMPLE_BLOCK = 0xE7, 0xA3
_BLOCK_GROUP, _BLOCK, _BLOCK_DURATION, _DISCARD_PADDING = 0xA0, 0xA1, 0x9B, 0x75A2
_UNKNOWN_SIZE: Final = b"\x01" + b"\xff" * 7
# Track 1, no offset from the time of the cluster; every packet of AAC is a key.
_KEY_BLOCK: Final = b"\x81\x00\x00\x80"
_PLAIN_BLOCK: Final = b"\x81\x00\x00\x00"
_SOUND: Final = 2
# Times are in millionths of a second: halves of PCM frames are told apart. A cluster then spans
# 33 ms at most, and each packet gets one.
_SCALE: Final = 1000
_SECOND: Final = 1_000_000
_BILLION: Final = 1_000_000_000


def packet_stream(
    packets: Iterable[bytes], *, sample_rate: int, channels: int, length: int
) -> Iterator[bytes]:
    """Write packets as ffmpeg's ``-f matroska`` reads them.

    Parameters
    ----------
    packets : iterable of bytes
        AAC-LC without headers; the first holds nothing but what the encoder puts in front.
    sample_rate : int
        One of :data:`~musify.audio.aac_packets.ADTS_RATES`.
    channels : int
        1 or 2.
    length : int
        PCM frames of sound: what the last packet has beyond them is marked as nothing.

    Yields
    ------
    bytes
        Parts of the stream. The sound begins at 0, one packet after the first.
    """
    yield _head(sample_rate, channels)
    waiting: bytes | None = None
    place = 0
    for packet in packets:
        if waiting is not None:
            yield _cluster(place, sample_rate, _element(_SIMPLE_BLOCK, _KEY_BLOCK + waiting))
            place += 1
        waiting = packet
    if waiting is None:
        return
    beyond = -length % AAC_FRAMES
    lasts = round((AAC_FRAMES - beyond) * _SECOND / sample_rate)
    body = _element(_BLOCK, _PLAIN_BLOCK + waiting) + _element(_BLOCK_DURATION, _number(lasts))
    if beyond:
        padding = round(beyond * _BILLION / sample_rate).to_bytes(8, "big", signed=True)
        body += _element(_DISCARD_PADDING, padding)
    yield _cluster(place, sample_rate, _element(_BLOCK_GROUP, body))


def _cluster(place: int, sample_rate: int, body: bytes) -> bytes:
    time = _number(round(place * AAC_FRAMES * _SECOND / sample_rate))
    return _element(_CLUSTER, _element(_TIMESTAMP, time) + body)


def _head(sample_rate: int, channels: int) -> bytes:
    delay = round(AAC_FRAMES * _BILLION / sample_rate)
    audio = _element(_SAMPLING_FREQUENCY, struct.pack(">d", sample_rate))
    audio += _element(_CHANNELS, _number(channels))
    track = [
        _element(_TRACK_NUMBER, _number(1)),
        _element(_TRACK_UID, _number(1)),
        _element(_TRACK_TYPE, _number(_SOUND)),
        _element(_LANGUAGE, b"und"),  # without it Matroska means English
        _element(_CODEC_ID, b"A_AAC"),
        _element(_CODEC_PRIVATE, codec_private(sample_rate, channels)),
        _element(_CODEC_DELAY, _number(delay)),
        _element(_DEFAULT_DURATION, _number(delay)),
        _element(_AUDIO, audio),
    ]
    info = _element(_TIMESTAMP_SCALE, _number(_SCALE))
    info += _element(_MUXING_APP, b"musify") + _element(_WRITING_APP, b"musify")
    return (
        _element(_EBML, _element(_DOC_TYPE, b"matroska"))
        + _SEGMENT.to_bytes(4, "big")
        + _UNKNOWN_SIZE
        + _element(_INFO, info)
        + _element(_TRACKS, _element(_TRACK_ENTRY, b"".join(track)))
    )


def _number(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")


def _element(number: int, content: bytes) -> bytes:
    size = (len(content) | 1 << 28).to_bytes(4, "big")  # 4 bytes, of any size below 256 MB
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + size + content
