"""The shell: thin, over the public names.

Exit status: 0 done; 1 another error of musify; 2 wrong usage or a wrong value; 3 media that cannot
be read or written; 4 a backend that cannot be had or fails; 5 no music that fits; 6 a service that
failed; 129 the terminal was closed; 130 interrupted; 141 nobody read what was shown; 143
terminated.
"""

import io
import json
import sys
import warnings
from pathlib import Path
from typing import Annotated, Final

import typer

from musify._analyze_shell import analysis_record, show_analysis
from musify._classic_shell import classical
from musify._demo_folder import demo_folder
from musify._fetch_shell import fetching
from musify._more_commands import add_commands
from musify._output import check_output
from musify._plot import save_plot
from musify._plot_file import check_plot
from musify._registry import HOOKS
from musify._shell import Quiet, Shell, Verbose, reported
from musify._shell_options import (
    Accessible,
    Aggregator,
    AudioStream,
    Classifier,
    DynamicsChoice,
    DynamicsOption,
    Gain,
    Json,
    Library,
    LoudnessOption,
    Moods,
    Options,
    OriginalChoice,
    OriginalOption,
    OutputFile,
    Overwrite,
    Sampler,
    Selector,
    Stems,
    StepAside,
    Video,
    loudness_of,
)
from musify._shell_output import (
    cue_table,
    result_record,
    say,
    say_own_sound,
    show_json,
    table,
    timeline_table,
)
from musify._shell_parts import composing, parts_of, wishing
from musify._version import __version__
from musify.cues import CueSheet
from musify.demo import make_demo_video
from musify.exchange.stems import write_stems
from musify.pipeline import Pipeline
from musify.plugins import DEFAULTS, list_backends
from musify.results import RunResult
from musify.video import probe

__all__ = ["app", "run"]

