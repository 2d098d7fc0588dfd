"""``musify train``: learning moods from pictures, at the shell."""

import math
from pathlib import Path
from typing import Annotated

import typer

from musify._output import check_output
from musify._plot_file import check_plot
from musify._shell import Shell
from musify._shell_output import say, show_json
from musify.errors import ParameterError
from musify.vision.training import train_local

__all__ = ["add_train"]


def add_train(shell: Shell) -> None:
    """Add the commands below ``musify train``."""
    train = shell.group("train", "Learn moods from your own pictures.")

    @train.command()
    def local(
        pictures: Annotated[
            Path,
            typer.Argument(
                metavar="PICTURES", help="A folder; its sub-folders are named after the moods."
            ),
        ],
        output: Annotated[
            Path, typer.Option("--output", "-o", help="The model to write, such as mine.musify.")
        ],
        point: Annotated[
            list[str] | None,
            typer.Option(
                "--point",
                help="Where a mood stands, as NAME=VALENCE,AROUSAL; may be repeated.",
                show_default=False,
            ),
        ] = None,
        folds: Annotated[int, typer.Option(help="Parts to measure the accuracy in.")] = 5,
        plot: Annotated[
            Path | None, typer.Option(help="Draw the confusion matrix: .png, .svg or .pdf.")
        ] = None,
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Replace the outputs if they exist.")
        ] = False,
        as_json: Annotated[
            bool, typer.Option("--json", help="Print JSON, and nothing else.")
        ] = False,
    ) -> None:
        """Learn moods from folders of pictures, on this machine alone."""
        with shell.working(as_json=as_json) as on_progress:
            if plot is not None:  # minutes before it is written
                check_output(check_plot(plot), overwrite=overwrite)
            report = train_local(
                pictures,
                output,
                points=dict(_point(text) for text in point or []),
                folds=folds,
                overwrite=overwrite,
                on_progress=on_progress,
            )
            if plot is not None:
                report.plot(plot, overwrite=overwrite)
        if as_json:
            show_json(report.to_dict())
        elif not shell.is_quiet:
            for line in str(report).splitlines():
                say(line)
            say("")
            say(f"wrote {output} ({report.seconds:.1f} s); use it with:")
            say(
                "  musify add VIDEO OUTPUT --classifier trained "
                f"--option mood_classifier.model={output}"
            )

    @train.command()
    def clarifai(
        pictures: Annotated[
            Path,
            typer.Argument(
                metavar="PICTURES", help="A folder; its sub-folders are named after the moods."
            ),
        ],
        in_app: Annotated[
            str | None,
            typer.Option("--app", help="Your app on Clarifai; by default CLARIFAI_APP_ID."),
        ] = None,
        model: Annotated[str, typer.Option("--model", help="The model to make.")] = "moods",
        user: Annotated[
            str | None,
            typer.Option(
                "--user",
                help="Owner of the app; by default CLARIFAI_USER_ID, or whose the key is.",
            ),
        ] = None,
        longest: Annotated[
            float, typer.Option("--longest", help="Seconds to wait for each of its two parts.")
        ] = 3600.0,
        as_json: Annotated[
            bool, typer.Option("--json", help="Print JSON, and nothing else.")
        ] = False,
    ) -> None:
        """Train a model on Clarifai; the pictures are uploaded. The key is CLARIFAI_PAT."""
        with shell.working(as_json=as_json) as on_progress:
            from musify.clarifai.training import train_clarifai  # noqa: PLC0415 - loads grpc

            report = train_clarifai(
                pictures,
                app=in_app,
                model=model,
                user=user,
                longest=longest,
                on_progress=on_progress,
            )
        if as_json:
            show_json(report.to_dict())
        elif not shell.is_quiet:
            for line in str(report).splitlines():
                say(line)
            say("")
            say(f"it took {report.seconds:.0f} s; use it with:")
            say(
                "  musify add VIDEO OUTPUT --classifier clarifai "
                f"--option mood_classifier.model={report.model} "
                f"--option mood_classifier.user={report.user} "
                f"--option mood_classifier.app={report.app}"
            )


def _point(text: str) -> tuple[str, tuple[float, float]]:
    name, _, numbers = text.partition("=")
    try:
        valence, arousal = (float(number) for number in numbers.split(","))
    except ValueError:
        valence = arousal = math.nan
    if not (name.strip() and math.isfinite(valence) and math.isfinite(arousal)):
        raise ParameterError(
            f"--point must be NAME=VALENCE,AROUSAL, such as spooky=-0.4,0.5; got {text!r}"
        )
    return name.strip().lower(), (valence, arousal)
