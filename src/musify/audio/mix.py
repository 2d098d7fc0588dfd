"""From a cue sheet to sound: cues played, joined, faded and added up, block by block.

Cues and their joints use equal-power curves: two different pieces of music are not in phase, so
their powers add, and cos² + sin² = 1 keeps the loudness even through the crossfade.
"""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from musify._channel_layouts import layout_channels
from musify._iterators import ended
from musify.audio.joined import joined
from musify.audio.levelled import levelled
from musify.audio.limit import limited
from musify.audio.pcm import BLOCK_FRAMES, CHANNELS, PcmReader, decode_own_sound
from musify.audio.score_sound import sounds_kept
from musify.cues import Cue, CueSheet
from musify.errors import ParameterError
from musify.progress import ProgressCallback
from musify.soundtrack import MOST_CHANNELS, Soundtrack
from musify.video import VideoInfo

__all__ = ["mix", "mix_unlimited", "own_sound", "surround"]

# -1 dB of full scale: lossy encoders overshoot a little.
CEILING: Final = 10 ** (-1 / 20)
# How far a sheet may be off the length of the video it is rendered for.
_DURATION_TOLERANCE: Final = 0.02

Pcm = NDArray[np.float32]


def mix(
    sheet: CueSheet,
    video: VideoInfo | None = None,
    *,
    on_progress: ProgressCallback | None = None,
) -> Soundtrack:
    """Turn a cue sheet into sound.

    Parameters
    ----------
    sheet : CueSheet
        What plays when.
    video : VideoInfo, optional
        Where the video's own sound comes from, unless ``sheet.original`` is ``"replace"``. Without
        it, or if it has none, there is music only.
    on_progress : callable, optional
        Called with :class:`Progress` whenever the sound is rendered, as by
        :meth:`Soundtrack.told`: ``"level"`` while it is measured, then ``"render"``.

    Returns
    -------
    Soundtrack
        Stereo, or with the channels of own sound that has more: then music sounds from the left and
        right in front alone, and speech keeps the centre for itself. Brought to the loudness that
        the sheet names, for which it is rendered twice or more. Exactly
        ``round(sheet.duration * sheet.sample_rate)`` PCM frames, with true peaks at -1 dB of full
        scale at most. Nothing is decoded before its blocks are asked for.

    Raises
    ------
    ParameterError
        If the video is not as long as the sheet says.
    """
    unlimited = mix_unlimited(sheet, video)
    source: _Limited | _Levelled = _Limited(unlimited)
    if sheet.loudness_lufs is not None:
        source = _Levelled(unlimited, sheet.loudness_lufs)
    return replace(unlimited, source=source).told(on_progress)


def mix_unlimited(sheet: CueSheet, video: VideoInfo | None = None) -> Soundtrack:
    """Mix as :func:`mix` does, as loud as it comes out, with peaks as high as they are."""
    if video is not None and abs(video.duration - sheet.duration) > _DURATION_TOLERANCE:
        raise ParameterError(
            f"the plan is for a video of {sheet.duration:.3f} s, but {video.path.name} lasts "
            f"{video.duration:.3f} s; make a new plan"
        )
    own = own_sound(sheet, video)
    layout = None if own is None else surround(own)
    return Soundtrack(
        sample_rate=sheet.sample_rate,
        channels=CHANNELS if layout is None else len(layout_channels(layout)),
        length=_frame(sheet.duration, sheet.sample_rate),
        source=_Mix(sheet, own),
        layout=layout,
    )


def own_sound(sheet: CueSheet, video: VideoInfo | None) -> VideoInfo | None:
    """Give the video with the sound that goes into the mix as its own; None if none does.

    Raises
    ------
    ParameterError
        If the stream that the sheet names is no sound.
    """
    if video is None or not video.has_audio or sheet.original == "replace":
        return None
    return video.with_sound(sheet.audio_stream)


