"""The sound of a song, decoded once: one channel to listen to, and how loud it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._iterators import ended
from musify._media_info import StreamInfo
from musify.audio.bs1770 import LOWEST_RATE, LoudnessMeter
from musify.audio.pcm import CHANNELS, decode_as_played
from musify.audio.resample import Resampler
from musify.errors import AudioDecodeError
from musify.notices import notify
from musify.progress import ProgressCallback, tell
from musify.video import read_media

__all__ = ["LONGEST_SECONDS", "SongSound", "listening_rate", "read_song"]

LONGEST_SECONDS: Final = 20 * 60.0
"""What is longer is a concert or a book: only so much of its beginning is listened to."""

_HIGHEST_RATE: Final = 48_000


@dataclass(frozen=True, slots=True, eq=False)
class SongSound:
    """A song to listen to.

    Parameters
    ----------
    mono : ndarray of float32, shape (n,)
        The mean of both sides.
    sample_rate : int
        Its PCM frames a second, at most 32000.
    duration : float
        Seconds of the whole song; more than ``mono`` holds if that was cut off.
    loudness_lufs : float or None
        Integrated, in stereo as it is played; None for silence.
    """

    mono: NDArray[np.float32]
    sample_rate: int
    duration: float
    loudness_lufs: float | None


def listening_rate(sample_rate: int) -> int:
    """Choose the rate to analyse sound at: what is above 10 kHz tells nothing more.

    Returns
    -------
    int
        PCM frames a second: half of common rates, since that is cheapest to convert to.
    """
    if sample_rate <= 32_000:
        return sample_rate
    return sample_rate // 2 if sample_rate in {44_100, 48_000} else 22_050


def read_song(path: Path, *, on_progress: ProgressCallback | None = None) -> SongSound:
    """Decode a song.

    Parameters
    ----------
    path : Path
        Any file with sound.
    on_progress : callable, optional
        Called with how much is decoded.

    Returns
    -------
    SongSound
        Of the first 20 minutes at most.

    Raises
    ------
    AudioDecodeError
        If the file cannot be decoded, or there is no sound in it.
    """
    info = read_media(path, AudioDecodeError, "audio")
    sounds = [stream for stream in info.streams if stream.kind == "audio"]
    if not sounds:
        raise AudioDecodeError(f"{str(path)!r} has no sound")
    sounds.sort(key=lambda stream: "default" not in stream.disposition)
    rate = _decoding_rate(sounds[0])
    meter = LoudnessMeter(rate, CHANNELS)
    resampler = Resampler(rate, listening_rate(rate))
    parts: list[NDArray[np.float32]] = []
    frames, kept = 0, 0
    most = round(LONGEST_SECONDS * rate)
    expected = min(info.duration or 0.0, LONGEST_SECONDS)
    with ended(decode_as_played(path, sounds[0], rate)) as blocks:
        for block in blocks:
            frames += len(block)
            part = block[: most - kept]
            if len(part):
                meter.add(part)
                parts.append(resampler.feed((part[:, 0] + part[:, 1]) * np.float32(0.5)))
                kept += len(part)
            elif info.duration is not None:
                break
            tell(on_progress, "analyze", kept / rate, expected)
    if not frames:
        raise AudioDecodeError(f"{str(path)!r} holds no sound; was it fully copied?")
    duration = frames / rate
    if frames > most:
        duration = max(info.duration or duration, duration)
        notify(
            f"{path.name} lasts {duration / 60:.0f} min; only its first "
            f"{LONGEST_SECONDS / 60:.0f} min were listened to"
        )
    mono = np.concatenate([*parts, resampler.finish()])
    return SongSound(mono, listening_rate(rate), duration, meter.result().integrated_lufs)


def _decoding_rate(stream: StreamInfo) -> int:
    own = stream.sample_rate or _HIGHEST_RATE
    # 88.2, 96, 176.4 and 192 kHz hold nothing that is heard; below 8 kHz loudness is undefined.
    return own if LOWEST_RATE <= own <= _HIGHEST_RATE else _HIGHEST_RATE
