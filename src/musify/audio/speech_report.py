"""How far music is under speech, utterance by utterance."""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._ffmpeg import StrPath
from musify.audio.gating import loudness_of
from musify.audio.heard import HeardFile
from musify.audio.power import PowerCurve, measure_power
from musify.audio.speech import Speech
from musify.errors import ParameterError
from musify.gain_curve import GainCurve
from musify.progress import ProgressCallback, told_blocks
from musify.soundtrack import Soundtrack
from musify.video import VideoInfo

__all__ = ["SpeechReport", "power_of", "speech_to_music"]

Sound = PowerCurve | Soundtrack | VideoInfo | StrPath

_RATE: Final = 48_000
# The background of an utterance is what is heard within so many seconds, this far off any speech.
_AROUND: Final = 10.0
_OFF_SPEECH: Final = 0.3
# Background that is louder elsewhere must not be taken for what lies under the words.
_LEAST_OWN: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class SpeechReport(FrozenArrays):
    """How far music is under speech.

    Parameters
    ----------
    intervals : array_like, shape (n, 2)
        Start and end of every utterance, in seconds.
    speech_lufs, music_lufs : array_like, shape (n,)
        Loudness of speech and of music in each, as defined by ITU-R BS.1770-5 without a gate;
        ``-inf`` for digital silence.
    target_db : float
        How far music ought to be below speech.
    """

    intervals: NDArray[np.float64]
    speech_lufs: NDArray[np.float64]
    music_lufs: NDArray[np.float64]
    target_db: float

    def __post_init__(self) -> None:
        spans = frozen_floats("intervals", self.intervals, (None, 2))
        object.__setattr__(self, "intervals", spans)
        for name in ("speech_lufs", "music_lufs"):
            values = np.array(getattr(self, name), np.float64)
            if values.shape != (len(spans),) or np.isnan(values).any():
                raise ParameterError(
                    f"{name} must be {len(spans)} levels, one for each utterance, got {values}"
                )
            values.setflags(write=False)
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        """Count the utterances."""
        return len(self.intervals)

    @property
    def ratio_db(self) -> NDArray[np.float64]:
        """Speech over music in every utterance; ``inf`` where there is no music."""
        silent = np.isneginf(self.music_lufs)
        return np.where(silent, np.inf, self.speech_lufs - np.where(silent, 0.0, self.music_lufs))

    @property
    def worst_db(self) -> float:
        """The smallest ratio; ``inf`` without speech."""
        return float(self.ratio_db.min(initial=math.inf))

    @property
    def is_met(self) -> bool:
        """Whether music is as far below as it ought to be, in every utterance."""
        return self.worst_db >= self.target_db

    def to_dict(self) -> dict[str, Any]:
        """Describe the report for a machine; levels of silence are None."""

        def told(value: float) -> float | None:
            return round(float(value), 2) if math.isfinite(value) else None

        rows = zip(self.intervals, self.speech_lufs, self.music_lufs, self.ratio_db, strict=True)
        return {
            "target_db": self.target_db,
            "worst_db": told(self.worst_db),
            "met": self.is_met,
            "utterances": [
                {
                    "start": round(float(start), 3),
                    "end": round(float(end), 3),
                    "speech_lufs": told(speech),
                    "music_lufs": told(music),
                    "ratio_db": told(ratio),
                }
                for (start, end), speech, music, ratio in rows
            ],
        }


def power_of(sound: Sound, *, on_progress: ProgressCallback | None = None) -> PowerCurve:
    """Measure the power of sound over time; what is measured already stays as it is.

    Parameters
    ----------
    sound : PowerCurve, Soundtrack, VideoInfo or path-like
        A video is heard in time with its picture.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"measure"``.

    Raises
    ------
    AudioDecodeError
        If a file cannot be decoded.
    """
    if isinstance(sound, PowerCurve):
        return sound
    if isinstance(sound, Soundtrack):
        blocks, rate, total = sound.blocks(), sound.sample_rate, sound.duration
        told = told_blocks(blocks, on_progress, "measure", sample_rate=rate, total=total)
        return measure_power(told, rate, sound.channels)
    heard = HeardFile.of(sound)
    blocks, rate, known = heard.blocks(_RATE), _RATE, heard.duration
    told = told_blocks(blocks, on_progress, "measure", sample_rate=rate, total=known)
    return measure_power(told, rate, 2)


def speech_to_music(
    speech: Speech,
    own: Sound,
    music: Sound,
    curve: GainCurve | None = None,
    *,
    target_db: float = 15.0,
    on_progress: ProgressCallback | None = None,
) -> SpeechReport:
    """Measure how far music is under speech.

    Parameters
    ----------
    speech : Speech
        Where somebody speaks.
    own : PowerCurve, Soundtrack, VideoInfo or path-like
        The sound with the speech in it, without the music. What is heard around an utterance is
        taken for its background, and its power is left out (at most half of the power).
    music : PowerCurve, Soundtrack, VideoInfo or path-like
        The music alone.
    curve : GainCurve, optional
        What is still to be applied to the music.
    target_db : float, default 15
        What the report compares with.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"measure"``, once for each of ``own`` and ``music``
        that is not measured yet.

    Returns
    -------
    SpeechReport

    Raises
    ------
    AudioDecodeError
        If a file cannot be decoded.
    """
    own_power = power_of(own, on_progress=on_progress)
    music_power = power_of(music, on_progress=on_progress)
    if curve is not None:
        gains = 10 ** (curve.at(music_power.times) / 10)
        music_power = PowerCurve(music_power.power * gains, music_power.step)
    off = _off_speech(speech, own_power)
    spoken = np.array([_spoken(own_power, off, start, end) for start, end in speech.intervals])
    played = np.array([music_power.mean(start, end) for start, end in speech.intervals])
    return SpeechReport(speech.intervals, loudness_of(spoken), loudness_of(played), target_db)


def _off_speech(speech: Speech, own: PowerCurve) -> NDArray[np.bool_]:
    off = np.ones(len(own.power), bool)
    for start, end in speech.intervals:
        first = max(0, round((start - _OFF_SPEECH) / own.step))
        off[first : round((end + _OFF_SPEECH) / own.step)] = False
    return off


def _spoken(own: PowerCurve, off: NDArray[np.bool_], start: float, end: float) -> float:
    """Power of the speech itself."""
    first = max(0, round((start - _AROUND) / own.step))
    around = slice(first, round((end + _AROUND) / own.step))
    behind = own.power[around][off[around]]
    total = own.mean(start, end)
    return max(total - float(behind.mean()), _LEAST_OWN * total) if len(behind) else total
