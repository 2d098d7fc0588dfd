"""Ducking of a plan: its music is measured against the video's own sound, and gets a gain curve."""

from dataclasses import replace
from typing import Any, Final

from musify._clock import clock
from musify.audio.ducking import Ducking, Preset, duck_under
from musify.audio.mix import mix_unlimited
from musify.audio.power import PowerCurve
from musify.audio.score_sound import sounds_kept
from musify.audio.speech import Detector, Speech, find_speech
from musify.audio.speech_report import power_of
from musify.cues import CueSheet
from musify.gain_curve import GainCurve
from musify.progress import listener
from musify.video import VideoInfo

__all__ = ["with_ducking"]

# So far melodies step back before the rest does: a quarter as loud, they are still part of it.
_LEAD_DB: Final = -12.0


def with_ducking(
    sheet: CueSheet,
    video: VideoInfo,
    *,
    speech: Speech | None = None,
    own: PowerCurve | None = None,
    detector: Detector = "silero",
    preset: Preset = "balanced",
    ratio_db: float | None = None,
    accessible: bool = False,
    **options: Any,
) -> tuple[CueSheet, Ducking | None]:
    """Let the music of a plan step back where somebody speaks in the video.

    The video's sound is decoded twice (for speech and for its level) and the music is rendered
    once, to be measured; the plan holds the result, so rendering it measures nothing again. Of
    composed music melodies step back first, by up to 12 dB, and then all of it as far as is still
    needed: the accompaniment goes on, and nothing competes with the voice.

    Parameters
    ----------
    sheet : CueSheet
        The plan, its levels settled.
    video : VideoInfo
        The video it is for.
    speech : Speech, optional
        Where somebody speaks, if that is known already.
    own : PowerCurve, optional
        How loud the video's own sound is over time, if that is known already.
    detector : {"silero", "energy"}, default "silero"
        How speech is found, as in :func:`find_speech`.
    preset, ratio_db, accessible, **options
        As in :func:`musify.audio.ducking.duck`.

    Returns
    -------
    sheet : CueSheet
        With a gain curve, and what was decided; the same plan where nobody speaks and the music
        need not step aside.
    ducking : Ducking or None
        What was found and measured; None for a video without sound.

    Raises
    ------
    ParameterError
        If an option is not known or leaves its range, or the plan is for another video.
    AudioDecodeError
        If a file cannot be decoded.
    """
    if not video.has_audio:
        return sheet, None
    found = speech
    if found is None:
        found = find_speech(video, detector=detector, on_progress=listener())
    own = power_of(video, on_progress=listener()) if own is None else own

    def ducked(lead: GainCurve | None) -> Ducking:
        # As it sounds with no speech: whatever curve the plan has is made anew.
        music = replace(sheet, original="replace", gain_curve=None, lead_curve=lead)
        return duck_under(
            video,
            mix_unlimited(music),
            own=own,
            speech=found,
            preset=preset,
            ratio_db=ratio_db,
            accessible=accessible,
            **options,
        )

    with sounds_kept():
        ducking, lead = ducked(None), None
        if len(ducking.curve) and any(
            cue.track.score is not None and cue.track.score.has_lead for cue in sheet.cues
        ):
            lead = replace(ducking.curve, gains_db=ducking.curve.gains_db.clip(_LEAD_DB, 0.0))
            ducking = ducked(lead)
    said = _said(ducking)
    if lead is not None:
        said.append("melodies step back first, the accompaniment only as far as is still needed")
    curve = ducking.curve if len(ducking.curve) else None
    decisions = (*sheet.decisions, *said)
    return replace(sheet, gain_curve=curve, lead_curve=lead, decisions=decisions), ducking


def _said(ducking: Ducking) -> list[str]:
    speech, report = ducking.speech, ducking.report
    said = []
    if len(speech):
        said.append(
            f"somebody speaks for {clock(speech.seconds)} in {len(speech)} utterances; music stays "
            f"{min(report.worst_db, 99.0):.0f} dB below or more"
        )
    if len(speech.music):
        said.append(
            f"the video has music of its own for {speech.music_share:.0%} of the time, first at "
            f"{clock(speech.music[0, 0])}"
        )
    return said
