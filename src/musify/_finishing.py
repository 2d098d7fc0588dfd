"""From a plan to a file: mixed, brought to its loudness, muxed, measured, and corrected."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from musify._ffmpeg import StrPath
from musify._output import check_output, partial_name
from musify._own_sound import tell_of_leftovers
from musify._run import Run
from musify.audio.levelled import Level, find_level, set_level
from musify.audio.mix import mix, mix_unlimited
from musify.audio.speech_report import SpeechReport
from musify.audio.targets import CEILING_DBTP
from musify.audit import Audit, AuditFinding, audit_file
from musify.credits import credits_file, owed_credits, write_credits
from musify.cues import CueSheet, Original
from musify.errors import AuditError, BackendError
from musify.interfaces import AudioMuxer
from musify.notices import notify
from musify.plugins import provider_of
from musify.progress import listener
from musify.results import RunResult
from musify.soundtrack import Soundtrack
from musify.video import VideoInfo

__all__ = ["finished", "muxed_original"]

# How often a file is written again because an encoder changed its loudness or its peaks.
_CORRECTIONS: Final = 3
# So much more of a recording lets its noise be heard.
_TOLD_GAIN_DB: Final = 16.0


def muxed_original(original: Original) -> Original:
    """Say what becomes of own sound as muxers know it: for them, ducking is keeping."""
    return "keep" if original == "duck" else original


def finished(
    run: Run,
    muxer: AudioMuxer,
    video: VideoInfo,
    sheet: CueSheet,
    output: StrPath,
    *,
    overwrite: bool,
    audited: bool,
    report: SpeechReport | None,
) -> RunResult:
    """Write a video with the music of a plan.

    Raises
    ------
    AuditError
        If the file does not measure as it should; it is kept beside the output.
    """
    output = Path(output)
    songs = tuple(path for track in sheet.tracks for path in track.files)
    check_output(output, overwrite=overwrite, inputs=songs)
    if owed_credits(sheet):
        check_output(credits_file(output), overwrite=overwrite, inputs=songs)
    tell_of_leftovers(sheet)
    soundtrack, level = mix(sheet, video), None
    if sheet.loudness_lufs is not None:
        with run.stage("level") as finish:
            mixed = mix_unlimited(sheet, video)
            level = finish(find_level(run.listened(mixed, "level"), sheet.loudness_lufs))
            if video.has_audio and sheet.original != "replace" and level.gain_db > _TOLD_GAIN_DB:
                notify(
                    f"everything is raised by {level.gain_db:.0f} dB to reach "
                    f"{level.target_lufs:g} LUFS, the video's own sound and its noise too: it is "
                    "very quiet; a lower loudness target, or none, raises it less"
                )
            soundtrack = _levelled(mixed, level)
    audited = audited and muxer.is_audited
    # What stands at the output is replaced by what is right only.
    target = output if not output.exists() or not audited else partial_name(output)
    audit = None
    with _removed_if_ours() as mine:
        for turn in range(_CORRECTIONS + 1):
            again = overwrite or turn > 0
            written = _muxed(run, muxer, video, soundtrack, target, sheet, overwrite=again)
            mine.append(target)
            if not audited:
                break
            with run.stage("audit") as finish:
                audit = finish(_audited(run, muxer, video, sheet, target, output, level, report))
                run.report("audit", video.duration, video.duration)
            better = _better(audit, level)
            if better is None or turn == _CORRECTIONS:
                break
            level, soundtrack = better, _levelled(mix_unlimited(sheet, video), better)
        if audit is not None and not audit.ok:
            raise _failed(audit, target, output)
        if (beside := write_credits(sheet, output, overwrite=overwrite)) is not None:
            mine.append(beside)
            notify(f"licences of the music ask for credit: publish {beside.name!r} with the film")
        if audit is not None:
            if target != output:
                target.replace(output)
                written = output
            audit = replace(audit, path=written)
    return RunResult(
        video=video,
        output=written,
        cues=sheet,
        soundtrack=soundtrack,
        warnings=tuple(run.notices),
        seconds=run.seconds,
        pcm_sha256=run.pcm_sha256,
        audit=audit,
        speech=report,
    )


@contextmanager
def _removed_if_ours() -> Iterator[list[Path]]:
    """Remove what was written if the block fails, but not what somebody else put there."""
    mine: list[Path] = []
    try:
        yield mine
    except BaseException:
        for path in mine:
            path.unlink(missing_ok=True)
        raise


def _levelled(mixed: Soundtrack, level: Level) -> Soundtrack:
    return set_level(mixed, level.gain_db, level.ceiling_dbtp, level.dips)


def _muxed(
    run: Run,
    muxer: AudioMuxer,
    video: VideoInfo,
    soundtrack: Soundtrack,
    target: Path,
    sheet: CueSheet,
    *,
    overwrite: bool,
) -> Path:
    with run.stage("mux") as finish:
        with run.blamed("audio_muxer", muxer):
            written = muxer.mux(
                video.with_sound(sheet.audio_stream),
                replace(run.watched(soundtrack), credits="\n".join(owed_credits(sheet))),
                target,
                original=muxed_original(sheet.original),
                overwrite=overwrite,
            )
        if not isinstance(written, (str, Path)) or not Path(written).is_file():
            raise BackendError(
                f"the audio_muxer {provider_of(muxer)} returned {written!r}, where no file stands"
            )
        return finish(Path(written))


def _audited(
    run: Run,
    muxer: AudioMuxer,
    video: VideoInfo,
    sheet: CueSheet,
    target: Path,
    output: Path,
    level: Level | None,
    report: SpeechReport | None,
) -> Audit:
    own = video.with_sound(sheet.audio_stream)
    original = muxed_original(sheet.original)
    with run.blamed("audio_muxer", muxer):
        left_out = muxer.left_out(own, output, original=original)
    # What was out of reach was said when it was found out.
    wanted = None if level is None else level.within_reach_lufs
    return audit_file(
        target,
        against=own,
        original=original,
        left_out=left_out,
        target_lufs=wanted,
        ceiling_dbtp=None if level is None else CEILING_DBTP,
        joints=sheet.joints,
        extra=[] if report is None else _speech_findings(report),
        on_progress=listener(),
    )


def _speech_findings(report: SpeechReport) -> Sequence[AuditFinding]:
    if not len(report):
        return []
    detail = (
        f"music is at least {min(report.worst_db, 99.0):.1f} dB under each of {len(report)} "
        f"utterances, {report.target_db:g} asked for"
    )
    return [AuditFinding("speech", detail, ok=report.is_met)]


def _better(audit: Audit, level: Level | None) -> Level | None:
    """Find a level that makes up for what the encoder did; None where all is well."""
    if level is None or audit.loudness is None:
        return None
    return level.corrected(audit.loudness)


def _failed(audit: Audit, target: Path, output: Path) -> AuditError:
    kept = output.with_name(f"{output.stem}.failed-audit{output.suffix}")
    target.replace(kept)
    faults = "; ".join(f"{fault.name}: {fault.detail}" for fault in audit.faults)
    return AuditError(
        f"the file does not measure as it should ({faults}); it is kept as {str(kept)!r}, and "
        f"{output.name} was not written",
        audit=replace(audit, path=kept),
        kept=kept,
    )
