"""Measuring a file that was written: its streams, its sound, and how they lie in time."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from musify._containers import CONTAINERS, is_written_anew
from musify._ffmpeg import StrPath
from musify._media_info import StreamInfo
from musify._packet_hashes import stream_prints
from musify._stream_matching import Matched, match_streams
from musify.audio.bs1770 import Loudness
from musify.audio.clicks import find_clicks
from musify.audio.loudness import measure_file
from musify.audio.start import first_sound
from musify.cues import Original
from musify.errors import ParameterError, VideoOpenError
from musify.progress import Progress, ProgressCallback, share, tell
from musify.video import VideoInfo, probe

__all__ = ["Audit", "AuditFinding", "StreamAudit", "audit_file"]

# One frame of AAC; one of Opus is 20 ms.
_FRAME_SECONDS: Final = 1024 / 44_100
# Matroska keeps times in milliseconds: one rounding in, one out.
_ROUNDING: Final = 0.0021
# Of the work, reading the packets takes so much.
_MATCHED: Final = 0.5
# Encoders move the loudness of a mix by less than this.
_LOUDNESS_TOLERANCE: Final = 0.3


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that was measured.

    Parameters
    ----------
    name : str
        What.
    detail : str
        What was found, with the figures.
    ok : bool, default True
        Whether it is as it should be.
    """

    name: str
    detail: str
    ok: bool = True


@dataclass(frozen=True, slots=True)
class StreamAudit:
    """One stream of the file.

    Parameters
    ----------
    index : int
        Its number.
    kind, codec : str
        What it carries, and how.
    duration : float
        Seconds from its first packet to the end of its last.
    sha256 : str
        Hash over what its packets hold.
    source : int or None
        Number of the stream of the input that it is, bit for bit; None for a new one.
    """

    index: int
    kind: str
    codec: str
    duration: float
    sha256: str
    source: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What a file was found to be.

    Parameters
    ----------
    path : Path
        The file.
    streams : tuple of StreamAudit
        All of its streams.
    duration : float
        Length of its picture in seconds.
    new_sound : int or None
        Number of the stream that is new, or with no input to compare with the default sound.
    sound_offset : float or None
        Seconds from the first presented picture to the first PCM frame of that sound.
    sound_duration : float or None
        Its decoded length in seconds.
    loudness : Loudness or None
        Measured on what a player would decode.
    clicks : tuple of float
        Seconds at which a joint of the music can be heard as a click.
    findings : tuple of AuditFinding
        Each thing that was checked.
    """

    path: Path
    streams: tuple[StreamAudit, ...]
    duration: float
    new_sound: int | None = None
    sound_offset: float | None = None
    sound_duration: float | None = None
    loudness: Loudness | None = None
    clicks: tuple[float, ...] = ()
    findings: tuple[AuditFinding, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether everything is as it should be."""
        return all(finding.ok for finding in self.findings)

    @property
    def faults(self) -> tuple[AuditFinding, ...]:
        """What is not as it should be."""
        return tuple(finding for finding in self.findings if not finding.ok)

    def __repr__(self) -> str:
        state = "ok" if self.ok else f"{len(self.faults)} faults"
        return f"Audit({str(self.path)!r}, {len(self.streams)} streams, {state})"


def audit_file(
    path: StrPath,
    *,
    against: VideoInfo | StrPath | None = None,
    original: Original | None = None,
    target_lufs: float | None = None,
    ceiling_dbtp: float | None = None,
    joints: Sequence[float] = (),
    left_out: Collection[int] = (),
    extra: Iterable[AuditFinding] = (),
    on_progress: ProgressCallback | None = None,
) -> Audit:
    """Measure a video file.

    Parameters
    ----------
    path : path-like
        What was written.
    against : VideoInfo or path-like, optional
        What it was made from: every stream of it must be found again, bit for bit.
    original : {"keep", "replace", ...}, optional
        What was to happen to the video's own sound: with ``"replace"`` it must be gone, otherwise
        there. When it is not known, both are right.
    target_lufs : float, optional
        Integrated loudness that the new sound was brought to; 0.3 LU more or less are allowed.
    ceiling_dbtp : float, optional
        Highest true peak that is allowed.
    joints : sequence of float, optional
        Seconds at which music was joined, to be searched for clicks.
    left_out : collection of int, optional
        Numbers of streams of the input that were left out on purpose.
    extra : iterable of AuditFinding, optional
        What was found elsewhere, to stand among the findings.
    on_progress : callable, optional
        Called with :class:`Progress`, stage ``"audit"``.

    Returns
    -------
    Audit
        The figures; ``ok`` says whether all of them are as they should be.

    Raises
    ------
    MediaError
        If a file cannot be read or its sound not decoded.
    ParameterError
        If both are the same file.
    """
    path = Path(path)
    source = against if isinstance(against, VideoInfo) or against is None else probe(against)
    both = source is not None and source.path.exists() and path.exists()
    if source is not None and both and source.path.samefile(path):
        raise ParameterError(f"{str(path)!r} cannot be checked against itself")
    if source is not None and not source.path.is_file():
        raise VideoOpenError(
            f"there is no file {str(source.path)!r} any more, so what was made from it cannot be "
            "checked"
        )
    video = probe(path)
    findings: list[AuditFinding] = []

    def told(progress: Progress) -> None:
        tell(on_progress, "audit", progress.fraction * video.duration, video.duration)

    streams_told = share(told, 0.0, _MATCHED)
    if source is None:
        prints = stream_prints(path, on_progress=streams_told, seconds=video.duration)
        came_from: dict[int, int] = {}
    else:
        found = match_streams(source, video, on_progress=streams_told)
        prints, came_from = found.after, found.came_from
        findings += _copies(source, video, found, original, left_out)
    sound = _new_sound(video, came_from)
    offset = length = loudness = None
    clicks: tuple[float, ...] = ()
    if sound is not None:
        most = math.inf if ceiling_dbtp is None else ceiling_dbtp
        loudness = measure_file(
            path, sound.index, peaks_above=most, on_progress=share(told, _MATCHED, 1.0)
        )
        length = loudness.duration
        offset = first_sound(path, sound.index) - video.start_time
        clicks = find_clicks(path, sound, [video.start_time + joint for joint in joints])
        clicks = tuple(click - video.start_time for click in clicks)
        findings += _times(offset, length, video, judged=source is not None)
        findings += _levels(loudness, target_lufs, ceiling_dbtp)
        if joints:
            findings.append(_joints_finding(joints, clicks))
    elif source is not None:
        findings.append(AuditFinding("new sound", "there is none", ok=False))
    tell(on_progress, "audit", video.duration, video.duration)
    streams = tuple(
        StreamAudit(
            stream.index,
            stream.kind,
            stream.codec,
            prints[stream.index].duration if stream.index in prints else 0.0,
            prints[stream.index].sha256 if stream.index in prints else "",
            came_from.get(stream.index),
        )
        for stream in video.streams
    )
    return Audit(
        path=path,
        streams=streams,
        duration=video.duration,
        new_sound=None if sound is None else sound.index,
        sound_offset=offset,
        sound_duration=length,
        loudness=loudness,
        clicks=clicks,
        findings=(*findings, *extra),
    )