app = typer.Typer(
    name="musify",
    help="Give a video the music that fits it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
SHELL: Final = Shell(app)


def _version(value: bool) -> None:
    if value:
        say(f"musify {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    verbose: Verbose = 0,
    quiet: Quiet = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    SHELL.talk.begin(verbose, quiet=quiet)


@SHELL.command()
@fetching(SHELL)
@classical
@wishing
@composing
def add(
    video: Video,
    output: OutputFile,
    library: Library = None,
    original: OriginalOption = OriginalChoice.auto,
    music_gain_db: Gain = None,
    loudness: LoudnessOption = "web",
    accessible: Accessible = False,
    step_aside: StepAside = False,
    audio_stream: AudioStream = None,
    sampler: Sampler = DEFAULTS["frame_sampler"],
    classifier: Classifier = DEFAULTS["mood_classifier"],
    aggregator: Aggregator = DEFAULTS["mood_aggregator"],
    selector: Selector = None,
    option: Options = None,
    mood: Moods = None,
    dynamics: DynamicsOption = DynamicsChoice.index,
    stems: Stems = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Add fitting music to a video."""
    with SHELL.working(as_json=as_json) as on_progress:
        names = (sampler, classifier, aggregator, selector, DEFAULTS["audio_muxer"])
        parts = parts_of(option, mood, *names, library=library)
        pipeline = Pipeline(
            **parts,
            original=original.chosen,
            music_gain_db=music_gain_db,
            loudness=loudness_of(loudness),
            accessible=accessible,
            step_aside=step_aside,
            audio_stream=audio_stream,
            dynamics=dynamics.chosen,
            on_progress=on_progress,
        )
        result = pipeline.run(video, output, overwrite=overwrite)
        if stems is not None:
            write_stems(result.cues, stems, video=result.video, overwrite=overwrite)
    _show(result, as_json=as_json)


def _show(result: RunResult, *, as_json: bool) -> None:
    if as_json:
        show_json(result_record(result))
    elif not SHELL.is_quiet:
        if result.timeline is not None:
            timeline_table(result.timeline)
            say("")
        cue_table(result.cues)
        say_own_sound(result.cues, result.video)
        say("")
        say(f"wrote {result.output} in {sum(result.seconds.values()):.1f} s")


@SHELL.command()
def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where to put the demo.")
    ] = Path(),
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Make a short video, add music to it, and say what was done.

    FOLDER is made if it is missing; files of an earlier demo are replaced.
    """
    with SHELL.working(as_json=as_json) as on_progress:
        pipeline = Pipeline(library=library, on_progress=on_progress)
        if on_progress is not None:
            sys.stderr.write("making a video of four scenes ...\n")
        clip = folder / "musify-demo.mp4"
        with demo_folder(folder, clip):
            make_demo_video(clip, overwrite=True)
            result = pipeline.run(clip, folder / "musify-demo-music.mp4", overwrite=True)
    _show(result, as_json=as_json)


@SHELL.command()
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
    with SHELL.working(as_json=as_json) as on_progress:
        if plot is not None:
            check_output(check_plot(plot), overwrite=overwrite, inputs=(video,))
        parts = parts_of(option, mood, sampler, classifier, aggregator)
        pipeline = Pipeline(**parts, dynamics=dynamics.chosen, on_progress=on_progress)
        found = pipeline.analyze(video)
        if plot is not None:
            save_plot(found, plot, overwrite=overwrite)
    if as_json:
        show_json(analysis_record(found))
    elif not SHELL.is_quiet:
        show_analysis(found, why=why)
        if plot is not None:
            say("")
            say(f"wrote {plot}")


@SHELL.command()
@classical
@wishing
@composing
def plan(
    video: Video,
    output: Annotated[Path, typer.Option("--output", "-o", help="The plan to write, as JSON.")],
    library: Library = None,
    original: OriginalOption = OriginalChoice.auto,
    music_gain_db: Gain = None,
    loudness: LoudnessOption = "web",
    accessible: Accessible = False,
    step_aside: StepAside = False,
    audio_stream: AudioStream = None,
    sampler: Sampler = DEFAULTS["frame_sampler"],
    classifier: Classifier = DEFAULTS["mood_classifier"],
    aggregator: Aggregator = DEFAULTS["mood_aggregator"],
    selector: Selector = None,
    option: Options = None,
    mood: Moods = None,
    dynamics: DynamicsOption = DynamicsChoice.index,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Decide what would play when, to be edited and rendered."""
    with SHELL.working(as_json=as_json) as on_progress:
        names = (sampler, classifier, aggregator, selector)
        parts = parts_of(option, mood, *names, library=library)
        pipeline = Pipeline(
            **parts,
            original=original.chosen,
            music_gain_db=music_gain_db,
            loudness=loudness_of(loudness),
            accessible=accessible,
            step_aside=step_aside,
            audio_stream=audio_stream,
            dynamics=dynamics.chosen,
            on_progress=on_progress,
        )
        check_output(output, overwrite=overwrite, inputs=(video,))
        sheet = pipeline.plan(video)
        sheet.save(output, overwrite=overwrite)
    if as_json:
        show_json(json.loads(sheet.to_json()))
    elif not SHELL.is_quiet:
        cue_table(sheet)
        say_own_sound(sheet, probe(video))
        say("")
        say(f"wrote {output}; edit it, then: musify render {output} OUTPUT")


@SHELL.command()
def render(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="What `musify plan` wrote.")],
    output: OutputFile,
    video: Annotated[
        Path | None, typer.Option(help="The video; by default the one the plan names.")
    ] = None,
    stems: Stems = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Write a video with the music of a plan, without looking at it again."""
    with SHELL.working(as_json=as_json) as on_progress:
        sheet = CueSheet.load(plan_file)
        pipeline = Pipeline(on_progress=on_progress)
        result = pipeline.render(sheet, output, video=video, overwrite=overwrite)
        if stems is not None:
            write_stems(result.cues, stems, video=result.video, overwrite=overwrite)
    _show(result, as_json=as_json)


@SHELL.command()
def backends(
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help=f"One of {', '.join(HOOKS)}.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the parts that can be swapped."""
    with reported():
        found = list_backends(kind)  # type: ignore[arg-type] # refused there
    if as_json:
        names = ("kind", "name", "summary", "provider")
        show_json([{name: getattr(row, name) for name in names} for row in found])
    else:
        rows = [(row.kind, row.name, row.summary, row.provider) for row in found]
        table("Backends", ("kind", "name", "what it is", "from"), rows)


add_commands(SHELL)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    sys.stderr.write(f"warning: {message}\n")


def run() -> None:
    """Run the shell; :func:`musify._entry.main` sees to signals."""
    for stream in (sys.stdout, sys.stderr):
        # A name that cannot be shown is no reason to fail after the work is done.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _show_warning
    app()
