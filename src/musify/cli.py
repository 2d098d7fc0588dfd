"""The shell: thin, over the public names.

Exit status: 0 done; 1 another error of musify; 2 wrong usage or a wrong value; 3 media that cannot
be read or written; 4 a backend that cannot be had; 5 no music that fits; 6 a service that failed;
130 interrupted; 143 terminated.
"""

import io
import json
import logging
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final, NoReturn

import typer

from musify._analyze_shell import analysis_record, show_analysis
from musify._look import Dynamics
from musify._output import check_output
from musify._plot import save_plot
from musify._registry import HOOKS
from musify._shell_output import (
    cue_table,
    printable,
    progress_bar,
    result_record,
    say,
    show_json,
    table,
    timeline_table,
)
from musify._version import __version__
from musify.cues import CueSheet
from musify.demo import make_demo_video
from musify.doctor import diagnose
from musify.errors import (
    BackendError,
    MediaError,
    MusifyError,
    OutputError,
    ParameterError,
    SelectionError,
    ServiceError,
)
from musify.libraries import default_library, open_library
from musify.pipeline import Pipeline
from musify.plugins import DEFAULTS, get_backend, list_backends
from musify.results import RunResult

__all__ = ["app", "main"]

EXIT_CODES: Final[tuple[tuple[type[MusifyError], int], ...]] = (
    (ParameterError, 2),
    (MediaError, 3),
    (BackendError, 4),
    (SelectionError, 5),
    (ServiceError, 6),
    (MusifyError, 1),
)
FLOW: Final = (
    "frame_sampler",
    "mood_classifier",
    "mood_aggregator",
    "track_selector",
    "audio_muxer",
)
INTERRUPTED: Final = 130
TERMINATED: Final = 143

app = typer.Typer(
    name="musify",
    help="Give a video the music that fits it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class OriginalChoice(Enum):
    """What happens to the video's own sound."""

    keep = "keep"
    replace = "replace"


class DynamicsChoice(Enum):
    """How cuts and motion are found."""

    index = "index"
    fast = "fast"
    exact = "exact"
    none = "none"

    @property
    def chosen(self) -> Dynamics:
        """What :class:`Pipeline` takes."""
        return None if self is DynamicsChoice.none else self.value


class Output:
    """How much the shell says."""

    quiet = False


Video = Annotated[Path, typer.Argument(metavar="VIDEO", help="The video; it is never changed.")]
OutputFile = Annotated[
    Path, typer.Argument(metavar="OUTPUT", help="What to write: .mp4, .m4v, .mov, .mkv or .webm.")
]
Library = Annotated[
    str | None,
    typer.Option("--library", "-l", help="A folder of songs, or the name of a library."),
]
OriginalOption = Annotated[
    OriginalChoice, typer.Option(help="Whether the video's own sound stays under the music.")
]
Gain = Annotated[
    float | None,
    typer.Option(
        "--music-gain-db",
        help="Gain of the music, from -16 LUFS; by default -10 where own sound stays.",
    ),
]
DynamicsOption = Annotated[
    DynamicsChoice,
    typer.Option(help="How cuts and motion are found: cheaply, better, by all frames, or not."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the output if it exists.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]
Sampler = Annotated[str, typer.Option("--sampler", help="Which frame_sampler.")]
Classifier = Annotated[str, typer.Option("--classifier", help="Which mood_classifier.")]
Aggregator = Annotated[str, typer.Option("--aggregator", help="Which mood_aggregator.")]
Selector = Annotated[str, typer.Option("--selector", help="Which track_selector.")]
Options = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        help="An option of a backend, such as frame_sampler.seconds=2; may be repeated.",
        show_default=False,
    ),
]


def _version(value: bool) -> None:
    if value:
        say(f"musify {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Say more; twice for all commands.")
    ] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    Output.quiet = quiet
    level = (
        logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    )
    logging.basicConfig(
        level=level, format="%(levelname)s: %(message)s", stream=sys.stderr, force=True
    )


