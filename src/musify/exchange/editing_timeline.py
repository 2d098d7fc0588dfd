"""A cue sheet as an OpenTimelineIO timeline, for editing programs."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from musify._ffmpeg import StrPath
from musify._how_to import no_video
from musify._output import check_output
from musify.cues import Cue, CueSheet
from musify.errors import MissingExtraError, OutputError
from musify.exchange.composed_sounds import with_sounds_in, written_sounds
from musify.progress import ProgressCallback
from musify.video import VideoInfo, probe

if TYPE_CHECKING:
    import opentimelineio

__all__ = ["editing_timeline", "write_otio"]

# How finely a fade is told: editors join keyframes by straight lines.
_FADE_POINTS: Final = 8
_LANES: Final = 2
# What editors take for silence.
_SILENT_DB: Final = -96.0


def editing_timeline(
    sheet: CueSheet, video: VideoInfo | None = None, *, folder: StrPath = "."
) -> "opentimelineio.schema.Timeline":
    """Lay a cue sheet out as an editing timeline.

    The picture is one track, the video's own sound one, and the music two, since two cues may
    sound at once. Each source range is a clip; neighbours overlap in a transition. Gain is told as
    keyframes in the metadata of an effect (``musify.keyframes``: seconds of the timeline and
    decibels), since OpenTimelineIO has no gain of its own: those of a clip hold its fades and
    gains, those of the music tracks the curve that ducks them.

    Parameters
    ----------
    sheet : CueSheet
        What plays when.
    video : VideoInfo, optional
        The video; by default the one that the sheet names.
    folder : path-like, default "."
        Where the sounds of composed tracks will stand, under the names of their paths.

    Returns
    -------
    opentimelineio.schema.Timeline
        Times of pictures in frames of the video, those of sound in PCM frames.

    Raises
    ------
    MissingExtraError
        If OpenTimelineIO is not installed (the extra ``otio``).
    ParameterError
        If the sheet names no video and none is given.
    """
    otio = _library()
    sheet = with_sounds_in(sheet, folder)
    if video is None:
        if sheet.video is None:
            raise no_video()
        video = probe(sheet.video)
    schema = otio.schema
    made = schema.Timeline(name=video.path.stem)
    made.metadata["musify"] = {"seed": sheet.seed, "decisions": list(sheet.decisions)}
    rate = float(video.frame_rate)
    film = _span(otio, 0.0, video.duration, rate)
    media = schema.ExternalReference(target_url=_url(video.path), available_range=film)
    picture = schema.Track(name="Picture", kind=schema.TrackKind.Video)
    picture.append(schema.Clip(video.path.name, media, film))
    made.tracks.append(picture)
    if video.has_audio and sheet.original != "replace":
        own = schema.Track(name="Original sound", kind=schema.TrackKind.Audio)
        reference = schema.ExternalReference(target_url=_url(video.path), available_range=film)
        own.append(schema.Clip(video.path.name, reference, film))
        made.tracks.append(own)
    for name, cues in _lanes(sheet.cues):
        made.tracks.append(_music(otio, name, cues, sheet))
    return made


def write_otio(
    sheet: CueSheet,
    path: StrPath,
    *,
    video: VideoInfo | None = None,
    overwrite: bool = False,
    on_progress: ProgressCallback | None = None,
) -> Path:
    """Write a cue sheet as an ``.otio`` file, for editing programs.

    The sounds of composed tracks are written beside it, as ``.wav``: editors need files.

    Parameters
    ----------
    sheet : CueSheet
        What plays when.
    path : path-like
        What to write; its name ends in ``.otio``.
    video : VideoInfo, optional
        The video; by default the one that the sheet names.
    overwrite : bool, default False
        Whether a file that stands there may be replaced.
    on_progress : callable, optional
        Called with :class:`Progress` while the sounds of composed tracks are written: stage
        ``"play"``, then ``"render"``, for each.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    MissingExtraError
        If OpenTimelineIO is not installed (the extra ``otio``).
    OutputError
        If the file exists and ``overwrite`` is False, or cannot be written.
    """
    _library()
    target = check_output(path, overwrite=overwrite, inputs=sheet.files)
    if target.suffix.lower() != ".otio":
        raise OutputError(f"cannot write {target.name!r}: a timeline ends in .otio")
    text = editing_timeline(sheet, video, folder=target.parent).to_json_string(indent=2)
    with written_sounds(
        sheet, target.parent, target, overwrite=overwrite, on_progress=on_progress
    ) as partial:
        partial.write_text(text, encoding="utf-8")
    return target


def _library() -> Any:
    try:
        import opentimelineio  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            "editing timelines need the module 'opentimelineio', which is not installed; install "
            "it with: pip install 'musify-video[otio]'"
        ) from error
    return opentimelineio


def _url(path: Path) -> str:
    return path.absolute().as_uri()


def _span(otio: Any, start: float, length: float, rate: float) -> Any:
    time = otio.opentime.RationalTime
    first = round(start * rate)
    return otio.opentime.TimeRange(
        time(first, rate), time(round((start + length) * rate) - first, rate)
    )


def _lanes(cues: tuple[Cue, ...]) -> list[tuple[str, list[Cue]]]:
    """Share cues out to tracks, so that none overlaps another on its track."""
    lanes: list[list[Cue]] = [[] for _ in range(_LANES)]
    for cue in cues:
        free = next(lane for lane in lanes if not lane or lane[-1].end <= cue.start + 1e-6)
        free.append(cue)
    return [(f"Music {place}", lane) for place, lane in enumerate(lanes, start=1) if lane]


def _music(otio: Any, name: str, cues: list[Cue], sheet: CueSheet) -> Any:
    schema, rate = otio.schema, float(sheet.sample_rate)
    track = schema.Track(name=name, kind=schema.TrackKind.Audio)
    at = 0.0
    for cue in cues:
        if cue.start > at + 1e-9:
            track.append(schema.Gap(source_range=_span(otio, 0.0, cue.start - at, rate)))
        _add_cue(otio, track, cue, sheet)
        at = cue.end
    for words, curve in (("ducking", sheet.gain_curve), ("ducking of melodies", sheet.lead_curve)):
        if curve is not None and len(curve):
            keys = [
                [float(time), float(gain)]
                for time, gain in zip(curve.times, curve.gains_db, strict=True)
            ]
            track.effects.append(_gain(otio, words, keys, curve.shape))
    return track


def _add_cue(otio: Any, track: Any, cue: Cue, sheet: CueSheet) -> None:
    """Add the clips of a cue; each overlap becomes a transition around its middle."""
    schema, rate = otio.schema, float(sheet.sample_rate)
    time = otio.opentime.RationalTime
    overlaps = (0.0, *cue.overlaps, 0.0)
    available = _span(otio, 0.0, cue.track.duration, rate)
    at = cue.start
    for place, source in enumerate(cue.sources):
        before, after = overlaps[place], overlaps[place + 1]
        if place and before > 0:
            half = time(round(before / 2 * rate), rate)
            track.append(
                schema.Transition(
                    "", schema.TransitionTypes.SMPTE_Dissolve, in_offset=half, out_offset=half
                )
            )
        start = source.start + before / 2 * source.speed
        length = min(source.played - before / 2 - after / 2, cue.end - at)
        if length <= 0:
            break
        clip = schema.Clip(
            cue.track.title,
            schema.ExternalReference(target_url=_url(cue.track.path), available_range=available),
            # As long as it plays: a time warp does not change how long a clip is.
            _span(otio, start, length, rate),
        )
        clip.metadata["musify"] = {
            "credit": cue.track.credit,
            "joint_cost": source.joint_cost,
            "level_db": source.gain_db,
            "level_seconds": source.gain_seconds,
        }
        if source.speed != 1:
            clip.effects.append(schema.LinearTimeWarp(name="speed", time_scalar=source.speed))
        clip.effects.append(_gain(otio, "gain", _fades(cue, sheet, at, at + length), "linear"))
        track.append(clip)
        at += length


def _fades(cue: Cue, sheet: CueSheet, start: float, end: float) -> list[list[float]]:
    """Keyframes of a clip: the gain of its cue, and its fades where they reach into it."""
    level = cue.gain_db + sheet.music_gain_db
    places = {start, end}
    for edge, length in ((cue.start, cue.fade_in), (cue.end, -cue.fade_out)):
        if length:
            places |= {edge + length * step / _FADE_POINTS for step in range(_FADE_POINTS + 1)}
    keys = []
    for place in sorted(place for place in places if start <= place <= end):
        gain = 1.0
        if cue.fade_in:
            gain *= math.sin(min(1.0, (place - cue.start) / cue.fade_in) * math.pi / 2)
        if cue.fade_out:
            gain *= math.sin(min(1.0, (cue.end - place) / cue.fade_out) * math.pi / 2)
        decibels = 20 * math.log10(gain) if gain > 1e-5 else _SILENT_DB
        keys.append([place, round(max(_SILENT_DB, level + decibels), 3)])
    return keys


def _gain(otio: Any, name: str, keyframes: list[list[float]], shape: str) -> Any:
    effect = otio.schema.Effect(name=name, effect_name="musify.Gain")
    effect.metadata["musify"] = {"keyframes": keyframes, "shape": shape}
    return effect
