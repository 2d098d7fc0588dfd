"""``musify mux``: a finished sound into a video, at the shell."""

from enum import Enum
from pathlib import Path
from typing import Annotated, Final

import typer

from musify._check_shell import audit_record, show_audit
from musify._output import check_output
from musify._shell import Shell, reported
from musify._shell_options import Json, OutputFile, Overwrite, Video
from musify._shell_output import say, show_json
from musify.audio.heard import HeardFile
from musify.audio.under_speech import music_alone
from musify.audit import audit_file
from musify.cues import Original
from musify.plugins import DEFAULTS, get_backend
from musify.video import probe

__all__ = ["add_mux"]

_RATES: Final = (32_000, 96_000)
_USUAL_RATE: Final = 48_000


class _Original(Enum):
    keep = "keep"
    replace = "replace"
    second_track = "second-track"


def add_mux(shell: Shell) -> None:
    """Add the command ``musify mux``."""

    @shell.command()
    def mux(
        video: Video,
        sound: Annotated[Path, typer.Argument(metavar="SOUND", help="The finished sound.")],
        output: OutputFile,
        original: Annotated[
            _Original,
            typer.Option(help="Keep the video's own sound behind it, replace it, or go behind it."),
        ] = _Original.keep,
        overwrite: Overwrite = False,
        as_json: Json = False,
    ) -> None:
        """Put a finished sound into a video; every other stream is copied bit for bit.

        What is too long is cut off, and what is too short is followed by silence.
        """
        with reported():
            check_output(output, overwrite=overwrite, inputs=(video, sound))
            film, file = probe(video), HeardFile.of(sound)
            rate = 0 if file.stream is None else file.stream.sample_rate or 0
            rate = rate if _RATES[0] <= rate <= _RATES[1] else _USUAL_RATE
            soundtrack = music_alone(file, film.duration, fade_out=0.0, sample_rate=rate)
            muxer = get_backend("audio_muxer", DEFAULTS["audio_muxer"])
            kind: Original = original.value
            muxer.mux(film, soundtrack, output, original=kind, overwrite=overwrite)
            audit = audit_file(output, against=film, original=kind)
        if as_json:
            show_json(audit_record(audit))
        elif not shell.is_quiet:
            show_audit(audit, compared=True)
            say("")
            say(f"wrote {output}")
        if not audit.ok:
            raise typer.Exit(1)