@contextmanager
def _reported() -> Iterator[None]:
    """Turn errors into a line and an exit status."""
    try:
        yield
    except MusifyError as error:
        for line in f"error: {error}".splitlines():
            sys.stderr.write(f"{printable(line)}\n")
        code = next(code for kind, code in EXIT_CODES if isinstance(error, kind))
        raise typer.Exit(code) from error
    except KeyboardInterrupt as error:
        sys.stderr.write("interrupted\n")
        raise typer.Exit(INTERRUPTED) from error


def _parts(options: list[str] | None, *chosen: str) -> dict[str, Any]:
    """Make the backends chosen by name, in the order of the flow, with the options for them."""
    names = dict(zip(FLOW, chosen, strict=False))
    given: dict[str, dict[str, Any]] = {kind: {} for kind in names}
    for option in options or []:
        place, equals, text = option.partition("=")
        kind, dot, name = place.partition(".")
        if not (equals and dot and name) or kind not in given:
            raise ParameterError(
                f"--option must be KIND.NAME=VALUE with one of {', '.join(given)}, got {option!r}"
            )
        try:
            given[kind][name.replace("-", "_")] = json.loads(text)
        except (ValueError, RecursionError):
            given[kind][name.replace("-", "_")] = text
    return {
        kind: get_backend(kind, name, **given[kind])  # type: ignore[call-overload] # checked above
        for kind, name in names.items()
    }


