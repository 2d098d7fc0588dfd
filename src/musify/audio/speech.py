"""Where somebody speaks in a video's own sound, and where music plays in it already."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from musify._arrays import FrozenArrays, frozen_floats
from musify._checks import number
from musify._ffmpeg import StrPath
from musify._iterators import ended
from musify.audio.heard import HeardFile
from musify.audio.music_presence import MusicEar
from musify.audio.spans import above, bridged, clipped, long_enough, padded, seconds_in
from musify.audio.speech_energy import EnergyEar
from musify.audio.speech_network import RATE, WINDOW, SpeechNetwork
from musify.errors import ParameterError
from musify.progress import ProgressCallback, told_blocks
from musify.video import VideoInfo

__all__ = ["Detector", "Speech", "find_speech", "hear_speech"]

Detector = Literal["silero", "energy"]

# The hysteresis of the authors of Silero VAD: a probability of 0.5 begins speech, and 0.15 less
# lets it go on; shorter than 0.25 s is a cough or a click.
_ON: Final = 0.5
_OFF: Final = 0.35
# The network lets go of speech 60 to 150 ms after the last word (quartiles over noise and music at
# 20 to 0 dB).
_LAG: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Speech(FrozenArrays):
    """Where somebody speaks.

    Parameters
    ----------
    intervals : array_like, shape (n, 2)
        Start and end of every utterance in seconds, from the first presented frame; ascending,
        apart from each other.
    duration : float
        Seconds that were listened to; at least the end of the last utterance.
    music : array_like, shape (m, 2), optional
        Where music plays in the sound itself, alone or under speech.
    detector : str, default "silero"
        What found it.

    Raises
    ------
    ParameterError
        If intervals overlap or leave the duration.
    """

    intervals: NDArray[np.float64]
    duration: float
    music: NDArray[np.float64] = ()  # type: ignore[assignment] # made an array below
    detector: str = "silero"

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            intervals: ArrayLike,
            duration: float,
            music: ArrayLike = (),
            detector: str = "silero",
        ) -> None: ...

    def __post_init__(self) -> None:
        duration = number("duration", self.duration, low=0)
        object.__setattr__(self, "duration", duration)
        for name in ("intervals", "music"):
            spans = frozen_floats(name, getattr(self, name), (None, 2))
            flat = spans.ravel()
            if len(flat) and (flat[0] < 0 or flat[-1] > duration + 1e-6):
                raise ParameterError(
                    f"{name} must lie between 0 and {duration:g} s, got {flat[0]:g} to {flat[-1]:g}"
                )
            if (np.diff(flat) < 0).any() or (spans[:, 1] <= spans[:, 0]).any():
                raise ParameterError(f"{name} must ascend without overlap, each start before end")
            object.__setattr__(self, name, spans)

    def __len__(self) -> int:
        """Count the utterances."""
        return len(self.intervals)

    @property
    def seconds(self) -> float:
        """How long somebody speaks in all."""
        return seconds_in(self.intervals)

    @property
    def music_share(self) -> float:
        """Part of the time in which music plays already, in [0, 1]."""
        return seconds_in(self.music) / self.duration if self.duration else 0.0


def find_speech(
    source: VideoInfo | StrPath,
    *,
    detector: Detector = "silero",
    threshold: float = _ON,
    min_speech: float = 0.25,
    min_silence: float = 0.4,
    padding: float = 0.05,
    on_progress: ProgressCallback | None = None,
) -> Speech:
    """Find where somebody speaks.

    The sound is decoded once, in blocks: memory does not grow with its length but for 650 bytes a
    second.

    Parameters
    ----------
    source : VideoInfo or path-like
        A video, or a file of sound.
    detector : {"silero", "energy"}, default "silero"
        ``"silero"`` is a network that tells speech from everything else [1]_. ``"energy"`` takes
        all that stands out of the background for speech: it needs no network, and is right only
        where nothing but speech does.
    threshold : float, default 0.5
        Probability that begins an utterance, in (0, 1); 0.15 less lets it go on.
    min_speech : float, default 0.25
        Seconds that an utterance lasts at least.
    min_silence : float, default 0.4
        Seconds of silence that part two utterances.
    padding : float, default 0.05
        Seconds that are added before and after each: words begin and end softly.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"speech"``.

    Returns
    -------
    Speech
        Empty for a video without sound.

    Raises
    ------
    ParameterError
        If an option leaves its range.
    AudioDecodeError
        If the sound cannot be decoded.
    BackendError
        If the network or onnxruntime is missing or damaged.

    References
    ----------
    .. [1] Silero Team, "Silero VAD: pre-trained enterprise-grade voice activity detector", 2021.
    """
    heard = HeardFile.of(source)
    return hear_speech(
        told_blocks(
            heard.blocks(RATE), on_progress, "speech", sample_rate=RATE, total=heard.duration
        ),
        duration=None if heard.video is None else heard.video.duration,
        detector=detector,
        threshold=threshold,
        min_speech=min_speech,
        min_silence=min_silence,
        padding=padding,
    )


def hear_speech(
    blocks: Iterable[NDArray[np.float32]],
    *,
    duration: float | None = None,
    detector: Detector = "silero",
    threshold: float = _ON,
    min_speech: float = 0.25,
    min_silence: float = 0.4,
    padding: float = 0.05,
) -> Speech:
    """Find where somebody speaks in sound that is decoded already.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n, channels)
        PCM at 16 kHz, full scale [-1, 1].
    duration : float, optional
        Seconds that count; by default all.
    detector, threshold, min_speech, min_silence, padding
        As in :func:`find_speech`.

    Raises
    ------
    ParameterError
        If an option leaves its range.
    BackendError
        If the network or onnxruntime is missing or damaged.
    """
    if detector not in get_args(Detector):
        raise ParameterError(f"detector must be one of {get_args(Detector)}, got {detector!r}")
    threshold = number("threshold", threshold, above=0, high=1)
    least, gap = number("min_speech", min_speech, low=0), number("min_silence", min_silence, low=0)
    pad = number("padding", padding, low=0)
    frames, probabilities, music = _listen(blocks, detector)
    lasts = frames / RATE if duration is None else duration
    step = WINDOW / RATE
    spans = above(probabilities, step, on=threshold, off=max(threshold - _ON + _OFF, 0.05))
    if detector == "silero":
        spans = spans[spans[:, 1] - spans[:, 0] > _LAG] - (0.0, _LAG)
        # A short "yes" is not dropped for being found late and let go late.
        least -= _LAG
    spans = long_enough(bridged(spans, gap), least)
    spans = padded(clipped(spans, lasts), pad, pad, lasts)
    return Speech(spans, lasts, music.finish(lasts), detector)


def _listen(
    blocks: Iterable[NDArray[np.float32]], detector: Detector
) -> tuple[int, NDArray[np.float32], MusicEar]:
    ear = SpeechNetwork() if detector == "silero" else EnergyEar()
    music = MusicEar()
    frames = 0
    found = []
    with ended(blocks) as incoming:
        for block in incoming:
            mono = block.mean(axis=1)
            frames += len(mono)
            found.append(ear.hear(mono))
            music.hear(mono)
    found.append(ear.finish())
    return frames, np.concatenate(found), music
