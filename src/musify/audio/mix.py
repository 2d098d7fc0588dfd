"""From a cue sheet to sound: cues played, joined, faded and added up, block by block.

Cues and their joints use equal-power curves: two different pieces of music are not in phase, so
their powers add, and cos² + sin² = 1 keeps the loudness even through the crossfade.
"""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._iterators import ended
from musify.audio.joined import joined
from musify.audio.limit import limited
from musify.audio.pcm import BLOCK_FRAMES, CHANNELS, PcmReader, decode_own_sound
from musify.cues import Cue, CueSheet
from musify.errors import ParameterError
from musify.soundtrack import Soundtrack
from musify.video import VideoInfo

__all__ = ["mix"]

# -1 dB of full scale: lossy encoders overshoot a little.
CEILING: Final = 10 ** (-1 / 20)
# How far a sheet may be off the length of the video it is rendered for.
_DURATION_TOLERANCE: Final = 0.02

Pcm = NDArray[np.float32]


def mix(sheet: CueSheet, video: VideoInfo | None = None) -> Soundtrack:
    """Turn a cue sheet into sound.

    Parameters
    ----------
    sheet : CueSheet
        What plays when.
    video : VideoInfo, optional
        Where the video's own sound comes from, when ``sheet.original`` is ``"keep"``. Without
        it, or if it has none, there is music only.

    Returns
    -------
    Soundtrack
        Stereo, exactly ``round(sheet.duration * sheet.sample_rate)`` PCM frames, with peaks at
        -1 dB of full scale at most. Nothing is decoded before its blocks are asked for.

    Raises
    ------
    ParameterError
        If the video is not as long as the sheet says.
    """
    if video is not None and abs(video.duration - sheet.duration) > _DURATION_TOLERANCE:
        raise ParameterError(
            f"the plan is for a video of {sheet.duration:.3f} s, but {video.path.name} lasts "
            f"{video.duration:.3f} s; make a new plan"
        )
    own = video if video is not None and video.has_audio and sheet.original == "keep" else None
    return Soundtrack(
        sample_rate=sheet.sample_rate,
        channels=CHANNELS,
        length=_frame(sheet.duration, sheet.sample_rate),
        source=_Mix(sheet, own),
    )


@dataclass(frozen=True, slots=True)
class _Mix:
    """Renders a sheet each time it is called; data, so that a soundtrack can be pickled."""

    sheet: CueSheet
    own: VideoInfo | None

    def __call__(self) -> Iterator[Pcm]:
        with ended(_added_up(self.sheet, self.own)) as mixed:
            yield from limited(mixed, sample_rate=self.sheet.sample_rate, ceiling=CEILING)


def _frame(seconds: float, sample_rate: int) -> int:
    return round(seconds * sample_rate)


def _added_up(sheet: CueSheet, own: VideoInfo | None) -> Iterator[Pcm]:
    rate = sheet.sample_rate
    total = _frame(sheet.duration, rate)
    waiting = list(sheet.cues)
    playing: list[_Voice] = []
    with ExitStack() as open_readers:
        sound = PcmReader(iter(()) if own is None else decode_own_sound(own, rate))
        open_readers.callback(sound.close)
        open_readers.callback(_close_all, playing)
        for start in range(0, total, BLOCK_FRAMES):
            end = min(start + BLOCK_FRAMES, total)
            out = np.zeros((end - start, CHANNELS), np.float32)
            kept = sound.read(len(out))
            out[: len(kept)] += kept
            music = out if sheet.gain_curve is None else np.zeros_like(out)
            while waiting and _frame(waiting[0].start, rate) < end:
                playing.append(_Voice(waiting.pop(0), sheet, total))
            for voice in playing:
                voice.add_to(music, start)
            for voice in [voice for voice in playing if voice.end <= end]:
                voice.close()
                playing.remove(voice)
            if sheet.gain_curve is not None:
                out += sheet.gain_curve.apply(music, start, rate)
            yield out


def _close_all(voices: "list[_Voice]") -> None:
    for voice in voices:
        voice.close()


class _Voice:
    """A cue that sounds: adds itself to block after block."""

    def __init__(self, cue: Cue, sheet: CueSheet, total: int) -> None:
        rate = sheet.sample_rate
        self.start = _frame(cue.start, rate)
        self.end = min(_frame(cue.end, rate), total)
        self._fade_in = _frame(cue.fade_in, rate)
        self._fade_out = _frame(cue.fade_out, rate)
        self._gain = 10 ** ((cue.gain_db + sheet.music_gain_db) / 20)
        self._reader = PcmReader(joined(cue, rate))

    def add_to(self, out: Pcm, block_start: int) -> None:
        """Add the part of the cue that falls into a block."""
        first = max(self.start, block_start)
        last = min(self.end, block_start + len(out))
        if last <= first:
            return
        sound = self._reader.read(last - first)
        # Source ranges may fall short by less than a frame each, from rounding: that is silence.
        offset = first - self.start
        place = slice(first - block_start, first - block_start + len(sound))
        if (
            self._fade_in <= offset
            and offset + len(sound) <= self.end - self.start - self._fade_out
        ):
            out[place] += sound * np.float32(self._gain)
        else:
            gain = self._envelope(offset, len(sound)) * self._gain
            out[place] += sound * gain[:, None].astype(np.float32)

    def _envelope(self, offset: int, count: int) -> NDArray[np.float64]:
        position = np.arange(offset, offset + count) + 0.5
        envelope = np.ones(count)
        if self._fade_in:
            envelope *= np.sin(np.clip(position / self._fade_in, 0, 1) * (math.pi / 2))
        if self._fade_out:
            left = (self.end - self.start) - position
            envelope *= np.sin(np.clip(left / self._fade_out, 0, 1) * (math.pi / 2))
        return envelope

    def close(self) -> None:
        self._reader.close()