@app.command()
def add(
    video: Video,
    output: OutputFile,
    library: Library = None,
    original: OriginalOption = OriginalChoice.keep,
    music_gain_db: Gain = None,
    sampler: Sampler = DEFAULTS["frame_sampler"],
    classifier: Classifier = DEFAULTS["mood_classifier"],
    aggregator: Aggregator = DEFAULTS["mood_aggregator"],
    selector: Selector = DEFAULTS["track_selector"],
    option: Options = None,
    dynamics: DynamicsOption = DynamicsChoice.index,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Add fitting music to a video."""
    with _reported(), progress_bar(shown=not (Output.quiet or as_json)) as on_progress:
        parts = _parts(option, sampler, classifier, aggregator, selector, DEFAULTS["audio_muxer"])
        pipeline = Pipeline(
            **parts,
            library=library,
            original=original.value,
            music_gain_db=music_gain_db,
            dynamics=dynamics.chosen,
            on_progress=on_progress,
        )
        result = pipeline.run(video, output, overwrite=overwrite)
    _show(result, as_json=as_json)


def _show(result: RunResult, *, as_json: bool) -> None:
    if as_json:
        show_json(result_record(result))
    elif not Output.quiet:
        if result.timeline is not None:
            timeline_table(result.timeline)
            say("")
        cue_table(result.cues)
        say("")
        say(f"wrote {result.output} ({sum(result.seconds.values()):.1f} s)")


@app.command()
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
    with _reported(), progress_bar(shown=not (Output.quiet or as_json)) as on_progress:
        # Found first: without songs there is no demo, and nothing to leave behind.
        songs = default_library() if library is None else open_library(library)
        pipeline = Pipeline(library=songs, on_progress=on_progress)
        if on_progress is not None:
            sys.stderr.write("making a video of four scenes ...\n")
        _make_folder(folder)
        video = make_demo_video(folder / "musify-demo.mp4", overwrite=True)
        result = pipeline.run(video, folder / "musify-demo-music.mp4", overwrite=True)
    _show(result, as_json=as_json)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {str(folder)!r}: {error.strerror}") from error


@app.command()
def analyze(
    video: Video,
    sampler: Sampler = DEFAULTS["frame_sampler"],
    classifier: Classifier = DEFAULTS["mood_classifier"],
    aggregator: Aggregator = DEFAULTS["mood_aggregator"],
    option: Options = None,
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
    with _reported(), progress_bar(shown=not (Output.quiet or as_json)) as on_progress:
        if plot is not None:
            check_output(plot, overwrite=overwrite, inputs=(video,))
        parts = _parts(option, sampler, classifier, aggregator)
        pipeline = Pipeline(**parts, dynamics=dynamics.chosen, on_progress=on_progress)
        found = pipeline.analyze(video)
        if plot is not None:
            save_plot(found, plot, overwrite=overwrite)
    if as_json:
        show_json(analysis_record(found))
    elif not Output.quiet:
        show_analysis(found, why=why)
        if plot is not None:
            say(f"\nwrote {plot}")


@app.command()
def plan(
    video: Video,
    output: Annotated[Path, typer.Option("--output", "-o", help="The plan to write, as JSON.")],
    library: Library = None,
    original: OriginalOption = OriginalChoice.keep,
    music_gain_db: Gain = None,
    sampler: Sampler = DEFAULTS["frame_sampler"],
    classifier: Classifier = DEFAULTS["mood_classifier"],
    aggregator: Aggregator = DEFAULTS["mood_aggregator"],
    selector: Selector = DEFAULTS["track_selector"],
    option: Options = None,
    dynamics: DynamicsOption = DynamicsChoice.index,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Decide what would play when, to be edited and rendered."""
    with _reported(), progress_bar(shown=not (Output.quiet or as_json)) as on_progress:
        pipeline = Pipeline(
            **_parts(option, sampler, classifier, aggregator, selector),
            library=library,
            original=original.value,
            music_gain_db=music_gain_db,
            dynamics=dynamics.chosen,
            on_progress=on_progress,
        )
        check_output(output, overwrite=overwrite, inputs=(video,))
        sheet = pipeline.plan(video)
        sheet.save(output, overwrite=overwrite)
    if as_json:
        show_json(json.loads(sheet.to_json()))
    elif not Output.quiet:
        cue_table(sheet)
        say("")
        say(f"wrote {output}; edit it, then: musify render {output} OUTPUT")


@app.command()
def render(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="What `musify plan` wrote.")],
    output: OutputFile,
    video: Annotated[
        Path | None, typer.Option(help="The video; by default the one the plan names.")
    ] = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Write a video with the music of a plan, without looking at it again."""
    with _reported(), progress_bar(shown=not (Output.quiet or as_json)) as on_progress:
        sheet = CueSheet.load(plan_file)
        pipeline = Pipeline(on_progress=on_progress)
        result = pipeline.render(sheet, output, video=video, overwrite=overwrite)
    _show(result, as_json=as_json)


@app.command()
def backends(
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help=f"One of {', '.join(HOOKS)}.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the parts that can be swapped."""
    with _reported():
        found = list_backends(kind)  # type: ignore[arg-type] # refused there
    if as_json:
        names = ("kind", "name", "summary", "provider")
        show_json([{name: getattr(row, name) for name in names} for row in found])
    else:
        rows = [(row.kind, row.name, row.summary, row.provider) for row in found]
        table("Backends", ("kind", "name", "what it is", "from"), rows)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed, what works, and how to mend what does not."""
    with _reported():
        findings = diagnose()
    if as_json:
        names = ("name", "detail", "ok", "fix")
        show_json([{name: getattr(found, name) for name in names} for found in findings])
    else:
        rows = [
            ("ok" if found.ok else "FAULT", found.name, found.detail, found.fix)
            for found in findings
        ]
        table("Doctor", ("", "what", "found", "to do"), rows)
    if not all(found.ok for found in findings):
        raise typer.Exit(1)


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    # As an exception, so that children are ended and half files removed on the way out.
    raise SystemExit(TERMINATED)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    sys.stderr.write(f"warning: {message}\n")


def main() -> None:
    """Run the shell."""
    for stream in (sys.stdout, sys.stderr):
        # A name that cannot be shown is no reason to fail after the work is done.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _show_warning
    signal.signal(signal.SIGTERM, _terminated)
    app()
