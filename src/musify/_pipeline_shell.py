"""``musify add``, ``plan``, ``render`` and ``demo``: what runs a pipeline, or a part of it."""

import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from musify._classic_shell import classical
from musify._demo_folder import demo_folder
from musify._fetch_shell import fetching
from musify._output import check_output
from musify._shell import Shell
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
from musify._shell_output import say, show_json
from musify._shell_parts import composing, parts_of, wishing
from musify._shell_records import cue_table, say_own_sound, show_result
from musify._shell_signature import taking
from musify.cues import CueSheet
from musify.demo import make_demo_video
from musify.exchange.stems import write_stems
from musify.pipeline import Pipeline
from musify.plugins import DEFAULTS
from musify.progress import ProgressCallback
from musify.video import probe

__all__ = ["add_add", "add_demo", "add_plan", "add_render"]


class _Make(Protocol):
    """Makes the pipeline that was asked for."""

    def __call__(self, on_progress: ProgressCallback | None, *muxer: str) -> Pipeline: ...


def _pipeline(
    on_progress: ProgressCallback | None,
    *muxer: str,
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
) -> Pipeline:
    names = (sampler, classifier, aggregator, selector, *muxer)
    return Pipeline(
        **parts_of(option, mood, *names, library=library),
        original=original.chosen,
        music_gain_db=music_gain_db,
        loudness=loudness_of(loudness),
        accessible=accessible,
        step_aside=step_aside,
        audio_stream=audio_stream,
        dynamics=dynamics.chosen,
        on_progress=on_progress,
    )


_ASKED = {
    name: parameter
    for name, parameter in inspect.signature(_pipeline).parameters.items()
    if parameter.kind is inspect.Parameter.KEYWORD_ONLY
}


def _piping(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command that is given ``make`` take all that a pipeline is made of."""
    kinds = {name: parameter.annotation for name, parameter in _ASKED.items()}
    defaults = {name: parameter.default for name, parameter in _ASKED.items()}

    @taking(command, kinds, defaults, in_place_of="make")
    def run(**given: Any) -> None:
        asked = {name: given.pop(name) for name in _ASKED}

        def make(on_progress: ProgressCallback | None, *muxer: str) -> Pipeline:
            return _pipeline(on_progress, *muxer, **asked)

        command(make=make, **given)

    return run


def add_add(shell: Shell) -> None:
    """Add the command ``musify add``."""

    @shell.command()
    @fetching(shell)
    @classical
    @wishing
    @composing
    @_piping
    def add(
        video: Video,
        output: OutputFile,
        make: _Make,
        stems: Stems = None,
        overwrite: Overwrite = False,
        as_json: Json = False,
    ) -> None:
        """Add fitting music to a video."""
        with shell.working(as_json=as_json) as on_progress:
            pipeline = make(on_progress, DEFAULTS["audio_muxer"])
            result = pipeline.run(video, output, overwrite=overwrite)
            if stems is not None:
                write_stems(result.cues, stems, video=result.video, overwrite=overwrite)
        show_result(shell, result, as_json=as_json)


def add_plan(shell: Shell) -> None:
    """Add the command ``musify plan``."""

    @shell.command()
    @classical
    @wishing
    @composing
    @_piping
    def plan(
        video: Video,
        output: Annotated[Path, typer.Option("--output", "-o", help="The plan to write, as JSON.")],
        make: _Make,
        overwrite: Overwrite = False,
        as_json: Json = False,
    ) -> None:
        """Decide what would play when, to be edited and rendered."""
        with shell.working(as_json=as_json) as on_progress:
            pipeline = make(on_progress)
            check_output(output, overwrite=overwrite, inputs=(video,))
            shown = None if as_json or shell.is_quiet else probe(video)
            sheet = pipeline.plan(video)
            sheet.save(output, overwrite=overwrite)
        if as_json:
            show_json(json.loads(sheet.to_json()))
        elif shown is not None:
            cue_table(sheet)
            say_own_sound(sheet, shown)
            say("")
            say(f"wrote {output}; edit it, then: musify render {output} OUTPUT")


def add_render(shell: Shell) -> None:
    """Add the command ``musify render``."""

    @shell.command()
    def render(
        plan_file: Annotated[
            Path, typer.Argument(metavar="PLAN", help="What `musify plan` wrote.")
        ],
        output: OutputFile,
        video: Annotated[
            Path | None, typer.Option(help="The video; by default the one the plan names.")
        ] = None,
        stems: Stems = None,
        overwrite: Overwrite = False,
        as_json: Json = False,
    ) -> None:
        """Write a video with the music of a plan, without looking at it again."""
        with shell.working(as_json=as_json) as on_progress:
            sheet = CueSheet.load(plan_file)
            pipeline = Pipeline(on_progress=on_progress)
            result = pipeline.render(sheet, output, video=video, overwrite=overwrite)
            if stems is not None:
                write_stems(result.cues, stems, video=result.video, overwrite=overwrite)
        show_result(shell, result, as_json=as_json)


def add_demo(shell: Shell) -> None:
    """Add the command ``musify demo``."""

    @shell.command()
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
        with shell.working(as_json=as_json) as on_progress:
            pipeline = Pipeline(library=library, on_progress=on_progress)
            if on_progress is not None:
                sys.stderr.write("making a video of four scenes ...\n")
            clip = folder / "musify-demo.mp4"
            with demo_folder(folder, clip):
                make_demo_video(clip, overwrite=True)
                result = pipeline.run(clip, folder / "musify-demo-music.mp4", overwrite=True)
        show_result(shell, result, as_json=as_json)
