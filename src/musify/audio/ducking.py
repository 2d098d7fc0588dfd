"""Music that steps back where somebody speaks: a gain curve, computed with look-ahead.

A compressor with a side-chain hears the word before it can turn the music down, and rises in every
breath. Here all speech is known beforehand: the music is down before the word, stays down across
pauses and comes back slowly.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from musify._checks import number
from musify._ffmpeg import StrPath
from musify.audio.fader import Held, moved
from musify.audio.speech import Detector, Speech, find_speech
from musify.audio.speech_report import Sound, SpeechReport, power_of, speech_to_music
from musify.errors import ParameterError
from musify.gain_curve import GainCurve
from musify.notices import notify
from musify.progress import ProgressCallback, listener
from musify.video import VideoInfo

__all__ = ["RATIOS_DB", "Ducking", "Preset", "duck", "duck_under"]

Preset = Literal["balanced", "music-forward", "accessible"]

RATIOS_DB: Final[dict[str, float]] = {"balanced": 15.0, "music-forward": 10.0, "accessible": 20.0}
"""How far music is below speech, in LU.

Experts set music at least 10 LU below commentary, others want 4 LU more, and ambience at least 15
(Torcoli et al., "Background ducking to produce esthetically pleasing audio for TV with clear
speech", JAES 67(12), 2019); WCAG 2.2, 1.4.7 asks for 20 dB.
"""

# Whoever measures in other windows, or after an encoder, shall find the ratio too.
_MARGIN_DB: Final = 1.0
# Within one passage of speech the fader is not moved for less.
_LEAST_STEP_DB: Final = 6.0
_LEAST_PASSAGE: Final = 4.0
# Where the video has music of its own, ours leaves and comes as a cue would.
_STEP_ASIDE: Final = 2.0
_SILENT_DB: Final = -80.0


@dataclass(frozen=True, slots=True)
class Ducking:
    """What was found, decided and measured.

    Parameters
    ----------
    speech : Speech
        Where somebody speaks.
    curve : GainCurve
        The gain of the music.
    report : SpeechReport
        How far the music is below speech with that gain.
    """

    speech: Speech
    curve: GainCurve
    report: SpeechReport


def ratio_of(preset: str, ratio_db: float | None, *, accessible: bool) -> float:
    """Return how far music shall be below speech.

    Raises
    ------
    ParameterError
        If there is no such preset, or what is asked for is less than accessible.
    """
    if preset not in RATIOS_DB:
        raise ParameterError(f"preset must be one of {', '.join(RATIOS_DB)}, got {preset!r}")
    least = RATIOS_DB["accessible"]
    if ratio_db is None:
        return max(RATIOS_DB[preset], least) if accessible else RATIOS_DB[preset]
    ratio = number("ratio_db", ratio_db, low=0, high=60)
    if accessible and ratio < least:
        raise ParameterError(
            f"accessible sound has music at least {least:g} dB below speech (WCAG 1.4.7), got "
            f"ratio_db={ratio:g}; leave one of them out"
        )
    return ratio


def duck(
    speech: Speech,
    *,
    own: Sound | None = None,
    music: Sound | None = None,
    preset: Preset = "balanced",
    ratio_db: float | None = None,
    accessible: bool = False,
    depth_db: float | None = None,
    lookahead: float = 0.2,
    attack: float = 0.35,
    hold: float = 0.6,
    release: float = 1.2,
    bridge: float = 2.0,
    duration: float | None = None,
    step_aside: bool = False,
    on_progress: ProgressCallback | None = None,
) -> GainCurve:
    """Compute how music steps back under speech.

    Parameters
    ----------
    speech : Speech
        Where somebody speaks.
    own, music : PowerCurve, Soundtrack, VideoInfo or path-like, optional
        The sound with the speech in it, and the music at the level it will have without ducking.
        With both, music goes down just as far as each utterance needs, which may be not at all;
        without, as far as ``depth_db`` says.
    preset : {"balanced", "music-forward", "accessible"}, default "balanced"
        Music 15, 10 or 20 dB below speech.
    ratio_db : float, optional
        Another ratio of speech to music, in [0, 60] dB.
    accessible : bool, default False
        Music at least 20 dB below speech [2]_, the same as that preset.
    depth_db : float, optional
        How far music goes down, in [0, 80] dB, whatever the levels are. Without it and without
        ``own`` and ``music``, as far as the ratio, which is right for music as loud as speech.
    lookahead : float, default 0.2
        Seconds before the first word by which music is down; 0.15 of them are meant, the rest is
        for words that begin softly and are found late.
    attack : float, default 0.35
        Seconds that going down takes.
    hold : float, default 0.6
        Seconds that music stays down after the last word.
    release : float, default 1.2
        Seconds that coming back takes.
    bridge : float, default 2.0
        Music stays down across pauses shorter than this, in which it could hardly come back.
    duration : float, optional
        Length of the music in seconds; by default what was listened to.
    step_aside : bool, default False
        Whether music is silent where the video has music of its own already.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"measure"``, once for each of ``own`` and ``music``
        that is not measured yet.

    Returns
    -------
    GainCurve
        0 dB where nobody speaks.

    Raises
    ------
    ParameterError
        If an option leaves its range, or only one of ``own`` and ``music`` is given.

    Notes
    -----
    Times follow the practice measured by Torcoli et al. [1]_: down before the word rather than at
    it, and slower up than down. With the defaults music is back at its level in pauses longer than
    2.35 s.

    References
    ----------
    .. [1] M. Torcoli, A. Freke-Morin, J. Paulus, C. Simon and B. Shirley, "Background ducking to
       produce esthetically pleasing audio for TV with clear speech", J. Audio Eng. Soc. 67(12),
       2019.
    .. [2] W3C, "Web Content Accessibility Guidelines 2.2", success criterion 1.4.7, 2023.

    Examples
    --------
    >>> speech = Speech([[2.0, 4.0]], duration=10.0)
    >>> duck(speech).times.round(2).tolist()
    [1.45, 1.8, 4.6, 5.8]
    """
    ratio = ratio_of(preset, ratio_db, accessible=accessible)
    times = {
        name: number(name, value, low=0 if name in ("lookahead", "hold", "bridge") else 0.001)
        for name, value in (
            ("lookahead", lookahead),
            ("attack", attack),
            ("hold", hold),
            ("release", release),
            ("bridge", bridge),
        )
    }
    end = speech.duration if duration is None else number("duration", duration, above=0)
    if depth_db is None and own is not None and music is not None:
        own = power_of(own, on_progress=on_progress)
        music = power_of(music, on_progress=on_progress)
    needed = _needed(speech, own, music, ratio, depth_db)
    attack, release = times["attack"], times["release"]
    held = [
        Held(max(0.0, start - times["lookahead"]), stop + times["hold"], gain, attack, release)
        for start, stop, gain in _passages(speech.intervals, needed, times["bridge"])
        if gain < 0
    ]
    if step_aside:
        held += [
            Held(start, stop, _SILENT_DB, _STEP_ASIDE, _STEP_ASIDE) for start, stop in speech.music
        ]
    return moved(held, end)


def _needed(
    speech: Speech, own: Sound | None, music: Sound | None, ratio: float, depth_db: float | None
) -> NDArray[np.float64]:
    """Gain that every utterance needs, at most 0."""
    if (own is None) != (music is None):
        raise ParameterError("own and music are measured against each other; give both or neither")
    if depth_db is not None:
        return np.full(len(speech), -number("depth_db", depth_db, low=0, high=-_SILENT_DB))
    if own is None or music is None:
        return np.full(len(speech), -ratio)
    report = speech_to_music(speech, own, music, target_db=ratio)
    # Speech that is digital silence is none; it says nothing of how loud music may be.
    ratios = np.where(np.isneginf(report.speech_lufs), np.inf, report.ratio_db)
    return np.clip(ratios - ratio - _MARGIN_DB, _SILENT_DB, 0.0)


def _passages(
    intervals: NDArray[np.float64], gains: NDArray[np.float64], bridge: float
) -> list[tuple[float, float, float]]:
    """Utterances that one level is held for: start, end and gain."""
    passages: list[list[int]] = []
    for place, (start, _) in enumerate(intervals):
        if passages and start - intervals[place - 1, 1] < bridge:
            passages[-1].append(place)
        else:
            passages.append([place])
    found = []
    for passage in passages:
        for part in _split(passage, intervals, gains):
            start, end = intervals[part[0], 0], intervals[part[-1], 1]
            # Held to the next part: what lies between is no pause.
            if part[-1] != passage[-1]:
                end = max(end, intervals[part[-1] + 1, 0])
            found.append((float(start), float(end), float(gains[part].min())))
    return found


def _split(
    passage: list[int], intervals: NDArray[np.float64], gains: NDArray[np.float64]
) -> list[list[int]]:
    """Split where levels differ so much, for so long, that one for all would be a pity."""
    if len(passage) < 2:
        return [passage]
    best, saved = 0, 0.0
    for cut in range(1, len(passage)):
        left, right = passage[:cut], passage[cut:]
        step = abs(gains[left].min() - gains[right].min())
        higher = left if gains[left].min() > gains[right].min() else right
        lasts = intervals[higher[-1], 1] - intervals[higher[0], 0]
        if step >= _LEAST_STEP_DB and lasts >= _LEAST_PASSAGE and step * lasts > saved:
            best, saved = cut, step * lasts
    if not best:
        return [passage]
    return [
        *_split(passage[:best], intervals, gains),
        *_split(passage[best:], intervals, gains),
    ]


def duck_under(
    source: VideoInfo | StrPath,
    music: Sound,
    *,
    own: Sound | None = None,
    speech: Speech | None = None,
    detector: Detector = "silero",
    preset: Preset = "balanced",
    ratio_db: float | None = None,
    accessible: bool = False,
    **options: float | bool | None,
) -> Ducking:
    """Find speech, measure it and the music, and compute how the music steps back.

    Parameters
    ----------
    source : VideoInfo or path-like
        A video, or a file of sound, in which somebody speaks.
    music : PowerCurve, Soundtrack, VideoInfo or path-like
        The music at the level it will have without ducking, from the first presented frame on.
    own : PowerCurve, optional
        What :func:`power_of` measured of the source, if that is known already.
    speech : Speech, optional
        Where somebody speaks, if that is known already.
    detector : {"silero", "energy"}, default "silero"
        How speech is found, as in :func:`find_speech`.
    preset, ratio_db, accessible, **options
        As in :func:`duck`.

    Returns
    -------
    Ducking

    Raises
    ------
    ParameterError
        If an option is not known or leaves its range.
    AudioDecodeError
        If a file cannot be decoded.
    """
    target = ratio_of(preset, ratio_db, accessible=accessible)
    told = listener()
    found = speech
    if found is None:
        found = find_speech(source, detector=detector, on_progress=told)
    own_power = power_of(source if own is None else own, on_progress=told)
    power = power_of(music, on_progress=told)
    try:
        curve = duck(
            found,
            own=own_power,
            music=power,
            preset=preset,
            ratio_db=ratio_db,
            accessible=accessible,
            **options,  # type: ignore[arg-type] # checked by duck
        )
    except TypeError as error:
        raise ParameterError(f"{error}; see musify.audio.ducking.duck for the options") from error
    report = speech_to_music(found, own_power, power, curve, target_db=target)
    if not report.is_met and len(found):
        notify(
            f"music is only {report.worst_db:.1f} dB below speech at "
            f"{found.intervals[report.ratio_db.argmin(), 0]:.1f} s, not {target:g} dB; "
            "leave out depth_db, or turn the music down there"
        )
    return Ducking(found, curve, report)