def surround(video: VideoInfo) -> str | None:
    """Name the layout of a video's own sound if it is kept: more than two, music in front."""
    assert video.audio_index is not None
    stream = video.stream(video.audio_index)
    names = layout_channels(stream.layout or "")
    fits = CHANNELS < len(names) <= MOST_CHANNELS and len(names) == stream.channels
    return stream.layout if fits and names[:CHANNELS] == ("FL", "FR") else None


@dataclass(frozen=True, slots=True)
class _Mix:
    """Renders a sheet each time it is called; data, so that a soundtrack can be pickled."""

    sheet: CueSheet
    own: VideoInfo | None

    def __call__(self) -> Iterator[Pcm]:
        return _added_up(self.sheet, self.own)


@dataclass(frozen=True, slots=True)
class _Limited:
    mixed: Soundtrack

    def __call__(self) -> Iterator[Pcm]:
        with ended(self.mixed.blocks()) as blocks:
            yield from limited(blocks, sample_rate=self.mixed.sample_rate, ceiling=CEILING)


@dataclass(frozen=True, slots=True)
class _Levelled:
    mixed: Soundtrack
    target_lufs: float

    def __call__(self) -> Iterator[Pcm]:
        with sounds_kept(), ended(levelled(self.mixed, self.target_lufs).blocks()) as blocks:
            yield from blocks


def _frame(seconds: float, sample_rate: int) -> int:
    return round(seconds * sample_rate)


def _added_up(sheet: CueSheet, own: VideoInfo | None) -> Iterator[Pcm]:
    rate = sheet.sample_rate
    total = _frame(sheet.duration, rate)
    waiting = list(sheet.cues)
    playing: list[_Voice] = []
    with ExitStack() as open_readers:
        layout = None if own is None else surround(own)
        channels = CHANNELS if layout is None else len(layout_channels(layout))
        sound = PcmReader(
            iter(()) if own is None else decode_own_sound(own, rate, as_it_is=layout is not None),
            channels,
        )
        open_readers.callback(sound.close)
        open_readers.callback(_close_all, playing)
        for start in range(0, total, BLOCK_FRAMES):
            end = min(start + BLOCK_FRAMES, total)
            music = np.zeros((end - start, CHANNELS), np.float32)
            while waiting and _frame(waiting[0].start, rate) < end:
                playing.append(_Voice(waiting.pop(0), sheet, total))
            for voice in playing:
                voice.add_to(music, start)
            for voice in [voice for voice in playing if voice.end <= end]:
                voice.close()
                playing.remove(voice)
            if sheet.gain_curve is not None:
                music = sheet.gain_curve.apply(music, start, rate)
            kept = sound.read(len(music))
            if channels == CHANNELS:
                music[: len(kept)] += kept
                yield music
                continue
            out = np.zeros((len(music), channels), np.float32)
            out[: len(kept)] = kept
            out[:, :CHANNELS] += music
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
        self._rate = rate
        self._reader = PcmReader(joined(cue, rate))
        # What leads is played a second time, to take away as much of it as it steps back.
        self._lead_curve = sheet.lead_curve
        self._lead: PcmReader | None = None
        if (
            self._lead_curve is not None
            and cue.track.score is not None
            and cue.track.score.has_lead
        ):
            self._lead = PcmReader(joined(cue, rate, lead=True))

    def add_to(self, out: Pcm, block_start: int) -> None:
        """Add the part of the cue that falls into a block."""
        first = max(self.start, block_start)
        last = min(self.end, block_start + len(out))
        if last <= first:
            return
        sound = self._stepped_back(self._reader.read(last - first), first)
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

    def _stepped_back(self, sound: Pcm, first: int) -> Pcm:
        """Turn down what leads."""
        if self._lead is None or self._lead_curve is None:
            return sound
        lead = self._lead.read(len(sound))
        lower = self._lead_curve.apply(lead, first, self._rate)
        if lower is lead:
            return sound
        stepped = sound.copy()
        stepped[: len(lead)] += lower - lead
        return stepped

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
        if self._lead is not None:
            self._lead.close()
