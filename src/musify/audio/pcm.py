"""Sound as blocks of PCM: float32, shape (frames, 2), full scale [-1, 1]."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import FFmpegProcess, file_url, own_words
from musify._iterators import ended
from musify._media_info import StreamInfo
from musify.errors import AudioDecodeError, FFmpegError
from musify.notices import notify
from musify.video import VideoInfo, read_media

__all__ = [
    "BLOCK_FRAMES",
    "CHANNELS",
    "PcmReader",
    "decode_as_played",
    "decode_own_sound",
    "decode_part",
    "decode_range",
    "decode_stream",
]

CHANNELS: Final = 2
BLOCK_FRAMES: Final = 1 << 15
_BYTES: Final = 4
# 60 dB above full scale; no float file means more.
_MOST: Final = 1000.0
# How much shorter than its header says a file may decode: encoders pad, headers round.
_SHORTFALL_SECONDS: Final = 0.1

Pcm = NDArray[np.float32]


def decode_range(path: Path, start: int, end: int, sample_rate: int) -> Iterator[Pcm]:
    """Decode part of a file.

    Parameters
    ----------
    path : Path
        Any file with sound.
    start, end : int
        PCM frames at ``sample_rate``, from the first sample of the file.
    sample_rate : int
        PCM frames a second to convert to.

    Yields
    ------
    ndarray of float32, shape (n, 2)
        ``end - start`` frames in all. Mono is given to both sides at full level.

    Raises
    ------
    AudioDecodeError
        If the file cannot be decoded, or ends more than 0.1 s before ``end``.
    """
    info = read_media(path, AudioDecodeError, "audio")
    streams = [stream for stream in info.streams if stream.kind == "audio"]
    if not streams:
        raise AudioDecodeError(f"{str(path)!r} has no sound")
    filters = f"aresample={sample_rate},atrim=start_sample={start}:end_sample={end}"
    wanted = end - start
    got = 0
    with ended(_decode(path, streams[0], filters)) as blocks:
        for block in blocks:
            got += len(block)
            yield block
    missing = wanted - got
    if missing > _SHORTFALL_SECONDS * sample_rate:
        raise AudioDecodeError(
            f"{str(path)!r} ends {missing / sample_rate:.2f} s before "
            f"{end / sample_rate:.2f} s, where the plan still needs it"
        )
    if missing > 0:
        yield np.zeros((missing, CHANNELS), np.float32)


def decode_own_sound(
    video: VideoInfo, sample_rate: int, *, as_it_is: bool = False
) -> Iterator[Pcm]:
    """Decode a video's own sound, in time with its picture.

    Parameters
    ----------
    video : VideoInfo
        A video that has sound.
    sample_rate : int
        PCM frames a second to convert to.
    as_it_is : bool, default False
        Whether all of its channels are kept instead of being folded down to two.

    Yields
    ------
    ndarray of float32, shape (n, 2) or (n, channels of the stream)
        The first frame sounds when the first picture is presented: sound that starts earlier is
        cut, a later start and gaps are silence. It may end before or after the picture.
    """
    assert video.audio_index is not None
    stream = video.stream(video.audio_index)
    start = video.start_time
    own_rate = stream.sample_rate or sample_rate
    # The filling happens at the stream's own rate: with a change of rate in the same step,
    # ffmpeg 9.0.2 counts first_pts in the wrong one.
    filters = (
        f"atrim=start={start:.6f},aresample=async=1:first_pts={round(start * own_rate)},"
        f"aresample={sample_rate}"
    )
    if as_it_is and stream.channels is not None:
        after = ["-af", filters]
        yield from _decode_channels(video.path, stream, stream.channels, ["-copyts"], after)
    else:
        yield from _decode(video.path, stream, filters, before=["-copyts"])


def decode_as_played(path: Path, stream: StreamInfo, sample_rate: int) -> Iterator[Pcm]:
    """Decode a whole stream in stereo, mono on both sides at full level.

    Yields
    ------
    ndarray of float32, shape (n, 2)

    Raises
    ------
    AudioDecodeError
        If it cannot be decoded.
    """
    yield from _decode(path, stream, f"aresample={sample_rate}")


def decode_stream(path: Path, stream: StreamInfo) -> Iterator[Pcm]:
    """Decode a whole stream as it is: all of its channels, at its own sample rate.

    Parameters
    ----------
    path : Path
        A file.
    stream : StreamInfo
        A stream of it whose ``channels`` are known.

    Yields
    ------
    ndarray of float32, shape (n, stream.channels)
        In ffmpeg's order of the channels.

    Raises
    ------
    AudioDecodeError
        If it cannot be decoded.
    """
    assert stream.channels is not None
    yield from _decode_channels(path, stream, stream.channels, [], [])


def decode_part(path: Path, stream: StreamInfo, start: float, end: float) -> Iterator[Pcm]:
    """Decode a short part of a stream as it is, without reading what comes before.

    Parameters
    ----------
    path : Path
        A file.
    stream : StreamInfo
        A stream of it whose ``channels`` are known.
    start, end : float
        Seconds on the clock of the file.

    Yields
    ------
    ndarray of float32, shape (n, stream.channels)
        From the first PCM frame at ``start`` or later.

    Raises
    ------
    AudioDecodeError
        If it cannot be decoded.
    """
    assert stream.channels is not None
    # Decoders need a few packets to find in; those are cut off again.
    before = ["-copyts", "-ss", f"{max(0.0, start - 1):.6f}"]
    after = ["-af", f"atrim=start={start:.6f}:end={end:.6f}"]
    yield from _decode_channels(path, stream, stream.channels, before, after)


def _decode(
    path: Path, stream: StreamInfo, filters: str, before: list[str] | None = None
) -> Iterator[Pcm]:
    # ffmpeg spreads mono over two channels at -3 dB each; players give both sides the full level.
    channels = 1 if stream.channels == 1 else CHANNELS
    after = ["-af", filters, "-ac", str(channels)]
    with ended(_decode_channels(path, stream, channels, before or [], after)) as blocks:
        for block in blocks:
            yield np.repeat(block, 2, axis=1) if channels == 1 else block


def _decode_channels(
    path: Path, stream: StreamInfo, channels: int, before: list[str], after: list[str]
) -> Iterator[Pcm]:
    args = ["-v", "error", *before, "-i", file_url(path), "-map", f"0:{stream.index}", *after]
    args += ["-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"]
    size = BLOCK_FRAMES * channels * _BYTES
    with FFmpegProcess(args) as process:
        while data := process.read_exactly(size):
            whole = len(data) // (channels * _BYTES) * channels
            block = np.frombuffer(data, np.dtype("<f4"), count=whole).reshape(-1, channels)
            if not (np.abs(block) <= _MOST).all():
                # Float files may hold NaN, infinity and what no loudspeaker can play; one would
                # silence everything after it.
                block = np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0)
                block = np.where(np.abs(block) > _MOST, np.sign(block), block)
                process.tail.append("sound that is not a number was silenced")
            yield block.astype(np.float32)
        try:
            process.finish()
        except FFmpegError as error:
            raise AudioDecodeError(f"cannot decode the sound of {str(path)!r}: {error}") from error
        if process.tail:
            notify(f"{path.name} is damaged; its sound may have holes: {own_words(process.tail)}")


class PcmReader:
    """Takes any number of frames at a time out of an iterator of blocks.

    Parameters
    ----------
    blocks : iterator of ndarray, shape (n, channels)
        Closed with the reader, if it can be.
    channels : int, default 2
        How many.
    """

    def __init__(self, blocks: Iterator[Pcm], channels: int = CHANNELS) -> None:
        self._open = ExitStack()
        self._blocks = self._open.enter_context(ended(blocks))
        self._rest = np.zeros((0, channels), np.float32)

    def read(self, frames: int) -> Pcm:
        """Take the next ``frames`` frames; fewer only at the end."""
        parts = [self._rest]
        have = len(self._rest)
        while have < frames:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(block)
            have += len(block)
        joined = parts[0] if len(parts) == 1 else np.concatenate(parts)
        self._rest = joined[frames:]
        return joined[:frames]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def finish(self) -> None:
        """Let what the blocks come from end by itself, and say what was wrong."""
        for _ in self._blocks:
            pass

    def close(self) -> None:
        """End what the blocks come from, and forget what is left of them."""
        self._open.close()
        self._rest = self._rest[:0]
