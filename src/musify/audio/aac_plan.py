"""Deciding which packets of AAC must be encoded, and which are those of sound heard before.

Sound is taken in blocks of 1024 PCM frames. Packet ``j`` holds blocks ``j - 1`` and ``j``, faded
into its neighbours, and the encoder also looks at what comes next and what has been. Where blocks
return bit by bit, at a distance of whole blocks, their packets can be used again.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify.audio.aac_packets import AAC_FRAMES

__all__ = ["OVERLAP", "REACH", "Piece", "Repeat", "planned"]

PIECE: Final = 512
"""Packets that are encoded in one go: 11 s at 48 kHz."""

OVERLAP: Final = 6
"""Packets at a joint that both sides have, so that the best of them can be chosen to join at."""

# Blocks an encoder hears before the first packet that counts, until it has forgotten what came
# before them (its windows look two blocks back, its masking thresholds one), and behind the last.
_WARM_UP: Final = 8
_AHEAD: Final = 2
# Blocks before a packet that must return too, for it to be used again.
_BEFORE: Final = 4
# A return shorter than this is not worth its two joints.
_SHORTEST_RETURN: Final = 64

REACH: Final = 1 << 15
"""How many packets back a return may lie: 11 minutes at 48 kHz, some 20 MB."""

Pcm = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Piece:
    """Packets to encode.

    Parameters
    ----------
    first, count : int
        Which packets.
    start : int
        Number of the first block of ``pcm``; it lies before ``first``, for the encoder to warm up.
    pcm : ndarray of float32, shape (n, channels)
        Whole blocks.
    """

    first: int
    count: int
    start: int
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class Repeat:
    """Packets to take again: ``count`` from ``first`` on, as they were ``distance`` before."""

    first: int
    count: int
    distance: int


def planned(blocks: Iterable[Pcm]) -> Iterator[Piece | Repeat]:
    """Plan the packets of a sound while it comes.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n, channels)
        PCM, in blocks of any length; at least one.

    Yields
    ------
    Piece or Repeat
        In order; each begins :data:`OVERLAP` packets before its predecessor ends. There is one
        packet more than the sound has blocks of 1024 PCM frames, the last one filled up.
    """
    plan = _Plan()
    shape = (0, 2)
    for block in _of_frames(blocks):
        shape = block.shape
        yield from plan.add(block)
    silence = np.zeros((AAC_FRAMES, shape[1]), np.float32)
    for _ in range(_AHEAD + 1):
        yield from plan.add(silence)
    yield plan.rest()


def _of_frames(blocks: Iterable[Pcm]) -> Iterator[Pcm]:
    """Cut PCM into blocks of 1024 PCM frames; the last is filled with silence."""
    rest: Pcm | None = None
    for block in blocks:
        joined = block if rest is None or not len(rest) else np.concatenate([rest, block])
        whole = len(joined) // AAC_FRAMES * AAC_FRAMES
        for place in range(0, whole, AAC_FRAMES):
            yield joined[place : place + AAC_FRAMES]
        rest = joined[whole:]
    if rest is not None and len(rest):
        yield np.pad(rest, ((0, AAC_FRAMES - len(rest)), (0, 0)))


class _Returns:
    """Finds out where the blocks that come have come before."""

    def __init__(self) -> None:
        self._hashes: deque[bytes] = deque(maxlen=REACH)
        self._latest: dict[bytes, int] = {}
        self.count = 0
        self.distance = 0
        """How far back the present return lies."""
        self.length = 0
        """Blocks that it has lasted; 0 if there is none."""

    def add(self, block: Pcm) -> None:
        key = hashlib.sha256(np.ascontiguousarray(block).data).digest()
        back = self.distance
        if self.length and self._hashes[-back] == key:
            self.length += 1
        else:
            seen = self._latest.get(key)
            self.length = 0 if seen is None else 1
            self.distance = 0 if seen is None else self.count - seen
        if len(self._hashes) == REACH:
            oldest = self._hashes[0]
            if self._latest.get(oldest) == self.count - REACH:
                del self._latest[oldest]
        self._hashes.append(key)
        self._latest[key] = self.count
        self.count += 1


class _Plan:
    def __init__(self) -> None:
        self._returns = _Returns()
        self._blocks: deque[Pcm] = deque()
        self._base = 0  # number of the first of `_blocks`
        self._first = 0  # first packet that is not planned yet
        self._distance = 0  # of the repeat that is under way; 0 while encoding

    @property
    def _known(self) -> int:
        """One past the last packet whose blocks are all there."""
        return self._returns.count - _AHEAD

    def add(self, block: Pcm) -> Iterator[Piece | Repeat]:
        self._blocks.append(block)
        self._returns.add(block)
        returns = self._returns
        if self._distance:
            # A return that has only just begun goes on at another distance, and so is another.
            if not (returns.length > _BEFORE and returns.distance == self._distance):
                end = self._known - 1
                if end - self._first > OVERLAP:
                    yield self._repeat(end - self._first)
                self._distance = 0
            elif self._known - self._first >= PIECE + OVERLAP:
                yield self._repeat(PIECE + OVERLAP)
        elif returns.length >= _SHORTEST_RETURN:
            end = max(returns.count - returns.length + _BEFORE, self._first) + OVERLAP
            if end <= self._known and returns.distance < REACH - 2 * PIECE:
                if end - self._first > OVERLAP:
                    yield self._piece(end - self._first)
                self._distance = returns.distance
        if not self._distance and self._known - self._first >= PIECE + OVERLAP:
            yield self._piece(PIECE + OVERLAP)

    def rest(self) -> Piece | Repeat:
        count = self._known - self._first
        return self._repeat(count) if self._distance else self._piece(count)

    def _repeat(self, count: int) -> Repeat:
        repeat = Repeat(self._first, count, self._distance)
        self._move(count)
        return repeat

    def _piece(self, count: int) -> Piece:
        # Packet 0 begins with the silence before the first block, which an encoder adds itself.
        start = max(0, self._first - 1 - _WARM_UP)
        blocks = list(self._blocks)[start - self._base : self._first + count + _AHEAD - self._base]
        piece = Piece(self._first, count, start, np.concatenate(blocks))
        self._move(count)
        return piece

    def _move(self, count: int) -> None:
        self._first += count - OVERLAP
        while self._base < self._first - 1 - _WARM_UP:
            self._blocks.popleft()
            self._base += 1
