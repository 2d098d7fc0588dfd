"""Pieces of AAC: what is encoded, what is used again, and how it is joined and wrapped."""

from collections.abc import Iterator

import numpy as np
import pytest

from musify.audio.aac_encoder import _joint, _Written
from musify.audio.aac_packets import AAC_FRAMES, AdtsReader, codec_private, window_of
from musify.audio.aac_plan import OVERLAP, PIECE, Piece, Repeat, planned
from musify.audio.arrange import loop_ranges
from musify.audio.packet_stream import packet_stream

RNG = np.random.default_rng(5)


def noise(blocks: int) -> np.ndarray:
    return RNG.standard_normal((blocks * AAC_FRAMES, 2)).astype(np.float32)


def packets_of(pcm: np.ndarray, parts: int = 7) -> tuple[list[bytes], int]:
    """Follow a plan with an encoder that writes down which blocks a packet holds.

    Returns the packets, and how many had to be encoded.
    """
    written, out, encoded = _Written(), [], 0
    for item in planned(iter(np.array_split(pcm, parts))):
        if isinstance(item, Repeat):
            packets = written.again(item)
        else:
            encoded += item.count
            packets = list(stand_in(item))
        out += written.add(packets)
    return out + written.rest(), encoded


def stand_in(piece: Piece) -> Iterator[bytes]:
    blocks = piece.pcm.reshape(-1, AAC_FRAMES, 2)
    for packet in range(piece.first, piece.first + piece.count):
        left = blocks[packet - 1 - piece.start][0].tobytes() if packet else bytes(8)
        assert packet + 1 - piece.start < len(blocks)  # the encoder can look ahead
        yield left + blocks[packet - piece.start][0].tobytes()


def expected(pcm: np.ndarray) -> list[bytes]:
    whole = -(-len(pcm) // AAC_FRAMES)
    padded = np.zeros((whole * AAC_FRAMES, 2), np.float32)
    padded[: len(pcm)] = pcm
    heads = [bytes(8), *(block[0].tobytes() for block in padded.reshape(-1, AAC_FRAMES, 2))]
    heads.append(bytes(8))
    return [heads[place] + heads[place + 1] for place in range(whole + 1)]


@pytest.mark.parametrize("length", [1, AAC_FRAMES, 5000, PIECE * AAC_FRAMES, 1_300_000])
def test_every_packet_comes_once_and_in_order(length: int):
    pcm = noise(-(-length // AAC_FRAMES))[:length]
    packets, encoded = packets_of(pcm)
    assert packets == expected(pcm)
    pieces = -(-len(packets) // PIECE)
    assert len(packets) <= encoded <= len(packets) + OVERLAP * pieces


@pytest.mark.parametrize("period", [100, 700, 1500])
def test_a_loop_is_encoded_once(period: int):
    intro, song, end = noise(30), noise(period), noise(40)
    pcm = np.concatenate([intro, *[song] * 5, end])
    packets, encoded = packets_of(pcm, parts=11)
    assert packets == expected(pcm)
    assert encoded < 30 + period + 40 + 60


def test_a_loop_that_returns_between_packets_is_encoded_anew():
    song = noise(300)[:-1]
    pcm = np.concatenate([song] * 4)
    packets, encoded = packets_of(pcm)
    assert packets == expected(pcm)
    assert encoded >= len(packets)


def test_silence_is_encoded_once():
    pcm = np.concatenate([noise(20), np.zeros((3000 * AAC_FRAMES, 2), np.float32), noise(20)])
    packets, encoded = packets_of(pcm)
    assert packets == expected(pcm)
    assert encoded < 200


def test_songs_that_take_turns_are_each_encoded_once():
    songs = [noise(200), noise(333)]
    pcm = np.concatenate([songs[place] for place in (0, 1, 0, 0, 1, 1, 0)])
    packets, encoded = packets_of(pcm)
    assert packets == expected(pcm)
    # Where one follows another for the first time there is a joint.
    assert encoded < 533 + 4 * 60


def test_memory_does_not_grow():
    """What a plan keeps of the sound is bounded, whether it returns or not."""
    from musify.audio.aac_plan import _Plan

    plan = _Plan()
    song = noise(900).reshape(-1, AAC_FRAMES, 2)
    most = 0
    for place in range(4000):
        block = song[place % 900] if place < 2500 else noise(1)
        list(plan.add(block))
        most = max(most, len(plan._blocks))
    assert most < PIECE + 100


def test_joints_prefer_equal_packets_then_equal_windows():
    # id 1 (a pair), common window, then the sequence and the shape of the window.
    def pair(sequence: int, shape: int, rest: int) -> bytes:
        head = 1 << 21 | 1 << 16 | sequence << 13 | shape << 12
        return head.to_bytes(3, "big") + bytes((rest,))

    assert window_of(pair(2, 1, 0)) == (2, 1)
    assert window_of(bytes((0b00100000, 0, 0))) is None  # two windows
    assert window_of(((0 << 21) | (3 << 6) | (1 << 5)).to_bytes(3, "big")) == (3, 1)
    same = pair(0, 0, 9)
    left = [pair(0, 0, 1), same, pair(0, 0, 1), pair(1, 0, 1)]
    right = [pair(0, 0, 2), same, pair(0, 0, 2), pair(0, 0, 2)]
    assert _joint(left, right) == 1
    right[1] = pair(0, 1, 9)
    assert _joint(left, right) == 2


def test_adts_is_cut_wherever_it_is_split():
    packets = [bytes(RNG.integers(0, 256, size).astype(np.uint8)) for size in (1, 700, 20, 4000)]
    stream = b""
    for packet in packets:
        size = len(packet) + 7
        head = bytes((0xFF, 0xF1, 0x4C, 0x80 | size >> 11, size >> 3 & 255, (size & 7) << 5, 0xFC))
        stream += head + packet
    for step in (1, 6, 500, 10_000):
        reader = AdtsReader()
        found = []
        for place in range(0, len(stream), step):
            found += reader.feed(stream[place : place + step])
        assert found == packets
    with pytest.raises(ValueError, match="ADTS"):
        list(AdtsReader().feed(b"no sound at all"))


def test_codec_private_is_that_of_ffmpeg():
    assert codec_private(48_000, 2).hex() == "119056e500"
    assert codec_private(44_100, 1).hex() == "120856e500"


def test_only_the_last_packet_is_cut():
    parts = list(packet_stream([b"a", b"b", b"c"], sample_rate=48_000, channels=2, length=1500))
    padding = round((2048 - 1500) * 1e9 / 48_000).to_bytes(8, "big")
    assert b"\x75\xa2\x10\x00\x00\x08" + padding in parts[-1]
    assert not any(b"\x75\xa2" in part for part in parts[1:-1])
    assert len(parts) == 4


@pytest.mark.parametrize("song", [30.0, 151.3337, 2.5])
def test_loops_return_after_whole_packets(song: float):
    ranges, crossfade = loop_ranges(song, 3600.0, 1.0)
    period = round(ranges[0].end * 48_000) - round(crossfade * 48_000)
    assert period % AAC_FRAMES == 0
    assert song - AAC_FRAMES / 48_000 <= ranges[0].end <= song
