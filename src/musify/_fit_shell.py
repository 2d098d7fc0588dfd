"""``musify fit``: a song at another length, at the shell."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from musify._clock import clock
from musify._cue_json import dump_range
from musify._output import check_output
from musify._shell import Shell, reported
from musify._shell_output import say, show_json, table
from musify.audio.audio_file import check_audio_name, write_audio
from musify.audio.fit import Fit, fit_song, render_fit, song_of
from musify.audio.mix import mix
from musify.cues import CueSheet
from musify.errors import ParameterError

__all__ = ["add_fit", "length_of"]


def add_fit(shell: Shell) -> None:
    """Add the command ``musify fit``."""

    @shell.command()
    def fit(
        song: Annotated[
            Path, typer.Argument(metavar="SONG", help="The song, or a plan of --plan; not changed.")
        ],
        output: Annotated[
            Path,
            typer.Option("--output", "-o", help=".wav, .flac, .m4a, .mp3, .ogg, .opus or .aiff."),
        ],
        length: Annotated[
            str | None, typer.Option("--length", help="Such as 2:37, 1:02:03 or 157.5 (seconds).")
        ] = None,
        change: Annotated[
            list[str] | None,
            typer.Option("--change", help="Where a section should change; may be repeated."),
        ] = None,
        hit: Annotated[
            list[str] | None,
            typer.Option("--hit", help="Where a beat should fall; may be repeated."),
        ] = None,
        plan: Annotated[
            Path | None,
            typer.Option("--plan", help="Write the ranges as a plan, to edit and fit again."),
        ] = None,
        sample_rate: Annotated[int, typer.Option(help="PCM frames a second.")] = 48_000,
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Replace the outputs if they exist.")
        ] = False,
        as_json: Annotated[
            bool, typer.Option("--json", help="Print JSON, and nothing else.")
        ] = False,
    ) -> None:
        """Make a song longer or shorter, exactly, with its own beginning and ending."""
        with reported():
            check_audio_name(output)
            for target in (output, *([] if plan is None else [plan])):
                check_output(target, overwrite=overwrite, inputs=(song,))
            if song.suffix.lower() == ".json":
                if length is not None or plan is not None:
                    raise ParameterError(
                        f"{str(song)!r} is a plan: its lengths stand in it; leave out --length and "
                        "--plan"
                    )
                sheet = CueSheet.load(song)
                write_audio(output, mix(sheet), overwrite=overwrite)
                shown: Fit | None = None
            else:
                if length is None:
                    raise ParameterError("say how long it shall be, such as --length 2:37")
                track = song_of(song)
                shown = fit_song(
                    track,
                    length_of(length),
                    changes=[length_of(text) for text in change or []],
                    hits=[length_of(text) for text in hit or []],
                    sample_rate=sample_rate,
                )
                if plan is not None:
                    shown.sheet(track, sample_rate=sample_rate).save(plan, overwrite=overwrite)
                sound = render_fit(shown, track, sample_rate=sample_rate)
                write_audio(output, sound, overwrite=overwrite)
        if shown is None:
            if as_json:
                show_json({"output": str(output), "plan": str(song), "length": sheet.duration})
            elif not shell.is_quiet:
                say(f"wrote {output} ({clock(sheet.duration)})")
        elif as_json:
            show_json(fit_record(shown, song, output))
        elif not shell.is_quiet:
            _show(shown)
            say("")
            say(f"wrote {output} ({clock(shown.length)})")


def length_of(text: str) -> float:
    """Read a time such as ``2:37``, ``1:02:03.5`` or ``157.5``, in seconds.

    Raises
    ------
    ParameterError
        If it is none, or not above 0.

    Examples
    --------
    >>> length_of("2:37"), length_of("90.5")
    (157.0, 90.5)
    """
    parts = text.strip().split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = [math.nan]
    seconds = math.fsum(number * 60.0**place for place, number in enumerate(reversed(numbers)))
    if not (0 < seconds < math.inf) or len(parts) > 3 or any(number < 0 for number in numbers):
        raise ParameterError(f"a time is written like 2:37, 1:02:03 or 157.5, got {text!r}")
    return seconds


def fit_record(fit: Fit, song: Path, output: Path) -> dict[str, Any]:
    """Describe a fit for a machine."""
    return {
        "song": str(song),
        "output": str(output),
        "length": fit.length,
        "played": fit.played,
        "how": fit.how,
        "speed_change": fit.speed_change,
        "fade_in": fit.fade_in,
        "fade_out": fit.fade_out,
        "joints": [{"time": time, "cost": cost} for time, cost in fit.joints],
        "sources": [dump_range(source) for source in fit.sources],
    }


def _show(fit: Fit) -> None:
    rows = [
        (
            clock(source.start),
            clock(source.end),
            f"{source.speed:.4f}",
            f"{source.joint_cost:.2f}" if place and source.crossfade else "",
        )
        for place, source in enumerate(fit.sources)
    ]
    table("What plays", ("from", "to", "speed", "joint"), rows)
