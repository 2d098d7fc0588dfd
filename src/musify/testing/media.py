"""Media made on the spot: small, the same each time, and of known content."""

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musify import _ffmpeg
from musify._checks import number, whole_number
from musify._ffmpeg import StrPath, file_url
from musify._output import finished_file
from musify.soundtrack import Soundtrack
from musify.testing.generated_speech import generated_speech

__all__ = ["as_soundtrack", "speech_like", "tiny_songs", "tiny_video", "tone", "write_wav"]

_BLOCK = 48_000


def tiny_video(
    path: StrPath,
    *,
    seconds: float = 12.0,
    size: tuple[int, int] = (160, 90),
    frame_rate: int = 25,
    sound_hertz: float | None = 220.0,
    overwrite: bool = False,
) -> Path:
    """Make a small video: a moving test picture in H.264, with a key frame a second.

    Parameters
    ----------
    path : path-like
        Where to write it, as .mp4 or .mkv.
    seconds : float, default 12
        How long it is.
    size : tuple of int, default (160, 90)
        Width and height in pixels, both even.
    frame_rate : int, default 25
        Frames a second.
    sound_hertz : float, optional
        Pitch of its own sound, a quiet tone in AAC; 220 by default, no sound with None.
    overwrite : bool, default False
        Whether a file that stands there may be replaced.

    Returns
    -------
    Path
        The video.

    Raises
    ------
    ParameterError
        If a number leaves its range.
    OutputError
        If it cannot be written.
    FFmpegError
        If ffmpeg is missing or cannot encode H.264.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     probe(tiny_video(f"{folder}/tiny.mp4", seconds=1.0)).duration
    1.0
    """
    number("seconds", seconds, above=0)
    whole_number("frame_rate", frame_rate, low=1)
    width, height = size
    picture = f"testsrc2=s={width}x{height}:r={frame_rate}:d={seconds}"
    args = ["-v", "error", "-y", "-f", "lavfi", "-i", picture]
    if sound_hertz is not None:
        args += ["-f", "lavfi", "-i", f"sine={sound_hertz}:d={seconds}:r=48000"]
        args += ["-c:a", "aac", "-b:a", "64k"]
    args += ["-c:v", "libx264", "-preset", "ultrafast", "-g", f"{frame_rate}"]
    args += ["-pix_fmt", "yuv420p"]
    with finished_file(path, overwrite=overwrite) as partial:
        _ffmpeg.run([*args, file_url(partial)])
    return Path(path)


def tone(
    hertz: float = 1000.0,
    *,
    seconds: float = 3.0,
    level_db: float = -15.0,
    sample_rate: int = 48_000,
    channels: int = 2,
) -> Soundtrack:
    """Make a steady sine tone.

    Parameters
    ----------
    hertz : float, default 1000
        Its pitch, below half the sample rate.
    seconds : float, default 3
        How long it is.
    level_db : float, default -15
        RMS in dB of full scale, at most -3.02, where the peaks are at full scale.
    sample_rate : int, default 48000
        PCM frames a second.
    channels : int, default 2
        From 1 to 8, all alike.

    Raises
    ------
    ParameterError
        If a number leaves its range.

    Examples
    --------
    >>> sound = tone(440.0, seconds=0.5)
    >>> sound.duration, sound.channels
    (0.5, 2)
    """
    whole_number("sample_rate", sample_rate, low=1)
    number("hertz", hertz, above=0, high=sample_rate / 2)
    number("seconds", seconds, above=0)
    # The RMS of a sine is its peak by the square root of two, 3.01 dB.
    number("level_db", level_db, high=-10 * np.log10(2))
    peak = np.sqrt(2) * 10 ** (level_db / 20)
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    wave_form = (peak * np.sin(2 * np.pi * hertz * time)).astype(np.float32)
    return as_soundtrack(np.repeat(wave_form[:, None], channels, axis=1), sample_rate)


def speech_like(seed: int = 0, *, seconds: float = 10.0) -> Soundtrack:
    """Make sound that detectors of speech take for speech; it says nothing.

    ``musify.testing.generated_speech.generated_speech`` gives the truth along with it: when it
    sounds.

    Parameters
    ----------
    seed : int, default 0
        Another one says something else.
    seconds : float, default 10
        How long it is; it begins within the first half second.

    Raises
    ------
    ParameterError
        If a number leaves its range.
    """
    speech = generated_speech(seed, duration=seconds, start=0.25, pauses=(0.3, 1.0))
    return as_soundtrack(speech.pcm, speech.sample_rate)


def as_soundtrack(pcm: NDArray[np.float32], sample_rate: int = 48_000) -> Soundtrack:
    """Wrap PCM that is in memory.

    Parameters
    ----------
    pcm : ndarray of float32, shape (n, channels)
        Full scale is [-1, 1].
    sample_rate : int, default 48000
        PCM frames a second.

    Raises
    ------
    ParameterError
        If a number leaves its range.
    """

    def blocks() -> Iterator[NDArray[np.float32]]:
        for start in range(0, len(pcm), _BLOCK):
            yield pcm[start : start + _BLOCK]

    return Soundtrack(sample_rate, pcm.shape[1], len(pcm), blocks)


def write_wav(path: StrPath, sound: Soundtrack) -> Path:
    """Write sound as 16-bit WAV.

    Parameters
    ----------
    path : path-like
        Where to write it; a file that stands there is replaced.
    sound : Soundtrack
        What is written.

    Returns
    -------
    Path
        The file.
    """
    with finished_file(path, overwrite=True) as partial, wave.open(str(partial), "wb") as file:
        file.setnchannels(sound.channels)
        file.setsampwidth(2)
        file.setframerate(sound.sample_rate)
        for block in sound.blocks():
            file.writeframes((np.clip(block, -1, 1) * 32767).astype("<i2").tobytes())
    return Path(path)


def tiny_songs(folder: StrPath, *, seconds: float = 4.0) -> Path:
    """Make four songs, each a steady tone in a folder that is named after its mood.

    Parameters
    ----------
    folder : path-like
        Where to make them: calm/calm.wav, happy/happy.wav, sad/sad.wav and action/action.wav.
    seconds : float, default 4
        How long each is.

    Returns
    -------
    Path
        The folder.
    """
    folder = Path(folder)
    for mood, hertz in (("calm", 300), ("happy", 500), ("sad", 700), ("action", 900)):
        (folder / mood).mkdir(parents=True, exist_ok=True)
        write_wav(folder / mood / f"{mood}.wav", tone(hertz, seconds=seconds))
    return folder
