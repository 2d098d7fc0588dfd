"""What becomes of a video's own sound: whether music steps back for it, and how loud music is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from musify._how_to import how_to
from musify.audio.ducking import Ducking, Preset, ratio_of
from musify.audio.plan_ducking import with_ducking
from musify.audio.power import PowerCurve
from musify.audio.speech import Detector, Speech, find_speech
from musify.audio.speech_report import power_of
from musify.audio.targets import target_lufs
from musify.cues import ORIGINALS, CueSheet, Original
from musify.errors import ParameterError
from musify.notices import notify
from musify.progress import listener
from musify.video import VideoInfo

__all__ = ["UNDER_STEADY", "HeardVideo", "SoundWishes", "settled", "tell_of_leftovers"]

# Songs are brought to this loudness (audio/arrange.py) before any gain of all music.
_MUSIC_LUFS: Final = -16.0
# In pauses music is a little under the speech around it, so that nobody reaches for the volume.
_UNDER_SPEECH: Final = 4.0
# The least that experts ask for between commentary and music that never moves (Torcoli et al.,
# J. Audio Eng. Soc. 67(12), 2019).
UNDER_STEADY: Final = 10.0
# Own sound without speech is what the place sounded like: it may be heard through the music.
_UNDER_AMBIENCE: Final = 3.0
# Quieter speech is hardly any, and no measure for music.
_QUIETEST_SPEECH_LUFS: Final = -40.0
# Music under quieter ambience would be raised to the loudness of the whole, and with it the noise
# of the recording, by more than 15 dB.
_QUIETEST_AMBIENCE_LUFS: Final = -26.0
# Less music of a video's own, such as a jingle, is not worth a word.
_TOLD_SHARE: Final = 0.2
# Below this, music would lose its treble: 48 kHz are taken instead.
_LOWEST_RATE: Final = 32_000
_HIGHEST_RATE: Final = 96_000
_USUAL_RATE: Final = 48_000


@dataclass(frozen=True, slots=True)
class SoundWishes:
    """What was asked for; see :class:`musify.Pipeline`.

    Raises
    ------
    ParameterError
        If a value cannot be used.
    """

    original: Original | None = None
    music_gain_db: float | None = None
    sample_rate: int | None = None
    loudness: float | str | None = "web"
    ducking: Preset = "balanced"
    accessible: bool = False
    step_aside: bool = False
    detector: Detector = "silero"
    audio_stream: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Sheets know the rules of their values; a wrong one shows now, not after a long run.
        if self.original is not None and self.original not in ORIGINALS:
            raise ParameterError(
                f"original must be one of {ORIGINALS}, got {self.original!r}; leave it out (None) "
                "and music steps back where somebody speaks"
            )
        if self.sample_rate is not None:
            CueSheet((), 1.0, sample_rate=self.sample_rate)
        ratio_of(self.ducking, None, accessible=self.accessible)
        if self.detector not in ("silero", "energy"):
            raise ParameterError(f"detector must be 'silero' or 'energy', got {self.detector!r}")
        CueSheet((), 1.0, music_gain_db=self.music_gain_db or 0.0, audio_stream=self.audio_stream)
        if self.loudness is not None:
            target_lufs(self.loudness)


class HeardVideo:
    """A video's own sound, listened to when somebody asks, and once.

    Parameters
    ----------
    video : VideoInfo
        The video; its ``audio_index`` says which sound is its own.
    wishes : SoundWishes
        What was asked for.
    """

    def __init__(self, video: VideoInfo, wishes: SoundWishes) -> None:
        self.video = video
        self.wishes = wishes

    @property
    def stays(self) -> bool:
        """Whether own sound will be heard."""
        return self.video.has_audio and self.wishes.original != "replace"

    @cached_property
    def speech(self) -> Speech:
        """Where somebody speaks."""
        return find_speech(self.video, detector=self.wishes.detector, on_progress=listener())

    @cached_property
    def power(self) -> PowerCurve:
        """How loud it is over time."""
        return power_of(self.video, on_progress=listener())


def settled(sheet: CueSheet, heard: HeardVideo) -> tuple[CueSheet, Ducking | None]:
    """Settle what depends on own sound: how loud music is, and where it steps back.

    Parameters
    ----------
    sheet : CueSheet
        What plays when.
    heard : HeardVideo
        The video it is for.

    Returns
    -------
    sheet : CueSheet
        The same cues, with everything else that was asked for.
    ducking : Ducking or None
        What was found and measured, where music steps back.
    """
    wishes, video = heard.wishes, heard.video
    target = None if wishes.loudness is None else target_lufs(wishes.loudness)
    sheet = replace(
        sheet,
        video=video.path.absolute(),
        original=wishes.original or "keep",
        sample_rate=wishes.sample_rate or _own_rate(heard),
        loudness_lufs=sheet.loudness_lufs if target is None else target,
        audio_stream=wishes.audio_stream,
    )
    gain, decisions = wishes.music_gain_db or 0.0, sheet.decisions
    if not heard.stays:
        return replace(sheet, music_gain_db=sheet.music_gain_db + gain), None
    ducks = wishes.original != "keep" and (wishes.step_aside or len(heard.speech) > 0)
    if wishes.original != "keep":
        _tell_of_music(heard)
    if wishes.original is None:
        sheet = replace(sheet, original="duck" if ducks else "keep")
    if wishes.music_gain_db is None:
        gain, why = _level(heard, ducks=ducks)
        decisions += (why,)
    sheet = replace(sheet, music_gain_db=sheet.music_gain_db + gain, decisions=decisions)
    if not ducks:
        return sheet, None
    return with_ducking(
        sheet,
        video,
        speech=heard.speech,
        own=heard.power,
        preset=wishes.ducking,
        accessible=wishes.accessible,
        step_aside=wishes.step_aside,
        **wishes.options,
    )


def tell_of_leftovers(sheet: CueSheet) -> None:
    """Tell of a plan whose music steps back for own sound that is not there any more."""
    curves = [one for one in (sheet.gain_curve, sheet.lead_curve) if one is not None]
    if sheet.original == "replace" and any((one.gains_db < 0).any() for one in curves):
        notify(
            "the plan replaces the video's own sound, and yet its music steps back for it: take "
            "gain_curve and lead_curve out of it, or make the plan anew "
            + how_to("with Pipeline(original='replace')", "with --original replace")
        )


def _own_rate(heard: HeardVideo) -> int:
    """Sample rate of own sound that stays, where it is one that music can do with."""
    if not heard.stays:
        return _USUAL_RATE
    assert heard.video.audio_index is not None
    rate = heard.video.stream(heard.video.audio_index).sample_rate
    return rate if rate and _LOWEST_RATE <= rate <= _HIGHEST_RATE else _USUAL_RATE


def _level(heard: HeardVideo, *, ducks: bool) -> tuple[float, str]:
    """Gain of all music, and why."""
    if ducks and len(heard.speech):
        spoken = [heard.power.lufs(*interval) for interval in heard.speech.intervals]
        own, under, what = float(np.median(spoken)), _UNDER_SPEECH, "the speech, in its pauses"
        quietest = _QUIETEST_SPEECH_LUFS
    else:
        own = heard.power.lufs(0.0, heard.video.duration)
        steady = heard.wishes.original == "keep"
        under = UNDER_STEADY if steady else _UNDER_AMBIENCE
        what = "the video's own sound"
        quietest = _QUIETEST_AMBIENCE_LUFS
    if not math.isfinite(own):
        return 0.0, "the video's own sound is silent, so music is as loud as without it"
    gain = round(max(own, quietest) - under - _MUSIC_LUFS, 2)
    if own < quietest:
        return gain, (
            f"{what} is at {own:.1f} LUFS, too quiet to measure music by: music is {under:g} LU "
            f"under {quietest:g} LUFS"
        )
    return gain, f"music is {under:g} LU under {what}, which is at {own:.1f} LUFS"


def _tell_of_music(heard: HeardVideo) -> None:
    share = heard.speech.music_share
    if share < _TOLD_SHARE:
        return
    if heard.wishes.step_aside:
        notify(
            f"the video has music of its own for {share:.0%} of the time, and there the new music "
            "is silent"
        )
    else:
        notify(
            f"the video has music of its own for {share:.0%} of the time, and the new music plays "
            "over it: let it step aside there "
            + how_to("(step_aside=True)", "(--step-aside)")
            + ", or replace the video's own sound "
            + how_to("(original='replace')", "(--original replace)")
        )