def _copies(
    source: VideoInfo,
    video: VideoInfo,
    found: Matched,
    original: Original | None,
    left_out: Collection[int],
) -> list[AuditFinding]:
    came_from, before, after = found.came_from, found.before, found.after
    findings = []
    container = CONTAINERS.get(video.path.suffix.lower())
    changed = [
        stream
        for stream in found.lost
        if stream.index not in left_out
        and not (container and is_written_anew(stream, source.chapters, container))
        and not (stream.index == source.audio_index and original in (None, "replace"))
    ]
    kept = len(came_from)
    if changed:
        named = ", ".join(f"{stream.index} ({stream.kind}, {stream.codec})" for stream in changed)
        detail = f"{kept} of {len(source.streams)} are equal; lost or changed: {named}"
        findings.append(AuditFinding("streams", detail, ok=False))
    else:
        findings.append(AuditFinding("streams", f"{kept} are equal, bit for bit"))
    dropped = {
        words
        for new, old in came_from.items()
        for words in set(source.stream(old).side_data) - set(video.stream(new).side_data)
    }
    if dropped:
        detail = f"the container no longer says: {'; '.join(sorted(dropped))}"
        findings.append(AuditFinding("side data", detail, ok=False))
    if original == "replace" and source.audio_index in came_from.values():
        detail = f"the video's own sound (stream {source.audio_index}) is still there"
        findings.append(AuditFinding("own sound", detail, ok=False))
    longest = max(
        (abs(after[new].duration - before[old].duration) for new, old in came_from.items()),
        default=0.0,
    )
    detail = f"lengths of what was copied differ by {longest * 1000:.1f} ms at most"
    findings.append(AuditFinding("lengths", detail, ok=longest <= _FRAME_SECONDS))
    shift = abs(video.duration - source.duration)
    detail = f"the picture lasts {video.duration:.3f} s, the input's {source.duration:.3f} s"
    findings.append(AuditFinding("picture", detail, ok=shift <= _ROUNDING))
    return findings


def _new_sound(video: VideoInfo, came_from: dict[int, int]) -> StreamInfo | None:
    sounds = [stream for stream in video.streams if stream.kind == "audio"]
    new = [stream for stream in sounds if stream.index not in came_from]
    if came_from:
        return new[0] if new else None
    return None if video.audio_index is None else video.stream(video.audio_index)


def _times(offset: float, length: float, video: VideoInfo, *, judged: bool) -> list[AuditFinding]:
    """Say how sound lies in time; whether that is right is known of what was written alone."""
    early = offset + length - video.duration
    return [
        AuditFinding(
            "offset",
            f"the sound begins {offset * 1000:+.1f} ms from the first picture",
            ok=not judged or abs(offset) <= _FRAME_SECONDS,
        ),
        AuditFinding(
            "length",
            f"the sound ends {early * 1000:+.1f} ms from the end of the picture",
            ok=not judged or abs(early) <= _FRAME_SECONDS + _ROUNDING,
        ),
    ]


def _levels(
    loudness: Loudness, target_lufs: float | None, ceiling_dbtp: float | None
) -> list[AuditFinding]:
    if loudness.integrated_lufs is None or loudness.true_peak_dbtp is None:
        return [AuditFinding("loudness", "the sound is silent")]
    detail = f"{loudness.integrated_lufs:.2f} LUFS"
    far = 0.0
    if target_lufs is not None:
        far = abs(loudness.integrated_lufs - target_lufs)
        detail += f", {far:.2f} LU from the target of {target_lufs:g}"
    peak = f"{loudness.true_peak_dbtp:.2f} dBTP"
    high = False
    if ceiling_dbtp is not None:
        high = loudness.true_peak_dbtp > ceiling_dbtp + 0.005
        peak += f", with {ceiling_dbtp:g} allowed"
    return [
        AuditFinding("loudness", detail, ok=far <= _LOUDNESS_TOLERANCE),
        AuditFinding("true peak", peak, ok=not high),
    ]


def _joints_finding(joints: Sequence[float], clicks: Sequence[float]) -> AuditFinding:
    if not clicks:
        return AuditFinding("joints", f"no click at any of {len(joints)}")
    places = ", ".join(f"{click:.2f} s" for click in clicks)
    return AuditFinding("joints", f"a click at {places}", ok=False)
