"""AAC from two encoders at once, and sound that returns encoded once."""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import FFmpegProcess
from musify.audio.aac_packets import AAC_FRAMES, AdtsReader, window_of
from musify.audio.aac_plan import OVERLAP, REACH, Piece, Repeat, planned
from musify.errors import CancelledError, FFmpegError

__all__ = ["aac_packets"]

# Always two, however many processors there are: which encoder a piece meets changes its bits, and
# the same sound shall give the same file everywhere.
_ENCODERS: Final = 2
# Pieces under way: each encoder has one at work and one waiting.
_UNDER_WAY: Final = 4
# Blocks of silence that push everything out of an encoder which nothing else follows in: ffmpeg
# reads four at a time, and the encoder holds two back.
_PUSH: Final = 16
_READ_BYTES: Final = 1 << 16

Pcm = NDArray[np.float32]


def aac_packets(
    blocks: Iterable[Pcm], *, sample_rate: int, channels: int, bitrate: str
) -> Iterator[list[bytes]]:
    """Encode sound as AAC-LC.

    The sound is cut into pieces of 512 packets, which two ffmpegs encode at the same time; each
    hears some sound before and behind its piece, and pieces are joined between two packets whose
    windows are made for each other. Blocks that return bit by bit, a whole number of packets
    later, get the packets they had: a song that is looped is encoded once.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n, channels)
        PCM, full scale [-1, 1]; closed by the caller.
    sample_rate : int
        One of :data:`~musify.audio.aac_packets.ADTS_RATES`.
    channels : int
        1 or 2.
    bitrate : str
        As ffmpeg reads it.

    Yields
    ------
    list of bytes
        Packets without headers, in order; each 1024 PCM frames. The first comes before the sound.

    Raises
    ------
    FFmpegError
        If an encoder fails or is killed.
    """
    under_way: deque[tuple[Piece | Repeat, _Job | None]] = deque()
    written = _Written()
    with ExitStack() as stack:
        encoders = [
            stack.enter_context(_Encoder(sample_rate, channels, bitrate)) for _ in range(_ENCODERS)
        ]
        pieces = 0

        def oldest() -> list[bytes]:
            item, job = under_way.popleft()
            if isinstance(item, Repeat):
                return written.add(written.again(item))
            assert job is not None
            return written.add(job.encoder.result(job))

        for item in planned(blocks):
            job = None
            if isinstance(item, Piece):
                job = encoders[pieces % _ENCODERS].submit(item)
                pieces += 1
            under_way.append((item, job))
            if len(under_way) > _UNDER_WAY:
                yield oldest()
        while under_way:
            yield oldest()
        yield written.rest()
        for encoder in encoders:
            encoder.finish()


class _Written:
    """Joins pieces and remembers what was written."""

    def __init__(self) -> None:
        self._packets: deque[bytes] = deque(maxlen=REACH)
        self._count = 0
        self._tail: list[bytes] = []

    def add(self, packets: list[bytes]) -> list[bytes]:
        """Join a piece to the last, and give what is certain by now."""
        if self._tail:
            place = _joint(self._tail, packets[:OVERLAP])
            packets = self._tail[: place + 1] + packets[place + 1 :]
        self._tail = packets[-OVERLAP:]
        return self._certain(packets[:-OVERLAP])

    def rest(self) -> list[bytes]:
        """Give what nothing was joined to."""
        return self._certain(self._tail)

    def _certain(self, packets: list[bytes]) -> list[bytes]:
        self._packets.extend(packets)
        self._count += len(packets)
        return packets

    def again(self, repeat: Repeat) -> list[bytes]:
        """Give the packets of a repeat."""
        oldest = self._count - len(self._packets)
        # Joined pieces overlap: a repeat begins with the first packet that is not certain yet.
        assert repeat.first == self._count
        source = repeat.first - repeat.distance
        found = [
            self._packets[place - oldest]
            for place in range(source, min(source + repeat.count, self._count))
        ]
        while len(found) < repeat.count:  # closer than it is long: silence, as a rule
            found.append(found[len(found) - repeat.distance])
        return found


