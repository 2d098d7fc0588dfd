"""``musify analyze``: what the mood of a video is over time."""

from pathlib import Path
from typing import Annotated, Any

import typer

from musify._clock import clock
from musify._output import check_output
from musify._plot import save_plot
from musify._plot_file import check_plot
from musify._shell import Shell
from musify._shell_options import (
    Aggregator,
    Classifier,
    DynamicsChoice,
    DynamicsOption,
    Json,
    Moods,
    Options,
    Overwrite,
    Sampler,
    Video,
)
from musify._shell_output import say, show_json, table
from musify._shell_parts import parts_of
from musify._shell_records import timeline_record, timeline_table
from musify.pipeline import Pipeline
from musify.plugins import DEFAULTS
from musify.results import Analysis
from musify.tags import reasons
from musify.timeline import MoodSegment

__all__ = ["add_analyze"]


def add_analyze(shell: Shell) -> None:
    """Add the command ``musify analyze``."""

    @shell.command()
    def analyze(
        video: Video,
        sampler: Sampler = DEFAULTS["frame_sampler"],
        classifier: Classifier = DEFAULTS["mood_classifier"],
        aggregator: Aggregator = DEFAULTS["mood_aggregator"],
        option: Options = None,
        mood: Moods = None,
        dynamics: DynamicsOption = DynamicsChoice.index,
        why: Annotated[
            bool, typer.Option("--why", help="Say what moved each scene where it stands.")
        ] = False,
        plot: Annotated[
            Path | None, typer.Option(help="Draw it: a .png, .svg or .pdf (the extra 'plot').")
        ] = None,
        overwrite: Overwrite = False,
        as_json: Json = False,
    ) -> None:
        """Say what the mood of a video is over time."""
        with shell.working(as_json=as_json) as on_progress:
            if plot is not None:
                check_output(check_plot(plot), overwrite=overwrite, inputs=(video,))
            parts = parts_of(option, mood, sampler, classifier, aggregator)
            pipeline = Pipeline(**parts, dynamics=dynamics.chosen, on_progress=on_progress)
            found = pipeline.analyze(video)
            if plot is not None:
                save_plot(found, plot, overwrite=overwrite)
        if as_json:
            show_json(_analysis_record(found))
        elif not shell.is_quiet:
            _show_analysis(found, why=why)
            if plot is not None:
                say("")
                say(f"wrote {plot}")


def _analysis_record(found: Analysis) -> dict[str, Any]:
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


def _show_analysis(found: Analysis, *, why: bool) -> None:
    """Show an analysis to a person: a row for each scene, and why where it is asked for."""
    timeline_table(found.timeline, tagged=True)
    if any(segment.uncertain for segment in found.timeline):
        say("unsure: hardly better than a guess, and so placed nearer to neutral and quiet")
    if why:
        say("")
        say("Why: what was noticed, and how far it moved the scene from 0; the numbers add up")
        for segment in found.timeline:
            _show_reasons(segment)


def _show_reasons(segment: MoodSegment) -> None:
    say("")
    scene = f"{clock(segment.start)} to {clock(segment.end)}, {segment.label}"
    told = reasons(segment)
    if not told:
        say(f"{scene}: the classifier gives no reasons")
        return
    rows = [*told, ("in all", segment.valence, segment.arousal)]
    shown = [(name, f"{valence:+.2f}", f"{arousal:+.2f}") for name, valence, arousal in rows]
    table(scene, ("", "valence", "arousal"), shown)
