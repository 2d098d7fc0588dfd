"""Timelines, cues and results at the shell: as tables for people, as records for machines."""

import json
from dataclasses import asdict
from typing import Any

from musify._clock import clock
from musify._own_sound_words import fate_of_own_sound
from musify._score_sections import sections_of
from musify._shell import Shell
from musify._shell_output import say, show_json, table
from musify.cues import CueSheet
from musify.results import RunResult
from musify.tags import scene_tags
from musify.timeline import MoodTimeline
from musify.video import VideoInfo

__all__ = ["cue_table", "say_own_sound", "show_result", "timeline_record", "timeline_table"]


def timeline_table(timeline: MoodTimeline, *, tagged: bool = False) -> None:
    """Print the mood over time, and on request other words for it and what is seen."""
    rows = []
    for segment in timeline:
        row = [
            clock(segment.start),
            clock(segment.end),
            segment.label,
            "unsure" if segment.uncertain else f"{segment.confidence:.0%}",
            f"{segment.valence:+.2f}",
            f"{segment.arousal:+.2f}",
        ]
        if tagged:
            tags = scene_tags(segment)
            row += [", ".join(tags.moods), ", ".join(tags.seen)]
        rows.append(row)
    columns = ["from", "to", "mood", "sure", "valence", "arousal"]
    table("Mood", [*columns, "in other words", "seen"] if tagged else columns, rows)


def cue_table(sheet: CueSheet) -> None:
    """Print what plays when; of composed music section by section."""
    composed = dict(sections_of(sheet))
    rows = []
    for place, cue in enumerate(sheet.cues):
        sections = composed.get(place, [])
        # The mood of a composed piece as a whole is a mean that no section has.
        mood = "" if sections or cue.track.mood is None else cue.track.mood.name
        gain = f"{cue.gain_db + sheet.music_gain_db:+.1f} dB"
        rows.append((clock(cue.start), clock(cue.end), cue.track.title, mood, gain))
        rows += [
            (clock(one.start), clock(one.end), f"  {one.name}, {one.key}", one.mood, "")
            for one in sections
        ]
        if sections:
            rows.append((clock(sections[-1].end), clock(cue.end), "  the last chord rings", "", ""))
    table("Music", ("from", "to", "track", "its mood", "gain"), rows)


def say_own_sound(sheet: CueSheet, video: VideoInfo) -> None:
    """Say what becomes of a video's own sound, where it has any."""
    if not video.has_audio:
        return
    say("")
    say(f"own sound: {fate_of_own_sound(sheet)}")


def timeline_record(timeline: MoodTimeline) -> list[dict[str, Any]]:
    """Describe a timeline for a machine."""
    rows = []
    for segment in timeline:
        tags = scene_tags(segment)
        rows.append(
            {
                "start": segment.start,
                "end": segment.end,
                "label": segment.label,
                "confidence": segment.confidence,
                "uncertain": segment.uncertain,
                "valence": segment.valence,
                "arousal": segment.arousal,
                "tags": {"moods": list(tags.moods), "seen": list(tags.seen)},
                "evidence": [asdict(one) for one in segment.evidence],
            }
        )
    return rows


def _result_record(result: RunResult) -> dict[str, Any]:
    """Describe a run for a machine."""
    return {
        "input": str(result.video.path),
        "output": str(result.output),
        "duration": result.video.duration,
        "timeline": None if result.timeline is None else timeline_record(result.timeline),
        "plan": json.loads(result.cues.to_json()),
        "pcm_sha256": result.pcm_sha256,
        "credits": result.cues.credits().splitlines(),
        "warnings": list(result.warnings),
        "seconds": result.seconds,
    }


def show_result(shell: Shell, result: RunResult, *, as_json: bool) -> None:
    """Show what a run found, decided and wrote."""
    if as_json:
        show_json(_result_record(result))
    elif not shell.is_quiet:
        if result.timeline is not None:
            timeline_table(result.timeline)
            say("")
        cue_table(result.cues)
        say_own_sound(result.cues, result.video)
        say("")
        say(f"wrote {result.output} in {sum(result.seconds.values()):.1f} s")
