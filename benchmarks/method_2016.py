"""The method of the 2016 script, made again to be measured against.

The script itself is not part of this repository, and was not run here. What is known of it: it
asked imageio for one frame in five seconds by number (``get_data``), wrote each as a picture to
send it to a classifier, joined one song to itself with pydub (``out = out + song``) until it was
long enough, trimmed it, exported it as MP3, and had ffmpeg put it under the copied picture.

How the costs arise is taken from the libraries it stood on:

* ``get_data`` is done as imageio's plugin does it (``plugins/ffmpeg.py`` was read in imageio 2.38
  and 2.3): a jump of more than 100 frames closes ffmpeg and starts it anew at the frame; frames
  come in full size, as RGB, through a pipe. Today's imageio seeks quickly to ten seconds before the
  frame and decodes these ten seconds too (``slow_seek=10``). Version 2.3, of March 2018, did not
  (``slow_seek=0``). Releases of 2016 were not read; they are taken to be like 2.3, which is the
  faster. Both are measured.
* pydub is called as it is today, but the song is first turned into WAV by ffmpeg, which is what
  pydub did itself at the time; today's also asks ffprobe, which imageio-ffmpeg does not bring.

Assumed, each time in favour of the old method: today's ffmpeg, no waiting for a network, one JPEG a
frame written by Pillow at its default quality, MP3 at pydub's defaults (128 kb/s), and the MP3
copied into the output as it is (``sound="copy"``), since an earlier re-creation of the script took
2 s for this step on a ten-minute film, which is too short for encoding to AAC. ``sound="aac"``
encodes it.
"""

import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from musify import FrameSample, _ffmpeg, get_backend

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

__all__ = ["FrameReader", "add_music_2016"]

_STEP_SECONDS: Final = 5
_NEAR_FRAMES: Final = 100
_LONGEST_SIDE: Final = 320


class FrameReader:
    """Gives frames by number, at the cost that imageio's reader has.

    Parameters
    ----------
    path : Path
        A video.
    slow_seek : float
        Seconds before a frame that are decoded on purpose.
    """

    def __init__(self, path: Path, slow_seek: float) -> None:
        self._path = path
        self._slow_seek = slow_seek
        self._frames = self._start([], [])
        self.meta: dict[str, Any] = next(self._frames)
        self._position = -1

    def _start(self, before: list[str], after: list[str]) -> Iterator[Any]:
        frames: Iterator[Any] = imageio_ffmpeg.read_frames(
            str(self._path), "rgb24", 3, input_params=before, output_params=after
        )
        return frames

    def get_data(self, number: int) -> NDArray[np.uint8]:
        """Return a frame, shape ``(height, width, 3)``.

        Parameters
        ----------
        number : int
            From 0; it ascends from call to call.
        """
        if number > self._position + _NEAR_FRAMES:
            self.close()
            time_wanted = number / self.meta["fps"]
            slow = min(self._slow_seek, time_wanted)
            # Without the slow part imageio aimed a tenth of a frame early.
            early = 0 if slow else 0.1 / self.meta["fps"]
            before = ["-ss", f"{time_wanted - slow - early:.6f}"]
            self._frames = self._start(before, ["-ss", f"{slow:.6f}"] if slow else [])
            next(self._frames)  # what ffmpeg says of the file
        else:
            for _ in range(number - self._position - 1):
                next(self._frames)
        data = next(self._frames)
        self._position = number
        width, height = self.meta["size"]
        return np.frombuffer(data, np.uint8).copy().reshape(height, width, 3)

    def close(self) -> None:
        """End ffmpeg."""
        close = getattr(self._frames, "close", None)
        if close is not None:
            close()


def add_music_2016(
    video: Path, song: Path, output: Path, *, slow_seek: float = 10.0, sound: str = "copy"
) -> dict[str, float]:
    """Put a song under a video the old way.

    Parameters
    ----------
    video, song : Path
        The input.
    output : Path
        What to write.
    slow_seek : float, default 10
        Seconds before each frame that imageio decodes too: 10 today, 0 up to 2.3.
    sound : {"copy", "aac"}, default "copy"
        What is done with the MP3.

    Returns
    -------
    dict of str to float
        Seconds that each step took.
    """
    begun = time.perf_counter()
    seconds: dict[str, float] = {}
    AudioSegment.converter = _ffmpeg.executable()
    with tempfile.TemporaryDirectory(dir=output.parent) as name:
        folder = Path(name)
        samples, duration = _frames(video, folder, slow_seek)
        # The classifier stands for Clarifai, which saw the files; it costs the same on both sides.
        get_backend("mood_classifier", "palette").classify(samples)
        seconds["frames"] = time.perf_counter() - begun
        music = _loop(song, duration, folder)
        seconds["music"] = time.perf_counter() - begun - sum(seconds.values())
        args = ["-v", "error", "-y", "-i", str(video), "-i", str(music), "-map", "0:v"]
        _ffmpeg.run([*args, "-map", "1:a", "-c:v", "copy", "-c:a", sound, str(output)])
        seconds["mux"] = time.perf_counter() - begun - sum(seconds.values())
    return seconds


def _frames(video: Path, folder: Path, slow_seek: float) -> tuple[list[FrameSample], float]:
    reader = FrameReader(video, slow_seek)
    duration, rate = float(reader.meta["duration"]), float(reader.meta["fps"])
    samples = []
    for time_wanted in range(0, int(duration), _STEP_SECONDS):
        image = reader.get_data(round(time_wanted * rate))
        Image.fromarray(image).save(folder / f"{time_wanted}.jpg")
        step = -(-max(image.shape) // _LONGEST_SIDE)
        samples.append(FrameSample(float(time_wanted), image[::step, ::step]))
    reader.close()
    return samples, duration


def _loop(song: Path, duration: float, folder: Path) -> Path:
    wav, music = folder / "song.wav", folder / "music.mp3"
    _ffmpeg.run(["-v", "error", "-i", str(song), str(wav)])
    once = AudioSegment.from_file(wav, format="wav")
    out = once
    while out.duration_seconds < duration:
        out = out + once
    out[: round(duration * 1000)].export(music, format="mp3").close()
    return music
