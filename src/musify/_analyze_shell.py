"""How ``musify analyze`` shows what it found."""

from typing import Any

from musify._clock import clock
from musify._shell_output import say, table, timeline_record
from musify.results import Analysis
from musify.tags import explain, scene_tags

__all__ = ["analysis_record", "show_analysis"]


def analysis_record(found: Analysis) -> dict[str, Any]:
    """Describe an analysis for a machine."""
    shots = found.shots
    return {
        "input": str(found.video.path),
        "duration": found.video.duration,
        "frames": len(found.scores),
        "timeline": timeline_record(found.timeline),
        "shots": None
        if shots is None
        else {
            "cuts": [
                {"time": float(time), "strength": float(strength), "kind": kind}
                for time, strength, kind in zip(
                    shots.cuts, shots.strength, shots.kinds, strict=True
                )
            ],
            "activity_times": shots.activity_times.tolist(),
            "activity": shots.activity.tolist(),
        },
        "warnings": list(found.warnings),
        "seconds": found.seconds,
    }


def show_analysis(found: Analysis, *, why: bool) -> None:
    """Show an analysis to a person: a row for each scene, and why where it is asked for."""
    rows = []
    for segment in found.timeline:
        tags = scene_tags(segment)
        rows.append(
            (
                clock(segment.start),
                clock(segment.end),
                segment.label,
                "unsure" if segment.uncertain else f"{segment.confidence:.0%}",
                f"{segment.valence:+.2f}",
                f"{segment.arousal:+.2f}",
                ", ".join(tags.moods),
                ", ".join(tags.seen),
            )
        )
    columns = ("from", "to", "mood", "sure", "valence", "arousal", "in other words", "seen")
    table("Mood", columns, rows)
    if any(segment.uncertain for segment in found.timeline):
        say("unsure: hardly better than a guess, and so placed nearer to neutral and quiet")
    if why:
        say("")
        say("Why (what was noticed, and how far it moved valence and arousal; from 0, they add up)")
        for segment in found.timeline:
            say(f"{clock(segment.start)} {explain(segment) or 'the classifier gives no reasons'}")