def _joint(before: list[bytes], after: list[bytes]) -> int:
    """Choose the packet that is taken from the left side last.

    Both sides hold the same packets, encoded with different pasts. Where they are equal bit by bit
    there is no joint at all; else the two must shape the sound with the same window. The later the
    better: the right side has had longer to warm up.
    """
    pairs = list(zip(before, after, strict=True))
    for place, (left, right) in reversed(list(enumerate(pairs))):
        if left == right:
            return place
    for place, (left, right) in reversed(list(enumerate(pairs))):
        window = window_of(left)
        if window is not None and window == window_of(right):
            return place
    return len(pairs) - 1


@dataclass(slots=True, eq=False)
class _Job:
    """A piece that an encoder has been given."""

    encoder: "_Encoder"
    feed: int  # which feed it was
    skip: int  # packets of the encoder before the first that counts
    end: int  # and before the first that does not count any more
    packets: list[bytes] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return len(self.packets) == self.end - self.skip


class _Encoder:
    """An ffmpeg that encodes one piece after the other, with a thread at either end."""

    def __init__(self, sample_rate: int, channels: int, bitrate: str) -> None:
        args = ["-v", "error", "-nostats", "-f", "f32le", "-ar", str(sample_rate)]
        args += ["-ac", str(channels), "-i", "pipe:0", "-c:a", "aac", "-b:a", bitrate]
        # Bit-exact: without the name of the encoder in the first packet.
        args += ["-flags:a", "+bitexact", "-flush_packets", "1", "-f", "adts", "pipe:1"]
        self._process = FFmpegProcess(args, stdin=True)
        self._channels = channels
        self._given = 0  # blocks
        self._feeds = 0
        self._feed: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._jobs: deque[_Job] = deque()
        # What follows is shared with the threads.
        self._changed = threading.Condition()
        self._ended = False
        self._error: Exception | None = None
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for work, name in ((self._write, "aac-write"), (self._read, "aac-read"))
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._feed.put(None)
        self._process.close()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def submit(self, piece: Piece) -> _Job:
        """Encode a piece when those before it are done."""
        skip = self._given + piece.first - piece.start
        job = _Job(self, self._feeds, skip, skip + piece.count)
        self._jobs.append(job)
        self._give(np.ascontiguousarray(piece.pcm, np.dtype("<f4")))
        return job

    def _give(self, pcm: Pcm) -> None:
        self._feed.put(pcm.tobytes())
        self._given += len(pcm) // AAC_FRAMES
        self._feeds += 1

    def result(self, job: _Job) -> list[bytes]:
        """Wait for the packets of a piece."""
        if self._feeds == job.feed + 1:  # nothing follows to push it out
            self._give(np.zeros((_PUSH * AAC_FRAMES, self._channels), np.dtype("<f4")))
        with self._changed:
            self._changed.wait_for(lambda: job.is_done or self._ended)
            if not job.is_done:
                raise self._error or FFmpegError("ffmpeg ended before it had encoded everything")
        return job.packets

    def finish(self) -> None:
        """Wait for a good end."""
        self._feed.put(None)
        for thread in self._threads:
            thread.join()
        if self._error is not None:
            raise self._error

    def _write(self) -> None:
        # Who reads sees the end of ffmpeg too, and says why.
        with contextlib.suppress(FFmpegError, CancelledError):
            while (data := self._feed.get()) is not None:
                self._process.write(data)
        self._process.end_input()

    def _read(self) -> None:
        reader = AdtsReader()
        place = 0
        try:
            while data := self._process.read_some(_READ_BYTES):
                packets = list(reader.feed(data))
                with self._changed:
                    for packet in packets:
                        self._take(place, packet)
                        place += 1
                    self._changed.notify_all()
            self._process.finish()
        except Exception as error:  # noqa: BLE001 - raised where packets are waited for
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _take(self, place: int, packet: bytes) -> None:
        while self._jobs and place >= self._jobs[0].end:
            self._jobs.popleft()
        if self._jobs and place >= self._jobs[0].skip:
            self._jobs[0].packets.append(packet)
