"""How loud a file is."""

import math
from pathlib import Path

from musify._iterators import ended
from musify._media_info import StreamInfo
from musify.audio.bs1770 import LOWEST_RATE, Loudness, measure_blocks
from musify.audio.channel_weights import channel_weights
from musify.audio.pcm import CHANNELS, decode_as_played, decode_stream
from musify.errors import AudioDecodeError
from musify.progress import ProgressCallback, told_blocks
from musify.video import read_media

__all__ = ["measure_file", "measure_loudness"]


def measure_file(
    path: Path,
    stream: int | None = None,
    *,
    peaks_above: float = math.inf,
    on_progress: ProgressCallback | None = None,
) -> Loudness:
    """Measure how loud a file is, as it is: all channels of a stream, at its own sample rate.

    Parameters
    ----------
    path : Path
        Any file with sound.
    stream : int, optional
        Number of the stream in the file; by default the first one with sound.
    peaks_above : float, optional
        dBTP above which the places of true peaks are noted, in ``Loudness.high_peaks``.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"audit"``.

    Returns
    -------
    Loudness
        By ITU-R BS.1770-5. A single channel counts as the one loudspeaker it is.

    Raises
    ------
    AudioDecodeError
        If there is no such sound, or it cannot be decoded or measured.
    """
    found = _sound_of(path, stream)
    if found.channels is None or found.sample_rate is None:
        raise AudioDecodeError(
            f"{str(path)!r} has sound of a layout ({found.layout}) that is not known; convert it "
            "to a common one first"
        )
    if found.sample_rate < LOWEST_RATE:
        raise AudioDecodeError(
            f"{str(path)!r} has sound at {found.sample_rate} Hz; loudness is defined from "
            f"{LOWEST_RATE} Hz on"
        )
    weights = channel_weights(found.channels, found.layout)
    total = None if on_progress is None else read_media(path, AudioDecodeError, "audio").duration
    decoded = decode_stream(path, found)
    rate = found.sample_rate
    told = told_blocks(decoded, on_progress, "audit", sample_rate=rate, total=total)
    with ended(told) as blocks:
        return measure_blocks(
            blocks,
            found.sample_rate,
            found.channels,
            weights=[float(weight) for weight in weights],
            peaks_above=peaks_above,
        )


def measure_loudness(path: Path) -> float | None:
    """Measure the integrated loudness of a file as musify plays it: in stereo.

    A mono file sounds from both sides, 3 LU louder than :func:`measure_file` finds the one channel
    it holds; of more channels it is the stereo mix that counts.

    Parameters
    ----------
    path : Path
        Any file with sound.

    Returns
    -------
    float or None
        LUFS by ITU-R BS.1770-5; None for silence.

    Raises
    ------
    AudioDecodeError
        If the file cannot be decoded.
    """
    found = _sound_of(path, None)
    # Below what is defined, and where nothing is said, a common rate does as well.
    own = found.sample_rate or 0
    rate = own if own >= LOWEST_RATE else 48_000
    with ended(decode_as_played(path, found, rate)) as blocks:
        return measure_blocks(blocks, rate, CHANNELS).integrated_lufs


def _sound_of(path: Path, number: int | None) -> StreamInfo:
    info = read_media(path, AudioDecodeError, "audio")
    sounds = [stream for stream in info.streams if stream.kind == "audio"]
    if not sounds:
        raise AudioDecodeError(f"{str(path)!r} has no sound")
    if number is None:
        return sounds[0]
    for stream in sounds:
        if stream.index == number:
            return stream
    have = ", ".join(str(stream.index) for stream in sounds)
    raise AudioDecodeError(f"stream {number} of {str(path)!r} is no sound; those are {have}")
