"""How the shell shows things: tables for people, JSON for machines, bars on a terminal."""

import contextlib
import functools
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final, ParamSpec

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from musify import progress
from musify._clock import clock
from musify._score_sections import sections_of
from musify.cues import CueSheet
from musify.results import RunResult
from musify.tags import scene_tags
from musify.timeline import MoodTimeline
from musify.video import VideoInfo

__all__ = [
    "UNREAD",
    "cue_table",
    "printable",
    "progress_bar",
    "result_record",
    "say",
    "say_own_sound",
    "show_json",
    "table",
    "timeline_record",
    "timeline_table",
]


P = ParamSpec("P")
# As shells count the SIGPIPE that other programs die of.
UNREAD: Final = 141
_UNSHOWN: Final = 3
# A gain nearer to 0 is hardly heard; seconds between two looks at a curve.
_HEARD_DB: Final = 0.5
_STEP: Final = 0.05


def _shown(show: Callable[P, None]) -> Callable[P, None]:
    """End the shell with a status, and one line at most, where nothing can be shown."""

    @functools.wraps(show)
    def shown(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            show(*args, **kwargs)
            if sys.stdout is not None:
                sys.stdout.flush()  # at exit it would be too late to say what went wrong
        except OSError as error:
            _silence()
            if isinstance(error, BrokenPipeError):
                raise typer.Exit(UNREAD) from error
            with contextlib.suppress(OSError):
                sys.stderr.write(f"error: the result cannot be shown: {error.strerror or error}\n")
            raise typer.Exit(_UNSHOWN) from error

    return shown


def _silence() -> None:
    """Lead the standard output to nowhere, so that what it still holds does no harm at exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def console() -> Console:
    """Return the console of the standard output."""
    # Made anew each time: tests and callers may have replaced sys.stdout.
    return Console(highlight=False, soft_wrap=True)


def printable(words: str) -> str:
    """Replace what would steer the terminal; names of files and songs may hold anything."""
    steering = ("Cc", "Cf", "Cs")  # controls, directions of writing, halves of letters
    return "".join("\ufffd" if unicodedata.category(one) in steering else one for one in words)


@_shown
def say(words: str) -> None:
    """Print a line; nothing in it is taken for markup."""
    console().print(Text(printable(words)))


@_shown
def show_json(record: Any) -> None:
    """Print a record for a machine, and nothing else."""
    # ASCII, since nobody knows what the other end of a pipe can read.
    if sys.stdout is not None:
        sys.stdout.write(json.dumps(record, indent=2, allow_nan=False) + "\n")


@_shown
def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    out = Console(highlight=False)
    if out.is_terminal:
        out.print(made)
        return
    out.width = 400  # a pipe has no width; nothing may be cut off
    with out.capture() as drawn:
        out.print(made)
    for line in drawn.get().splitlines():
        out.print(Text(line.rstrip()), soft_wrap=True)


def timeline_table(timeline: MoodTimeline) -> None:
    """Print the mood over time."""
    rows = [
        (
            clock(segment.start),
            clock(segment.end),
            segment.label,
            "unsure" if segment.uncertain else f"{segment.confidence:.0%}",
            f"{segment.valence:+.2f}",
            f"{segment.arousal:+.2f}",
        )
        for segment in timeline
    ]
    table("Mood", ("from", "to", "mood", "sure", "valence", "arousal"), rows)


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
    say(f"own sound: {_fate_of_own_sound(sheet)}")


def _fate_of_own_sound(sheet: CueSheet) -> str:
    if sheet.original == "replace":
        return "gone, the music takes its place"
    stays = "stays, and the mix is a second track" if sheet.original == "second-track" else "stays"
    curve = sheet.gain_curve
    gains = np.zeros(1) if curve is None else curve.at(np.arange(0, sheet.duration, _STEP))
    lowered = float((gains < -_HEARD_DB).sum()) * _STEP
    if not lowered:
        return f"{stays}, and music never steps back for it"
    deepest = f"{-gains.min():.0f} dB"
    return f"{stays}, and music steps back for it by up to {deepest}, for {clock(lowered)} in all"


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


def result_record(result: RunResult) -> dict[str, Any]:
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


@contextmanager
def progress_bar(*, shown: bool) -> Iterator[progress.ProgressCallback | None]:
    """Show a bar for each stage on the error output, if that is a terminal."""
    err = Console(stderr=True)
    if not (shown and err.is_terminal):
        yield None
        return
    columns = (TextColumn("{task.description:<8}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def update(step: progress.Progress) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bars.add_task(step.stage, total=1.0)
            bars.update(tasks[step.stage], completed=step.fraction)

        yield update
