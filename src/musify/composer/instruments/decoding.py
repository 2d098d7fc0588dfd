"""Decoding of Vorbis samples to PCM of 16 bits."""

import contextlib
import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._ffmpeg import FFmpegProcess
from musify.composer.instruments.vorbis import VorbisSample, joined
from musify.errors import AudioDecodeError, CancelledError, FFmpegError

__all__ = ["decode_vorbis"]

_BYTES: Final = 2
_CHUNK: Final = 1 << 20


def decode_vorbis(samples: Sequence[VorbisSample], name: str) -> list[NDArray[np.int16]]:
    """Decode samples; ffmpeg starts once for each set-up header among them, mostly once in all.

    Without instructions that only some processors have, so that every machine hears the same.

    Parameters
    ----------
    samples : sequence of VorbisSample
        What to decode.
    name : str
        What to call the SoundFont in errors.

    Returns
    -------
    list of ndarray of int16
        Mono, each as long as its sample says, or shorter if its packets are.

    Raises
    ------
    AudioDecodeError
        If ffmpeg cannot decode them.
    FFmpegError
        If there is no ffmpeg.
    """
    groups = defaultdict(list)
    for index, sample in enumerate(samples):
        groups[sample.head[28], sample.setup].append(index)
    out: list[NDArray[np.int16]] = [np.zeros(0, np.int16)] * len(samples)
    for members in groups.values():
        stream, spans, total = joined([samples[index] for index in members], name)
        if total == 0:
            continue
        decoded = _decode(stream, total, name)
        for index, (start, length) in zip(members, spans, strict=True):
            out[index] = decoded[start : start + length]
    return out


def _decode(stream: bytes, total: int, name: str) -> NDArray[np.int16]:
    args = ["-v", "error", "-cpuflags", "0", "-f", "ogg", "-i", "pipe:0"]
    args += ["-map", "0:a:0", "-f", "s16le", "-c:a", "pcm_s16le", "pipe:1"]
    blocks: list[bytes] = []
    try:
        with FFmpegProcess(args, stdin=True) as process:
            feeder = threading.Thread(target=_feed, args=(process, stream), daemon=True)
            feeder.start()
            while block := process.read_some(_CHUNK):
                blocks.append(block)
            feeder.join()
            process.finish()
    except FFmpegError as error:
        if error.returncode is None:
            raise
        raise AudioDecodeError(f"cannot decode the samples of {name}: {error}") from error
    decoded = np.frombuffer(b"".join(blocks), "<i2").astype(np.int16, copy=False)
    if len(decoded) != total:
        raise AudioDecodeError(
            f"cannot decode the samples of {name}: ffmpeg gave {len(decoded)} PCM frames of {total}"
        )
    return decoded


def _feed(process: FFmpegProcess, stream: bytes) -> None:
    # What ended it before its time is told by whoever reads its output.
    with contextlib.suppress(FFmpegError, CancelledError):
        process.write(stream)
        process.end_input()
